"""Rows as the Dataset that writers get, and answers as people and phones send them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from exports.tables import Cells, Column, Table, TableHead

TZ = ZoneInfo("Asia/Ho_Chi_Minh")
SPECIAL = [
    "=1+1", "007", "1,5", 'Nói "có"', "dòng 1\ndòng 2", "a\r\nb", "\\u0001", "\t", "Nguyễn Thị Hoà",
    "😀 👩‍👧", "1e5", "2026-02-30", "null", "\ufeffx", "a\x85b\u2028c", "-0", "3.10", "9" * 16,
    "0.1234567890123456", "12345678901234567890123456789012345678901", "1500-01-01", "0001-01-01",
    "2026-01-01T10:00:00.123456+07:00", "2026-01-01T23:59:59.999-0330", "23:59:59.9999", "07:30",
    "1", "2", "9", "yes", "no", "có", "Ủy ban",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(SPECIAL),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
)
OF_TYPE = {
    "int": st.integers().map(str),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=3).map("{:f}".format),
    "date": st.dates().map(str),
    "dateTime": st.datetimes().map(lambda at: f"{at.isoformat(timespec='milliseconds')}+07:00"),
    "time": st.times().map(lambda at: f"{at.isoformat(timespec='milliseconds')}+07:00"),
    "choice": st.sampled_from(["1", "2", "yes", "no"]),
}
LONG_LABEL = "Câu hỏi về tình hình trẻ em ở thôn " * 9
COLUMNS = (
    Column("a", label=LONG_LABEL, path="/a"),
    Column("A", label="Chữ hoa", path="/A"),
    Column("with", path="/with"),
    Column("g-số trẻ", "int", label="Số trẻ", path="/g/số trẻ"),
    Column("1-x" * 20, "decimal", path="/x"),
    Column("d", "date", path="/d"),
    Column("d__text", path="/d__text"),
    Column("at", "dateTime", path="/at"),
    Column("_t", "time", path="/_t"),
    Column("of_numbers", codes={"1": "Có", "2": "Không"}, path="/of_numbers"),
    Column("of_words", codes={"yes": "Có", "no": "Không", "có": "Có"}, path="/of_words"),
    Column("many", codes={"1": "Có"}, is_multiple=True, path="/many"),
    Column("KEY"),
)
FORM = TableHead("", COLUMNS)
REPEAT = TableHead("r", (Column("n", "int", path="/r/n"), Column("PARENT_KEY"), Column("KEY")))


class Batches:
    """Batches of the rows of each table as a Dataset."""

    def __init__(
        self,
        heads: Sequence[TableHead],
        *batches: Sequence[Sequence[Cells]],
        title: str = "Phiếu",
        language: str = "vi",
    ) -> None:
        self.name = "f"
        self.title = title
        self.language = language
        self.tz = TZ
        self.heads = tuple(heads)
        self._batches = batches

    def batches(self) -> Iterator[Sequence[Table]]:
        for batch in self._batches:
            yield tuple(Table.of(h, rows) for h, rows in zip(self.heads, batch, strict=True))


@st.composite
def answers(draw: st.DrawFn) -> list[list[Cells]]:
    """Rows of FORM in two batches; KEY counts them."""
    heights = [draw(st.integers(0, 3)), draw(st.integers(0, 3))]
    return [[row(draw, f"uuid:{at}-{n}") for n in range(h)] for at, h in enumerate(heights)]


def row(draw: st.DrawFn, key: str) -> Cells:
    return [*(draw(st.none() | answer(column)) for column in COLUMNS[:-1]), key]


def answer(column: Column) -> st.SearchStrategy[str]:
    """Mostly what the column is for, also what it is not."""
    usual = OF_TYPE.get("choice" if column.codes else column.type)
    return TEXTS if usual is None else usual | usual | TEXTS


def stands_for(value: object, text: str) -> bool:
    """Whether a value that was read is that of an answer; a double's moment to the millisecond."""
    if isinstance(value, datetime):
        at = datetime.fromisoformat(text)
        at = at.astimezone(TZ).replace(tzinfo=None) if at.tzinfo else at
        return abs((value - at).total_seconds()) < 0.001
    if isinstance(value, date):
        return value == date.fromisoformat(text)
    if isinstance(value, time):
        at_once = time.fromisoformat(text).replace(tzinfo=None)
        day = date(2000, 1, 1)
        between = datetime.combine(day, value) - datetime.combine(day, at_once)
        return abs(between.total_seconds()) < 0.001
    try:
        return Decimal(repr(value)) == Decimal(text)
    except InvalidOperation:
        return False
