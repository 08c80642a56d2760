"""What villages are called: as the register has them, else as the lists that forms bring."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from functools import cached_property

from server.actions.unit_lists import VILLAGES, label
from server.models import Form, Village
from server.queries import forms, villages
from server.storage import Storage


class VillageNames:
    """Those of a form: where its list is silent, another form's of the project is asked."""

    def __init__(self, form: Form, storage: Storage) -> None:
        self._form = form
        self._storage = storage
        self._of_communes: dict[tuple[str, str], Mapping[str, str]] = {}

    def of_commune(self, edition: str, code: str, *, is_current: bool) -> Mapping[str, str]:
        """The names of a commune's villages by code.

        Lists that forms bring say in which commune of today a village is, and of which it was.
        """
        place = (edition, code)
        if place not in self._of_communes:
            listed = villages.list_villages(edition, [code])
            known = {row.code: label(row) for row in listed}
            column = "commune_code" if is_current else "legacy_commune_code"
            self._of_communes[place] = known or self._brought_of(column, code)
        return self._of_communes[place]

    def find(self, code: str) -> str:
        """Empty where nobody knows the village."""
        village = self._register.get(code)
        return village.name if village else self._brought.get(code, {}).get("label", "")

    def _brought_of(self, column: str, code: str) -> dict[str, str]:
        rows = self._brought.items()
        return {village: row["label"] for village, row in rows if code and row.get(column) == code}

    @cached_property
    def _register(self) -> Mapping[str, Village]:
        return villages.list_all_villages()

    @cached_property
    def _brought(self) -> Mapping[str, Mapping[str, str]]:
        others = (f for f in forms.list_forms(self._form.project_id) if f.id != self._form.id)
        for form in (self._form, *others):
            if found := {row["name"]: row for row in self._read_list(form)}:
                return found
        return {}

    def _read_list(self, form: Form) -> Iterator[dict[str, str]]:
        version = forms.find_current_version(form)
        attached = forms.find_attachment(version.id, VILLAGES) if version else None
        if attached is None or attached.storage_key is None:
            return
        content = self._storage.file(attached.storage_key).read_bytes()
        text = content.decode("utf-8-sig", errors="replace")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        for row in csv.DictReader(io.StringIO(text), delimiter=delimiter):
            if row.get("name") and row.get("label"):
                yield row
