"""Do what a demonstration says: receive its slips as those of phones, and act as staff does.

Done again it changes nothing: what is there already is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from server.actions import people
from server.actions.checking.slips import Checker
from server.actions.entities.changing import Edit, Origin, update_entity
from server.actions.entities.import_checks import Warned
from server.actions.entities.import_files import OLD_SPREADSHEET
from server.actions.entities.importing import import_entities
from server.actions.entities.known import get_list
from server.actions.entities.merging import merge_entities
from server.actions.receiving import receive_submission
from server.actions.slips import Slip, plain_text, read_slip
from server.actions.unit_importing import import_units
from server.actions.withdrawing import withdraw_consent
from server.auth.callers import Caller
from server.db import transaction
from server.demo.steps import (
    Filled,
    Merge,
    Move,
    OldRegister,
    Step,
    VillageList,
    Withdrawal,
)
from server.errors import EntityVersionDiffers, NotFound
from server.queries import actors
from server.queries.projects import find_catalogue, get_project

PROGRAM = "phieu demo"
_COLLABORATOR, _OFFICER = "Cộng tác viên mẫu", "Cán bộ xã mẫu"
_BATCH = 20


@dataclass(slots=True)
class Made:
    """What a demonstration brought: slips by form, those of them that are new, and what else."""

    slips: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    """`moved`, `merged`, `withdrawn`, `villages_added`, `imported`: how many."""
    warnings: list[Warned] = field(default_factory=list)


class Stage:
    """A project in which demonstrations are made, and the phones that send them."""

    def __init__(self, project_id: int, *, checker: Checker, by: Caller) -> None:
        self._project_id = project_id
        self._checker = checker
        self._by = by
        self._senders: dict[str, int] = {}
        self.made = Made()

    def play(self, steps: Iterable[Step], progress: Callable[[int], object]) -> None:
        waiting: list[Filled] = []
        for step in steps:
            if isinstance(step, Filled):
                waiting.append(step)
                if len(waiting) < _BATCH:
                    continue
            self._receive(waiting)
            progress(len(waiting))
            waiting = []
            if not isinstance(step, Filled):
                self._act(step)
        self._receive(waiting)
        progress(len(waiting))

    def _receive(self, batch: Sequence[Filled]) -> None:
        """Judged before the transaction, and received in one."""
        judged = []
        for filled in batch:
            by = self._sender(filled.commune_code)
            slip = self._checker.with_judgement(_slip(filled), by=by, project_id=self._project_id)
            judged.append((filled, slip, by))
        with transaction():
            for filled, slip, by in judged:
                receipt = receive_submission(
                    slip, by=by, project_id=self._project_id, tz=self._checker.tz
                )
                self.made.slips[filled.form_id] += 1
                self.made.new[filled.form_id] += receipt.is_new

    def _act(self, step: Step) -> None:
        match step:
            case Move():
                self._move(step)
            case Merge():
                self._merge(step)
            case Withdrawal():
                self._withdraw(step)
            case VillageList():
                self._import_villages(step)
            case OldRegister():
                self._import_register(step)

    def _move(self, move: Move) -> None:
        facts = get_list(None, self._project_id, move.entity_list)
        place = {"village_code": move.village_code, "commune_code": move.commune_code}
        edit = Edit(data=place, base_version=move.base_version)
        try:
            with transaction():
                update_entity(facts, move.id, edit, Origin("demo", PROGRAM), by=self._by)
        except (EntityVersionDiffers, NotFound):
            return
        self.made.other["moved"] += 1

    def _merge(self, merge: Merge) -> None:
        facts = get_list(None, self._project_id, "child")
        try:
            with transaction():
                merge_entities(facts, merge.keep, merge.drop, by=self._by)
        except NotFound:
            return
        self.made.other["merged"] += 1

    def _withdraw(self, step: Withdrawal) -> None:
        try:
            with transaction():
                withdraw_consent(step.household_key, project_id=self._project_id, by=self._by)
        except NotFound:
            return
        self.made.other["withdrawn"] += 1

    def _import_villages(self, step: VillageList) -> None:
        with transaction():
            files = [(step.filename, step.content)]
            changed = import_units(files, on=self._by.occasion.on, by=self._by)
        self.made.other["villages_added"] += sum(c.added for c in changed.values())

    def _import_register(self, step: OldRegister) -> None:
        facts = get_list(None, self._project_id, "child")
        with TemporaryDirectory() as folder:
            path = Path(folder) / step.filename
            path.write_bytes(step.content)
            outcome = import_entities(
                path, facts, on=step.as_of, by=self._by, reading=OLD_SPREADSHEET
            )
        self.made.other["imported"] += outcome.new
        self.made.warnings += outcome.warnings

    def _sender(self, commune_code: str) -> Caller:
        """With the mark of the catalogue, so that what is known of the project is remembered."""
        actor_id = self._senders.get(commune_code)
        if actor_id is None:
            actor_id = self._senders[commune_code] = self._phone(commune_code)
        project = find_catalogue(self._project_id)
        return Caller(
            actor_id,
            _name(commune_code),
            self._by.occasion,
            project_id=self._project_id,
            catalogue=project.catalogue if project else None,
        )

    def _phone(self, commune_code: str) -> int:
        """An app user that sends the demonstration; made once."""
        name, project = _name(commune_code), get_project(self._project_id)
        for app_user in actors.list_app_users(project):
            if app_user.actor.display_name == name and app_user.revoked_at is None:
                return app_user.actor_id
        with transaction():
            app_user, _ = people.add_app_user(
                name,
                project=get_project(self._project_id),
                form_ids=(),
                unit_codes=(commune_code,) if commune_code else (),
                on=self._by.occasion.on,
                secret_key=self._checker.secret_key,
                by=self._by,
                role="commune_officer" if commune_code else "app-user",
            )
            return app_user.actor_id


def _slip(filled: Filled) -> Slip:
    slip = read_slip(filled.xml, user_agent=PROGRAM)
    device_id = plain_text(slip.instance.value("/deviceid"))
    return replace(slip, device_id=device_id, first_received_at=filled.arrived_at)


def _name(commune_code: str) -> str:
    return f"{_OFFICER} {commune_code}" if commune_code else _COLLABORATOR
