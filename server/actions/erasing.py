"""Erase what must not be kept, for good (design, promise 2).

The bytes of all versions are replaced by what may be kept of them; files and comments are
destroyed, and what waits of the same instances. Whatever comes of the slip later is answered as
received and not stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from forms.errors import InstanceRefused
from forms.instances import Instance, parse_instance
from forms.redaction import KEY_FIELDS, KEY_REFERENCES, child_files, find_key, redact_instance
from server.actions.communes import Places
from server.actions.definitions import CompiledVersion, get_compiled
from server.actions.entities.erasing import erase_made
from server.actions.entities.registering import drop_waiting
from server.actions.exporting.keeping import withdraw_exports
from server.actions.slips import attachment_name
from server.auth.callers import Caller
from server.models import HeldEdit, QuarantinedSubmission, SubmissionVersion
from server.queries import audits, comments, erasures, forms, jobs

_HOUSEHOLD = (KEY_FIELDS[0], KEY_REFERENCES[0])


@dataclass(frozen=True, slots=True)
class Erasure:
    """One submission to erase; `child_key`: only that child, else the whole."""

    submission_id: int
    child_key: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What waits of a submission that is erased: bodies of its instances, and those of the same
    household that its own senders sent of the same form. Others' bodies prove nothing by a key.
    """

    xml_form_id: str
    ids: set[str]
    household: str
    senders: set[int]

    def holds(self, entry: HeldEdit | QuarantinedSubmission, instance: Instance) -> bool:
        if instance.xml_form_id != self.xml_form_id:
            return False
        if not self.ids.isdisjoint(_ids(instance)):
            return True
        is_of = bool(self.household) and find_key(instance.root, _HOUSEHOLD) == self.household
        return is_of and entry.actor_id in self.senders


def erase_submission(erasure: Erasure, *, by: Caller, household_key: str = "") -> list[str]:
    """Erase it, and what waits of it or (if given) of the household; return the files' keys.

    The job that removes the files is added in the same transaction.
    """
    keys: list[str] = []
    versions = erasures.lock_versions(erasure.submission_id)
    for version in versions:
        keys += _erase_version(version, erasure.child_key)
    erase_made(erasure.submission_id, child_key=erasure.child_key, tz=by.occasion.tz)
    drop_waiting([erasure.submission_id], by=by)
    erasures.finish(erasure.submission_id)
    comments.remove_comments(erasure.submission_id)  # now that nobody can add one
    project_id, xml_form_id = erasures.get_place(erasure.submission_id)
    wanted = _Wanted(
        xml_form_id,
        {version.instance_id for version in versions},
        household_key,
        {version.submitter_id for version in versions if version.submitter_id is not None},
    )
    keys += _drop_waiting(project_id, wanted, by)
    jobs.add_job("remove_files", keys=keys)
    withdraw_exports([erasure.submission_id])
    audits.log(by, "submission.erase", "submission", erasure.submission_id)
    return keys


def is_erased(xml: bytes, project_id: int) -> bool:
    """True of a body that receiving would not store again, be it refused for something else."""
    try:
        instance = parse_instance(xml)
    except InstanceRefused:
        return False
    ids = _ids(instance)
    return erasures.is_erased(project_id, instance.xml_form_id, ids)


def kept_paths(places: Places) -> tuple[str, ...]:
    """Where a slip comes from stays, so that sums by commune stay too."""
    return tuple(path for path in (places.commune, places.village) if path)


def _erase_version(version: SubmissionVersion, child_key: str) -> list[str]:
    compiled = _compiled(version.form_version_id)
    names = None
    if child_key:
        names = _child_files(compiled, version.xml, child_key)
    xml = redact_instance(
        compiled.definition, version.xml, kept_paths=kept_paths(compiled.places), key=child_key
    )
    erasures.replace_xml(version.id, xml)
    return erasures.erase_files(version.id, names)


def _child_files(compiled: CompiledVersion, xml: bytes, child_key: str) -> set[str]:
    return {attachment_name(name) for name in child_files(compiled.definition, xml, child_key)}


def _compiled(form_version_id: int) -> CompiledVersion:
    version = forms.get_version_by_id(form_version_id)
    return get_compiled(version.id, version.sha256, version.commune_field)


def _drop_waiting(project_id: int, wanted: _Wanted, by: Caller) -> list[str]:
    """Destroy held edits and quarantined bodies; what edits a held edit goes with it."""
    keys: list[str] = []
    dropped = True
    while dropped:
        dropped = False
        for entry in erasures.iter_waiting(project_id):
            instance = _read(entry)
            if instance is not None and wanted.holds(entry, instance):
                keys += erasures.drop_waiting(entry)
                audits.log(by, "submission.drop", "project", project_id)
                dropped = instance.instance_id not in wanted.ids or dropped
                wanted.ids.add(instance.instance_id)
    return keys


def _read(entry: HeldEdit | QuarantinedSubmission) -> Instance | None:
    try:
        return parse_instance(entry.xml)
    except InstanceRefused:
        return None


def _ids(instance: Instance) -> list[str]:
    return [id_ for id_ in (instance.instance_id, instance.deprecated_id) if id_]
