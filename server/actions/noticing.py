"""What receiving notices in a slip that it accepts: findings, never refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from forms.checking import Severity, make_finding
from forms.definitions import FormDefinition
from forms.instances import Instance, expected_attachments
from server.actions.slips import Slip
from server.actions.targets import Target
from server.queries import findings
from server.queries.findings import note_finding
from server.queries.submission_attachments import Attached

NOT_ENCRYPTED = "not_encrypted"
FILE_NOT_ENCRYPTED = "file_not_encrypted"
ATTACHMENT_CONFLICT = "attachment_conflict"
MISSING = findings.MISSING_ATTACHMENT


def notice_files(
    slip: Slip, states: Mapping[str, Attached], target: Target, version_id: int
) -> None:
    """Look at what came with an instance, once for each request."""
    _notice_conflicts(states, version_id)
    _notice_plaintext(slip.instance, states, target.compiled.definition, version_id)


def notice_missing(version_id: int, names: Iterable[str]) -> None:
    """Of a version that is new; each is forgotten when its file comes."""
    missing = [make_finding(MISSING, Severity.WARNING, value=name) for name in names]
    findings.add_noticed(version_id, missing)


def _notice_conflicts(states: Mapping[str, Attached], version_id: int) -> None:
    """Note files whose name was taken by other bytes; both are kept (design §11)."""
    for name, state in states.items():
        if state is Attached.CONFLICT:
            note_finding(version_id, ATTACHMENT_CONFLICT, name=name)


def _notice_plaintext(
    instance: Instance, names: Iterable[str], definition: FormDefinition, version_id: int
) -> None:
    """Note what came in clear although the form has a key (openrosa.md §8.1).

    Phones without the cipher send everything in clear; after a crash, plain files can accompany
    encrypted ones.
    """
    if instance.is_encrypted:
        encrypted = expected_attachments(definition, instance)
        for name in names:
            if name not in encrypted and not name.endswith(".enc"):
                note_finding(version_id, FILE_NOT_ENCRYPTED, name=name)
    elif definition.public_key:
        note_finding(version_id, NOT_ENCRYPTED)
