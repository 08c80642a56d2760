"""Whatever an export is divided by, each submission is in one part; the parts are the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from io import BytesIO
from random import Random
from typing import NamedTuple

import pytest
from python_calamine import CalamineWorkbook

from server.actions.exporting.orders import By
from server.actions.unit_importing import import_units
from server.actions.unit_lists import VILLAGES
from server.cli.common import operator
from server.db import db, transaction, utc_now
from server.models import Submission
from tests.helpers.duties import person, receive
from tests.helpers.exporting import export, read_rows
from tests.helpers.slips import ROOT, house

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
NEW, OLD = "vn-2025-07", "vn-2025-01"
EDITIONS = ("as-reported", "current")
NAMES = ("Nguyễn Văn An", "=1+1", "dòng 1\ndòng 2", "Trần Thị 😀")


class Place(NamedTuple):
    """Where a slip is reported from, and the commune in the current edition that this means."""

    code: str | None
    edition: str | None
    village: str | None
    now: str


PLACES = (
    Place("12472", NEW, None, "12472"),
    Place("12472", NEW, "V000019", "12472"),
    Place("12472", OLD, None, "12472"),
    Place("12505", OLD, None, "12472"),  # is no more
    Place("13225", NEW, None, "13225"),
    Place("00007", OLD, None, ""),  # became parts of two others
    Place("00019", OLD, None, ""),  # and of four
    Place("99999", None, None, ""),
    Place("12472", None, None, ""),  # nobody knows of which edition
    Place(None, NEW, None, ""),
    Place(None, None, None, ""),
    Place("", "", None, ""),
    Place(None, None, "V000019", "12472"),
    Place("99999", NEW, "V000019", "12472"),
)


class Sent(NamedTuple):
    instance_id: str
    place: Place
    submitter_id: int | None


@pytest.fixture(params=[1, 2])
def sent(request, app, offered) -> list[Sent]:
    """What is there of submissions made, moved, edited and deleted at random."""
    random = Random(request.param)
    villages = ROOT / "xlsforms/child_situation/media/villages.csv"
    with transaction():
        import_units([(VILLAGES, villages.read_bytes())], on=date(2026, 11, 25), by=operator())
    senders = [None, *(person(f"{name}@example.vn").id for name in "ab")]
    for number in range(45):
        files = tuple(("Bình", "1", random.choice(["", f"{i}.pdf"])) for i in range(number % 4))
        receive(house(f"uuid:{number}", head=random.choice(NAMES), children=files))
    found = []
    with transaction():
        query = db.select(Submission).order_by(Submission.id)
        for number, submission in enumerate(db.session.scalars(query)):
            place = PLACES[number] if number < len(PLACES) else random.choice(PLACES)
            submission.commune_code, submission.edition, submission.village_code, _ = place
            submission.submitter_id = random.choice(senders)
            if number % 9 == 8:
                submission.deleted_at = utc_now()
            else:
                found.append(Sent(submission.instance_id, place, submission.submitter_id))
    return found


def reported(one: Sent) -> tuple[str, str]:
    is_known = bool(one.place.code and one.place.edition)
    return (one.place.code or "", one.place.edition or "") if is_known else ("", "")


def now(one: Sent) -> tuple[str, str]:
    return one.place.now, NEW if one.place.now else ""


GROUPS: dict[tuple[By, str], Callable[[Sent], tuple[str, str]]] = {
    (By.COMMUNE, "as-reported"): reported,
    (By.COMMUNE, "current"): now,
    (By.VILLAGE, "as-reported"): lambda one: (one.place.village or "", ""),
    (By.VILLAGE, "current"): lambda one: (one.place.village or "", ""),
    (By.COLLABORATOR, "as-reported"): lambda one: (str(one.submitter_id or ""), ""),
    (By.COLLABORATOR, "current"): lambda one: (str(one.submitter_id or ""), ""),
}


def test_parts_hold_each_row_of_the_whole_once_and_the_index_counts_them(sent, tmp_path):
    for edition in EDITIONS:
        whole = export("houses", tmp_path / edition, edition=edition)
        rows = {name: Counter(map(frozen, read_rows(text))) for name, text in whole.items()}
        assert {dict(row)["KEY"] for row in rows["houses.csv"]} == {s.instance_id for s in sent}
        for by, group in ((by, g) for (by, of), g in GROUPS.items() if of == edition):
            parts = export("houses", tmp_path / f"{by}-{edition}", by=by, edition=edition)

            index = read_rows(parts.pop("_index.csv"))
            assert {(r["code"], r["edition"]): int(r["submissions"]) for r in index} == Counter(
                map(group, sent)
            )
            assert sorted(parts) == sorted(f"{r['path']}/{name}" for r in index for name in whole)
            for name, expected in rows.items():
                found = {r["path"]: read_rows(parts[f"{r['path']}/{name}"]) for r in index}
                assert Counter(frozen(row) for part in found.values() for row in part) == expected
                if name == "houses.csv":
                    assert [len(found[r["path"]]) for r in index] == [
                        int(r["submissions"]) for r in index
                    ]


def frozen(row: dict[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(row.items())


SHEETS = {
    "Số phiếu": "Nhà ở",
    "": "Trẻ em",
    "Số việc cần xem lại": "Cần xem lại",
}
"""The sheets of a book, and what their rows are called in the total; repeats are not in it."""
KEY = "Mã dòng (KEY)"


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("sent", [1], indirect=True)
def test_the_total_of_a_provinces_workbooks_is_the_sum_of_them_and_the_whole(
    sent, tmp_path, edition
):
    files = export("houses", tmp_path / "all.zip", format="workbook", edition=edition)
    whole = export("houses", tmp_path / "csv", edition=edition)

    *communes, total = read_sheet(files.pop("tong-hop.xlsx"), "Tổng hợp")
    index = read_rows(files.pop("_index.csv"))
    assert {r["path"]: r["submissions"] for r in index} == {
        r["Tệp"]: f"{r['Số phiếu']:.0f}" for r in communes
    }
    assert [r["Tệp"] for r in communes] == list(files)
    for heading, sheet in SHEETS.items():
        keys = {name: [r[KEY] for r in read_sheet(book, sheet) if r.get(KEY)]
                for name, book in files.items()}  # fmt: skip
        if heading:
            assert {r["Tệp"]: r[heading] for r in communes} == {n: len(k) for n, k in keys.items()}
            assert total[heading] == sum(map(len, keys.values()))
        if sheet != "Cần xem lại":
            name = "houses.csv" if sheet == "Nhà ở" else "houses-child.csv"
            expected = Counter(row["KEY"] for row in read_rows(whole[name]))
            assert Counter(key for of_book in keys.values() for key in of_book) == expected
    papers = sum(bool(row["paper"]) for row in read_rows(whole["houses-child.csv"]))
    assert total["Số việc cần xem lại"] == papers > 0


def read_sheet(book: bytes, name: str) -> list[dict]:
    header, *rows = (
        CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_name(name).to_python()
    )
    return [dict(zip(header, row, strict=True)) for row in rows]
