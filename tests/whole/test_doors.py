"""Every door × every role × own, sister, parent, no unit: a sister commune's child is in no byte.

The doors are those of the route table, the commands and the jobs; one that `tests.helpers.doors`
does not know fails here.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import click
import pytest
from click.testing import CliRunner
from flask import Flask, current_app
from flask.cli import ScriptInfo

from server.actions.unit_importing import import_units
from server.auth.callers import find_phone
from server.auth.roles import PERSON_ROLES, PHONE_ROLES
from server.cli import make_program
from server.cli.common import operator, storage, today
from server.db import db, transaction
from server.jobs import KINDS
from server.jobs.surroundings import Surroundings
from server.queries import actors, assignments
from tests.helpers.doors import COMMANDS, JOBS, ROUTES, Command, NotRun, Opens, Route
from tests.helpers.duties import PASSWORD, hashed, household, person, phone, publish_all, slip
from tests.helpers.phones import multipart
from tests.helpers.readers import basic
from tests.helpers.slips import write_workbook
from tests.helpers.sql import hide_submission, list_notes, quarantine_xml

OWN, SISTER, PARENT = "12472", "12511", "33"
RELATIONS = {"own": OWN, "sister": SISTER, "parent": PARENT, "none": None}
FORMS = {"register": "children", "case": "abuse_report"}
READERS = {
    "register": {"admin", "manager", "viewer", "collaborator", "commune_officer", "commune_lead"},
    "case": {"commune_officer", "commune_lead"},
}
EVERYWHERE = {"admin", "manager", "viewer", "dpo"}
NAME, BYTES, PHOTO = "Zephyrine Canary", b"bytes of the canary", "zephyrine.jpg"
IDS = {"register": "uuid:c0ffee00-0001", "case": "uuid:c0ffee00-0002"}
UNKNOWN = "uuid:c0ffee99-9999"
ENTITIES = {
    "register": "c0ffee00-0001-4000-8000-000000000000",
    "case": "c0ffee00-0002-4000-8000-000000000000",
}
UNKNOWN_ENTITY = "c0ffee99-9999-4000-8000-000000000000"
UPSTREAM = {"X-Action-Notes": "door", "X-OpenRosa-Version": "1.0"}


@dataclass(frozen=True)
class Person:
    """Somebody with one role at one place."""

    role: str
    relation: str

    @property
    def email(self) -> str:
        return f"{self.role}-{self.relation}@example.vn"

    def may_see(self, data_class: str, readers=None) -> bool:
        """By domain.md §1.4 and design §11."""
        if self.role not in (readers or READERS)[data_class] or self.relation == "own":
            return False
        return self.relation != "none" or (self.role in EVERYWHERE and data_class == "register")


PEOPLE = [Person(role, relation) for role in PERSON_ROLES for relation in RELATIONS]


@pytest.fixture
def installation(installation):
    """It has an address, which codes and cards need."""
    installation.extra["PHIEU_PUBLIC_URL"] = "https://localhost"
    return installation


def publish_both(folder: Path) -> None:
    """Forms of each kind of data, each with a list."""
    publish_all(folder, with_lists=True)


def let_in_everybody(_: object) -> None:
    """The canary of the sister commune in two forms and their lists, and all who may knock."""
    token = phone("sister", SISTER, role="commune_officer")
    for data_class, form_id in FORMS.items():
        xml = slip(form_id, IDS[data_class], commune=SISTER, on="2026-11-01", name=NAME)
        xml = xml.replace(b"<photo/>", f"<photo>{PHOTO}</photo>".encode())
        entity = f'<entity dataset="{form_id}_list" id="{ENTITIES[data_class]}" create="1">'
        entity = f"{entity}<label>{NAME}</label></entity></meta>"
        xml = xml.replace(b"</meta>", entity.encode())
        body, content_type = multipart(xml, [(PHOTO, BYTES)])
        address = f"/v1/key/{token}/projects/1/submission"
        answer = current_app.test_client().post(address, data=body, content_type=content_type)
        assert answer.status_code == 201, answer.text
    one_hash = hashed()
    for guest in PEOPLE:
        actor = person(guest.email, password_hash=one_hash)
        unit = RELATIONS[guest.relation]
        with transaction():
            assignments.assign(
                actor.id,
                actors.find_role(guest.role).id,
                project_id=1,
                edition="vn-2025-07" if unit else None,
                unit_code=unit,
            )


@pytest.fixture
def scene():
    return publish_both, let_in_everybody


@pytest.fixture
def house(app: Flask) -> Flask:
    return app


def tail(endpoint: str) -> str:
    """`openrosa-people.briefcase.original` → `briefcase.original`."""
    return re.sub(r"^openrosa-\w+\.", "", endpoint)


def test_every_route_command_and_job_is_in_the_tables(app):
    routes = {tail(rule.endpoint) for rule in app.url_map.iter_rules()}
    commands = set(command_names(make_program(lambda: app)))

    assert routes == set(ROUTES)
    assert commands == set(COMMANDS)
    assert set(JOBS) == set(KINDS)


def command_names(group: click.Group, *above: str) -> list[str]:
    names = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        is_group = isinstance(command, click.Group)
        names += command_names(command, *above, name) if is_group else [" ".join((*above, name))]
    return names


def addresses(app: Flask, route_name: str, route: Route, token: str, data_class: str):
    """(method, address with its query) of every rule that leads to the endpoint."""
    form, instance = FORMS[data_class], IDS[data_class]
    values = {
        "token": token,
        "project_id": "1",
        "xml_form_id": form,
        "draft_of": form,
        "instance_id": instance,
        "name": PHOTO,
        "version": "1",
        "filename": "none.css",
        "dataset": f"{form}_list",
        "uuid": ENTITIES[data_class],
    } | route.instead
    query = "&".join(
        f"{key}={quote(value.replace('{form}', form).replace('{instance}', instance))}"
        for key, _, value in (pair.partition("=") for pair in route.query.split("&") if pair)
    )
    for rule in app.url_map.iter_rules():
        if tail(rule.endpoint) == route_name:
            path = re.sub(
                r"<(?:\w+:)?(\w+)>", lambda m: quote(values.get(m[1], "x"), safe=""), rule.rule
            )
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, f"{path}?{query}" if query else path


def knock(app: Flask, method: str, address: str, route: Route, headers: dict[str, str]):
    with app.test_client() as client:
        return client.open(
            address,
            method=method,
            headers=UPSTREAM | headers,
            data=route.body,
            content_type=route.content_type if route.body is not None else None,
            base_url="https://localhost",
            buffered=True,
        )


def leaks(answer, address: str) -> bool:
    """True if anything of the canary is in the answer that was not in the question."""
    said = unpacked(answer.get_data()) + str(answer.headers).encode()
    secret = [NAME.encode(), b"Zephyrine", BYTES]
    secret += [i.encode() for i in IDS.values() if quote(i) not in address and i not in address]
    return any(word in said for word in secret)


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_no_route_shows_the_canary_to_whom_the_gate_does_not(house, role):
    shown, wrong = set(), []
    guests = [guest for guest in PEOPLE if guest.role == role]
    for guest in guests:
        headers = {"Authorization": basic(guest.email)["Authorization"]}
        for name, route in ROUTES.items():
            for data_class in FORMS if route.opens is Opens.ROWS else ["register"]:
                may = route.opens is Opens.ROWS and guest.may_see(data_class)
                for method, address in addresses(house, name, route, "x" * 64, data_class):
                    if address.startswith(("/v1/key/", "/v1/test/")):
                        continue
                    answer = knock(house, method, address, route, headers)
                    if leaks(answer, address) and not may:
                        wrong.append((guest, method, address))
                    if may:
                        assert answer.status_code == 200, (guest, address, answer.text)
                        shown.add((guest, data_class))

    assert wrong == []
    assert shown == {(g, c) for g in guests for c in FORMS if g.may_see(c)}


def test_no_phone_and_nobody_is_shown_the_canary(house):
    tokens = {"nobody": None, "wrong": "x" * 64}
    for role in PHONE_ROLES:
        for relation, unit in RELATIONS.items():
            if unit or role == "app-user":
                tokens[f"{role} {relation}"] = phone(role, *([unit] if unit else []), role=role)
    wrong = [
        (who, address)
        for who, token in tokens.items()
        for name, route in ROUTES.items()
        for data_class in FORMS
        for method, address in addresses(house, name, route, token or "x" * 64, data_class)
        if leaks(knock(house, method, address, route, {}), address)
    ]

    assert wrong == []


def test_no_phone_takes_a_slip_of_another_commune_over(house):
    tokens = {
        relation: phone("edits", RELATIONS[relation], role="commune_officer")
        for relation in ("own", "sister")
    }
    status = {}
    for relation, token in tokens.items():
        for data_class, form_id in FORMS.items():
            of = f"<meta><deprecatedID>{IDS[data_class]}</deprecatedID>".encode()
            xml = slip(form_id, f"uuid:{relation}-{data_class}", commune=OWN, on="2026-11-02")
            body, content_type = multipart(xml.replace(b"<meta>", of))
            answer = house.test_client().post(
                f"/v1/key/{token}/projects/1/submission", data=body, content_type=content_type
            )
            status[relation, data_class] = answer.status_code

    assert status == {
        ("own", "register"): 403,
        ("own", "case"): 403,
        ("sister", "register"): 201,
        ("sister", "case"): 201,
    }


def test_what_is_read_of_a_case_by_a_route_is_in_the_access_log(house):
    guest = Person("commune_officer", "sister")
    read = [name for name, route in ROUTES.items() if route.opens is Opens.ROWS]
    for name in read:
        route = ROUTES[name]
        [address] = {
            address
            for _, address in addresses(house, name, route, "x" * 64, "case")
            if address.startswith("/v1/projects/")
        }
        headers = {"Authorization": basic(guest.email)["Authorization"]}
        headers["X-Action-Notes"] = f"why {name}"
        assert knock(house, "GET", address, route, headers).status_code == 200

    assert {f"why {name}" for name in read} <= list_notes()


def test_what_is_hidden_is_handed_out_to_nobody(house):
    guest = Person("admin", "none")
    headers = {"Authorization": basic(guest.email)["Authorization"]}
    hide_submission(IDS["register"])
    shown = [
        address
        for name, route in ROUTES.items()
        if route.opens is Opens.ROWS
        for method, address in addresses(house, name, route, "x" * 64, "register")
        if leaks(knock(house, method, address, route, headers), address)
    ]

    assert shown == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_guessed_id_is_answered_as_one_that_does_not_exist(house):
    guest = Person("commune_officer", "own")
    headers = {"Authorization": basic(guest.email)["Authorization"]}
    differ = []
    guesses = [
        *((data_class, known, UNKNOWN) for data_class, known in IDS.items()),
        *((data_class, known, UNKNOWN_ENTITY) for data_class, known in ENTITIES.items()),
    ]
    for name, route in ROUTES.items():
        for data_class, known, unknown in guesses:
            for method, address in addresses(house, name, route, "x" * 64, data_class):
                if quote(known, safe="") not in address and quote(known) not in address:
                    continue
                other = address.replace(quote(known, safe=""), quote(unknown, safe=""))
                other = other.replace(quote(known), quote(unknown))
                answers = [knock(house, method, a, route, headers) for a in (address, other)]
                bodies = [
                    a.get_data().replace(i.encode(), b"ID")
                    for a, i in zip(answers, (known, unknown), strict=True)
                ]
                if answers[0].status_code != answers[1].status_code or bodies[0] != bodies[1]:
                    differ.append(address)

    assert differ == []


def read_all(path: Path) -> bytes:
    """A file's bytes; of an archive, of all that is in it."""
    return unpacked(path.read_bytes())


