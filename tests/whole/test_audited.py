"""Every change leaves its rows in the audit log, and none of them says anything personal.

One run of typical work through every door that changes something. A new command, job or route
belongs in `WORK`, or in `CHANGES_NOTHING` with the reason.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from sqlalchemy import select, text, update

from server.actions.receiving import receive_submission
from server.actions.slips import read_slip
from server.auth.callers import find_phone
from server.cli import COMMANDS, load_command
from server.cli.addresses import announce
from server.cli.common import operator, prepare, settings, storage
from server.cli.schema import enable_migrations
from server.db import db, transaction, utc_now
from server.jobs import KINDS, run_next
from server.jobs.surroundings import Surroundings
from server.models import Entity, ExportSchedule
from tests.helpers.cases import CASES, open_case
from tests.helpers.phones import multipart
from tests.helpers.slips import HOUSES, house, workbook, write_workbook
from tests.helpers.visits import VISIT, publish, visit

CANARY = "Zxqvan"
PERSON, PASSWORD = f"{CANARY}@example.vn", "Mot-mat-khau-1"
CHILDREN = ((CANARY, "1", f"{CANARY}.jpg"), ("B", "2", "b.jpg"))
FORM = HOUSES.replace("| Nhà ở ", f"| {CANARY} ").replace(
    "| | text         | head ",
    "| | select_one_from_file wells.csv | well | W | W |\n| | text | head ",
)
VILLAGE = "code,name,commune_code,legacy_commune_code\nV009901,{},12472,12505\n"
CHANGES_NOTHING = {
    "serve": "starts the rest; what it announces is a file beside the database",
    "work": "runs the jobs, each of which is here",
    "doctor": "looks",
    "forms check": "looks at a file",
    "forms list": "names forms",
    "forms show": "names fields",
    "users list": "names people of the office",
    "app-users list": "names phones",
    "assignments list": "names who has which role",
    "units show": "names units",
    "entities lists": "counts",
    "entities resolve": "test_changing.py; it has its row",
    "entities apply": "what comes of a slip is logged as when it is received: test_registering.py",
    "entities duplicates": "shows; as `entities show`",
    "entities merge": "test_merging.py; both have their row",
    "job apply_overdue_changes": "what waited is applied as at receipt: test_registering.py",
    "quarantine list": "names senders",
    "due list": "shows; what it shows of cases is logged: test_due_lists.py",
    "POST due.show_cases": "shows; what it shows of cases is logged: http/web/test_due.py",
    "due rebuild": "derives again what the entities say",
    "holidays list": "names days",
    "job mail_overdue": "test_escalating.py sends; without a mail server it does nothing",
    "audits list": "names people of the office",
    "job remove_files": "destroys the files of what was erased, which has its row",
    "job check_lately": "as `submissions check`; a state that it sets is logged: test_checking.py",
    "exports verify": "compares what is derived with what was received, and tells figures",
    "job project_submissions": "derives rows of what was received: test_projection.py",
    "job tidy_projection": "the same",
    "job write_rows_anew": "destroys rows of what was erased, which has its row",
    "job run_retention": "as `retention --run`, where it is switched on",
    "public-links list": "names links",
    "exports schedule list": "names schedules and their owners",
    "exports releases list": "names releases",
    "POST exports.create": "test_exports.py looks at the log",
    "DELETE exports.delete": "test_exports.py looks at the log",
    "job forget_exports": "removes what is over; test_deidentified.py looks at the log of releases",
    "job forget_expired": "removes what is over and opens nothing",
    "job mail_reset_link": "test_mailing.py sends; without a mail server it does nothing",
    "DELETE sessions.end_current": "Central logs no signing out",
    "DELETE sessions.end": "test_sessions.py ends others' ways in and looks at the log",
    "PUT users.set_password": "test_sessions.py looks at the log, with a note",
    "POST users.initiate_reset": "adds a job; blanking a password is in test_users.py",
    "POST users.verify_reset": "test_users.py looks at the log",
    "submissions history": "reads a submission, as `submissions show`",
    "PATCH submissions.review": "test_reviews.py looks at the log",
    "POST submissions.comment": "test_reviews.py looks at the log",
    "POST submission_exports.table": "as GET: test_submission_exports.py looks at the log",
    "POST submission_exports.tables": "as GET: test_submission_exports.py looks at the log",
    "POST submission_exports.draft_table": "reads what tried out a draft, as Central unlogged",
    "POST submission_exports.draft_tables": "reads what tried out a draft, as Central unlogged",
    "POST datasets.create": "test_datasets.py looks at the log",
    "PATCH datasets.update": "test_datasets.py looks at the log",
    "DELETE datasets.delete": "test_datasets.py looks at the log",
    "POST datasets.add_property": "test_datasets.py looks at the log",
    "DELETE datasets.delete_property": "test_datasets.py looks at the log",
    "POST entities.create": "test_changing.py looks at the log",
    "PATCH entities.update": "test_changing.py looks at the log",
    "DELETE entities.delete": "test_changing.py looks at the log",
    "POST entities.restore": "test_changing.py looks at the log",
    "POST entities.delete_many": "test_changing.py looks at the log",
    "POST entities.restore_many": "test_entities.py looks at the log",
    "POST entity_merges.merge": "the same action as `entities merge`; test_entity_merges.py",
    "DELETE entity_merges.split": "the same action as `entities merge --undo`",
    "POST sign_in.enter": "the same action as POST sessions.create",
    "POST sign_in.leave": "Central logs no signing out",
    "POST passwords.change": "the same action as PUT users.set_password",
    "POST passwords.set_new": "the same action as POST users.verify_reset",
    "submissions pull": "publishes and receives by the actions that are here",
}
PUBLISHED = ["form.create", "form.update.publish"]
NEW_PHONE = ["field_key.create", "field_key.assignment.create"]
JOINED = ["submission.update.version", "submission.backlog.reprocess"]


class Site:
    """An installation in this process, with what the work so far has made."""

    def __init__(self, app, folder: Path) -> None:
        self.app, self.folder, self.token, self.draft = app, folder, "", ""

    def phieu(self, *arguments: str, given: str = "", status: int = 0):
        group = load_command(arguments[0])
        done = self.app.test_cli_runner().invoke(group, list(arguments[1:]), input=given)
        known = status == 1 and done.exception is not None
        assert done.exit_code == status, (arguments, done.output, known, done.exception)
        return json.loads(done.stdout) if "--json" in arguments else None

    def file(self, name: str, content: bytes | str) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def child(self) -> tuple[str, str]:
        """The list and the uuid of a child of the register."""
        db.session.rollback()
        return "child", db.session.scalars(select(Entity.uuid).where(Entity.label == CANARY)).one()

    def publish(self, command: str = "publish", version: str = "1", wells: str = "1") -> dict:
        media = self.folder / "media"
        media.mkdir(exist_ok=True)
        (media / "wells.csv").write_text(f"name,label\n{wells},{CANARY}\n")
        form = FORM.replace("| 1       |", f"| {version} |")
        file = self.file(f"{CANARY}.xlsx", workbook(form))
        return self.phieu("forms", command, file, "--media", str(media), "--json")

    def make_draft(self) -> None:
        self.draft = "/v1/test" + self.publish("draft", "2")["url"].split("/v1/test")[1]

    def add_phone(self, *options: str) -> None:
        name = f"{CANARY} 1"
        added = self.phieu("app-users", "add", name, "--unit", "12472", "--json", *options)
        self.token, self.phone_id = added["token"], str(added["id"])

    def send(self, xml: bytes, *files, status: int = 201, to: str = "", door: str = "submission"):
        body, content_type = multipart(xml, [(name, b"x") for name in files])
        to = to or f"/v1/key/{self.token}/projects/1"
        self.ask("POST", f"{to}/{door}?deviceID={CANARY}", status, body, content_type)

    def push(self, name: str) -> None:
        """A form, as Briefcase sends it with a password over https."""
        xform = import_module("forms.workbooks").compile_form(
            workbook(HOUSES.replace("| houses  |", f"| {name} |")), filename="a.xlsx"
        )
        mark, name = "m", 'name="form_def_file"; filename="f.xml"'
        head = f"--{mark}\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode()
        body = head + xform.xform + f"\r\n--{mark}--\r\n".encode()
        kind = f"multipart/form-data; boundary={mark}"
        self.ask("POST", "/v1/projects/1/formUpload", 201, body, kind, basic())

    def ask(self, method: str, path: str, status: int, body=b"", kind="", headers=None) -> None:
        with self.app.app_context():
            answer = self.app.test_client().open(
                path,
                method=method,
                data=body,
                content_type=kind or None,
                headers=headers,
                base_url="https://localhost",
                environ_base={"REMOTE_ADDR": "192.0.2.7"},
            )
        assert answer.status_code == status, answer.data

    def hold_and_miss(self) -> None:
        """An edit that waits, and its original received by a process that then ends."""
        self.send(edit("uuid:8", "uuid:7"), status=202)
        slip = read_slip(house("uuid:7"))
        with transaction():
            by = find_phone(self.token, 1, operator().occasion)
            receive_submission(slip, by=by, project_id=1, tz=settings().tz)

    def job(self, kind: str) -> None:
        KINDS[kind](Surroundings.of(settings(), storage()))

    def leave_upload(self) -> None:
        stale = storage().uploads / "stale"
        stale.write_bytes(b"x")
        os.utime(stale, (0, 0))

    def add_duty(self) -> None:
        options = ("viewer", "--unit", "12472", "--json")
        [row] = self.phieu("assignments", "add", PERSON, *options)
        self.duty = str(row["id"])

    def visit(self, instance_id: str = "uuid:v1", household: str = "hh-v1") -> None:
        if household == "hh-v1":
            publish(write_workbook(self.folder, VISIT))
        self.household = household
        self.send(visit(instance_id, household=household, head=CANARY))

    def due_jobs(self) -> None:
        while run_next(Surroundings.of(settings(), storage())):
            pass

    def make_due(self) -> None:
        with transaction():
            db.session.execute(update(ExportSchedule).values(next_at=utc_now()))
        self.job("ask_scheduled_exports")

    def set_state(self, state: str) -> None:
        self.phieu("forms", "state", "houses", state)

    def overdue(self) -> None:
        publish(write_workbook(self.folder, CASES))
        open_case(CANARY, "2026-02-13T23:30:00")
        self.job("tell_overdue")

    def upgrade(self) -> None:
        db.session.remove()
        enable_migrations(self.app)
        import_module("flask_migrate").downgrade(revision="0008")
        prepare()


def basic(password: str = PASSWORD) -> dict[str, str]:
    token = base64.b64encode(f"{PERSON}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def edit(instance_id: str, of: str) -> bytes:
    mark = f"<deprecatedID>{of}</deprecatedID>".encode()
    return house(instance_id, head=CANARY).replace(b"<meta>", b"<meta>" + mark)


def slip(instance_id: str, *, name: str = CANARY) -> bytes:
    named = f"<meta><instanceName>{name}</instanceName>".encode()
    return house(instance_id, head=CANARY, children=CHILDREN).replace(b"<meta>", named)


def sign_in(site: Site) -> None:
    body = json.dumps({"email": PERSON, "password": PASSWORD}).encode()
    site.ask("POST", "/v1/sessions", 200, body, "application/json")


def add_link(site: Site) -> None:
    site.link = site.phieu("public-links", "add", "houses", CANARY, "--json")["id"]


Step = tuple[str, Callable[[Site], object], list[str]]
WORK: dict[str, Step] = {}


def step(door: str, what: str, expected: list[str], do: Callable[[Site], object]) -> None:
    WORK[f"{door}: {what}"] = (door, do, expected)


FIRST = house("uuid:1", head=CANARY, children=CHILDREN)
SUBMIT, PUSH = "POST submissions.submit", "POST pushes.form_upload"
step("forms publish", "a new form", PUBLISHED, lambda s: s.publish())
step("forms publish", "again", [], lambda s: s.publish())
step("forms publish", "another file", ["form.attachment.update"], lambda s: s.publish(wells="2"))
step("forms state", "another", ["form.update"], lambda s: s.set_state("closing"))
step("forms state", "back", ["form.update"], lambda s: s.set_state("open"))
step(
    "users add",
    "a manager",
    ["user.create", "user.assignment.create"],
    lambda s: s.phieu(
        "users", "add", PERSON, "--role", "manager", "--password-stdin", given=f"{PASSWORD}\n"
    ),
)
step(
    "users digest",
    "on",
    ["user.update"],
    lambda s: s.phieu("users", "digest", PERSON, "--password-stdin", given=f"{PASSWORD}\n"),
)
step("users reset", "a link", ["user.update"], lambda s: s.phieu("users", "reset", PERSON))
step(
    "public-links add",
    "a link",
    ["public_link.create", "public_link.assignment.create"],
    add_link,
)
step(
    "public-links revoke",
    "the link",
    ["public_link.session.end"],
    lambda s: s.phieu("public-links", "revoke", str(s.link)),
)
step("users digest", "off", ["user.update"], lambda s: s.phieu("users", "digest", PERSON, "--off"))
step(
    "assignments add",
    "a duty",
    ["user.assignment.create"],
    lambda s: s.add_duty(),
)
step(
    "assignments end",
    "it again",
    ["user.assignment.delete"],
    lambda s: s.phieu("assignments", "end", s.duty),
)
step(
    "app-users add",
    "with a code",
    [*NEW_PHONE, "field_key.read"],
    lambda s: s.add_phone("--language", "vi", "--qr", str(s.folder / "a.png")),
)
step(
    "app-users qr",
    "again",
    ["field_key.read"],
    lambda s: s.phieu("app-users", "qr", s.phone_id, "--out", str(s.folder / "b.png")),
)
step(
    "app-users cards",
    "of one",
    ["field_key.read"],
    lambda s: s.phieu("app-users", "cards", "--id", s.phone_id, "--out", str(s.folder / "c.html")),
)
step("submissions check", "nothing new", [], lambda s: s.phieu("submissions", "check"))
step("persons rebuild", "nothing new", [], lambda s: s.phieu("persons", "rebuild"))
step(SUBMIT, "a visit", [*PUBLISHED, "submission.create"], lambda s: s.visit())
step(
    "persons find",
    "by name",
    ["person.find"],
    lambda s: s.phieu("persons", "find", CANARY, "--reason", "x", "--json"),
)
step(
    "persons export",
    "a household",
    ["person.export"],
    lambda s: s.phieu(
        *("persons", "export", s.household, "--out", str(s.folder / "p.zip"), "--reason", "x")
    ),
)
step(
    "persons withdraw",
    "a household",
    ["consent.withdraw"],
    lambda s: s.phieu("persons", "withdraw", s.household, "--reason", "x"),
)
step("job erase_submissions", "of it", ["submission.erase"], lambda s: s.due_jobs())
step(SUBMIT, "another visit", ["submission.create"], lambda s: s.visit("uuid:v2", "hh-v2"))
step(
    "persons erase",
    "a household",
    ["submission.erase", "person.erase"],
    lambda s: s.phieu("persons", "erase", s.household, "--yes", "--reason", "x", "--json"),
)
step("retention", "nothing is old", [], lambda s: s.phieu("retention", "--run"))
step(
    "units load",
    "a province",
    ["unit.load"],
    lambda s: s.phieu("units", "load", "--province", "33"),
)
step(
    "units import",
    "a village",
    ["unit.import"],
    lambda s: s.phieu("units", "import", s.file("v.csv", VILLAGE.format(CANARY))),
)
step(
    "holidays add",
    "a day",
    ["holiday.create"],
    lambda s: s.phieu("holidays", "add", "2026-11-24", CANARY),
)
step(
    "holidays import",
    "days",
    ["holiday.import"],
    lambda s: s.phieu("holidays", "import", s.file("h.csv", f"day,name\n2026-11-24,{CANARY}\n")),
)
step(
    "holidays remove",
    "a day",
    ["holiday.delete"],
    lambda s: s.phieu("holidays", "remove", "2026-11-24"),
)
step("forms draft", "new", ["form.update.draft.set"], Site.make_draft)
step(
    SUBMIT,
    "to the draft",
    ["submission.create"],
    lambda s: s.send(house("uuid:d", version="2"), to=s.draft),
)
step(
    "forms publish-draft",
    "and drop",
    ["form.update.publish"],
    lambda s: s.phieu("forms", "publish-draft", "houses"),
)
step(SUBMIT, "new", ["submission.create"], lambda s: s.send(FIRST, f"{CANARY}.jpg"))
step(SUBMIT, "again", [], lambda s: s.send(FIRST, f"{CANARY}.jpg"))
step(SUBMIT, "a late file", ["submission.attachment.update"], lambda s: s.send(FIRST, "b.jpg"))
step(SUBMIT, "an edit", ["submission.update.version"], lambda s: s.send(edit("uuid:2", "uuid:1")))
step(
    SUBMIT,
    "early",
    ["submission.backlog.hold"],
    lambda s: s.send(edit("uuid:4", "uuid:3"), status=202),
)
step(
    SUBMIT,
    "a file of it",
    ["submission.backlog.hold"],
    lambda s: s.send(edit("uuid:4", "uuid:3"), f"{CANARY}.png", status=202),
)
step(SUBMIT, "its original", ["submission.create", *JOINED], lambda s: s.send(slip("uuid:3")))
step(
    SUBMIT,
    "early, and missed",
    ["submission.backlog.hold", "submission.create"],
    Site.hold_and_miss,
)
step("job release_held_edits", "one", JOINED, lambda s: s.job("release_held_edits"))
step("job release_held_edits", "none", [], lambda s: s.job("release_held_edits"))
step("job sweep_uploads", "none", [], lambda s: s.job("sweep_uploads"))
step(
    "job sweep_uploads",
    "one",
    ["upload.sweep"],
    lambda s: (s.leave_upload(), s.job("sweep_uploads")),
)
step(
    "submissions show",
    "one",
    ["submission.read"],
    lambda s: s.phieu("submissions", "show", "uuid:1", "--reason", "a call"),
)
step(
    "submissions show",
    "its bytes",
    [],
    lambda s: s.phieu("submissions", "show", "uuid:1", "--xml", "--reason", "a call"),
)
step(
    "submissions comment",
    "one",
    ["submission.comment.create"],
    lambda s: s.phieu("submissions", "comment", "uuid:1", CANARY, "--reason", "a call"),
)
step(
    "submissions review",
    "one, with words",
    ["submission.update", "submission.comment.create"],
    lambda s: s.phieu("submissions", "review", "uuid:1", "hasIssues", "--comment", CANARY),
)
step(
    "submissions review-all",
    "those with issues",
    ["submission.update", "submission.comment.create"],
    lambda s: s.phieu(
        *("submissions", "review-all", "houses", "approved", "--review", "hasIssues"),
        *("--comment", CANARY, "--yes"),
    ),
)
step(
    "exports write",
    "all",
    ["form.submission.export"],
    lambda s: s.phieu("exports", "write", "houses", "--out", str(s.folder / "x.zip")),
)
step(
    "exports write",
    "deidentified",
    ["release.create", "form.submission.export"],
    lambda s: s.phieu(
        *("exports", "write", "houses", "--out", str(s.folder / "y.zip"), "--until", "2999-12-31"),
        *("--profile", "deidentified", "--purpose", "study", "--recipient", "institute"),
    ),
)
step(
    "exports schedule add",
    "daily",
    ["export_schedule.create"],
    lambda s: s.phieu(
        *("exports", "schedule", "add", "houses", "--every", "day"),
        *("--to", str(s.folder / CANARY), "--reason", "backup"),
    ),
)
step("job ask_scheduled_exports", "due", [], lambda s: s.make_due())
step("job write_export", "it", ["form.submission.export"], lambda s: s.due_jobs())
step(
    "exports schedule remove",
    "it",
    ["export_schedule.delete"],
    lambda s: s.phieu("exports", "schedule", "remove", "1"),
)
step(
    "exports workbook",
    "all",
    ["form.submission.export"],
    lambda s: s.phieu("exports", "workbook", "houses", "--out", str(s.folder / "books.zip")),
)
step(
    "exports rebuild",
    "all",
    ["form.projection.rebuild"],
    lambda s: s.phieu("exports", "rebuild", "houses"),
)
step(
    "app-users revoke",
    "one",
    ["field_key.session.end"],
    lambda s: s.phieu("app-users", "revoke", s.phone_id),
)
step(
    SUBMIT,
    "of a revoked phone",
    ["submission.quarantine"],
    lambda s: s.send(slip("uuid:5"), "b.jpg", status=403),
)
step(
    SUBMIT,
    "of it, not whole",
    ["submission.quarantine"],
    lambda s: s.send(slip("uuid:6"), status=403),
)
step(
    "quarantine show",
    "one",
    ["submission.quarantine.read"],
    lambda s: s.phieu("quarantine", "show", "1"),
)
step("forms state", "closed", ["form.update"], lambda s: s.set_state("closed"))
step(
    "quarantine release",
    "refused",
    ["submission.quarantine"],
    lambda s: s.phieu("quarantine", "release", "1", status=1),
)
step("forms state", "open again", ["form.update"], lambda s: s.set_state("open"))
step(
    "quarantine release",
    "taken",
    ["submission.create", "submission.release"],
    lambda s: s.phieu("quarantine", "release", "1"),
)
step(
    "quarantine drop",
    "one",
    ["submission.drop"],
    lambda s: s.phieu("quarantine", "drop", "2", "--yes"),
)
step(
    "sign-in",
    "a guessed token",
    ["field_key.session.failure"],
    lambda s: s.ask("GET", f"/v1/key/{'a' * 64}/projects/1/formList", 403),
)
step(
    "sign-in",
    "a guessed password",
    ["user.session.failure"],
    lambda s: s.ask("GET", "/v1/projects/1/formList", 401, headers=basic(CANARY)),
)
step(
    "sign-in",
    "from a new place",
    ["user.session.create"],
    lambda s: s.ask("GET", "/v1/projects/1/formList", 200, headers=basic()),
)
step("POST sessions.create", "a session", ["user.session.create"], sign_in)
step(
    "sign-in", "again", [], lambda s: s.ask("GET", "/v1/projects/1/formList", 200, headers=basic())
)
step(PUSH, "a form", PUBLISHED, lambda s: s.push("pushed"))
step(
    "demo",
    "twins",
    [*NEW_PHONE, "submission.create", *["entity.create"] * 3, "submission.update"],
    lambda s: s.phieu("demo", "--scenario", "S7"),
)
step(
    "entities import",
    "one child",
    ["entity.bulk.create"],
    lambda s: s.phieu(
        "entities", "import", "child", s.file("c.csv", f"label,commune_code\n{CANARY},12472\n")
    ),
)
step(
    "entities export",
    "all",
    ["dataset.entity.export"],
    lambda s: s.phieu("entities", "export", "child", "--out", str(s.folder / "child.csv")),
)
step("entities show", "one", ["entity.read"], lambda s: s.phieu("entities", "show", *s.child()))
step("entities history", "one", [], lambda s: s.phieu("entities", "history", *s.child()))
step("entities list", "all", [], lambda s: s.phieu("entities", "list", "child"))
step(
    "entities delete",
    "one",
    ["entity.delete"],
    lambda s: s.phieu("entities", "delete", *s.child()),
)
step(
    "entities restore",
    "one",
    ["entity.restore"],
    lambda s: s.phieu("entities", "restore", *s.child()),
)
step("users disable", "one", ["user.disable"], lambda s: s.phieu("users", "disable", PERSON))
step(
    "job tell_overdue",
    "a case",
    [
        *(*PUBLISHED, "submission.create", "entity.create", "due.escalate"),
    ],
    lambda s: s.overdue(),
)
step(
    "projects encrypt",
    "all",
    ["project.update", *["form.update.publish"] * 9],
    lambda s: s.phieu(
        "projects", "encrypt", "--passphrase-stdin", "--hint", CANARY, given="mot hai ba bon nam\n"
    ),
)
step(
    "audits export",
    "all",
    ["audit.export"],
    lambda s: s.phieu("audits", "export", "--out", str(s.folder / "log.csv")),
)
step("program", "a newer one", ["upgrade.schema"], Site.upgrade)


@pytest.fixture
def work(app, tmp_path) -> dict[str, list[str]]:
    """Do it all; the actions that each step left in the log."""
    site, left = Site(app, tmp_path), {}
    announce("https://phieu.example")
    for name, (_, do, _) in WORK.items():
        last = rows()[-1]["id"]
        do(site)
        left[name] = [row["action"] for row in rows() if row["id"] > last]
    return left


def rows() -> list[dict]:
    db.session.remove()
    with db.engine.connect() as connection:
        found = connection.execute(text("SELECT * FROM audits ORDER BY id")).mappings()
        return [{**row, "details": _json(row["details"])} for row in found]


def _json(value: object) -> object:
    """SQLite keeps JSON as text, PostgreSQL's driver reads it."""
    return json.loads(value) if isinstance(value, str) else value


