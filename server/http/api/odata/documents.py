"""Documents of OData: what there is, of which types, and rows as they are read (§13.2, §13.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request, stream_with_context
from lxml import etree

from server.odata.skiptokens import write_token

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_CAPABILITIES = "Org.OData.Capabilities.V1"
_JSON = "application/json; charset=utf-8; odata.metadata=minimal"
Row = Mapping[str, Any]
Types = Mapping[str, str]
"""The type of each property, by its name."""


@dataclass(frozen=True, slots=True)
class Table:
    """A part of a table: `top` rows of it, or all, and how many there are if that is asked for.

    Of each page `dump` makes rows of the document, `mark` the token of the row that is the last.
    """

    root: str
    name: str
    pages: Iterable[Sequence[Any]]
    dump: Callable[[Sequence[Any]], Iterable[Row]]
    mark: Callable[[Any], Mapping[str, str]]
    top: int | None = None
    count: int | None = None
    is_ordered: bool = False


def service_document(root: str, tables: Iterable[str]) -> Response:
    value = [{"name": name, "kind": "EntitySet", "url": name} for name in tables]
    body = {"@odata.context": f"{root}/$metadata", "value": value}
    return Response(current_app.json.dumps(body), content_type=_JSON)


def table_document(table: Table) -> Response:
    """The first page is read before the answer begins: what goes wrong by then is said as usual."""
    pages = iter(table.pages)
    first = [*islice(pages, 1)]
    streamed = _iter_table(table, chain(first, pages))
    return Response(stream_with_context(streamed), content_type=_JSON)


def metadata_document(
    complex_types: Mapping[str, Types],
    namespace: str,
    container: str,
    tables: Mapping[str, Types],
) -> Response:
    """Types that all resources share are named with their namespace; a table's key is `__id`."""
    root = etree.Element(f"{{{_EDMX}}}Edmx", Version="4.0", nsmap={"edmx": _EDMX})
    services = etree.SubElement(root, f"{{{_EDMX}}}DataServices")
    for name, types in complex_types.items():
        shared, _, plain = name.rpartition(".")
        schema = _add_schema(services, shared)
        _add_properties(_add(schema, "ComplexType", Name=plain), types)
    schema = _add_schema(services, namespace)
    for name, types in tables.items():
        kind = _add(schema, "EntityType", Name=name)
        _add(_add(kind, "Key"), "PropertyRef", Name="__id")
        _add_properties(kind, types)
    sets = _add(schema, "EntityContainer", Name=container)
    for name in tables:
        added = _add(sets, "EntitySet", Name=name, EntityType=f"{namespace}.{name}")
        _add_capabilities(added)
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Response(body, content_type="application/xml; charset=utf-8")


def _iter_table(table: Table, pages: Iterable[Sequence[Any]]) -> Iterator[str]:
    dumps = current_app.json.dumps
    head = {"@odata.context": f"{table.root}/$metadata#{table.name}"}
    counted = {} if table.count is None else {"@odata.count": table.count}
    yield dumps(head | counted)[:-1] + ',"value":['
    given, last, is_cut = 0, None, False
    for page in pages:
        rows = page if table.top is None else page[: table.top - given]
        is_cut = len(rows) < len(page)
        if rows:
            yield ("," if given else "") + ",".join(dumps(row) for row in table.dump(rows))
            given, last = given + len(rows), rows[-1]
    yield "]"
    if is_cut and last is not None:
        yield f',"@odata.nextLink":{dumps(_next_link(table, last, given))}'
    yield "}"


def _next_link(table: Table, last: Any, given: int) -> str:
    """The same query from there on. Rows in an order of the client's are skipped by number."""
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("$skip", "$skiptoken")
    ]
    if table.is_ordered:
        kept.append(("$skip", str(int(request.args.get("$skip") or 0) + given)))
    else:
        kept.append(("$skiptoken", write_token(**table.mark(last))))
    return f"{table.root}/{table.name}?{urlencode(kept)}"


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{_EDM}}}{tag}", attributes)


def _add_schema(services: Any, namespace: str) -> Any:
    plain: Any = {None: _EDM}  # lxml's stubs know no namespace without a prefix
    return etree.SubElement(services, f"{{{_EDM}}}Schema", nsmap=plain, Namespace=namespace)


def _add_properties(parent: Any, types: Types) -> None:
    for name, type_ in types.items():
        _add(parent, "Property", Name=name, Type=type_)


def _add_capabilities(parent: Any) -> None:
    level = f"{_CAPABILITIES}.ConformanceLevel"
    _add(parent, "Annotation", Term=level, EnumMember=f"{level}Type/Minimal")
    for name in ("BatchSupported", "CrossJoinSupported", "IndexableByKey", "TopSupported"):
        can = "true" if name == "TopSupported" else "false"
        _add(parent, "Annotation", Term=f"{_CAPABILITIES}.{name}", Bool=can)
