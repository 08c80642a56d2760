"""S9: a spreadsheet of 2014: written in TCVN3, with the groups of the law of 2004."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from forms.tcvn3 import encode_tcvn3
from server.demo.scenarios.settings import Setting
from server.demo.steps import OldRegister, Step

_AS_OF = date(2014, 12, 31)
_FILENAME = "tre-em-2014.csv"
_COLUMNS = "label,full_name,sex,dob,commune_code,status,sc_open"
_ROWS = (
    ("Trần Thị Hoà", "2", "2008-04-02", "12568", "Trẻ em khuyết tật"),
    ("Nguyễn Văn Đức", "1", "2005-09-12", "12568", "bị bỏ rơi; tàn tật"),
    ("Phạm Thuỷ Tiên", "2", "2006-01-20", "12472", "không"),
    ("Lương Hữu Phước", "1", "2003-07-08", "12472", "Trẻ em lang thang"),
    ("Vũ Ngọc Anh", "2", "2007-12-30", "12472", "Trẻ em bị xâm hại tình dục"),
    ("Đặng Thế Vinh", "1", "2009-05-17", "12568", "mồ côi không nơi nương tựa; khuyết tật"),
)
"""Communes of 2014: 12568 Xã Quỳnh Xá, 12472 Thị trấn Quỳnh Côi."""


def steps(setting: Setting) -> Iterator[Step]:
    lines = [
        f"{name} ({born[:4]}),{name},{sex},{born},{commune},1,{groups}"
        for name, sex, born, commune, groups in _ROWS
    ]
    text = "\n".join([_COLUMNS, *lines, ""])
    yield OldRegister(_FILENAME, encode_tcvn3(text), _AS_OF)
