"""`phieu persons`: found by any spelling, handed over whole, erased for good."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from server.actions.entities.changing import (
    Edit,
    NewEntity,
    Origin,
    create_entities,
    restore_entities,
    restore_entity,
    update_entity,
)
from server.actions.entities.known import get_list
from server.actions.reviewing import add_comment
from server.cli import persons
from server.cli.common import operator, settings, storage
from server.db import db, transaction
from server.errors import FolderTaken, NotFound, ValueNotAllowed
from server.jobs import run_next
from server.jobs.surroundings import Surroundings
from server.models import Audit, Consent
from server.queries.exports import ExportScope, ReportedCommune, count_by_commune
from server.queries.forms import get_form
from server.queries.held_edits import count_held
from server.queries.scopes import EVERYTHING
from server.queries.submissions import get_submission, load_xml
from tests.helpers.children import CHILDREN, publish_children
from tests.helpers.duties import phone
from tests.helpers.scenes import offer_houses
from tests.helpers.slips import house
from tests.helpers.sql import list_quarantined
from tests.helpers.visits import offer_visits, visit

CANARY = "Trần Thị Canarý"
HOUSEHOLD = visit(
    "uuid:1",
    head=CANARY,
    children=(("c-1", f"{CANARY} Em", "canary.pdf"), ("c-2", "Lê Thị Hoà", "hoa.pdf")),
    door="door.jpg",
)
FILES = (
    ("canary.pdf", b"canary paper"),
    ("hoa.pdf", b"paper of Hoa"),
    ("door.jpg", b"canary door"),
)


@pytest.fixture
def scene():
    """bob's project offers the form `visit` too."""
    return offer_houses, offer_visits


@pytest.fixture
def run(app):
    """A command of the group; its output as JSON where it prints any."""

    def call(*arguments: object, reason: str = "a request in writing", status: int = 0):
        given = [*map(str, arguments), *(["--reason", reason] if reason else [])]
        result = app.test_cli_runner().invoke(persons.command, [*given, "--json"])
        db.session.rollback()
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return json.loads(result.stdout) if status == 0 and result.stdout else result.output

    return call


def work() -> None:
    while run_next(Surroundings.of(settings(), storage())):
        db.session.rollback()


def in_exports(form: str = "visit") -> dict[ReportedCommune, int]:
    db.session.rollback()
    return count_by_commune(ExportScope(1, get_form(1, form).id), EVERYTHING)


def xml_of(instance_id: str) -> bytes:
    db.session.rollback()
    return load_xml(get_submission(instance_id)[1].id)


