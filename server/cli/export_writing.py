"""How commands write an export and tell of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from exports.media import FORMAT as ATTACHMENTS
from exports.workbooks import FORMAT as WORKBOOK
from server.actions.decrypting import Status
from server.actions.exporting.orders import ExportOrder, Written
from server.actions.exporting.performing import count_order, log_order, perform
from server.actions.exporting.workbooks import withholds_due
from server.actions.exporting.writing import Installed
from server.auth.callers import Caller
from server.cli.common import print_json, settings, storage, words
from server.db import snapshot
from server.models import Form, Unit
from server.queries import forms

_OF_FILE = re.compile(r"\.([a-z]{2,8}|7z|mp[34]|bz2)")
"""A folder whose name ends so would be taken for a file; `2026.11` is no such."""


def installed() -> Installed:
    return Installed.of(storage(), settings().secret_key, settings().tz)


def write_order(
    order: ExportOrder, form: Form, *, by: Caller, units: Sequence[Unit], as_json: bool
) -> None:
    """Write it, with progress on a terminal, and tell what became of it."""
    form_id, name = form.id, form.xml_form_id
    total = count_order(order, form, by=by)
    log_order(order, forms.get_form_by_id(form_id), submissions=total, by=by)
    bar = click.progressbar(length=total, label=name, file=sys.stderr)
    with snapshot(), bar:
        written = perform(
            order, forms.get_form_by_id(form_id), at=installed(), by=by, progress=bar.update
        )
    older = _count_older(order, form_id, units, by=by) - total
    if older > 0:
        click.echo(words("export_older", count=older), err=True)
    if order.format == WORKBOOK and withholds_due(forms.get_form_by_id(form_id), by=by):
        click.echo(words("export_without_due"), err=True)
    _print_written(written, units, release=order.release, as_json=as_json)


def _count_older(order: ExportOrder, form_id: int, units: Sequence[Unit], *, by: Caller) -> int:
    """How many there are of the units asked for with what older editions called them."""
    if not units or order.edition is not None:
        return 0
    wider = replace(order, edition=units[0].edition)
    return count_order(wider, forms.get_form_by_id(form_id), by=by)


def require_fitting(order: ExportOrder) -> None:
    """One file that holds all may be named itself; anything else is a .zip or a folder."""
    suffix = order.out.suffix.lower()
    if suffix in (order.suffix, ".zip"):
        return
    if order.format == ATTACHMENTS:
        refused = "Attachments go into a .zip."
    elif order.format == WORKBOOK and suffix == ".xlsx":
        refused = "An .xlsx holds one commune: name it by --unit, or give a .zip or a folder."
    elif _OF_FILE.fullmatch(suffix):
        refused = f"Give a .zip or a folder, not a {suffix}."
    elif not order.out.name.strip() or order.out.resolve() == Path.cwd():
        refused = "Give a .zip or a folder inside this one."
    else:
        return
    raise click.BadParameter(refused, param_hint="--out")


def _print_written(
    written: Written, chosen: Sequence[Unit], *, release: int | None, as_json: bool
) -> None:
    if as_json:
        print_json(
            {
                "out": str(written.out),
                "submissions": written.submissions,
                "communes": written.communes,
                "communeUnknown": written.unknown,
                "units": [{"code": u.code, "edition": u.edition, "name": u.name} for u in chosen],
                "decrypted": written.decrypted,
                "statuses": written.statuses,
                **({} if release is None else {"release": release}),
            }
        )
        return
    click.echo(words("export_written", path=written.out, count=written.submissions))
    if release is not None:
        click.echo(words("export_release", id=release))
    for unit in chosen:
        click.echo(f"{unit.code} {unit.name}, {unit.edition}")
    for status, count in written.statuses.items():
        said = words(f"sealed_{Status(status).name.lower()}")
        click.echo(words("export_sealed", count=count, status=said), err=True)
    if Status.NOT_DECRYPTED in written.statuses:
        click.echo(words("export_not_decrypted"), err=True)
