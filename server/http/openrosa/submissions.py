"""HEAD and POST submission, as ODK Collect calls them (openrosa.md §7)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from server.actions.pushing import with_first_receipt
from server.actions.quarantine import quarantine_body
from server.actions.receiving import (
    Receipt,
    check_reception,
    receive_submission,
)
from server.actions.releasing import is_release_due, release_edits
from server.actions.slips import Slip, keep_files, plain_text, read_slip
from server.auth.callers import Caller
from server.db import db, transaction
from server.errors import NotAllowed, Problem, TooLarge, XmlPartMissing
from server.http.requests import checker, settings, storage
from server.http.turns import turn
from server.messages import text

from .bodies import Body, read_body
from .callers import authorise, identify
from .envelopes import language, message

bp = Blueprint("submissions", __name__)
_CHUNK = 65_536
_PATIENCE = 12_000_000


@bp.get("/submission")
def probe() -> Response:
    """HEAD comes before every filled form; only 204 makes Collect read the headers."""
    authorise()
    return Response(status=204)


@bp.post("/submission")
def submit() -> Response:
    with turn():
        caller = identify()
    limit = settings().max_upload
    if (request.content_length or 0) > limit:
        raise TooLarge(limit=limit)
    boundary = request.mimetype_params.get("boundary")
    with (
        read_body(request.stream, boundary, storage(), limit=limit) as body,
        _refused_to_quarantine(body, caller),
    ):
        slip = _read(body, caller)
        if slip.files:
            slip = _with_files(slip, caller)
        with turn():
            receipt = _receive(slip, caller)
            _release(receipt)
    status = 202 if receipt.is_held else 201
    return message(_receipt_text(receipt), nature="submit_success", status=status)


@bp.after_request
def take_the_rest(response: Response) -> Response:
    """Read on, within bounds, after a refusal: a phone looks for the answer once all is sent."""
    if request.method == "POST" and response.status_code >= 400:
        left = _PATIENCE
        with contextlib.suppress(HTTPException, OSError):
            while left > 0 and (chunk := request.stream.read(_CHUNK)):
                left -= len(chunk)
    return response


def _read(body: Body, caller: Caller) -> Slip:
    if caller.is_revoked:
        raise NotAllowed
    if not body.has_xml:
        raise XmlPartMissing
    slip = read_slip(
        body.xml,
        files=tuple(body.files),
        device_id=plain_text(request.args.get("deviceID")),
        user_agent=plain_text(request.headers.get("User-Agent")),
    )
    return with_first_receipt(slip, by=caller, project_id=g.project_id)


def _with_files(slip: Slip, caller: Caller) -> Slip:
    with turn():
        is_wanted = check_reception(slip, by=caller, project_id=g.project_id)
        db.session.rollback()
    return keep_files(slip, storage(), project_id=g.project_id, by=caller) if is_wanted else slip


def _receive(slip: Slip, caller: Caller) -> Receipt:
    slip = checker().with_judgement(slip, by=caller, project_id=g.project_id)
    with transaction():
        return receive_submission(slip, by=caller, project_id=g.project_id, tz=settings().tz)


def _release(receipt: Receipt) -> None:
    if is_release_due(receipt):
        with transaction():
            release_edits(receipt.form_id, receipt.awaited_id, checker=checker())


@contextlib.contextmanager
def _refused_to_quarantine(body: Body, caller: Caller) -> Iterator[None]:
    """Keep what a known sender sent completely, whatever it is refused for."""
    try:
        yield
    except Problem as problem:
        is_somebody = caller.actor_id is not None and caller.link is None
        is_known = is_somebody and problem.status < 500
        if is_known and (body.xml or body.files):
            with transaction():
                quarantine_body(
                    body.xml,
                    tuple(body.files),
                    problem,
                    by=caller,
                    project_id=g.project_id,
                    device_id=plain_text(request.args.get("deviceID")),
                    storage=storage(),
                )
        raise


def _receipt_text(receipt: Receipt) -> str:
    """The person sees it on the phone: what was saved, and which files are still missing."""
    named = "_named" if receipt.instance_name else ""
    state = "missing_files" if receipt.missing else "held" if receipt.is_held else "saved"
    key = f"{state}{named}"
    said = text(
        key,
        language(),
        name=(receipt.instance_name or "")[:200],
        count=len(receipt.missing),
        names=", ".join(receipt.missing[:3]) + ("…" if len(receipt.missing) > 3 else ""),
    )
    if receipt.findings:
        amount = "one" if receipt.findings == 1 else "many"
        said += text(f"findings_{amount}", language(), count=receipt.findings)
    return said
