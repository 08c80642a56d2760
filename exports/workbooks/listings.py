"""The sheets that are no table of the form: what to check, and what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time, tzinfo

from exports.tables import Cells, Column, Table, TableHead
from exports.workbooks.arrangements import Arranged
from exports.workbooks.contents import CommuneBook, Due, Noted
from exports.workbooks.plans import TablePlan
from exports.workbooks.slips import Slips
from exports.workbooks.texts import say
from exports.workbooks.whole_tables import WholeTable
from forms.sorting import person_key, vietnamese_key

_TO_CHECK = ("number", "severity", "@village", "@household", "row", "text", "question", "value")
_DUE = ("number", "at", "clock", "what", "about", "@village", "responsible", "list", "uuid")
_TYPES: Mapping[str, str] = {"number": "int", "at": "date", "clock": "time"}
_DAY_ENDS = time(23, 59)
_RANKS = "EWI"
_LAST = "\U0010ffff"


def findings_sheet(
    book: CommuneBook, tables: Sequence[WholeTable], plans: Mapping[str, TablePlan], slips: Slips
) -> Arranged:
    """What was noticed, the gravest first, then by village and household."""
    language = book.dataset.language
    villages, names, rows = slips.villages(), slips.names(), _row_names(tables, plans)

    def order(noted: Noted) -> tuple[object, ...]:
        village, name = villages.get(noted.instance_id), names.get(noted.instance_id)
        return (
            _RANKS.index(noted.severity),
            vietnamese_key(village or _LAST),
            person_key(name or _LAST),
            noted.instance_id,
        )

    found = [
        (
            say(noted.severity, language),
            villages.get(noted.instance_id),
            names.get(noted.instance_id),
            _row_name(noted, rows, book.repeats),
            noted.text,
            noted.question or None,
            noted.value or None,
            noted.code,
            noted.instance_id,
        )
        for noted in sorted(book.noted, key=order)
    ]
    of = "@household" if slips.is_of_people else "slip"
    called = {"@household": of, "row": "row" if slips.is_of_people else "row_only"}
    columns = [called.get(name, name) for name in _TO_CHECK]
    return _listed("to_check", [*columns, "code", "key"], found, language, first=len(columns))


def due_sheet(book: CommuneBook) -> Arranged:
    """What is due first comes first."""
    language, tz = book.dataset.language, book.dataset.tz
    found = [_due_cells(due, tz) for due in sorted(book.due or (), key=_due_order)]
    return _listed("due", _DUE, found, language, first=len(_DUE) - 2)


def _due_order(due: Due) -> tuple[object, ...]:
    return due.at, vietnamese_key(due.where), person_key(due.about), due.uuid, due.what


def _due_cells(due: Due, tz: tzinfo) -> Cells:
    """What is due on a day has no time of day."""
    at = due.at.astimezone(tz).replace(second=0, microsecond=0, tzinfo=None)
    clock = "" if at.time() == _DAY_ENDS else at.time().isoformat()
    texts = (clock, due.what, _about(due), due.where, due.responsible, due.list_name)
    return at.date().isoformat(), *(text or None for text in texts), due.uuid


def _about(due: Due) -> str:
    """The name, and the code of a case whose name is another."""
    is_named = due.case_code in due.about
    return due.about if is_named else f"{due.about} ({due.case_code})"


def _listed(
    name: str, names: Sequence[str], rows: Iterable[Cells], language: str, *, first: int
) -> Arranged:
    columns = [Column(say(n, language), _TYPES.get(n, "string"), name=_id(n)) for n in names]
    head = TableHead(say(name, language), tuple(columns))
    numbered = [(str(number), *row) for number, row in enumerate(rows, 1)]
    return Arranged(head, Table.of(head, numbered).frame, first, widest=45)


def _id(name: str) -> str:
    return "KEY" if name == "key" else name.removeprefix("@")


def _row_names(tables: Sequence[WholeTable], plans: Mapping[str, TablePlan]) -> Mapping[str, str]:
    """Who a row of a repeat is about, by its KEY."""
    found: dict[str, str] = {}
    for table in tables[1:]:
        plan = plans.get(table.head.name)
        if plan is not None:
            keys = table.texts(table.find_system("KEY"))
            names = table.texts(table.find_field(plan.person))
            found |= {key: name for key, name in zip(keys, names, strict=True) if name}
    return found


def _row_name(noted: Noted, names: Mapping[str, str], repeats: Mapping[str, str]) -> str | None:
    """The name in the row that the finding is in; else which row it is: `Hoạt động 2`."""
    row, bracket, _ = noted.path.rpartition("]")
    if not bracket:
        return None
    repeat, _, number = row.rpartition("/")[2].partition("[")
    return names.get(f"{noted.instance_id}{row}]", f"{repeats.get(repeat, repeat)} {number}")
