"""Sheets are called as Excel allows, and no two alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.names import sheet_names


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["a", "A", "a"], ["a", "A~2", "a~3"]),
        (["a~2", "a", "a"], ["a~2", "a", "a~3"]),
        (["x" * 40, "x" * 40], ["x" * 31, "x" * 29 + "~2"]),
        (["😀" * 20], ["😀" * 15]),
        (["History", "history_"], ["History_", "history_~2"]),
        (["'a'", "[b]:*?/\\", "", " ", "x" * 30 + "'x"], ["a", "_b______", "_", "_~2", "x" * 30]),
    ],
)
def test_names_of_sheets(wanted, names):
    assert sheet_names(wanted) == names


@given(st.lists(st.text(max_size=40), max_size=8))
def test_whatever_is_wanted_excel_accepts_what_comes_out(wanted):
    names = sheet_names(wanted)

    assert len({name.lower() for name in names}) == len(wanted)
    for name in names:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\\x00\n\uffff")
        assert name.strip("'") == name
