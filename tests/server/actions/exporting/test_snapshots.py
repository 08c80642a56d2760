"""What is written is as of one moment, whatever comes, changes and goes while it is written."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from server.actions.exporting.orders import By
from server.actions.reviewing import Decision, set_review_state
from server.cli.common import operator, settings, storage
from server.db import db, transaction, utc_now
from server.jobs.projecting import project_submissions, tidy_projection
from server.jobs.surroundings import Surroundings
from server.models import ReviewState, Submission
from tests.helpers.exporting import export
from tests.helpers.slips import house

COMMUNES = ("12472", "13225", "12322", "99999")
FORMATS: tuple[dict[str, object], ...] = (
    {"format": "csv", "by": By.COMMUNE, "edition": "current"},
    {"format": "ndjson", "labels": "vi"},
    {"format": "workbook"},
    {"format": "attachments", "by": By.COMMUNE},
)


class Others:
    """Whoever sends, edits, reviews and deletes meanwhile; and the worker."""

    def __init__(self, app, submit) -> None:
        self._app = app
        self._submit = submit
        self._numbers = count()
        self._sent: dict[int, bytes] = {}
        self.around = Surroundings.of(settings(), storage())

    def send(self, how_many: int) -> None:
        for number in (next(self._numbers) for _ in range(how_many)):
            name, file = f"uuid:{number}", f"{number}.pdf"
            files = (("Bình", "1", file), ("An", "2", f"late-{number}.pdf"))
            xml = house(name, commune=COMMUNES[number % len(COMMUNES)], children=files)
            assert self._submit(xml, (file, name.encode())).status_code == 201
            self._sent[number] = xml

    def change_all(self) -> None:
        """In a thread of its own, with connections of its own."""
        failures: list[BaseException] = []

        def run() -> None:
            try:
                with self._app.app_context():
                    self._change_all()
            except BaseException as error:  # noqa: BLE001 - raised again below
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if failures:
            raise failures[0]

    def _change_all(self) -> None:
        for number, xml in self._sent.items():
            self._submit(xml, (f"late-{number}.pdf", b"late"))
        self.send(2)
        with transaction():
            for submission in db.session.scalars(db.select(Submission)).all():
                self._change(submission)
        for number in [*self._sent][::3]:
            self._edit(number)
        project_submissions(self.around)
        tidy_projection(self.around)

    def _change(self, submission: Submission) -> None:
        match submission.id % 5:
            case 0:
                is_deleted = submission.deleted_at is not None
                submission.deleted_at = None if is_deleted else utc_now()
            case 1:
                states = (ReviewState.APPROVED, ReviewState.HAS_ISSUES)
                state = states[submission.review_state is states[0]]
                set_review_state(submission, Decision(state, "Xem lại."), by=operator(), asked="x")
            case 2:
                submission.edition, submission.commune_code = "vn-2025-01", "12505"

    def _edit(self, number: int) -> None:
        [newest] = re.findall("<instanceID>(.*?)</instanceID>", self._sent[number].decode())
        name = f"{newest}.1"
        old, new = f"<instanceID>{newest}</instanceID>", f"<instanceID>{name}</instanceID>"
        xml = house(newest, head="Người khác", children=()).decode()
        xml = xml.replace(old, f"{new}<deprecatedID>{newest}</deprecatedID>")
        if self._submit(xml.encode()).status_code == 201:
            self._sent[number] = xml.encode()


@pytest.fixture
def others(app, submit) -> Others:
    """After ten submissions: of some there are rows in files, of others not yet."""
    others = Others(app, submit)
    others.send(5)
    tidy_projection(others.around)
    others.send(3)
    project_submissions(others.around)
    others.send(2)
    return others


@pytest.fixture
def small_pages(monkeypatch) -> None:
    monkeypatch.setattr("server.queries.exports.PAGE_BYTES", 1)
    monkeypatch.setattr("server.queries.exports._LISTED", 2)


def after_the_first(do: Callable[[], None]) -> Callable[[int], None]:
    """A progress that does it once, when the first page was written."""
    left = [do]

    def progress(_count: int) -> None:
        if left:
            left.pop()()

    return progress


def test_an_export_under_way_is_of_the_moment_when_it_began(others, small_pages, tmp_path: Path):
    for words in FORMATS:
        of_format = tmp_path / str(words["format"])
        of_format.mkdir()
        before = export("houses", of_format / "before.zip", **words)

        during = export(
            "houses", of_format / "during.zip", **words, progress=after_the_first(others.change_all)
        )

        assert during == before
        files = (of_format / f"{name}.zip" for name in ("before", "during"))
        assert len({path.read_bytes() for path in files}) == 1
        assert export("houses", of_format / "after.zip", **words) != before
