"""What the cover says: of which commune, from when, how many, up to when, and what is not in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from exports.workbooks.contents import CommuneBook, Filters, Tally
from exports.workbooks.plans import PLANS, find_children
from exports.workbooks.slips import Slips
from exports.workbooks.texts import say
from exports.workbooks.whole_tables import ROOT, WholeTable
from forms.checking import Severity
from forms.sorting import vietnamese_key

NOT_KNOWN = "…"
"""In place of a figure: not collected, as Vietnamese tables have it (domain.md §4.5)."""
Line = tuple[str, str | int]
VillageLine = tuple[str, int, int, int]
"""(village, submissions, children, findings)"""


@dataclass(frozen=True, slots=True)
class Cover:
    """Lines of a name and what stands beside it; notes have several; a table of villages."""

    title: str
    subtitle: str
    lines: Sequence[Line]
    notes: Sequence[tuple[str, Sequence[str]]]
    villages: Sequence[VillageLine]
    village_heading: Sequence[str]
    notice: str = ""


def make_cover(
    book: CommuneBook, tables: Sequence[WholeTable], slips: Slips, tally: Tally, *, long_texts: int
) -> Cover:
    language = book.dataset.language
    children = find_children(book.dataset.name, (table.head.name for table in tables))
    names = ("@village", "submissions", "count_children", "findings")
    heading = [say(n, language) for n in names if n != "count_children" or children is not None]
    missing = [*_missing(book, tables[0])]
    if long_texts:
        missing.append(say("long", language, count=long_texts))
    return Cover(
        say("book", language).upper(),
        book.commune.name or say("unknown", language),
        [*_identity(book), *_contents(book, tables, slips, tally)],
        [
            (say("missing", language), missing),
            (say("reading", language), list(_reading(book, tables))),
        ],
        _by_village(book, None if children is None else tables[children], slips),
        heading,
        "" if tally.submissions else say("empty", language),
    )


def _identity(book: CommuneBook) -> Iterator[Line]:
    tell, commune = partial(say, language=book.dataset.language), book.commune
    if commune.code:
        yield tell("unit"), f"{commune.name} ({commune.code})"
    if commune.province:
        yield tell("province"), commune.province
    if commune.edition:
        way = "as_reported" if commune.is_as_reported else "in_edition"
        yield tell("edition"), tell(way, edition=commune.edition)
    yield tell("form"), f"{book.dataset.title} ({book.dataset.name})"


def _contents(
    book: CommuneBook, tables: Sequence[WholeTable], slips: Slips, tally: Tally
) -> Iterator[Line]:
    tell, form = partial(say, language=book.dataset.language), tables[0]
    versions = form.texts(form.find_system("FormVersion")).drop_nulls().unique().sort()
    if len(versions):
        yield tell("versions"), ", ".join(versions)
    days = form.texts(form.find_system("SubmissionDate")).drop_nulls().sort()
    if len(days):
        period = {"first": _day(days[0]), "last": _day(days[-1])}
        yield tell("period"), tell("from_to", **period)
    if book.changed_at is not None:
        at = book.changed_at.astimezone(book.dataset.tz)
        yield tell("changed"), f"{at:%d/%m/%Y %H:%M:%S}"
    yield tell("filters"), _filters(book.filters, book.dataset.language)
    yield tell("submissions"), tally.submissions
    yield from _rows(book, tables, tally)
    if states := _counted(form, "ReviewState"):
        yield tell("states"), "; ".join(f"{state}: {count}" for state, count in states)
    by_severity = [(s, sum(n.severity is s for n in book.noted)) for s in Severity]
    said = "; ".join(f"{tell(s)}: {count}" for s, count in by_severity if count)
    yield tell("findings"), f"{tally.findings} ({said})" if said else tally.findings
    yield tell("flagged"), tally.flagged
    yield tell("count_due"), _due(book, tally)
    if (villages := _villages_reporting(book, slips)) is not None:
        yield tell("villages"), villages


def _rows(book: CommuneBook, tables: Sequence[WholeTable], tally: Tally) -> Iterator[Line]:
    """How many children, and how many rows of whatever else the form repeats."""
    children = find_children(book.dataset.name, (table.head.name for table in tables))
    for at, table in enumerate(tables[1:], 1):
        if at == children:
            yield say("count_children", book.dataset.language), tally.children or 0
        else:
            name = book.name_table(table.head.name)
            yield say("count_rows", book.dataset.language, repeat=name), table.frame.height


def _due(book: CommuneBook, tally: Tally) -> str | int:
    if book.due is None:
        return say("due_elsewhere", book.dataset.language)
    return NOT_KNOWN if tally.due is None else tally.due


def _counted(form: WholeTable, name: str) -> Sequence[tuple[str, int]]:
    counts = form.texts(form.find_system(name)).drop_nulls().value_counts().iter_rows()
    return sorted(counts)


def _villages_reporting(book: CommuneBook, slips: Slips) -> str | int | None:
    reporting = slips.frame.get_column("village").drop_nulls().n_unique()
    if book.villages:
        known = {"count": reporting, "all": len(book.villages)}
        return say("of_villages", book.dataset.language, **known)
    return reporting or None


def _by_village(
    book: CommuneBook, of_children: WholeTable | None, slips: Slips
) -> Sequence[VillageLine]:
    """Also villages from which nothing came, so that somebody asks for it; the unknown last."""
    villages = slips.villages()
    counts = {name: [0, 0, 0] for name in book.villages.values()}
    children = of_children.frame.get_column(ROOT) if of_children is not None else ()
    places: Sequence[Sequence[str]] = (
        list(villages),
        list(children),
        [noted.instance_id for noted in book.noted],
    )
    for at, roots in enumerate(places):
        for root in roots:
            counts.setdefault(villages.get(root) or "", [0, 0, 0])[at] += 1
    if not any(counts):
        return []
    unknown = say("no_village", book.dataset.language)
    ordered = sorted(counts, key=lambda name: (not name, vietnamese_key(name), name))
    return [(name or unknown, *_three(counts[name])) for name in ordered]


def _three(counts: Sequence[int]) -> tuple[int, int, int]:
    return counts[0], counts[1], counts[2]


def _filters(filters: Filters, language: str) -> str:
    said = []
    if filters.received_from:
        said.append(say("filter_from", language, day=f"{filters.received_from:%d/%m/%Y}"))
    if filters.received_before:
        last = filters.received_before - timedelta(days=1)
        said.append(say("filter_to", language, day=f"{last:%d/%m/%Y}"))
    if filters.review_states:
        said.append(say("filter_states", language, states=", ".join(filters.review_states)))
    if filters.with_deleted:
        said.append(say("filter_deleted", language))
    return "; ".join(said) or say("no_filters", language)


def _missing(book: CommuneBook, form: WholeTable) -> Iterator[str]:
    tell = partial(say, language=book.dataset.language)
    is_open = book.dataset.name in PLANS
    yield tell("missing_restricted" if is_open else "missing_drafts")
    if not book.filters.with_deleted:
        yield tell("missing_deleted")
    if book.filters.is_own_part:
        yield tell("missing_own")
    sealed = form.texts(form.find_system("Status")).drop_nulls().len()
    if sealed:
        yield tell("missing_sealed", count=sealed)
    if book.due_note:
        yield tell(book.due_note)


def _reading(book: CommuneBook, tables: Sequence[WholeTable]) -> Iterator[str]:
    tell = partial(say, language=book.dataset.language)
    is_planned = book.dataset.name in PLANS
    yield tell("read_household" if is_planned else "read_slip")
    if is_planned:
        yield tell("read_multiple")
    yield tell("read_print")
    if len(tables) > 1:
        yield tell("read_key_of_child" if is_planned else "read_key_of_row")
    else:
        yield tell("read_key")
    if book.due:
        yield tell("read_due", sheet=tell("due"))


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d/%m/%Y}"