def unpacked(content: bytes) -> bytes:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(name.encode() + archive.read(name) for name in archive.namelist())


class Shell:
    """Runs commands in a folder of their own, and reads everything that they leave."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self.program = make_program(lambda: app)
        self.values: dict[str, str] = {}

    def run(self, name: str, command: Command, form: str, instance: str, *more: str, typed: str):
        """(status, everything that was said or written)."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        values = self.values | {
            "form": form,
            "instance": instance,
            "household": household(instance),
            "folder": str(self.folder),
        }
        arguments = [argument.format_map(values) for argument in command.arguments]
        result = CliRunner().invoke(
            self.program,
            [*name.split(), *arguments, *more],
            obj=ScriptInfo(create_app=lambda: self.app),
            input=typed,
        )
        db.session.rollback()
        said = result.output_bytes + repr(result.exception).encode()
        files = b"".join(read_all(p) for p in self.folder.rglob("*") if p.is_file())
        return result, said + files


@pytest.fixture
def shell(house: Flask, tmp_path: Path) -> Shell:
    shell = Shell(house, tmp_path / "out")
    token = phone("door", SISTER)
    with transaction():
        lines = "code,name,commune_code,legacy_commune_code\nV000001,Thôn Một,12472,12472\n"
        import_units([("villages.csv", lines.encode())], on=today(), by=operator())
        case = slip("abuse_report", "uuid:q", commune=SISTER, on="2026-11-01", name=NAME)
        quarantined = quarantine_xml(case, find_phone(token, 1, operator().occasion).actor_id)
    (tmp_path / "villages.csv").write_text(lines)
    (tmp_path / "holidays.csv").write_text("day,name\n2026-11-24,Ngày\n")
    shell.values = {
        "own": OWN,
        "name": NAME,
        "villages": str(tmp_path / "villages.csv"),
        "holidays": str(tmp_path / "holidays.csv"),
        "workbook": str(write_workbook(tmp_path, name="door.xlsx")),
        "phone": str(find_phone(token, 1, operator().occasion).actor_id),
        "quarantined": str(quarantined),
    }
    return shell


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", PERSON_ROLES)
def test_no_command_shows_the_canary_to_whom_the_gate_does_not(shell, role):
    wrong = []
    for name, command in COMMANDS.items():
        if isinstance(command, NotRun) or not command.as_person:
            continue
        for guest in (guest for guest in PEOPLE if guest.role == role):
            for data_class, form in FORMS.items():
                result, said = shell.run(
                    *(name, command, form, IDS[data_class]),
                    *("--as", guest.email),
                    typed=f"{PASSWORD}\n",
                )
                canary = IDS[data_class] if command.shows_ids else NAME
                if guest.may_see(data_class, command.readers):
                    assert result.exit_code == 0, (name, guest, said)
                    assert canary.encode() in said, (name, guest, said)
                elif canary.encode() in said or BYTES in said:
                    wrong.append((name, guest, data_class))

    assert wrong == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_no_option_of_a_command_shows_more(shell):
    guests = [
        g for g in PEOPLE if g.relation == "own" or g.role in ("province_officer", "sysadmin")
    ]
    wrong = [
        (name, options, guest, data_class)
        for name, command in COMMANDS.items()
        if isinstance(command, Command)
        for options in command.variants
        for guest in guests
        for data_class, form in FORMS.items()
        if NAME.encode()
        in shell.run(
            *(name, command, form, IDS[data_class], *options, "--as", guest.email),
            typed=f"{PASSWORD}\n",
        )[1]
    ]

    assert wrong == []


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_no_command_shows_the_operator_a_case(shell):
    wrong = []
    for name, command in COMMANDS.items():
        if isinstance(command, NotRun):
            continue
        result, said = shell.run(name, command, FORMS["case"], IDS["case"], typed="")
        canary = IDS["case"] if command.shows_ids else NAME
        if canary.encode() in said or BYTES in said:
            wrong.append(name)
        if command.opens is Opens.NOTHING:
            assert result.exit_code in command.status, (name, said.decode(errors="replace"))
    register = shell.run(
        *("submissions show", COMMANDS["submissions show"], FORMS["register"]),
        IDS["register"],
        typed="",
    )

    assert wrong == []
    assert NAME.encode() in register[1]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_no_job_says_or_writes_anything_of_the_canary(house, tmp_path, capfd):
    before = {p for p in tmp_path.rglob("*") if p.is_file()}
    for kind, arguments in JOBS.items():
        KINDS[kind](Surroundings.of(house.config["PHIEU"], storage()), **arguments)
    written = {p for p in tmp_path.rglob("*") if p.is_file()} - before
    folders = [storage().root / name for name in ("projection", "projection-aside")]
    rows = {p for p in written if any(p.is_relative_to(folder) for folder in folders)}
    assert {p.stat().st_mode & 0o777 for p in rows} == {0o600}  # kept as the slips are
    written -= rows
    said = "".join(capfd.readouterr()).encode() + b"".join(p.read_bytes() for p in written)

    assert NAME.encode() not in said
