"""QR codes as pictures: black on white, with a quiet zone for cameras (openrosa.md §11.3)."""

from __future__ import annotations

import io
from pathlib import Path

import click
import segno

from server.actions.collecting import collect_address, phone_settings, qr_text
from server.actions.handing_out import read_token
from server.cli.common import operator, settings
from server.cli.errors import language
from server.cli.files import write_private
from server.messages import text
from server.models import AppUser, Project

QUIET = 4
_PIXELS = 8
PICTURES = (".png", ".svg")


class NamedPath(click.Path):
    """Where a file goes whose suffix says what is in it."""

    def __init__(self, *suffixes: str) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)
        self._suffixes = suffixes

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        path = Path(str(super().convert(value, param, ctx)))  # type: ignore[arg-type]
        if path.suffix.lower() not in self._suffixes:
            allowed = ", ".join(self._suffixes)
            self.fail(text("path_suffix", language(), path=path, allowed=allowed), param, ctx)
        return path


def make_code(
    app_user: AppUser, project: Project, *, address: str, admin_password: str = ""
) -> segno.QRCode:
    """The code of one app user. Reading the token is in the audit log: call it in a transaction."""
    token = read_token(app_user, secret_key=settings().secret_key, by=operator())
    text = qr_text(
        phone_settings(
            collect_address(address, token, project.id),
            project_name=project.name,
            language=app_user.language or settings().lang,
            username=app_user.actor.display_name,
            admin_password=admin_password,
        )
    )
    return segno.make_qr(text, error="l")


def write_picture(code: segno.QRCode, path: Path) -> None:
    """A PNG with 8 pixels a module, or an SVG of the same size; for its owner's eyes only."""
    picture = io.BytesIO()
    kind = path.suffix.lower().lstrip(".")
    code.save(picture, kind=kind, border=QUIET, scale=_PIXELS, dark="black", light="white")
    write_private(path, picture.getvalue())


def draw_inline(code: segno.QRCode) -> str:
    """An SVG element that fills the place it is given."""
    return code.svg_inline(border=QUIET, dark="black", light="white", omitsize=True)
