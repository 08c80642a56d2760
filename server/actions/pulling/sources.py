"""What the protocol says, asked of a client: forms, their files, ids, submissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from forms.briefcase import IdChunk, parse_chunk, write_key
from forms.envelopes import MAX_BYTES, MediaFile, parse_envelope
from forms.errors import DocumentRefused, FormsError
from forms.instances import Instance, parse_instance
from forms.openrosa_lists import ListedForm, parse_form_list, parse_manifest
from forms.xforms import MAX_BYTES as MAX_XFORM
from server.actions.pulling.client import Client, Document
from server.errors import FormNotAtSource, SourceIsBroken, SourceIsNotOpenRosa

PAGE = 20
"""Small, because what is finished is remembered page by page: lines that break often get on too."""
MAX_LIST = 10_000_000
_Read = TypeVar("_Read")
_ORIGINAL = re.compile(r'<([^>]+)>\s*;\s*rel="original"')


@dataclass(frozen=True, slots=True)
class PulledInstance:
    """An instance as the source has it, and where its files are."""

    xml: bytes
    instance: Instance
    submitted_at: datetime | None
    files: tuple[MediaFile, ...]


class Source:
    """Another server; every answer is read with the suspicion that `forms` has for input."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.name = client.host

    def list_forms(self) -> dict[str, ListedForm]:
        """What it offers, by id."""
        answer = self.client.get("formList", limit=MAX_LIST)
        return {form.xml_form_id: form for form in self._read(parse_form_list, answer)}

    def list_versions(self, form: ListedForm) -> list[ListedForm]:
        """Every version it still has, the one it offers last; many servers have only that one."""
        query = urlencode({"formID": form.xml_form_id, "listAllVersions": "true"})
        answer = self.client.get(f"formList?{query}", limit=MAX_LIST)
        listed = self._read(parse_form_list, answer)
        older = {f.version: f for f in listed if f.xml_form_id == form.xml_form_id}
        older.pop(form.version, None)
        return [*older.values(), form]

    def load_xform(self, form: ListedForm) -> bytes:
        fallback = "formXml?" + urlencode({"formId": form.xml_form_id})
        return self.client.get(form.download_url or fallback, limit=MAX_XFORM).body

    def list_media(self, form: ListedForm) -> tuple[MediaFile, ...]:
        if not form.manifest_url:
            return ()
        return self._read(parse_manifest, self.client.get(form.manifest_url, limit=MAX_LIST))

    def list_ids(self, xml_form_id: str, cursor: str) -> IdChunk:
        query = {"formId": xml_form_id, "numEntries": PAGE, "includeIncomplete": "true"}
        query |= {"cursor": cursor} if cursor else {}
        address = f"view/submissionList?{urlencode(query)}"
        return self._read(parse_chunk, self.client.get(address, limit=MAX_LIST))

    def load_instance(self, xml_form_id: str, root: str, instance_id: str) -> PulledInstance:
        query = urlencode({"formId": write_key(xml_form_id, root, instance_id)})
        answer = self.client.get(f"view/downloadSubmission?{query}", limit=MAX_BYTES)
        found = self._read(parse_envelope, answer)
        xml = self._original(answer, found.xml)
        try:
            instance = parse_instance(xml)
        except FormsError as error:
            raise SourceIsBroken(source=self.name, reason=error) from error
        for wanted, given in (
            (xml_form_id, instance.xml_form_id),
            (instance_id, instance.instance_id),
        ):
            if given != wanted:
                raise SourceIsBroken(source=self.name, reason=f"{wanted[:100]} ≠ {given[:100]}")
        return PulledInstance(xml, instance, found.submitted_at, found.files)

    def find_form(self, offered: dict[str, ListedForm], xml_form_id: str) -> ListedForm:
        if xml_form_id not in offered:
            raise FormNotAtSource(source=self.name, form=xml_form_id)
        return offered[xml_form_id]

    def _original(self, answer: Document, enveloped: bytes) -> bytes:
        """The bytes as the phone sent them, from a server that says where they are.

        A phone that sends the same slip here later is then recognised.
        """
        link = _ORIGINAL.search(answer.headers.get("Link", ""))
        if link is None or not self.client.is_same_origin(link[1]):
            return enveloped
        return self.client.get(link[1], limit=MAX_BYTES).body

    def _read(self, parse: Callable[[bytes], _Read], answer: Document) -> _Read:
        """Parse it; without OpenRosa's header, what cannot be read is some other web page."""
        try:
            return parse(answer.body)
        except DocumentRefused as error:
            speaks = "X-OpenRosa-Version" in answer.headers
            kind = SourceIsBroken if speaks else SourceIsNotOpenRosa
            raise kind(source=self.name, reason=error) from error
