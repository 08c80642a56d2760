"""An answer becomes a number, a day, a time or a moment exactly, or it stays text only."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.values import DTYPES, is_exact_number, value_of

TZ = ZoneInfo("Asia/Ho_Chi_Minh")


def value(text: str, type_: str) -> object:
    frame = pl.DataFrame({"x": [text]}).select(value_of(pl.col("x"), type_, TZ))
    assert frame.dtypes == [DTYPES[type_]]
    return frame.item()


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("int", "7", 7),
        ("int", "-3", -3),
        ("int", "007", None),
        ("int", "-0", None),
        ("int", "3.0", None),
        ("int", "9" * 30, None),
        ("decimal", "7.50", 7.5),
        ("decimal", "-0.1", -0.1),
        ("decimal", "1e3", None),
        ("decimal", "9" * 50, None),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("date", "2026-02-29", None),
        ("date", "0000-01-01", None),
        ("time", "10:00", time(10)),
        ("time", "10:00:00.500+07:00", time(10, 0, 0, 500_000)),
        ("time", "25:00:00", None),
        (
            "dateTime",
            "2026-11-24T10:00:00.123+07:00",
            datetime(2026, 11, 24, 3, 0, 0, 123_000, UTC),
        ),
        ("dateTime", "2026-11-24T10:00:00+07", datetime(2026, 11, 24, 3, tzinfo=UTC)),
        ("dateTime", "2026-11-24T10:00Z", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("dateTime", "2026-11-24T10:00:00-0330", datetime(2026, 11, 24, 13, 30, tzinfo=UTC)),
        ("dateTime", "2026-11-24T10:00:00", datetime(2026, 11, 24, 3, tzinfo=UTC)),
        ("dateTime", "2026-13-24T10:00:00", None),
    ],
)
def test_the_value_of_an_answer(type_, text, expected):
    assert value(text, type_) == expected


@given(st.sampled_from(sorted(DTYPES)), st.text(max_size=30))
def test_no_text_is_too_strange(type_, text):
    value(text, type_)


@given(st.datetimes(datetime(1000, 1, 2), datetime(8999, 12, 30), timezones=st.timezones()))
def test_a_moment_is_the_same_one_in_any_zone(moment):
    offset = moment.utcoffset()
    assert offset is not None
    if offset.total_seconds() % 60 == 0:
        assert value(moment.isoformat(), "dateTime") == moment.astimezone(UTC)


NUMBERS = st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", fullmatch=True) | st.text("0.-1")


@given(NUMBERS | st.text())
def test_a_number_is_exact_if_a_double_gives_its_digits_back(text):
    [is_exact] = pl.DataFrame({"x": [text]}).select(is_exact_number(pl.col("x"))).to_series()

    is_plain = re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", text, re.ASCII) is not None
    digits = re.sub(r"(\.[0-9]*?)0+$", r"\1", text).replace(".", "").replace("-", "").lstrip("0")
    is_minus_nothing = text.startswith("-") and not digits
    assert is_exact == (is_plain and len(digits) <= 15 and len(text) <= 40 and not is_minus_nothing)
    if is_exact:
        assert Decimal(f"{float(text):.15g}") == Decimal(text)