def stored(folder: Path) -> bytes:
    """All bytes of the data folder: database, write-ahead log, files."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def audit(action: str) -> list[Audit]:
    db.session.rollback()
    return list(db.session.scalars(select(Audit).where(Audit.action == action)))


@pytest.mark.parametrize(
    "wanted",
    ["lê thị hòa", unicodedata.normalize("NFD", "LÊ THỊ HOÀ"), "c-2"],
)
def test_a_child_is_found_by_any_spelling_with_the_keys_to_go_on(run, submit, wanted):
    submit(HOUSEHOLD)
    submit(house("uuid:2", head="Lê Thị Hoa"))

    found = run("find", wanted)

    [slip] = found["slips"]
    assert (found["found"], found["searched"], found["encrypted"]) == (1, 2, 0)
    assert slip["instance_id"] == "uuid:1"
    assert (slip["household_key"], slip["child_key"]) == ("h-1", "c-2")
    assert (slip["commune"], slip["xml_form_id"]) == ("12472", "visit")
    assert slip["place"].startswith("/child[2]/")


def test_accents_are_optional_only_when_asked_and_telephones_have_one_form(run, submit):
    submit(HOUSEHOLD)

    assert run("find", "le thi hoa")["found"] == 0
    assert run("find", "le thi hoa", "--loose")["found"] == 1
    assert run("find", "+84 912 345 678")["slips"][0]["place"] == "/phone"
    assert run("find", "hoa", "--loose", "--form", "houses")["found"] == 0
    with pytest.raises(ValueNotAllowed):
        run("find", "a")


@pytest.mark.parametrize("command", [("find", "Hoà"), ("erase", "h-1"), ("withdraw", "h-1")])
def test_without_a_reason_nothing_happens(run, command):
    run(*command, reason="", status=2)
    run(*command, reason="  ", status=2)


def test_the_log_has_the_reason_and_counts_but_no_name(run, submit):
    submit(HOUSEHOLD)

    run("find", CANARY)

    [entry] = audit("person.find")
    assert entry.notes == "a request in writing"
    assert entry.details["found"] == 2
    assert "Canar" not in json.dumps(entry.details, ensure_ascii=False)


def test_everything_of_a_household_is_handed_over(run, submit, tmp_path):
    submit(HOUSEHOLD, *FILES)
    out = tmp_path / "person.zip"

    package = run("export", "h-1", "--out", out)

    assert package == {"slips": 1, "files": 3, "consents": 1, "comments": 0, "entities": 0}
    with ZipFile(out) as archive:
        assert archive.read("0001 visit/slip.xml") == HOUSEHOLD
        text = archive.read("0001 visit/slip.csv").decode("utf-8-sig")
        consents = archive.read("consents.csv").decode("utf-8-sig")
        files = [name for name in archive.namelist() if "/files/" in name]
    assert ["Head", CANARY, "/head"] in list(csv.reader(io.StringIO(text)))
    assert "given" in consents
    assert len(files) == 3
    assert out.stat().st_mode & 0o077 == 0
    with pytest.raises(FolderTaken):
        run("export", "h-1", "--out", out)


def test_what_was_said_of_it_is_handed_over_with_a_whole_household_only(run, submit, tmp_path):
    submit(HOUSEHOLD)
    with transaction():
        add_comment(get_submission("uuid:1")[0], CANARY, by=operator(), asked="uuid:1")

    packages = [run("export", key, "--out", tmp_path / f"{key}.zip") for key in ("h-1", "c-2")]

    assert [package["comments"] for package in packages] == [1, 0]
    said = []
    for key in ("h-1", "c-2"):
        with ZipFile(tmp_path / f"{key}.zip") as archive:
            said.append(CANARY in archive.read("comments.csv").decode("utf-8-sig"))
    assert said == [True, False]


def test_of_a_childs_siblings_nothing_is_handed_over(run, submit, tmp_path):
    submit(HOUSEHOLD, *FILES)
    out = tmp_path / "person.zip"

    run("export", "c-2", "--out", out)

    with ZipFile(out) as archive:
        xml = archive.read("0001 visit/slip.xml").decode()
        files = [name for name in archive.namelist() if "/files/" in name]
    assert "Lê Thị Hoà" in xml
    assert f"{CANARY} Em" not in xml
    assert [name.rpartition(" ")[2] for name in files] == ["hoa.pdf"]


@pytest.mark.parametrize("installation", ["sqlite", "postgresql", "store"], indirect=True)
def test_a_withdrawal_hides_at_once_then_erases_for_good(run, submit, installation, request):
    submit(HOUSEHOLD, *FILES)
    submit(visit("uuid:3", head=f"{CANARY} 2", edits="uuid:1"))
    submit(visit("uuid:4", household="h-2", head="Phạm Hạnh"))
    with transaction():
        add_comment(get_submission("uuid:1")[0], f"Hỏi lại {CANARY}", by=operator(), asked="uuid:1")
    assert b"canary" in stored(installation.data)

    assert run("withdraw", "h-1") == {"hidden": 1}

    assert sum(in_exports().values()) == 1
    with pytest.raises(NotFound):
        get_submission("uuid:1")
    work()
    db.session.remove()
    assert sum(in_exports().values()) == 2
    kept = xml_of("uuid:3")
    assert b"<commune>12472</commune>" in kept
    assert b"<benefit>poor</benefit>" in kept
    assert b"<head/>" in kept
    everything = stored(installation.data)
    if "AWS_REGION" in installation.extra:
        everything += b"".join(request.getfixturevalue("store").contents().values())
    assert b"canary" not in everything
    assert "Canarý".encode() not in everything
    assert "Phạm Hạnh".encode() in everything or installation.database_url
    states = {c.household_key: c.state.value for c in db.session.scalars(select(Consent))}
    assert states == {"h-1": "withdrawn", "h-2": "given"}
    [entry] = audit("consent.withdraw")
    assert entry.details == {"key": "h-1", "submissions": 1}
    with pytest.raises(NotFound):
        run("withdraw", "h-1")


def test_what_is_erased_says_so(run, submit, installation):
    submit(HOUSEHOLD, *FILES)
    run("erase", "h-1", "--yes")

    shown = installation.run_json("submissions", "show", "uuid:1")

    assert [finding["code"] for finding in shown["findings"]] == ["erased"]
    assert shown["attachments"] == []
    assert shown["versions"][0]["instanceName"] is None


@pytest.mark.parametrize("form", ["the same", "other content", "an edit", "an edit of that edit"])
def test_whatever_comes_of_an_erased_slip_is_received_and_not_stored(
    run, submit, installation, form
):
    submit(HOUSEHOLD, *FILES)
    run("erase", "h-1", "--yes")
    kept = xml_of("uuid:1")
    later = {
        "the same": [HOUSEHOLD],
        "other content": [HOUSEHOLD.replace(b"poor", b"canary")],
        "an edit": [visit("uuid:2", head=CANARY, edits="uuid:1", door="door.jpg")],
        "an edit of that edit": [
            visit("uuid:2", head=CANARY, edits="uuid:1"),
            visit("uuid:3", head=CANARY, edits="uuid:2", door="door.jpg"),
        ],
    }[form]

    answers = [submit(xml, *FILES).status_code for xml in later * 2]

    work()
    db.session.remove()
    assert set(answers) == {201}
    assert xml_of("uuid:1") == kept
    assert count_held() == 0
    assert list_quarantined() == []
    db.session.rollback()
    everything = stored(installation.data)
    assert b"canary" not in everything
    assert "Canarý".encode() not in everything
    assert list((installation.data / "storage").glob("??/*-*")) == form_files(installation)


def form_files(installation) -> list[Path]:
    """Files that forms have: whatever is in the storage and was there before any slip."""
    return [
        path
        for path in (installation.data / "storage").glob("??/*-*")
        if b"canary" not in path.read_bytes() and b"paper of Hoa" not in path.read_bytes()
    ]


def test_of_one_child_only_its_part_and_its_files_go(run, submit, installation):
    submit(HOUSEHOLD, *FILES)

    listed = run("erase", "c-1", "--dry-run")
    assert listed == [{"instance_id": "uuid:1", "part": "child"}]
    assert xml_of("uuid:1") == HOUSEHOLD
    run("erase", "c-1", "--yes")

    xml = xml_of("uuid:1").decode()
    assert "Lê Thị Hoà" in xml
    assert f"{CANARY} Em" not in xml
    assert f"<head>{CANARY}</head>" in xml
    files = installation.run_json("submissions", "show", "uuid:1")["attachments"]
    assert {file["name"] for file in files} == {"hoa.pdf", "door.jpg"}
    assert submit(HOUSEHOLD, *FILES).status_code == 201
    assert xml_of("uuid:1").decode() == xml


def test_held_edits_and_quarantined_bodies_go_too(run, submit, installation):
    submit(HOUSEHOLD)
    assert submit(HOUSEHOLD.replace(b"poor", b"canary")).status_code == 409
    unknown = visit("uuid:8", head=CANARY).replace(b'version="7"', b'version="9"')
    assert submit(unknown).status_code == 404
    assert submit(visit("uuid:7", head=CANARY, edits="uuid:0")).status_code == 202
    other = visit("uuid:9", household="h-2").replace(b'version="7"', b'version="9"')
    assert submit(other).status_code == 404

    run("erase", "h-1", "--yes")

    assert count_held() == 0
    assert [xml for _, xml in list_quarantined()] == [other]
    db.session.remove()
    assert b"anar" not in stored(installation.data / "storage")


def test_what_others_sent_under_the_same_key_stays(run, submit):
    """A key proves nothing: whoever knows one could have others' reports destroyed by it."""
    submit(HOUSEHOLD)
    other = phone("other", "12511")
    waiting = visit("uuid:8", head=CANARY).replace(b'version="7"', b'version="9"')
    early = visit("uuid:7", head=CANARY, edits="uuid:0")
    to = f"/v1/key/{other}/projects/1"
    assert [submit(xml, to=to).status_code for xml in (waiting, early)] == [404, 202]

    run("erase", "h-1", "--yes")

    assert count_held() == 1
    assert [xml for _, xml in list_quarantined()] == [waiting]


