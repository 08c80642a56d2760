"""A form with very many columns and no repeat, and slips of it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from uuid import UUID

FORM_ID = "wide"
COLUMNS = 100
_QUESTIONS = COLUMNS - 11  # the others are what the server knows of each submission
_NAMES = ("Nguyễn Thị Hoà", "Trần Văn Bình", "Lê Thị Ánh", "Phạm Đức Anh")
_KINDS: tuple[tuple[str, Callable[[Random], str]], ...] = (
    ("text", lambda random: random.choice(_NAMES)),
    ("integer", lambda random: str(random.randint(0, 99))),
    ("select_one yes", lambda random: random.choice("12")),
    ("date", lambda random: f"2026-{random.randint(1, 12):02}-{random.randint(1, 28):02}"),
    ("decimal", lambda random: f"{random.random() * 100:.2f}"),
)


def wide_form() -> str:
    """As a Markdown table."""
    rows = (f"| | {_KINDS[n % len(_KINDS)][0]} | q{n} | Câu hỏi {n} |\n" for n in range(_QUESTIONS))
    return (
        f"| survey |\n| | type | name | label |\n{''.join(rows)}"
        "| choices |\n| | list_name | name | label |\n| | yes | 1 | Có |\n| | yes | 2 | Không |\n"
        "| settings |\n| | form_id | form_title | version |\n| | wide | Phiếu rộng | 1 |\n"
    )


def wide_slips(count: int) -> list[bytes]:
    random = Random(7)
    return [_slip(random) for _ in range(count)]


def _slip(random: Random) -> bytes:
    answers = "".join(
        f"<q{n}>{_KINDS[n % len(_KINDS)][1](random)}</q{n}>" for n in range(_QUESTIONS)
    )
    id_ = UUID(int=random.getrandbits(128), version=4)
    meta = f"<meta><instanceID>uuid:{id_}</instanceID></meta>"
    return f'<data id="{FORM_ID}" version="1">{answers}{meta}</data>'.encode()
