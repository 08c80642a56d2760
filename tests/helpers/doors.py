"""Every way into the server, and how to knock: routes, commands and jobs.

What is not in these tables fails the build: whoever adds a door says here how it is tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Opens(Enum):
    """What may come out. ROWS: submissions, to whom the gate says; NOTHING: no data of people.

    ENTITIES: rows of the register, to whom the gate says; tests of their own try that.
    """

    ROWS = "rows"
    ENTITIES = "entities"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Route:
    """How a route is asked. `{form}` and such stand for the canary's; a body is sent by POST.

    `instead` names what must not be done to the canary, as others still look for it.
    """

    opens: Opens
    query: str = ""
    body: bytes | None = None
    content_type: str = "application/json"
    instead: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """Arguments of a command; `as_person`: it is also tried as every person (`--as`).

    `readers` are the roles to which it shows something, by kind of data; None: who may read.
    `shows_ids`: it names submissions, not what is in them. `variants` are options to try it with.
    """

    opens: Opens
    arguments: tuple[str, ...] = ()
    as_person: bool = False
    status: tuple[int, ...] = (0,)
    readers: Mapping[str, frozenset[str]] | None = None
    shows_ids: bool = False
    variants: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class NotRun:
    """A command that is not run here, and why that is no gap."""

    reason: str


_FOR = ("--reason", "door")
_HANDING_OUT = {
    "register": frozenset({"admin", "commune_officer", "dpo"}),
    "case": frozenset(),
}
_REVIEWING = {
    "register": frozenset({"admin", "manager", "commune_officer"}),
    "case": frozenset({"commune_officer"}),
}
_ERASING = {"register": frozenset({"admin", "dpo"}), "case": frozenset()}
_KEY = "{form}[@version=null and @uiVersion=null]/data[@key={instance}]"

_FORM = "application/x-www-form-urlencoded"

ROUTES: dict[str, Route] = {
    "web.home.home": Route(Opens.NOTHING),
    "web.due.show": Route(Opens.ENTITIES),
    "web.due.show_cases": Route(Opens.ENTITIES, body=b"", content_type=_FORM),
    "web.sign_in.ask": Route(Opens.NOTHING),
    "web.sign_in.enter": Route(Opens.NOTHING, body=b"", content_type=_FORM),
    "web.sign_in.leave": Route(Opens.NOTHING, body=b"", content_type=_FORM),
    "web.passwords.ask": Route(Opens.NOTHING),
    "web.passwords.change": Route(Opens.NOTHING, body=b"", content_type=_FORM),
    "web.passwords.ask_new": Route(Opens.NOTHING),
    "web.passwords.set_new": Route(Opens.NOTHING, body=b"", content_type=_FORM),
    "api.sessions.create": Route(Opens.NOTHING, body=b"{}"),
    "api.sessions.restore": Route(Opens.NOTHING),
    "api.sessions.end_current": Route(Opens.NOTHING),
    "api.sessions.end": Route(Opens.NOTHING),
    "api.submissions.review": Route(Opens.NOTHING, body=b'{"reviewState": "approved"}'),
    "api.submissions.list_comments": Route(Opens.ROWS),
    "api.submissions.comment": Route(Opens.NOTHING, body=b'{"body": "door"}'),
    "api.submission_exports.table": Route(Opens.ROWS),
    "api.submission_exports.tables": Route(Opens.ROWS),
    "api.submission_exports.draft_table": Route(Opens.NOTHING),
    "api.submission_exports.draft_tables": Route(Opens.NOTHING),
    "api.datasets.list_all": Route(Opens.NOTHING),
    "api.datasets.create": Route(Opens.NOTHING, body=b'{"name": "door"}'),
    "api.datasets.get": Route(Opens.NOTHING),
    "api.datasets.update": Route(Opens.NOTHING, body=b"{}"),
    "api.datasets.delete": Route(Opens.NOTHING),
    "api.datasets.add_property": Route(Opens.NOTHING, body=b'{"name": "door"}'),
    "api.datasets.delete_property": Route(Opens.NOTHING),
    "api.datasets.download": Route(Opens.ROWS),
    "api.entities.list_all": Route(Opens.ROWS),
    "api.entities.create": Route(Opens.NOTHING, body=b'{"label": "door"}'),
    "api.entities.list_creators": Route(Opens.NOTHING),
    "api.entities.delete_many": Route(Opens.NOTHING, body=b'{"ids": ["door"]}'),
    "api.entities.restore_many": Route(Opens.NOTHING, body=b'{"ids": ["door"]}'),
    "api.entities.get": Route(Opens.ROWS),
    "api.entities.get_restricted": Route(Opens.NOTHING),
    "api.entities.update": Route(Opens.NOTHING, body=b'{"label": "door"}'),
    "api.entities.delete": Route(Opens.NOTHING, instead={"uuid": "door"}),
    "api.entities.restore": Route(Opens.NOTHING, body=b"{}"),
    "api.entities.list_versions": Route(Opens.ROWS),
    "api.entities.list_diffs": Route(Opens.ROWS),
    "api.entities.list_audits": Route(Opens.ROWS),
    "api.entity_merges.list_duplicates": Route(Opens.ENTITIES),
    "api.entity_merges.merge": Route(Opens.NOTHING, body=b'{"drop": "door"}'),
    "api.entity_merges.split": Route(Opens.NOTHING),
    "api.odata.entities.service": Route(Opens.NOTHING),
    "api.odata.entity_metadata.metadata": Route(Opens.NOTHING),
    "api.odata.entities.table": Route(Opens.ROWS, query="$count=true&$search=zephyrine"),
    "api.due.list_": Route(Opens.ENTITIES),
    "api.exports.create": Route(Opens.NOTHING, body=b"{}"),
    "api.exports.list_all": Route(Opens.NOTHING),
    "api.exports.get": Route(Opens.NOTHING),
    "api.exports.download": Route(Opens.NOTHING),
    "api.exports.delete": Route(Opens.NOTHING),
    "api.exports.write": Route(Opens.ROWS, query="format=ndjson"),
    "api.users.current": Route(Opens.NOTHING),
    "api.users.set_password": Route(Opens.NOTHING, body=b"{}"),
    "api.users.initiate_reset": Route(Opens.NOTHING, body=b"{}"),
    "api.users.verify_reset": Route(Opens.NOTHING, body=b"{}"),
    "probes.health": Route(Opens.NOTHING),
    "probes.readiness": Route(Opens.NOTHING),
    "static": Route(Opens.NOTHING),
    "formlists.form_list": Route(Opens.NOTHING, query="verbose=true&listAllVersions=true"),
    "submissions.probe": Route(Opens.NOTHING),
    "submissions.submit": Route(
        Opens.NOTHING, body=b"<data/>", content_type="multipart/form-data; boundary=x"
    ),
    "pushes.probe": Route(Opens.NOTHING),
    "pushes.form_upload": Route(
        Opens.NOTHING, body=b"", content_type="multipart/form-data; boundary=x"
    ),
    "downloads.form_xml": Route(Opens.NOTHING),
    "downloads.manifest": Route(Opens.NOTHING),
    "downloads.media": Route(Opens.NOTHING),
    "drafts.form_xml": Route(Opens.NOTHING),
    "drafts.form_list": Route(Opens.NOTHING),
    "drafts.manifest": Route(Opens.NOTHING),
    "drafts.media": Route(Opens.NOTHING),
    "integrity.integrity": Route(Opens.NOTHING, query="id=door"),
    "briefcase.form_xml": Route(Opens.NOTHING, query="formId={form}"),
    "briefcase.submission_list": Route(
        Opens.ROWS, query="formId={form}&includeIncomplete=true&numEntries=1000"
    ),
    "briefcase.download_submission": Route(Opens.ROWS, query=f"formId={_KEY}"),
    "briefcase.original": Route(Opens.ROWS),
    "briefcase.attachment": Route(Opens.ROWS),
}
"""By endpoint, without the name of the address that it lies below."""

_NOBODY = "00000000-0000-4000-8000-000000000000"
COMMANDS: dict[str, Command | NotRun] = {
    "serve": NotRun("It opens the routes above."),
    "work": NotRun("It runs the jobs below."),
    "doctor": Command(Opens.NOTHING, status=(0, 1)),
    "demo": Command(Opens.NOTHING, ("--submissions", "0", "--communes", "1")),
    "entities lists": Command(Opens.NOTHING),
    "entities apply": Command(Opens.NOTHING),
    "entities duplicates": Command(Opens.ENTITIES, ("child",)),
    "entities merge": Command(Opens.NOTHING, ("child", _NOBODY, _NOBODY), status=(1,)),
    "entities list": Command(Opens.ENTITIES, ("child",)),
    "entities resolve": Command(Opens.NOTHING, ("child", _NOBODY), status=(1,)),
    "entities delete": Command(Opens.NOTHING, ("child", _NOBODY), status=(1,)),
    "entities restore": Command(Opens.NOTHING, ("child", _NOBODY), status=(1,)),
    "entities show": Command(Opens.ENTITIES, ("child", _NOBODY), status=(1,)),
    "entities history": Command(Opens.ENTITIES, ("child", _NOBODY), status=(1,)),
    "entities export": Command(Opens.ENTITIES, ("child", "--out", "{folder}/child.csv")),
    "entities import": Command(Opens.NOTHING, ("child", "{workbook}"), status=(0, 1)),
    "projects encrypt": NotRun("It would encrypt what the others are tried with; it prints a key."),
    "forms check": Command(Opens.NOTHING, ("{workbook}",)),
    "forms publish": Command(Opens.NOTHING, ("{workbook}",)),
    "forms draft": Command(Opens.NOTHING, ("{workbook}",)),
    "forms publish-draft": Command(Opens.NOTHING, ("houses",)),
    "forms list": Command(Opens.NOTHING),
    "forms show": Command(Opens.NOTHING, ("{form}",)),
    "forms state": Command(Opens.NOTHING, ("{form}", "open")),
    "users add": Command(Opens.NOTHING, ("door@example.vn", "--role", "viewer")),
    "users list": Command(Opens.NOTHING),
    "users digest": Command(Opens.NOTHING, ("door@example.vn", "--off")),
    "users reset": Command(Opens.NOTHING, ("door@example.vn",)),
    "users disable": Command(Opens.NOTHING, ("door@example.vn",)),
    "assignments add": Command(Opens.NOTHING, ("door@example.vn", "viewer", "--unit", "{own}")),
    "assignments list": Command(Opens.NOTHING),
    "assignments end": Command(Opens.NOTHING, ("1",)),
    "app-users add": Command(Opens.NOTHING, ("door",)),
    "app-users list": Command(Opens.NOTHING),
    "app-users qr": Command(Opens.NOTHING, ("{phone}", "--out", "{folder}/code.svg")),
    "app-users cards": Command(Opens.NOTHING, ("--out", "{folder}/cards.html")),
    "app-users revoke": Command(Opens.NOTHING, ("{phone}",)),
    "public-links add": Command(Opens.NOTHING, ("children", "door")),
    "public-links list": Command(Opens.NOTHING, ("{form}",)),
    "public-links revoke": Command(Opens.NOTHING, ("999",), status=(1,)),
    "units load": NotRun("Slow, and it reads what is shipped; tests of units run it."),
    "units import": Command(Opens.NOTHING, ("{villages}",)),
    "units show": Command(Opens.NOTHING, ("{own}",)),
    "exports write": Command(
        Opens.ROWS,
        ("{form}", "--out", "{folder}/export", "--reason", "door"),
        as_person=True,
        variants=(("--by", "commune"), ("--format", "xlsx", "--labels", "vi")),
    ),
    "exports workbook": Command(
        Opens.ROWS,
        ("{form}", "--out", "{folder}/workbooks", "--reason", "door"),
        as_person=True,
    ),
    "exports rebuild": Command(Opens.NOTHING, ("{form}",)),
    "exports schedule add": Command(
        Opens.NOTHING, ("children", "--to", "{folder}/daily", "--every", "day")
    ),
    "exports schedule list": Command(Opens.NOTHING),
    "exports releases list": Command(Opens.NOTHING),
    "exports schedule remove": Command(Opens.NOTHING, ("999",), status=(1,)),
    "exports verify": Command(Opens.NOTHING, ("{form}",)),
    "due list": Command(Opens.ENTITIES, status=(0, 1)),
    "due rebuild": Command(Opens.NOTHING),
    "holidays list": Command(Opens.NOTHING),
    "holidays add": Command(Opens.NOTHING, ("2026-11-24", "door")),
    "holidays remove": Command(Opens.NOTHING, ("2026-01-01",)),
    "holidays import": Command(Opens.NOTHING, ("{holidays}",)),
    "submissions show": Command(
        Opens.ROWS,
        ("{instance}", "--xml", "--reason", "door"),
        as_person=True,
    ),
    "submissions check": Command(Opens.NOTHING),
    "submissions comment": Command(Opens.ROWS, ("{instance}", "{name}", *_FOR), as_person=True),
    "submissions history": Command(Opens.ROWS, ("{instance}", *_FOR), as_person=True),
    "submissions review": Command(
        Opens.ROWS,
        ("{instance}", "rejected", "--comment", "{name}", *_FOR),
        as_person=True,
        readers=_REVIEWING,
    ),
    "submissions review-all": Command(
        Opens.NOTHING, ("{form}", "approved", "--yes", *_FOR), status=(0, 1)
    ),
    "submissions pull": NotRun("It reads another server, and brings in what that hands out."),
    "audits list": Command(Opens.NOTHING),
    "audits export": Command(Opens.NOTHING, ("--out", "{folder}/audits.csv")),
    "persons find": Command(
        Opens.ROWS,
        ("{name}", *_FOR),
        as_person=True,
        readers=_HANDING_OUT,
        shows_ids=True,
    ),
    "persons export": Command(
        Opens.ROWS,
        ("{household}", "--out", "{folder}/person.zip", *_FOR),
        as_person=True,
        readers=_HANDING_OUT,
    ),
    "persons erase": Command(
        Opens.ROWS,
        ("{household}", "--dry-run", *_FOR),
        as_person=True,
        readers=_ERASING,
        shows_ids=True,
    ),
    "persons withdraw": Command(Opens.NOTHING, ("hh-none", *_FOR), status=(0, 1)),
    "persons rebuild": Command(Opens.NOTHING),
    "retention": Command(Opens.NOTHING),
    "quarantine list": Command(Opens.NOTHING),
    "quarantine show": Command(Opens.ROWS, ("{quarantined}", "--xml")),
    "quarantine release": Command(Opens.NOTHING, ("{quarantined}",), status=(0, 1)),
    "quarantine drop": Command(Opens.NOTHING, ("{quarantined}", "--yes"), status=(0, 1)),
}

JOBS: dict[str, dict[str, object]] = {
    "sweep_uploads": {},
    "release_held_edits": {},
    "erase_submissions": {"submission_ids": [], "household_key": "hh-none", "actor_id": None},
    "remove_files": {"keys": []},
    "run_retention": {},
    "check_lately": {},
    "apply_overdue_changes": {},
    "tell_overdue": {},
    "mail_overdue": {"actor_id": 1, "counts": {"plan": 1}, "cases": ["2602-1a2b3"]},
    "write_export": {"export_id": 0},
    "ask_scheduled_exports": {},
    "forget_exports": {},
    "forget_expired": {},
    "mail_reset_link": {"actor_id": None},
    "project_submissions": {},
    "tidy_projection": {},
    "write_rows_anew": {"file_ids": []},
}
"""The arguments of every job; none writes anything that leaves the server."""
