"""Rows of the projection and slips say the same, whatever happens to either in whatever order."""

from __future__ import annotations

import os
import random
from pathlib import Path

import polars as pl
import pytest

from exports.options import Options
from server.actions.assigning import Duty
from server.actions.exporting.orders import By, ExportOrder
from server.actions.exporting.writing import Installed, write_export
from server.actions.projecting import load_projected, rebuild_projection, verify_projection
from server.auth.callers import Caller
from server.cli.common import operator, settings, storage, today
from server.db import db, snapshot, transaction, utc_now
from server.jobs import run_next
from server.jobs.projecting import project_submissions, tidy_projection, write_rows_anew
from server.jobs.surroundings import Surroundings
from server.models import Job, Submission
from server.projection import filling
from server.projection.gathering import gather_by_commune
from server.queries import erasures, projection
from server.queries.exports import ExportScope
from server.queries.forms import get_form
from tests.helpers.duties import asks, person, publish_all, receive, slip
from tests.helpers.slips import house, write_workbook

COMMUNES = ("12472", "13225", "12322", "99999")
NAMES = ("Nguyễn Văn An", "=1+1", "dòng 1\ndòng 2", "x" * 5_000, "Trần Thị 😀")
VERSION_2 = """
| survey |
| | type | name | label |
| | date | day | Day |
| | text | commune | Commune |
| | text | head | Head |
| | begin_group | g | Group |
| | decimal | size | Size |
| | text | new | New |
| | end_group | | |
| | begin_repeat | child | Child |
| | text | name | Name |
| | begin_repeat | toy | Toy |
| | text | what | What |
| | end_repeat | | |
| | end_repeat | | |
| settings |
| | form_id | form_title | version |
| | houses | Houses | 2 |
"""


@pytest.fixture
def around(app) -> Surroundings:
    return Surroundings.of(settings(), storage())


@pytest.fixture
def export(app, around, tmp_path):
    """The bytes of an export of `houses`, by file."""

    def write(
        name: str, form: str = "houses", caller: Caller | None = None, **options
    ) -> dict[str, bytes]:
        out = tmp_path / "exports" / name
        order = ExportOrder(
            "csv",
            out,
            ExportScope(1, get_form(1, form).id),
            by=options.pop("by", By.NONE),
            options=Options(**options),
        )
        at = Installed(around.storage, around.rows, around.tz, "secret")
        with snapshot():
            write_export(order, get_form(1, form), at=at, by=caller or operator())
        return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.csv")}

    return write


def projected():
    return load_projected(get_form(1, "houses").id, settings().tz)


def edit(instance_id: str, new_id: str, **answers) -> bytes:
    meta = f"<instanceID>{new_id}</instanceID>"
    edits = f"{meta}<deprecatedID>{instance_id}</deprecatedID>"
    return house(new_id, **answers).replace(meta.encode(), edits.encode())


def parquet(around) -> list[Path]:
    return sorted((around.storage.root / "projection").rglob("*.parquet*"))


def held(around, folder: str = "projection") -> str:
    """All text that files of the projection hold, wherever they are kept."""
    files = [around.storage.file(kept.key) for kept in around.storage.iter_kept(folder)]
    return "\n".join(pl.read_parquet(file.read_bytes()).write_csv() for file in files)


everywhere = pytest.mark.parametrize(
    "installation", ["sqlite", "postgresql", "store"], indirect=True
)


