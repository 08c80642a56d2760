"""The documents tell the truth about the program."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields

import pytest

import server.errors
from forms.entities import Refusal
from forms.named_checks import NAMED_CHECKS
from forms.texts import load_texts
from server.auth.roles import PERSON_ROLES, PHONE_ROLES, ROLES
from server.cli import COMMANDS
from server.config import Settings
from server.errors import Problem
from server.queries.actors import list_roles
from tests.helpers.slips import ROOT

PROBLEMS = [
    kind
    for kind in vars(server.errors).values()
    if isinstance(kind, type) and issubclass(kind, Problem)
]


def test_a_code_is_the_same_as_a_number():
    codes = [kind.code for kind in vars(server.errors).values() if _is_problem(kind)]

    assert [code for code in codes if str(float(code)) != str(code)] == []


def _is_problem(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Problem)


def test_every_error_code_is_documented_and_has_a_text_in_both_languages():
    documented = set(re.findall(r"^\| (\d+\.\d+) \|", (ROOT / "docs/errors.md").read_text(), re.M))
    codes = {str(kind.code) for kind in PROBLEMS}

    assert documented == codes
    for language in ("vi", "en"):
        catalogue = tomllib.loads((ROOT / f"server/translations/{language}.toml").read_text())
        assert codes <= set(catalogue["errors"])


def test_both_languages_have_the_same_texts_with_the_same_places():
    vi, en = (
        tomllib.loads((ROOT / f"server/translations/{name}.toml").read_text())
        for name in ("vi", "en")
    )

    for section in ("errors", "phone", "unversioned", "texts"):
        assert set(vi[section]) == set(en[section])
        for key, text in vi[section].items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", en[section][key]))


def test_every_setting_is_in_the_example():
    names = set(re.findall(r"^(PHIEU_\w+)=", (ROOT / ".env.example").read_text(), re.M))

    expected = {f"PHIEU_{f.name.upper()}" for f in fields(Settings)}
    expected = {{"PHIEU_STORAGE": "PHIEU_STORAGE_URL"}.get(name, name) for name in expected}
    assert names == expected


def test_the_readme_names_only_commands_that_exist():
    text = (ROOT / "README.md").read_text()

    named = set(re.findall(r"phieu (?!--)([a-z-]+)", text)) - {"is"}
    assert named <= set(COMMANDS)
    assert all((ROOT / path).exists() for path in re.findall(r"\]\(([\w./-]+)\)", text))


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_roles_in_the_database_are_those_of_the_gate(app):
    in_database = {role.id: role.system for role in list_roles()}

    assert set(in_database) == set(ROLES)
    assert {*PERSON_ROLES, *PHONE_ROLES} <= set(in_database.values())


def test_every_test_that_a_document_names_is_there():
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"^def (test_\w+)\(", tests, re.M))

    named = {
        name
        for path in (ROOT / "docs").rglob("*.md")
        for name in re.findall(r"`(test_\w+)`", path.read_text())
    }
    assert named
    assert named <= defined


def test_every_finding_and_named_check_is_documented():
    page = (ROOT / "docs/checks.md").read_text(encoding="utf-8")
    catalogue = tomllib.loads((ROOT / "server/translations/en.toml").read_text())
    codes = {
        key.removeprefix("finding_") for key in catalogue["texts"] if key.startswith("finding_")
    } - {"unknown", "erased", "expired"}

    assert codes == set(re.findall(r"^\| `([a-z_]+)` \| (?:[EWI]|as the worst) \|", page, re.M))
    for name, check in NAMED_CHECKS.items():
        row = re.search(rf"^\| `{name}` \| (.*?) \|", page, re.M)
        assert row is not None
        assert set(re.findall(r"`(\w+)`", row[1])) == set(check.known)


def test_every_kind_of_problem_in_a_workbook_is_documented():
    page = (ROOT / "docs/linting.md").read_text(encoding="utf-8")
    kinds = {code.partition(".")[0] for code in load_texts("en") if "." in code}
    parts = {"xpath", "unsupported", "key"}

    assert kinds - parts == set(re.findall(r"`([a-z_]+)\.…`", page))


def test_every_refusal_of_entities_and_their_declarations_is_documented():
    page = (ROOT / "docs/entities.md").read_text(encoding="utf-8")
    declared = {code for code in load_texts("en") if code.startswith("entity.")}

    assert declared == set(re.findall(r"`(entity\.\w+)`", page))
    assert {code.value for code in Refusal} == set(re.findall(r"^\| (4\d\d\.\d+) \|", page, re.M))
