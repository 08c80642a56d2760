"""TCVN3 (ABC) becomes Unicode, and is known by the signs that its letters look like."""

import pytest

from forms.tcvn3 import decode_tcvn3, is_like_tcvn3


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("NguyÔn V¨n §øc", "Nguyễn Văn Đức"),
        ("TrÇn ThÞ Hoµ", "Trần Thị Hoà"),
        ("Ph¹m Thuû Tiªn", "Phạm Thuỷ Tiên"),
        ("L­¬ng H÷u Ph­íc", "Lương Hữu Phước"),
        ("Vò ThÞ Y\xb5n", "Vũ Thị Yàn"),
        ("§Æng B¸ Vâ", "Đặng Bá Võ"),
        ("khuyÕt tËt, tµn tËt", "khuyết tật, tàn tật"),
        ("Thon 5, 12472", "Thon 5, 12472"),
        ("a\xb3", "á"),
    ],
)
def test_letters_of_tcvn3_become_unicode(seen, meant):
    assert decode_tcvn3(seen) == meant
    assert decode_tcvn3(seen.encode("latin-1").decode("latin-1")) == meant


def test_every_letter_comes_out_once_and_no_sign_stays():
    letters = decode_tcvn3("".join(map(chr, range(0xA8, 0xAF))))

    assert letters == "ăâêôơưđ"
    assert not is_like_tcvn3(decode_tcvn3("".join(map(chr, range(0xA1, 0x100)))))


@pytest.mark.parametrize(
    ("text", "is_old"),
    [("TrÇn ThÞ Hoµ", True), ("V¨n", True), ("Trần Thị Hoà", False), ("«Lan» và Điệp", False)],
)
def test_tcvn3_is_known_by_its_signs(text, is_old):
    assert is_like_tcvn3(text) is is_old
