"""Names and numbers are found however they were typed."""

from __future__ import annotations

import unicodedata

import pytest

from forms.folding import Needle


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("Nguyễn Thị Hoà", "NGUYỄN THỊ HÒA"),
        ("Nguyễn Thị Hoà", unicodedata.normalize("NFD", "nguyễn thị hòa")),
        ("thúy", "Trần Thị Thuý"),
        ("Đặng Văn  An", "bé Đặng Văn An, con ông Bình"),
        ("0912 345 678", "+84912345678"),
        ("+84 912-345-678", "0912.345.678"),
        ("034205001234", "034205001234"),
        ("8d1f-11", "8d1f-11"),
    ],
)
def test_spelling_does_not_matter(wanted, text):
    assert Needle(wanted).is_in(text)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("Lê Văn An", "Lê Vân An"),
        ("Lê Văn An", "Lê Văn Anh"),
        ("hoa", "Hoà"),
        ("dang", "Đặng"),
        ("0912345678", "1912345678"),
        ("12345678", "0912345678"),
    ],
)
def test_another_name_or_number_is_not_found(wanted, text):
    assert not Needle(wanted).is_in(text)


def test_accents_may_be_left_out_where_that_is_asked_for():
    assert Needle("dang van hoa", is_loose=True).is_in("Đặng Văn Hoà")
    assert Needle("Đặng", is_loose=True).is_in("dang")


def test_a_single_letter_is_in_everything():
    assert Needle(" a. ").is_empty
    assert not Needle("An").is_empty