def test_every_change_is_in_the_log_and_nothing_personal_with_it(work):
    log = rows()
    said = [json.dumps([r["details"], r["notes"], r["action"], r["actee_type"]]) for r in log]

    assert work == {name: expected for name, (_, _, expected) in WORK.items()}
    assert log[0]["action"] == "project.create"
    assert [line for line in said if CANARY.lower() in line.lower()] == []
    assert [line for line in said if "192.0.2" in line or "127.0.0.1" in line] == []
    assert {row["source"] for row in log} == {"command", "job", "192.0.2.7"}


def test_a_failed_sign_in_tells_whose_account_it_was_and_not_what_was_typed(app, tmp_path):
    site = Site(app, tmp_path)
    site.phieu("users", "add", PERSON, "--role", "viewer", "--password-stdin", given=PASSWORD)
    known = rows()[-1]["actee_id"]
    stranger = {"Authorization": "Basic " + base64.b64encode(b"a@b.vn:x").decode()}

    for headers in (basic("wrong"), stranger):
        site.ask("GET", "/v1/projects/1/formList", 401, headers=headers)

    failed = [row for row in rows() if row["action"] == "user.session.failure"]
    told = [(r["actor_id"], r["actee_id"], r["source"], r["details"]) for r in failed]
    assert told == [(None, known, "192.0.2.7", None), (None, None, "192.0.2.7", None)]


def test_what_came_for_a_draft_says_so(app, tmp_path):
    site = Site(app, tmp_path)
    announce("https://phieu.example")
    site.make_draft()

    site.send(house("uuid:1", version="2"), to=site.draft)

    [row] = [row for row in rows() if row["action"] == "submission.create"]
    assert row["details"] == {"draft": True}


def test_every_door_that_changes_something_is_tried(app):
    tried = {door for door, _, _ in WORK.values()} - {"sign-in", "program"}
    doors = {*commands(), *(f"job {kind}" for kind in KINDS), *routes(app)}

    assert doors - tried - set(CHANGES_NOTHING) == set()
    assert (tried | set(CHANGES_NOTHING)) - doors == set()


def commands() -> Iterator[str]:
    for name in COMMANDS:
        yield from names_of(name, load_command(name))


def names_of(name: str, command: click.Command) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield name
        return
    for sub, below in command.commands.items():
        yield from names_of(f"{name} {sub}", below)


def routes(app) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
            yield f"{method} {'.'.join(rule.endpoint.split('.')[-2:])}"