IMPORTED = "7d0c4a52-3f0e-4a55-9a0b-1f4a3f1f3a01"
SISTER = "7d0c4a52-3f0e-4a55-9a0b-1f4a3f1f3a02"
HOME = "7d0c4a52-3f0e-4a55-9a0b-1f4a3f1f3a03"


@pytest.fixture
def register(app, tmp_path) -> None:
    """Two children of one household that no slip made; one of them was called otherwise once."""
    answer = "| | text | mode | Mode | |\n"
    workbook = CHILDREN.replace(answer, f"{answer}| | text | h | H | household_id |\n")
    publish_children(tmp_path, workbook)
    facts, by = get_list(None, 1, "child"), operator()
    place = {"commune_code": "12472", "household_id": f"uuid:{HOME}"}
    made = [
        NewEntity(uuid, label, {"full_name": label, **place})
        for uuid, label in ((IMPORTED, CANARY), (SISTER, "Lê Thị Hoà"))
    ]
    with transaction():
        create_entities(facts, made, Origin("api"), by=by)
        update_entity(facts, IMPORTED, Edit(label="Lan", force=True), Origin("api"), by=by)


def test_a_child_that_no_slip_made_is_found_by_what_it_was_called(run, register):
    found = run("find", CANARY)

    assert (found["found"], found["registered"]) == (0, 2)
    assert {(row["list_name"], row["uuid"], row["commune"]) for row in found["register"]} == {
        ("child", IMPORTED, "12472")
    }
    shown = {row["property"]: row["is_current"] for row in found["register"]}
    assert shown == {"label": False, "full_name": True}


