"""The clock's time that SPSS and Stata files begin with, put to a fixed one: same rows, same bytes.

SAV: https://www.gnu.org/software/pspp/pspp-dev/html_node/File-Header-Record.html; DTA: the header
of format 118, whose label says its length in two bytes.
"""

from __future__ import annotations

from pathlib import Path

_SAV_AT, _SAV_STAMP = 92, b"01 Jan 0000:00:00"
_DTA_STAMP = b"01 Jan 2000 00:00"
_DTA_BEFORE_LABEL = len(
    b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder>"
    b"<K>..</K><N>........</N><label>"
)
_DTA_BETWEEN = len(b"</label><timestamp>.")


def fix_sav_stamp(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(_SAV_AT)
        file.write(_SAV_STAMP)


def fix_dta_stamp(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(_DTA_BEFORE_LABEL)
        label = int.from_bytes(file.read(2), "little")
        file.seek(label + _DTA_BETWEEN, 1)
        file.write(_DTA_STAMP)
