"""A Table holds whatever a form asks."""

from __future__ import annotations

from exports.tables import Column, Table, TableHead


def test_a_table_may_have_thousands_of_columns():
    head = TableHead("", tuple(Column(str(i)) for i in range(2500)))

    frame = Table.of(head, [tuple(map(str, range(2500)))] * 2).frame

    assert frame.shape == (2, 2500)
    assert frame["2499"].to_list() == ["2499", "2499"]
