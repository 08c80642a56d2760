"""`phieu exports write`: exactly the submissions that were asked for, where they were asked for."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from exports.errors import TableTooLarge
from exports.formats import FORMATS
from server.actions.exporting.orders import ExportOrder
from server.actions.exporting.writing import Installed, write_export
from server.cli.common import operator, settings, storage
from server.db import db, snapshot, transaction
from server.errors import ExportTooLarge
from server.models import ReviewState, Submission, Unit, UnitLevel
from server.queries.exports import ExportScope
from server.queries.forms import get_form
from tests.helpers.slips import house, write_workbook

sqlite_only = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
OLD = "vn-2025-01"


def read(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def houses(submit):
    """Four slips: in three communes, and one that names none there is."""
    for name, commune in [("a", "12472"), ("b", "13225"), ("c", "12322"), ("d", "99999")]:
        assert submit(house(f"uuid:{name}", commune=commune)).status_code == 201


@pytest.fixture
def change(app):
    """Set columns of a submission as if it had come otherwise."""

    def set_columns(name: str, **columns) -> None:
        with app.app_context(), transaction():
            query = db.select(Submission).where(Submission.instance_id == f"uuid:{name}")
            for column, value in columns.items():
                setattr(db.session.scalars(query).one(), column, value)

    return set_columns


@pytest.fixture
def old_edition(houses, change):
    """Before the merger 12472 was another commune, and 12505 is no more; both have rows."""
    change("b", commune_code="12472", edition=OLD)
    change("c", commune_code="12505", edition=OLD)


@pytest.fixture
def keys(installation, tmp_path):
    """The submissions that an export with those options holds, by the letter of their key."""

    def export(*options: str) -> str:
        out = tmp_path / "keys" / "_".join(options).replace("/", "-")
        installation.run("exports", "write", "houses", "--out", out, *options)
        rows = {row["KEY"] for row in read(out / "houses.csv")}
        children = {row["PARENT_KEY"] for row in read(out / "houses-child.csv")}
        assert children == rows
        return "".join(sorted(key.removeprefix("uuid:") for key in rows))

    return export


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["12472"], "a"),
        (["12505"], "c"),
        (["12472", "12505"], "ac"),
        (["33"], "a"),
        (["34"], "bc"),
        (["338"], "bc"),
    ],
)
def test_a_unit_means_its_communes_in_its_own_edition(old_edition, keys, codes, expected):
    assert keys(*(option for code in codes for option in ("--unit", code))) == expected


def test_in_the_current_edition_a_unit_has_what_it_was_before_too(old_edition, keys, installation):
    assert keys("--unit", "33", "--edition", "current") == "abc"
    assert keys("--unit", "12472", "--edition", "current") == "abc"


@sqlite_only
def test_what_older_editions_called_a_unit_is_pointed_out(old_edition, installation, tmp_path):
    command = ["exports", "write", "houses", "--unit", "12472", "--out", tmp_path / "x"]

    said = installation.run(*command, stderr_too=True)
    all_said = installation.run(*command, "--edition", "current", stderr_too=True)

    assert "--edition current takes them too" in said
    assert "--edition" not in all_said


@sqlite_only
def test_the_answer_names_the_units_and_their_editions(old_edition, installation, tmp_path):
    command = ["exports", "write", "houses", "--unit", "12472", "--unit", "12505"]
    command += ["--by", "commune", "--out", tmp_path / "out"]

    said = installation.run_json(*command)
    again = installation.run(*command)

    assert said["units"] == [
        {"code": "12472", "edition": "vn-2025-07", "name": "Xã Quỳnh Phụ"},
        {"code": "12505", "edition": OLD, "name": "Xã Quỳnh Hồng"},
    ]
    assert (said["submissions"], said["communes"], said["communeUnknown"]) == (2, 2, 0)
    assert f"12505 Xã Quỳnh Hồng, {OLD}" in again


@sqlite_only
def test_an_older_editions_commune_has_a_file_of_its_own(old_edition, installation, tmp_path):
    written = installation.run_json(
        "exports", "write", "houses", "--by", "commune", "--out", tmp_path / "out"
    )

    assert {row["path"] for row in read(tmp_path / "out" / "_index.csv")} == {
        "12472-xa-quynh-phu", f"12472-thi-tran-quynh-coi-{OLD}", f"12505-xa-quynh-hong-{OLD}",
        "khong-xac-dinh",
    }  # fmt: skip
    assert (written["communes"], written["communeUnknown"]) == (3, 1)


@sqlite_only
def test_a_unit_without_communes_is_refused(app, installation, tmp_path):
    with transaction():
        db.session.add(Unit(edition="vn-2025-07", code="98", level=UnitLevel.PROVINCE,
                            name="Tỉnh Mới"))  # fmt: skip

    said = installation.run(
        "exports", "write", "child_situation", "--unit", "98", "--out", tmp_path / "x", status=1
    )

    assert "no commune in unit 98" in said


def test_days_are_those_of_the_installation_and_both_ends_count(houses, change, keys):
    change("a", created_at=datetime(2026, 11, 9, 16, 59, 59, tzinfo=UTC))  # 23:59:59 in Hà Nội
    change("b", created_at=datetime(2026, 11, 9, 17, 0, tzinfo=UTC))
    change("c", created_at=datetime(2026, 11, 11, 16, 59, 59, tzinfo=UTC))
    change("d", created_at=datetime(2026, 11, 11, 17, 0, tzinfo=UTC))

    assert keys("--from", "2026-11-10", "--to", "2026-11-11") == "bc"
    assert keys("--from", "2026-11-10") == "bcd"
    assert keys("--to", "2026-11-11") == "abc"
    assert keys("--from", "2026-11-12", "--to", "2026-11-12") == "d"


def test_review_states_are_chosen(houses, change, keys):
    change("b", review_state=ReviewState.APPROVED)
    change("c", review_state=ReviewState.HAS_ISSUES)

    assert keys("--review", "approved") == "b"
    assert keys("--review", "approved", "--review", "hasIssues") == "bc"
    assert keys("--review", "received", "--unit", "12472") == "a"


@sqlite_only
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("vi", {"Chủ hộ": "Nguyễn Văn An", "Cần": "Y tế; Học tập", "Xã/phường báo cáo":
                "Xã Quỳnh Phụ", "Mã xã/phường báo cáo": "12472", "Tình trạng duyệt": "Đã duyệt"}),
        ("en", {"Head": "Nguyễn Văn An", "Needs": "Health; School", "Reporting commune":
                "Xã Quỳnh Phụ", "Code of the reporting commune": "12472",
                "Review state": "Approved"}),
    ],
)  # fmt: skip
def test_labels_are_in_the_language_asked_for(
    houses, change, installation, tmp_path, language, expected
):
    change("a", review_state=ReviewState.APPROVED)
    options = ["--unit", "12472", "--labels", language, "--format", "xlsx"]

    installation.run("exports", "write", "houses", *options, "--out", tmp_path / "x.xlsx")

    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    headings, cells = ([cell.value for cell in row] for row in book["houses"])
    assert expected.items() <= dict(zip(headings, cells, strict=True)).items()
    sexes = {"vi": ("Giới tính", "Nam"), "en": ("Sex", "Male")}[language]
    assert sexes in {(cells[0].value, cells[1].value) for cells in book["child"].iter_cols()}


@sqlite_only
def test_a_folder_of_ones_own_is_refused_and_keeps_its_files(houses, installation, tmp_path):
    own = tmp_path / "out" / "12472-xa-quynh-phu"
    own.mkdir(parents=True)
    (own / "notes.txt").write_text("mine")

    said = installation.run(
        "exports", "write", "houses", "--by", "commune", "--out", tmp_path / "out", status=1
    )

    assert said.splitlines()[-1].startswith(f"{own} was not written by an earlier run")
    assert [path.name for path in (tmp_path / "out").rglob("*")] == [own.name, "notes.txt"]


@sqlite_only
def test_a_narrower_run_leaves_no_commune_of_the_wider_one(houses, installation, tmp_path):
    command = ["exports", "write", "houses", "--by", "commune", "--out", tmp_path / "out"]

    installation.run(*command)
    installation.run(*command, "--unit", "13225")

    names = {path.name for path in (tmp_path / "out").glob("[!.]*")}
    assert names == {"_index.csv", "13225-phuong-thai-binh"}


PEAK = """
import re, sys
from pathlib import Path
from server.app import main
try:
    main()
