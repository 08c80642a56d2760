"""Vietnamese order: domain.md §6.3, whose vectors were compared with ICU."""

from __future__ import annotations

import random

from forms.sorting import person_key, vietnamese_key


def test_letters_come_before_tones_and_tones_in_their_order():
    ordered = ["da", "dz", "đa", "ma", "Ma", "mà", "mả", "mã", "má", "mạ", "mă", "mâ"]

    shuffled = random.Random(1).sample(ordered, len(ordered))

    assert sorted(shuffled, key=vietnamese_key) == ordered


def test_numbered_villages_are_in_the_order_of_their_numbers():
    ordered = ["Thôn 1", "Thôn 2", "Thôn 10", "Thôn An", "Tổ dân phố số 3"]

    assert sorted(set(ordered), key=vietnamese_key) == ordered


def test_composed_and_decomposed_letters_are_equal():
    assert vietnamese_key("Hoa\u0300 Đông") == vietnamese_key("Hoà Đông")


def test_people_are_sorted_by_given_then_family_then_middle_name():
    ordered = ["Trần Văn An", "Phạm Đức Anh", "Lê Thị Ánh", "Nguyễn Thị Hà", "Nguyễn Văn Hạ"]
    ordered += ["Lê Văn Hạnh", "Nguyễn An Hạnh", "Nguyễn Bình Hạnh"]

    shuffled = random.Random(1).sample(ordered, len(ordered))

    assert sorted(shuffled, key=person_key) == ordered
    assert person_key("Hà") < person_key("Hạ")
    assert person_key("") < person_key("A")