class History:
    """What happens to the submissions of a form, at random."""

    def __init__(self, seed: int, around: Surroundings, submit) -> None:
        self.random = random.Random(seed)
        self.around = around
        self.submit = submit
        self.newest: dict[str, str] = {}

    def step(self) -> None:
        steps = [self.receive] * 4 + [self.edit] * 2 + [self.set_aside, self.move]
        steps += [self.project, self.gather, self.tidy]
        self.random.choice(steps)()

    def answers(self) -> dict:
        children = [(self.random.choice(NAMES), "1", "") for _ in range(self.random.randint(0, 3))]
        return {
            "head": self.random.choice(NAMES),
            "commune": self.random.choice(COMMUNES),
            "children": tuple(children),
            "version": self.random.choice("12"),
        }

    def receive(self) -> None:
        name = f"uuid:{len(self.newest)}"
        assert self.submit(house(name, **self.answers())).status_code == 201
        self.newest[name] = name

    def edit(self) -> None:
        if self.newest:
            name = self.random.choice(sorted(self.newest))
            new = f"{self.newest[name]}.1"
            self.submit(edit(self.newest[name], new, **self.answers()))
            self.newest[name] = new

    def set_aside(self) -> None:
        """Delete one, or bring it back."""
        self._change(lambda s: setattr(s, "deleted_at", None if s.deleted_at else utc_now()))

    def move(self) -> None:
        """Its commune is told otherwise than when it was projected."""
        code = self.random.choice(COMMUNES[:3])

        def change(submission: Submission) -> None:
            submission.edition, submission.commune_code = "vn-2025-07", code

        self._change(change)

    def _change(self, change) -> None:
        if self.newest:
            name = self.random.choice(sorted(self.newest))
            with transaction():
                query = db.select(Submission).where(Submission.instance_id == name)
                if (found := db.session.scalars(query).one_or_none()) is not None:
                    change(found)

    def project(self) -> None:
        project_submissions(self.around)

    def gather(self) -> None:
        gather_by_commune(projected(), self.around.rows, all_=True)

    def tidy(self) -> None:
        tidy_projection(self.around)

    def rebuild(self) -> None:
        assert sum(rebuild_projection(projected(), self.around.rows)) >= 0


@pytest.mark.parametrize(
    ("installation", "seed"),
    [(kind, seed) for kind in ("sqlite", "postgresql") for seed in range(3)] + [("store", 3)],
    indirect=["installation"],
)
def test_an_export_is_the_same_bytes_however_far_the_projection_is(
    around, submit, export, installation, tmp_path, seed
):
    installation.run("forms", "publish", write_workbook(tmp_path, VERSION_2))
    history = History(seed, around, submit)
    for _ in range(3):
        for _ in range(12):
            history.step()
        kinds = {"by": {"by": By.COMMUNE}, "labels": {"language": "en"}}
        before = {name: export(name, **kinds[name]) for name in kinds}

        for change in (history.project, history.gather, history.rebuild):
            change()
            assert {name: export(name, **kinds[name]) for name in kinds} == before
        with transaction():
            projection.retire([f.id for f in projection.list_files(get_form(1, "houses").id)])
        assert {name: export(name, **kinds[name]) for name in kinds} == before

    history.tidy()
    verdict = verify_projection(projected(), around.rows)
    assert verdict.is_right
    assert (verdict.waiting, verdict.compared) == (0, len(history.newest))


def test_rows_lie_by_commune_with_values_of_their_types(around, submit):
    submit(house("uuid:a", commune="12472"))
    submit(house("uuid:b", commune="13225"))
    tidy_projection(around)

    root = around.storage.root / "projection"
    read = pl.read_parquet(root / "**/table=submissions/**/*.parquet", hive_partitioning=True)
    assert sorted(read["commune"].cast(pl.String)) == ["12472", "13225"]
    assert read.schema["/day:value"] == pl.Date
    assert read.schema["/g/size:value"] == pl.Int64
    assert read["/g/gps#Latitude:value"].to_list() == [20.5, 20.5]
    assert read["/g/gps#Latitude"].to_list() == ["20.5", "20.5"]


@everywhere
def test_what_was_erased_is_in_no_file(around, submit, export):
    for name in "abc":
        submit(house(f"uuid:{name}", head=f"Canary {name}"))
    tidy_projection(around)
    assert "Canary b" in held(around)
    with transaction():
        version = db.session.scalars(
            db.select(Submission.id).where(Submission.instance_id == "uuid:b")
        ).one()
        [locked] = erasures.lock_versions(version)
        erasures.replace_xml(locked.id, locked.xml.replace(b"Canary b", b""))
    assert b"Canary b" not in b"".join(export("now").values())

    with transaction():
        job = db.session.scalars(db.select(Job).where(Job.kind == "write_rows_anew")).one()
        arguments = dict(job.arguments)
    write_rows_anew(around, **arguments)

    assert "Canary b" not in held(around)
    assert "Canary a" in held(around)
    tidy_projection(around)
    written = b"".join(export("then").values())
    assert b"Canary b" not in written
    assert all(f"uuid:{name}".encode() in written for name in "abc")


@everywhere
def test_an_erasure_while_rows_are_made_leaves_nothing(around, submit, monkeypatch):
    submit(house("uuid:a", head="Canary"))
    written = filling.written

    def erase_first(*arguments):
        with transaction():
            [id_] = db.session.scalars(db.select(Submission.id)).all()
            [locked] = erasures.lock_versions(id_)
            erasures.replace_xml(locked.id, locked.xml.replace(b"Canary", b""))
        return written(*arguments)

    monkeypatch.setattr(filling, "written", erase_first)
    project_submissions(around)
    monkeypatch.undo()

    assert list(around.storage.iter_kept("projection")) == []
    project_submissions(around)
    assert "Canary" not in held(around)
    assert "uuid:a" in held(around)