finally:
    peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    print(peak, file=sys.stderr)
"""


def peak_megabytes(installation, *arguments: object) -> float:
    """Of a command in a process of its own; wait() would count what the parent had, too."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *map(str, arguments)],
        env=os.environ | installation.environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return int(done.stderr.strip().splitlines()[-1]) / 1000


@sqlite_only
@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_long_slips_are_not_held_together(submit, installation, tmp_path, format_):
    command = ["exports", "write", "houses", "--format", format_, "--out"]
    submit(house("uuid:small"))
    small = peak_megabytes(installation, *command, tmp_path / "small.zip")
    for number in range(12):
        text = "Trả lời rất dài. " * 400_000
        assert submit(house(f"uuid:{number}", head=text)).status_code == 201
        if number == 1:
            two = peak_megabytes(installation, *command, tmp_path / "two.zip")

    twelve = peak_megabytes(installation, *command, tmp_path / "twelve.zip")

    assert twelve < two + 40
    assert two < small + 200


@sqlite_only
def test_a_table_too_large_for_a_format_says_what_to_do(
    houses, installation, tmp_path, monkeypatch
):
    def refuse(_dataset, folder: Path) -> list[Path]:
        raise TableTooLarge(folder / "houses.sav", max_rows=1, max_bytes=1)

    monkeypatch.setitem(FORMATS, "sav", replace(FORMATS["sav"], write=refuse))
    form = get_form(1, "houses")
    order = ExportOrder("sav", tmp_path / "x", ExportScope(1, form.id))
    at = Installed.of(storage(), "secret", settings().tz)

    with snapshot(), pytest.raises(ExportTooLarge):
        write_export(order, get_form(1, "houses"), at=at, by=operator())

    assert not (tmp_path / "x").exists()


@sqlite_only
def test_a_chosen_column_comes_with_its_codes(houses, installation, tmp_path):
    command = ["exports", "write", "houses", "--column", "g-needs", "--labels", "en"]
    installation.run(*command, "--values", "both", "--out", tmp_path / "x")

    [row, *_] = read(tmp_path / "x" / "houses.csv")
    assert len(row) == 3
    assert "01 02" in row.values()


@sqlite_only
@pytest.mark.parametrize("labels", ["none", "vi"])
def test_a_form_that_is_a_draft_only_has_an_empty_file(app, installation, tmp_path, labels):
    installation.run("forms", "draft", write_workbook(tmp_path))

    written = installation.run_json(
        "exports", "write", "houses", "--labels", labels, "--out", tmp_path / "x"
    )

    assert written["submissions"] == 0
    assert read(tmp_path / "x" / "houses.csv") == []
    assert (tmp_path / "x" / "houses.csv").stat().st_size > 100
