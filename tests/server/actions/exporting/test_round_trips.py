"""The shipped forms: what was sent is what readers that are not ours find, answer by answer."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from server.actions.assigning import Duty
from server.auth.callers import Caller
from server.cli.common import settings, storage
from server.demo import Village, iter_slips
from server.jobs.projecting import tidy_projection
from server.jobs.surroundings import Surroundings
from server.queries.forms import get_form, list_versions
from tests.conftest import leave_out
from tests.helpers.duties import asks, person, receive
from tests.helpers.exporting import export
from tests.helpers.libreoffice import AS_TEXT, has_libreoffice, read_books
from tests.helpers.reading_back import READERS, check_answers, read_all, read_sheets
from tests.helpers.slips import ROOT

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
FORMS = {
    "abuse_report": set(),
    "case_followup": {"rep_service"},
    "child_situation": {"rep_child"},
    "commune_plan": {"rep_activity"},
    "village_monthly": set(),
}
DAY = date(2026, 11, 25)


def examples(form_id: str) -> list[bytes]:
    folder = ROOT / "xlsforms" / form_id / "examples"
    return [path.read_bytes() for path in sorted(folder.glob("*.xml"))]


def drawn() -> Iterator[bytes]:
    """Households of the demonstration."""
    with (ROOT / "xlsforms/child_situation/media/villages.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    villages = [
        Village(r["name"], r["label"], r["commune_code"], r["legacy_commune_code"]) for r in rows
    ]
    [version, *_] = list_versions(get_form(1, "child_situation"))
    yield from iter_slips(villages, count=25, seed=5, version=version.version, today=DAY)


@pytest.fixture
def officer(app) -> Caller:
    """Who may read all of the communes that slips are from, cases too, and says what for."""
    duties = (Duty("commune_officer", code) for code in ("12322", "12472", "13225"))
    return asks(person("xa@example.vn", *duties), DAY)


@pytest.fixture
def sent(app, officer) -> dict[str, list[bytes]]:
    """Half of them are rows of the projection, the others are read as they came."""
    slips = {form_id: examples(form_id) for form_id in FORMS}
    slips["child_situation"] += drawn()
    around = Surroundings.of(settings(), storage())
    for at in (0, 1):
        for of_form in slips.values():
            for xml in of_form[at::2]:
                receive(xml)
        if not at:
            tidy_projection(around)
    return slips


@pytest.fixture
def written(sent, officer, tmp_path) -> Callable[[str, str], list[Path]]:
    """The files of a form in a format."""

    @cache
    def write(form_id: str, format_: str) -> list[Path]:
        out = tmp_path / form_id / format_
        names = export(form_id, out, format=format_, by_whom=officer)
        return [out / name for name in names]

    return write


def test_every_answer_comes_back_from_every_format(sent, written, tmp_path):
    for form_id, repeats in FORMS.items():
        assert sent[form_id]
        for format_, read in READERS:
            found = read_all(read, written(form_id, format_))
            check_answers(found, sent[form_id], repeats)
    if not has_libreoffice():
        leave_out("LibreOffice (soffice) is missing")
    check_with_libreoffice(sent, written, tmp_path)


def check_with_libreoffice(
    sent: dict[str, list[bytes]], written: Callable[[str, str], list[Path]], tmp_path: Path
) -> None:
    books = read_books([p for form_id in FORMS for p in written(form_id, "xlsx")], tmp_path / "x")
    tables = [p for form_id in FORMS for p in written(form_id, "csv")]
    texts = read_books(tables, tmp_path / "c", AS_TEXT)

    for form_id, repeats in FORMS.items():
        sheets = (plain(sheet) for sheet in books[form_id].values())
        check_answers(read_sheets(sheets), sent[form_id], repeats)
        of_form = (texts[path.stem] for path in written(form_id, "csv"))
        sheets = (plain(sheet) for table in of_form for sheet in table.values())
        check_answers(read_sheets(sheets, of_text=True), sent[form_id], repeats)


def plain(sheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet]
