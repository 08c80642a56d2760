"""What was noticed in slips, in the words of a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from exports.labels import heading_text
from exports.workbooks.contents import Noted
from forms.checking import DeclaredCheck, Severity
from forms.definitions import Field, FormDefinition
from server.actions.checking.rules import read_declared
from server.actions.finding_texts import finding_text
from server.queries import forms, workbooks
from server.queries.exports import ExportScope, Portion
from server.queries.findings import MISSING_ATTACHMENT
from server.queries.scopes import Scope


class Noticing:
    """`definitions` are a form's versions by id, newest first."""

    def __init__(self, definitions: Mapping[int, FormDefinition], language: str) -> None:
        self._definitions = definitions
        self._language = language
        self._declared: dict[int, tuple[DeclaredCheck, ...]] = {}

    def iter_noted(self, scope: ExportScope, rows: Scope, portion: Portion) -> Iterator[Noted]:
        """What was found, then the files that have not come."""
        for row in workbooks.iter_findings(scope, rows, portion):
            definition = self._definitions[row.form_version_id]
            text = finding_text(
                definition,
                self._checks(row.form_version_id),
                self._language,
                code=row.code,
                path=row.path or "",
                value=row.value or "",
                details=row.details,
            )
            yield Noted(
                row.instance_id,
                row.severity,
                row.code,
                text,
                row.path or "",
                self._question(row.path or "", definition),
                row.value or "",
            )
        for row in workbooks.iter_missing(scope, rows, portion):
            definition = self._definitions[row.form_version_id]
            text = finding_text(
                definition, (), self._language, code=MISSING_ATTACHMENT, value=row.name
            )
            yield Noted(row.instance_id, Severity.WARNING, MISSING_ATTACHMENT, text, value=row.name)

    def _checks(self, form_version_id: int) -> tuple[DeclaredCheck, ...]:
        """They are kept beside the XForm, not in it."""
        if form_version_id not in self._declared:
            self._declared[form_version_id] = read_declared(forms.load_checks(form_version_id))
        return self._declared[form_version_id]

    def _question(self, path: str, definition: FormDefinition) -> str:
        plain = "/".join(step.partition("[")[0] for step in path.split("/"))
        field = self._fields.get(plain)
        if field is None:
            return ""
        return heading_text(field, self._language, definition.default_language)

    @cached_property
    def _fields(self) -> Mapping[str, Field]:
        """By path; what newer versions say counts."""
        versions = reversed(list(self._definitions.values()))
        return {field.path: field for version in versions for field in version.fields()}
