"""The address that phones use: PHIEU_PUBLIC_URL, else the one that `phieu serve` last announced."""

from __future__ import annotations

import contextlib
from pathlib import Path
from urllib.parse import urlsplit

import click

from server.cli.common import settings, words
from server.cli.files import write_private
from server.errors import AddressUnknown

PLACEHOLDER = "<PHIEU_PUBLIC_URL>"
_LOCAL = ("127.0.0.1", "localhost", "::1")


def announce(address: str) -> str:
    """Remember what people are told; return it, or PHIEU_PUBLIC_URL where that is set."""
    if not settings().public_url:
        with contextlib.suppress(OSError):  # a folder that is read-only keeps nobody from serving
            write_private(_kept(), address.encode())
    return settings().public_url or address


def get_address() -> str:
    """For what has to work as it is, such as a QR code; AddressUnknown where nobody has said it."""
    address = _find_address()
    if address is None:
        raise AddressUnknown
    _warn_of_local(address)
    return address


def shown_address() -> str:
    """For a person to read: a placeholder, and a warning, where nobody has said it."""
    address = _find_address()
    if address is None:
        click.echo(words("address_unknown"), err=True)
        return PLACEHOLDER
    _warn_of_local(address)
    return address


def _find_address() -> str | None:
    if settings().public_url:
        return settings().public_url
    try:
        return _kept().read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def _warn_of_local(address: str) -> None:
    if urlsplit(address).hostname in _LOCAL:
        click.echo(words("address_local", address=address), err=True)


def _kept() -> Path:
    return settings().data / "address"