def test_what_the_register_has_is_handed_over_and_nothing_of_a_sister(run, register, tmp_path):
    out = tmp_path / "person.zip"

    package = run("export", IMPORTED, "--out", out)

    assert package == {"slips": 0, "files": 0, "consents": 0, "comments": 0, "entities": 1}
    with ZipFile(out) as archive:
        [name] = [name for name in archive.namelist() if name.startswith("register/")]
        said = json.loads(archive.read(name))
    assert [version["label"] for version in said["versions"]] == [CANARY, "Lan"]
    assert said["versions"][0]["data"]["full_name"] == CANARY
    assert "Hoà" not in json.dumps(said, ensure_ascii=False)


def test_a_child_that_no_slip_made_is_erased_for_good(run, register, installation):
    listed = run("erase", IMPORTED, "--dry-run")
    run("erase", IMPORTED.upper(), "--yes")

    assert listed == [{"list": "child", "uuid": IMPORTED}]
    assert run("find", CANARY)["registered"] == 0
    assert run("find", "Hoà")["registered"] == 2
    db.session.remove()
    assert "Canarý".encode() not in stored(installation.data)
    with pytest.raises(NotFound):
        run("erase", IMPORTED, "--yes")


def test_what_was_erased_is_never_restored(run, register):
    run("erase", IMPORTED, "--yes")
    facts, by = get_list(None, 1, "child"), operator()

    with pytest.raises(NotFound):
        restore_entity(facts, IMPORTED, by=by)

    assert restore_entities(facts, [IMPORTED], by=by) == 0


def test_with_a_household_go_its_children_that_no_slip_made(run, register):
    run("erase", HOME, "--yes")

    assert run("find", CANARY)["registered"] == run("find", "Hoà")["registered"] == 0


def test_a_blank_reason_is_refused_in_words(app):
    arguments = ["find", "Lan", "--reason", " "]
    result = app.test_cli_runner().invoke(persons.command, arguments)

    assert result.exit_code == 2
    assert "--reason" in result.output


def test_a_key_that_is_nobodys_erases_nothing(run, submit):
    submit(HOUSEHOLD)

    for key in ("12472", "poor", "h-9"):
        with pytest.raises(NotFound):
            run("erase", key, "--yes")

    assert xml_of("uuid:1") == HOUSEHOLD
