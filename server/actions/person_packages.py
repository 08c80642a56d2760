"""Everything about a person as one ZIP: slips as XML and as text, files, consents, comments, and
what the register has.

Of a child's siblings nothing is in it; so comments are of whole households only.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from exports.formulas import neutralise_text
from exports.labels import Choices, choices_by_path, heading_text
from exports.names import file_name
from forms.answers import iter_answers
from forms.redaction import child_files, without_siblings
from forms.xml import parse_xml
from server.actions.entities.persons import Registered, describe, list_registered
from server.actions.persons import Holding, iter_holdings
from server.actions.slips import attachment_name
from server.auth.callers import Caller
from server.auth.gate import require
from server.auth.roles import Verb
from server.db import transaction
from server.errors import FolderTaken, NotFound
from server.queries import audits, comments, consents, forms, submission_attachments
from server.storage import Storage


@dataclass(frozen=True, slots=True)
class Package:
    """What is in the file."""

    slips: int
    files: int
    consents: int
    comments: int
    entities: int


def write_person(
    key: str, out: Path, *, project_id: int, by: Caller, storage: Storage, tz: tzinfo, language: str
) -> Package:
    """Write the ZIP, whole or not at all, for its owner only; a file that is there stays."""
    require(by, Verb.PERSON_READ, project_id=project_id)
    if out.exists():
        raise FolderTaken(subject="person_file", path=out)
    part = out.with_name(f"{out.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file, ZipFile(file, "w", ZIP_DEFLATED) as archive:
            writer = _Writer(archive, storage, tz, language)
            for holding in iter_holdings(key, Verb.PERSON_READ, project_id=project_id, by=by):
                writer.add(holding)
            for entity in list_registered(key, Verb.PERSON_READ, project_id=project_id, by=by):
                writer.add_entity(entity)
            package = writer.finish()
        if not package.slips and not package.entities:
            raise NotFound(subject="person", name=key)
        with transaction():  # before there is a file
            audits.log(by, "person.export", "project", project_id, key=key, **asdict(package))
        part.rename(out)
    finally:
        part.unlink(missing_ok=True)
    return package


class _Writer:
    """Adds one slip after the other to the archive."""

    def __init__(self, archive: ZipFile, storage: Storage, tz: tzinfo, language: str) -> None:
        self._archive = archive
        self._storage = storage
        self._tz = tz
        self._language = language
        self._choices: dict[int, dict[str, Choices]] = {}
        self._submissions: set[int] = set()
        self._whole: set[int] = set()
        self._slips = 0
        self._files = 0
        self._entities = 0

    def add(self, holding: Holding) -> None:
        self._slips += 1
        self._submissions.add(holding.row.submission_id)
        row, definition = holding.row, holding.compiled.definition
        folder = f"{self._slips:04d} {file_name(holding.form.xml_form_id)}"
        xml = row.xml
        if not holding.child_key:
            self._whole.add(row.submission_id)
        else:
            xml = without_siblings(definition, xml, holding.child_key)
        self._archive.writestr(f"{folder}/slip.xml", xml)
        rows = [["instanceID", row.instance_id, ""], ["", self._local(row.received_at), ""]]
        self._write_csv(f"{folder}/slip.csv", [*rows, *self._answers(holding, xml)])
        names = None
        if holding.child_key:
            found = child_files(definition, row.xml, holding.child_key)
            names = {attachment_name(name) for name in found}
        self._add_files(folder, row.id, names)

    def add_entity(self, entity: Registered) -> None:
        self._entities += 1
        name = file_name(f"{entity.facts.name} {entity.row.uuid}.json")
        text = json.dumps(describe(entity), ensure_ascii=False, indent=2, default=self._local)
        self._archive.writestr(f"register/{name}", text)

    def finish(self) -> Package:
        found = consents.list_of_submissions(sorted(self._submissions))
        heads = ["instanceID", "form", "state", "basis", "given", "text", "by", "withdrawn"]
        rows = [
            [
                instance_id,
                xml_form_id,
                consent.state.value,
                consent.basis or "",
                self._local(consent.given_at),
                consent.text_version,
                name or "",
                self._local(consent.withdrawn_at),
            ]
            for instance_id, xml_form_id, name, consent in found
        ]
        self._write_csv("consents.csv", [heads, *rows])
        counted = (self._slips, self._files, len(rows), self._write_comments())
        return Package(*counted, entities=self._entities)

    def _write_comments(self) -> int:
        rows = [
            [instance_id, xml_form_id, self._local(comment.created_at), name or "", comment.body]
            for instance_id, xml_form_id, name, comment in comments.list_of_submissions(
                sorted(self._whole)
            )
        ]
        self._write_csv("comments.csv", [["instanceID", "form", "at", "by", "comment"], *rows])
        return len(rows)

    def _answers(self, holding: Holding, xml: bytes) -> Iterator[list[str]]:
        definition = holding.compiled.definition
        choices = self._choices_of(holding)
        for answer in iter_answers(definition, parse_xml(xml, lenient=True)):
            label, text = "", answer.text
            if answer.field is not None:
                label = heading_text(answer.field, self._language, definition.default_language)
                of_field = choices.get(answer.field.path)
                text = of_field.text(text) if of_field else text
            yield [label, text, answer.place]

    def _choices_of(self, holding: Holding) -> dict[str, Choices]:
        id_ = holding.row.form_version_id
        if id_ not in self._choices:
            files = {
                file.name: self._storage.file(file.storage_key).read_bytes()
                for file in forms.list_attachments(id_)
                if file.storage_key and file.name.endswith(".csv")
            }
            definition = holding.compiled.definition
            self._choices[id_] = choices_by_path(definition, files, self._language)
        return self._choices[id_]

    def _add_files(self, folder: str, version_id: int, names: set[str] | None) -> None:
        for file in submission_attachments.list_attachments(version_id):
            if file.storage_key is None or (names is not None and file.name not in names):
                continue
            self._files += 1
            name = f"{folder}/files/{file.id} {file_name(file.name)}"
            kept = self._storage.file(file.storage_key)
            with kept.open("rb") as source, self._archive.open(name, "w") as member:
                shutil.copyfileobj(source, member)

    def _write_csv(self, name: str, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([[neutralise_text(cell) for cell in row] for row in rows])
        self._archive.writestr(name, text.getvalue().encode("utf-8-sig"))

    def _local(self, moment: Any) -> str:
        return moment.astimezone(self._tz).isoformat(timespec="seconds") if moment else ""
