"""Names of files and sheets are legal everywhere and differ everywhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.names import file_name, sheet_names, unique_file_name

ANY = st.text(st.characters(exclude_categories=[]), max_size=300)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1700000000.jpg", "1700000000.jpg"),
        ("uuid:ab/cd", "uuid_ab_cd"),
        ("Ảnh trẻ em.JPG", "Ảnh trẻ em.JPG"),
        ("..", "_"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("con.txt", "_con.txt"),
        ("ảnh\u202egpj.exe", "ảnh_gpj.exe"),
        ("-rf", "_-rf"),
        ("=1+1", "_=1+1"),
        ("x" * 300 + ".jpg", "x" * 196 + ".jpg"),
    ],
)
def test_a_file_name_is_legal_and_keeps_its_suffix(text, name):
    assert file_name(text) == name


@given(ANY)
def test_no_text_is_too_strange_for_a_file_name(text):
    name = file_name(text)

    assert 0 < len(name.encode()) <= 200
    assert name == name.strip(" .")
    assert not set(name) & set('<>:"/\\|?*')
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.lists(ANY | st.sampled_from(["a.jpg", "A.JPG", "a.jpg~2", "a~2.jpg", "ế.jpg", "ế.jpg"])))
def test_names_differ_whatever_the_case_and_composition(texts):
    taken: set[str] = set()
    names = [unique_file_name(text, taken) for text in texts]

    folded = {unicodedata.normalize("NFC", name).casefold() for name in names}
    assert (
        len(folded) == len({unicodedata.normalize("NFD", n).lower() for n in names}) == len(texts)
    )
    assert all(len(name.encode()) <= 200 and file_name(name) == name for name in names)


def test_a_twin_has_its_number_before_the_suffix():
    taken: set[str] = set()

    assert [unique_file_name(n, taken) for n in ("a.jpg", "A.jpg", "a.JPG", "b")] == [
        "a.jpg", "A~2.jpg", "a~3.JPG", "b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["a", "A", "a"], ["a", "A~2", "a~3"]),
        (["a~2", "a", "a"], ["a~2", "a", "a~3"]),
        (["x" * 40, "x" * 40], ["x" * 31, "x" * 29 + "~2"]),
        (["😀" * 20], ["😀" * 15]),
        (["History", "history_"], ["History_", "history_~2"]),
        (["=1", "\u200b@a", "'-x", "a=1"], ["_=1", "_\u200b@a", "_-x", "a=1"]),
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
