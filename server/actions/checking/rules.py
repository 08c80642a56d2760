"""What is needed to check the slips of a form version, made once in a process."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from forms.checking import CompiledCheck, DeclaredCheck, compile_checks
from forms.definitions import FormDefinition
from forms.evaluation import FormRules, compile_rules
from forms.instances import Instance
from forms.xforms import parse_xform
from server.queries import forms
from server.queries.catalogues import remembered

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """`end` is the path of the question that says when the slip was finished."""

    version_id: int
    rules: FormRules
    checks: tuple[CompiledCheck, ...]
    end: str | None

    def filled_at(self, instance: Instance, tz: ZoneInfo) -> datetime | None:
        """When the phone says that the slip was finished."""
        if self.end is None:
            return None
        try:
            moment = datetime.fromisoformat(instance.value(self.end).strip())
        except ValueError:
            return None
        try:
            return moment.astimezone(tz) if moment.tzinfo else moment.replace(tzinfo=tz)
        except OverflowError:  # the first and the last day of the calendar
            return None


def get_checked_form(catalogue: int | None, version_id: int, sha256: str) -> CheckedForm:
    """The checks of a version may change in the life of its XForm; the hash names the latter."""
    with _one_at_a_time:  # fifty phones at once would each compile the form that is new
        rules = _compile(version_id, sha256)
        declared = _find_checks(catalogue, version_id)
        checks, end = _compile_checks(version_id, sha256, declared)
    return CheckedForm(version_id, rules, checks, end)


@lru_cache(maxsize=128)
def _compile(version_id: int, _sha256: str) -> FormRules:
    return compile_rules(parse_xform(forms.load_xform(version_id)))


def _load_checks(version_id: int) -> str:
    return forms.load_checks(version_id)


_find_checks = remembered(_load_checks)


@lru_cache(maxsize=128)
def _compile_checks(
    version_id: int, sha256: str, declared: str
) -> tuple[tuple[CompiledCheck, ...], str | None]:
    rules = _compile(version_id, sha256)
    checks = compile_checks(rules, read_declared(declared))
    return checks, _find_end(rules.definition)


def read_declared(text: str) -> tuple[DeclaredCheck, ...]:
    """From the JSON that is kept with a version."""
    return tuple(DeclaredCheck.from_json(row) for row in json.loads(text or "[]"))


def _find_end(definition: FormDefinition) -> str | None:
    fields = (f for f in definition.fields() if f.bind.preload == "timestamp")
    return next((f.path for f in fields if f.bind.preload_params == "end"), None)
