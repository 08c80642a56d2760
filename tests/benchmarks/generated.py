"""Very many submissions and their projection, made at once: no slip passes through receiving.

One slip in each hundred is there as it would have been received, so that the projection can be
verified by it; the others have rows alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import insert

from exports.rows import VERSION, Slip, with_values
from forms.xml import parse_xml
from server.actions.projecting import load_projected
from server.db import db, execute, transaction
from server.models import ProjectionFile, Submission, SubmissionVersion
from server.projection.files import RowFiles
from server.projection.filling import ProjectedForm, written
from server.queries import projection, units
from server.queries.forms import get_form, list_versions
from server.storage import open_storage
from tests.benchmarks.slips import three_children
from tests.helpers.installations import Installation

_PROVINCE = ("vn-2025-07", "33")
REAL = 100
_IN_FILE = 6_400
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_INSTANCE_ID = re.compile(rb"<(?:orx:)?instanceID>([^<]+)<")
_MARK = "@@@@@@@@"
_PATTERNS = 200
_START = datetime(2026, 1, 1, tzinfo=UTC)
_XML_SIZE = 10_000


def generate(
    installation: Installation,
    count: int,
    communes: int,
    form_id: str = "child_situation",
    make_slips: Callable[[int], Sequence[bytes]] = three_children,
) -> list[str]:
    """`count` submissions of a form, evenly from a province's communes, whose codes it returns.

    The slips are the patterns of all.
    """
    app = installation.create_app()
    with app.app_context():
        settings = app.config["PHIEU"]
        form = get_form(1, form_id)
        projected = load_projected(form.id, settings.tz)
        [version, *_] = list_versions(form)
        files = RowFiles(open_storage(settings), settings.secret_key)
        made = _Made(projected, files, version.id, make_slips(_PATTERNS))
        province = units.find_unit(*_PROVINCE)
        assert province is not None
        places = units.list_communes_of(province)[:communes]
        for place, first, size in _files(count, places):
            made.add_file(first, size, place.edition, place.code)
        db.session.remove()
        db.engine.dispose()
    return [place.code for place in places]


def _files(count: int, places: Sequence[Any]) -> Iterator[tuple[Any, int, int]]:
    """(commune, first number, how many) of each file; whole hundreds but for a commune's last."""
    first = 1
    for left, place in zip(range(len(places), 0, -1), places, strict=True):
        share = (count - first + 1) // left
        while share:
            size = min(_IN_FILE, share)
            yield place, first, size
            first += size
            share -= size


class _Made:
    """Makes files of rows out of a few patterns: each slip and child has keys of its own."""

    def __init__(
        self, form: ProjectedForm, files: RowFiles, version_id: int, slips: Sequence[bytes]
    ) -> None:
        self._form = form
        self._files = files
        self._version_id = version_id
        self._patterns = [_marked(xml) for xml in slips]
        slips = (
            Slip(number, version_id, parse_xml(xml, lenient=True))
            for number, xml in enumerate(self._patterns)
        )
        self._frames = [frame.rename({VERSION: "pattern"}) for frame in form.rows.frames(slips)]

    def add_file(self, first: int, count: int, edition: str, code: str) -> None:
        numbers = range(first, first + count)
        file = ProjectionFile(
            form_id=self._form.id,
            edition=edition,
            commune_code=code,
            is_by_commune=True,
            is_sealed=False,
        )
        frames = [
            with_values(self._tile(frame, numbers), layout, self._form.tz)
            for frame, layout in zip(self._frames, self._form.rows.layouts, strict=True)
        ]
        sizes = dict.fromkeys(numbers, _XML_SIZE)
        with written(self._form, self._files, file, frames, sizes), transaction():
            self._add_submissions(numbers, edition, code)
            projection.add_file(file, sizes)

    def _tile(self, frame: pl.DataFrame, numbers: range) -> pl.DataFrame:
        """The rows of those numbers, each of its pattern."""
        versions = pl.DataFrame({VERSION: list(numbers)}, schema={VERSION: pl.Int64})
        versions = versions.with_columns(pattern=pl.col(VERSION) % _PATTERNS)
        rows = versions.join(frame, on="pattern", how="inner", maintain_order="left_right")
        number = pl.col(VERSION).cast(pl.String).str.zfill(len(_MARK))
        marked = [
            name
            for name in frame.columns
            if frame.schema[name] == pl.String and frame[name].str.contains(_MARK).any()
        ]
        renamed = (pl.col(name).str.replace_all(_MARK, number, literal=True) for name in marked)
        return rows.with_columns(renamed).drop("pattern")

    def _add_submissions(self, numbers: range, edition: str, code: str) -> None:
        form = {"form_id": self._form.id, "form_version_id": self._version_id}
        submissions, versions = [], []
        for number in numbers:
            xml = self._patterns[number % _PATTERNS].replace(
                _MARK.encode(), str(number).zfill(len(_MARK)).encode()
            )
            instance_id = _INSTANCE_ID.search(xml)[1].decode()
            at = _START + timedelta(seconds=number)
            submissions.append(
                form
                | {"id": number, "project_id": 1, "instance_id": instance_id, "created_at": at}
                | {"edition": edition, "commune_code": code, "changed_at": at}
            )
            is_real = number % REAL == 0
            versions.append(
                form
                | {"id": number, "submission_id": number, "instance_id": instance_id}
                | {"xml": xml if is_real else b"", "received_at": at}
            )
        execute(insert(Submission), submissions)
        execute(insert(SubmissionVersion), versions)


def _marked(xml: bytes) -> bytes:
    """The slip with a mark in each of its ids, where the number of the submission goes."""
    known: dict[bytes, bytes] = {}

    def mark(match: re.Match[bytes]) -> bytes:
        id_ = f"{_MARK}-0000-4000-8000-{len(known):012d}"
        return known.setdefault(match[0], id_.encode())

    return _UUID.sub(mark, xml)
