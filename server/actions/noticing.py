"""What receiving notices in a slip that it accepts: findings, never refusals."""

from __future__ import annotations

from collections.abc import Iterable

from forms.definitions import FormDefinition
from forms.instances import Instance, expected_attachments
from server.queries.findings import note_finding

NOT_ENCRYPTED = "not_encrypted"
FILE_NOT_ENCRYPTED = "file_not_encrypted"


def notice_plaintext(
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
