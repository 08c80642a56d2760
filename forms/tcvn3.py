"""TCVN3 (ABC), the encoding of Vietnamese spreadsheets of the 1990s and 2000s, → Unicode.

Its letters stand at the places of Western signs: `NguyÔn` is Nguyễn. Capitals with a tone were
small letters in a font of capitals (.VnTimeH), so they come as small letters: which they were
cannot be told.
"""

from __future__ import annotations

import unicodedata

_FIRST = 0xA1
_LETTERS = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò"
    "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
"""The bytes from 0xA1 to 0xFF (TCVN 5712:1993, VN2 and VN3)."""
_TABLE = {_FIRST + at: letter for at, letter in enumerate(_LETTERS)}
_BACK = {ord(letter): code for code, letter in _TABLE.items() if not unicodedata.combining(letter)}
_SIGNS = frozenset("¨©ª¬\xad®µ¶·¸¹º¼½¾")
"""What ă â ê ơ ư đ and à ả ã á ạ … look like, and no Vietnamese name has; « and » are quotes."""


def decode_tcvn3(text: str) -> str:
    """Of a text whose bytes were read as Latin-1, by us or by the program that saved it."""
    return unicodedata.normalize("NFC", text.translate(_TABLE))


def encode_tcvn3(text: str) -> bytes:
    """Raise UnicodeEncodeError for what the encoding has not: capitals with a tone, for one."""
    return unicodedata.normalize("NFC", text).translate(_BACK).encode("latin-1")


def is_like_tcvn3(text: str) -> bool:
    """True if signs stand in it that are letters in TCVN3; read bytes as Latin-1 before."""
    return not _SIGNS.isdisjoint(text)
