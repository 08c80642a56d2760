"""`phieu submissions review|comment|history|review-all`, as staff type them."""

from __future__ import annotations

import json

import pytest

from server.cli import submissions
from server.db import db
from server.errors import FieldMissing, NotFound, VersionNotFound
from tests.helpers.slips import house


@pytest.fixture
def run(app, token, submit):
    """A command of the group, after three slips; its output as JSON."""
    submit(house("uuid:1"))
    submit(house("uuid:2"))
    submit(house("uuid:3", commune="12322"))

    def call(*arguments: str, status: int = 0, typed: str = "", as_json: bool = True):
        given = [*arguments, *(["--json"] if as_json else [])]
        result = app.test_cli_runner().invoke(submissions.command, given, input=typed)
        db.session.rollback()
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return json.loads(result.stdout) if as_json and status == 0 else result.output

    return call


def test_a_slip_is_returned_and_shown_with_the_reason(run):
    done = run("review", "uuid:1", "hasIssues", "--comment", "Thiếu ngày sinh")
    run("comment", "uuid:1", "Đã gọi điện")

    shown = run("show", "uuid:1")
    assert done == {
        "instanceId": "uuid:1",
        "reviewState": "hasIssues",
        "comment": "Thiếu ngày sinh",
    }
    assert (shown["reviewState"], shown["returnedFor"]) == ("hasIssues", "Thiếu ngày sinh")
    assert [row["text"] for row in shown["comments"]] == ["Đã gọi điện", "Thiếu ngày sinh"]
    states = [(row["reviewState"], row["text"]) for row in run("history", "uuid:1")]
    assert states == [
        (None, "Đã gọi điện"),
        (None, "Thiếu ngày sinh"),
        ("hasIssues", ""),
        ("received", ""),
    ]
    assert "Thiếu ngày sinh" in run("show", "uuid:1", as_json=False)
    assert "hasIssues" in run("history", "uuid:1", as_json=False)


def test_what_was_never_returned_has_no_reason(run):
    run("review", "uuid:1", "approved", as_json=False)
    shown = run("show", "uuid:1")

    assert (shown["reviewState"], shown["returnedFor"], shown["comments"]) == ("approved", None, [])


@pytest.mark.parametrize("state", ["hasIssues", "rejected"])
def test_without_a_reason_nothing_is_returned(run, state):
    with pytest.raises(FieldMissing):
        run("review", "uuid:1", state)
    with pytest.raises(FieldMissing):
        run("review-all", "houses", state)

    assert run("show", "uuid:1")["reviewState"] == "received"


def test_nobody_types_edited_or_an_unknown_state(run):
    for state in ("edited", "accepted"):
        assert state in run("review", "uuid:1", state, status=2)
    with pytest.raises(NotFound):
        run("review", "uuid:9", "approved")


def test_many_are_counted_first_and_changed_after_a_yes(run):
    assert run("review-all", "houses", "approved", "--dry-run") == {"found": 3, "changed": 0}
    run("review-all", "houses", "approved", typed="n\n", status=1)
    assert run("show", "uuid:1")["reviewState"] == "received"

    said = run("review-all", "houses", "approved", typed="y\n", as_json=False)

    assert "3" in said
    assert run("review-all", "houses", "approved", "--yes") == {"found": 0, "changed": 0}
    assert {run("show", f"uuid:{n}")["reviewState"] for n in (1, 2, 3)} == {"approved"}


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--unit", "33"), 3),
        (("--village", "V1"), 0),
        (("--from", "2026-01-01", "--to", "2026-01-02"), 0),
        (("--review", "received", "--review", "edited"), 2),
        (("--form-version", "1"), 3),
        (("--submitter", "1"), 0),
        (("--finding", "V06"), 0),
    ],
)
def test_options_leave_some(run, options, count):
    run("review", "uuid:2", "rejected", "--comment", "trùng")

    found = run("review-all", "houses", "approved", *options, "--dry-run")["found"]

    assert found == count


def test_what_a_filter_names_has_to_be_there(run):
    for option, refusal in (("--unit", NotFound), ("--form-version", VersionNotFound)):
        with pytest.raises(refusal):
            run("review-all", "houses", "approved", option, "none", "--dry-run")


@pytest.mark.parametrize(
    "arguments",
    [
        ("history", "uuid:none"),
        ("comment", "uuid:none", "x"),
        ("review", "uuid:none", "approved"),
        ("review-all", "none", "approved"),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_process_of_its_own_says_what_is_not_there(installation, arguments):
    said = installation.run("submissions", *arguments, status=1)

    assert "none" in said
    assert "Traceback" not in said