@everywhere
def test_what_was_erased_is_not_in_files_that_count_no_more_either(around, submit):
    submit(house("uuid:a", head="Canary of before"))
    tidy_projection(around)
    submit(edit("uuid:a", "uuid:a.1", head="now"))
    tidy_projection(around)
    assert "Canary" in held(around, "projection-aside")

    with transaction():
        [id_] = db.session.scalars(db.select(Submission.id)).all()
        for version in erasures.lock_versions(id_):
            erasures.replace_xml(version.id, version.xml.replace(b"Canary of before", b""))
    while run_next(around):
        pass

    assert list(around.storage.iter_kept("projection-aside")) == []
    assert "Canary" not in held(around)


def test_a_file_that_nothing_names_is_destroyed_but_not_while_it_is_written(around, submit):
    submit(house("uuid:a"))
    tidy_projection(around)
    [form, child] = parquet(around)
    young, old = (form.with_name(f"{letter * 24}.parquet") for letter in "ab")
    unfinished = child.with_name(f"{'c' * 24}.part")
    for stray in (young, old, unfinished):
        stray.write_bytes(form.read_bytes())
    for path in (old, unfinished, form, child):
        os.utime(path, (0, 0))

    tidy_projection(around)

    assert parquet(around) == sorted([form, child, young])
    assert not unfinished.exists()


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"PAR1")])
def test_a_damaged_file_costs_nothing_but_time(around, submit, export, damage, installation):
    for name in "abc":
        submit(house(f"uuid:{name}"))
    before = export("x")
    tidy_projection(around)
    damage(parquet(around)[0])

    assert export("x") == before
    verdict = verify_projection(projected(), around.rows)
    assert verdict.damaged == 1
    said = installation.run("exports", "verify", "houses", status=1)
    assert "phieu exports rebuild houses" in said
    assert installation.run_json("exports", "rebuild", "houses")["submissions"] == 3
    assert installation.run_json("exports", "verify", "houses")["different"] == 0


def test_rows_that_do_not_say_what_the_slip_says_are_found(around, submit):
    for name in "abc":
        submit(house(f"uuid:{name}"))
    tidy_projection(around)
    path = next(p for p in parquet(around) if "child" in str(p))
    frame = pl.read_parquet(path)
    frame.with_columns(pl.col("/child/name").replace("Bình", "Khác")).write_parquet(path)

    verdict = verify_projection(projected(), around.rows)

    assert (verdict.compared, verdict.different, verdict.is_right) == (3, 3, False)


@pytest.mark.parametrize("installation", ["sqlite", "store"], indirect=True)
def test_rows_of_restricted_forms_are_sealed(around, export, tmp_path):
    publish_all(tmp_path)
    officer = person("officer@example.org", Duty("commune_officer", "12472"))
    receive(slip("abuse_report", "uuid:1", commune="12472", on="2026-11-20", name="Canary"))
    before = export("case", "abuse_report", asks(officer, today()))
    tidy_projection(around)

    found = around.storage.iter_kept("projection")
    files = [around.storage.file(kept.key).read_bytes() for kept in found]
    assert files
    assert all(b"PAR1" not in data[:4] for data in files)
    assert not any(b"Canary" in data for data in files)
    assert export("case", "abuse_report", asks(officer, today())) == before
    assert b"Canary" in b"".join(before.values())


@pytest.mark.parametrize("installation", ["store"], indirect=True)
def test_in_a_store_rows_are_nowhere_on_this_machine_and_strays_go(around, submit, store, export):
    for name in "abc":
        submit(house(f"uuid:{name}"))
    before = export("slips")
    tidy_projection(around)
    rows = {key for key in store.contents() if key.startswith("projection/")}
    store.put(f"projection/form=1/{'a' * 24}.parquet", b"PAR1")
    around.rows.remove_named({"a" * 24})

    assert rows
    assert {key for key in store.contents() if key.startswith("projection/")} == rows
    assert export("rows") == before
    assert [path for path in around.storage.root.rglob("*") if path.is_file()] == []
    for key in rows:
        store.client.delete_object(Bucket=store.name, Key=f"phieu/a/{key}")
    assert export("lost") == before
