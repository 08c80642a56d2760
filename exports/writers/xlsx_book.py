"""The workbook around the rows: xlsxwriter makes it of empty sheets, the rows come in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from io import BytesIO
from typing import IO, Any
from zipfile import ZipFile

import xlsxwriter
from xlsxwriter.utility import xl_range

from exports.pieces import Piece, piece_of
from exports.writers.xlsx_cells import Styles
from exports.writers.xlsx_rows import Look
from exports.writers.xlsx_sheets import Sheet
from exports.zips import ZipWriter

_EPOCH = datetime(2000, 1, 1)  # written in the file instead of the clock: same scope, same bytes
_UNHELD = re.compile(r"[\x00-\x1f\ufffe\uffff]")
_DIMENSION = re.compile(rb'(?<=<dimension ref=")[^"]*')
_NO_ROWS = b"<sheetData/>"


class Book:
    """A workbook; `look` is what the cells of its sheets refer to."""

    def __init__(self, title: str, tz: tzinfo, styles: Callable[[Any], Styles] = Styles.of) -> None:
        self._file = BytesIO()
        self.workbook: Any = xlsxwriter.Workbook(self._file, {"in_memory": True})
        self.workbook.set_properties({"title": _UNHELD.sub(" ", title), "created": _EPOCH})
        self._sheets: dict[str, Sheet] = {}
        self.look = Look(styles(self.workbook), tz)

    def add(self, name: str, sheet: Sheet) -> Any:
        """Add a sheet with rows, and return what xlsxwriter makes of it."""
        made = self.workbook.add_worksheet(name)
        made.freeze_panes(1, 0)
        for i, width in enumerate(sheet.widths.found()):
            made.set_column(i, i, width)
        made.autofilter(0, 0, sheet.height - 1, sheet.last_column)
        self._sheets[f"xl/worksheets/sheet{len(self.workbook.worksheets())}.xml"] = sheet
        return made

    def write(self, out: IO[bytes]) -> None:
        self.workbook.close()
        package = ZipWriter(out)
        with ZipFile(self._file) as skeleton:
            for name in skeleton.namelist():
                content, sheet = skeleton.read(name), self._sheets.get(name)
                package.add_pieces(name, _filled(content, sheet) if sheet else [piece_of(content)])
        package.finish()


def _filled(skeleton: bytes, sheet: Sheet) -> Sequence[Piece]:
    """The sheet's XML with its rows and with the range that they fill."""
    cells = xl_range(0, 0, sheet.height - 1, sheet.last_column).encode()
    before, _, after = _DIMENSION.sub(cells, skeleton).partition(_NO_ROWS)
    return piece_of(before + b"<sheetData>"), sheet.rows, piece_of(b"</sheetData>" + after)
