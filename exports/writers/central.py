"""CSV for programs, as Central writes it: UTF-8 without BOM, `\\n`, quotes where they are needed.

Text is as it was answered: nothing is made harmless for spreadsheets.
"""

from __future__ import annotations

import io

import polars as pl

from exports.names import bare_file_name
from exports.tables import Table, TableHead


def member_name(form: str, head: TableHead) -> str:
    """`{form}.csv`, of a repeat `{form}-{repeat}.csv`."""
    return bare_file_name(f"{form}-{head.name}.csv" if head.name else f"{form}.csv")


def header(head: TableHead) -> bytes:
    """The names of the columns; where two questions share one it stands twice."""
    names = pl.DataFrame({f"c{i}": [column.id] for i, column in enumerate(head.columns)})
    return _lines(names)


def rows(table: Table) -> bytes:
    return _lines(table.frame) if table.frame.height else b""


def _lines(frame: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.write_csv(content, include_header=False, line_terminator="\n", quote_style="necessary")
    return content.getvalue()
