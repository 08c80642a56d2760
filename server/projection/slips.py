"""Slips read out of their XML, and versions taken together by its size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from exports.rows import Slip
from forms.errors import InstanceRefused
from forms.instances import is_encrypted
from forms.xml import parse_xml

MAX_BYTES = 64_000_000
"""Of XML whose rows one file holds."""


class Sized(Protocol):
    """A version of which the size of its XML is known."""

    @property
    def xml_size(self) -> int: ...


S = TypeVar("S", bound=Sized)


def read_slip(version: int, form_version: int, xml: bytes) -> Slip | None:
    """The slip; None for one that is encrypted or cannot be read: it has no rows."""
    try:
        root = parse_xml(xml, lenient=True)
    except InstanceRefused:
        return None
    return None if is_encrypted(root) else Slip(version, form_version, root)


def by_size(versions: Iterable[S], most: int) -> Iterator[list[S]]:
    """Lists of at most that many bytes of XML, or of one version that is longer."""
    some: list[S] = []
    size = 0
    for version in versions:
        if some and size + version.xml_size > most:
            yield some
            some, size = [], 0
        some.append(version)
        size += version.xml_size
    if some:
        yield some
