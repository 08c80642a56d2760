"""The query of an OData request: which of its parts are known, what they ask for (§13.4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask import request

from server.db import utc_now
from server.errors import (
    ExpandUnsupported,
    FormatNotGiven,
    NotFound,
    ParameterUnknown,
    SelectWithExpand,
    TextTooLong,
)
from server.odata.conditions import Condition, Kind
from server.odata.filters import parse_filter
from server.odata.orders import Order, parse_order, parse_select

from ..bodies import flag, number

JSON, XML = "application/json", "application/xml"
_NAMES = frozenset(
    f"${name}"
    for name in (
        *("format", "count", "skip", "top", "filter", "wkt", "expand", "select", "skiptoken"),
        *("orderby", "search"),
    )
)
_OF_KIND = {
    JSON: ("json",),
    XML: ("xml", "atom"),
}
_MAX_SEARCH, _MAX_WORDS = 200, 10


@dataclass(frozen=True, slots=True)
class Options:
    """Which part of a table is asked for, in which order, and which of its columns (None: all)."""

    top: int | None
    skip: int
    skiptoken: str | None
    is_counted: bool
    orders: tuple[Order, ...]
    selected: frozenset[str] | None


def require_format(given: str) -> None:
    """Refuse whoever takes only the other kind of document, and clients of older versions."""
    version = request.headers.get("OData-MaxVersion", "4.0").strip()
    if version[:1].isdecimal() and version < "4":
        raise NotFound(subject="odata", name=version)
    for name in request.args:
        if name.startswith("$") and name not in _NAMES:
            raise ParameterUnknown(feature=name[:100])
    asked = request.args.get("$format") or request.headers.get("Accept", "")
    types = [part.partition(";")[0].strip().lower() for part in asked.split(",")]
    [other] = {JSON, XML} - {given}
    if all(_is_kind(type_, other) and not _is_kind(type_, given) for type_ in types):
        raise FormatNotGiven(allowed=given, got=asked[:100])


def read_options(fields: Collection[str], columns: Collection[str]) -> Options:
    """Rows can be ordered by `fields`, and of `columns` some selected."""
    orders = request.args.get("$orderby")
    skiptoken = request.args.get("$skiptoken")
    if orders and skiptoken:
        raise ParameterUnknown(feature="$orderby")
    return Options(
        top=number("$top"),
        skip=number("$skip") or 0,
        skiptoken=skiptoken or None,
        is_counted=flag("$count") is True,
        orders=parse_order(orders, fields) if orders else (),
        selected=_read_select(columns),
    )


def read_filter(fields: Mapping[str, Kind]) -> Condition | None:
    text = request.args.get("$filter", "")
    return parse_filter(text, fields, now=utc_now()) if text.strip() else None


def read_words() -> tuple[str, ...]:
    """The words of `$search`."""
    text = request.args.get("$search", "").replace("\0", " ")
    if len(text) > _MAX_SEARCH:
        raise TextTooLong(subject="search", limit=_MAX_SEARCH)
    words = text.split()
    if len(words) > _MAX_WORDS:
        raise TextTooLong(subject="search_words", limit=_MAX_WORDS)
    return tuple(words)


def _read_select(columns: Collection[str]) -> frozenset[str] | None:
    select, expand = request.args.get("$select"), request.args.get("$expand")
    if expand and expand != "*":
        raise ExpandUnsupported(text=expand[:100])
    if select and expand:
        raise SelectWithExpand
    return parse_select(select, columns) if select else None


def _is_kind(type_: str, kind: str) -> bool:
    return any(word in type_ for word in _OF_KIND[kind])
