"""…/datasets/{name}.svc: an entity list for OData clients (central-api.md §15.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response

from server.actions.entities.access import Access, get_list, require_access
from server.actions.entities.lists import odata_names
from server.actions.entities.references import follow
from server.actions.readings import log_reading
from server.auth.callers import Caller
from server.auth.roles import Verb
from server.errors import SkiptokenGone
from server.http.requests import base_url
from server.odata.names import to_identifier
from server.odata.skiptokens import read_token
from server.queries import entity_pages, entity_windows
from server.queries.entity_pages import FIELDS, PageRow
from server.queries.entity_windows import Rows, Window

from ..bodies import stamp
from ..callers import identify
from ..entity_filters import read_wanted
from .documents import Table, metadata_document, service_document, table_document
from .envelopes import register_xml
from .options import JSON, XML, Options, read_options, require_format

TABLE = "Entities"
_SHARED = "org.opendatakit.entity.metadata"
_SYSTEM = {
    "createdAt": "Edm.DateTimeOffset",
    "creatorId": "Edm.String",
    "creatorName": "Edm.String",
    "updates": "Edm.Int64",
    "updatedAt": "Edm.DateTimeOffset",
    "version": "Edm.Int64",
    "conflict": "Edm.String",
    "deletedAt": "Edm.DateTimeOffset",
}
_PATH = "/projects/<id:project_id>/datasets/<segment:dataset>.svc"
bp = Blueprint("entities", __name__, url_prefix=_PATH)
metadata_bp = Blueprint("entity_metadata", __name__, url_prefix=_PATH)
register_xml(metadata_bp)


@bp.get("")
def service(project_id: int, dataset: str) -> Response:
    access, _ = _access(project_id, dataset)
    require_format(JSON)
    return service_document(_root(access), [TABLE])


@metadata_bp.get("/$metadata")
def metadata(project_id: int, dataset: str) -> Response:
    """Of properties, those that the caller may see: they are the ones in the rows."""
    access, _ = _access(project_id, dataset)
    require_format(XML)
    names = _columns(access).values()
    types = {"__id": "Edm.String", "__system": _SHARED, "label": "Edm.String"}
    types |= dict.fromkeys(names, "Edm.String")
    container = to_identifier(access.facts.name)
    namespace = f"org.opendatakit.user.{container}"
    return metadata_document({_SHARED: _SYSTEM}, namespace, container, {TABLE: types})


@bp.get(f"/{TABLE}")
def table(project_id: int, dataset: str) -> Response:
    """Rows as they are read; deleted ones only where the filter asks for them."""
    access, by = _access(project_id, dataset)
    require_format(JSON)
    columns = _columns(access)
    options = read_options(FIELDS, _selectable(columns.values()))
    rows = Rows(access.facts.id, access.scope, read_wanted(access))
    window = _window(rows, options)
    log_reading(by, "dataset.entity.export", "dataset", access.facts.id)
    return table_document(
        Table(
            root=_root(access),
            name=TABLE,
            pages=entity_windows.iter_window(rows, window),
            dump=lambda page: _dump(access, page, columns, options.selected),
            mark=lambda row: {"uuid": row.uuid},
            top=options.top,
            count=entity_windows.count_rows(rows) if options.is_counted else None,
            is_ordered=bool(options.orders),
        )
    )


def _access(project_id: int, dataset: str) -> tuple[Access, Caller]:
    by = identify().caller
    facts = get_list(project_id, dataset, by=by)
    return require_access(facts, Verb.ENTITY_LIST, by=by), by


def _root(access: Access) -> str:
    name = quote(access.facts.name, safe="")
    return f"{base_url()}/v1/projects/{access.facts.project_id}/datasets/{name}.svc"


def _columns(access: Access) -> dict[str, str]:
    """The names in OData of the properties that the caller may see."""
    names = odata_names(access.facts)
    return {name: names[name] for name in access.properties}


def _selectable(names: Iterable[str]) -> list[str]:
    return ["__id", "label", *(f"__system/{name}" for name in _SYSTEM), *names]


def _window(rows: Rows, options: Options) -> Window:
    """One row more than is wanted tells whether there is a next page."""
    after = None
    if options.skiptoken is not None:
        after = entity_windows.find_after(rows, read_token(options.skiptoken, "uuid"))
        if after is None:
            raise SkiptokenGone
    limit = options.top + 1 if options.top else options.top
    return Window(limit, options.skip, after, options.orders)


def _dump(
    access: Access,
    page: Sequence[PageRow],
    columns: Mapping[str, str],
    selected: frozenset[str] | None,
) -> Iterator[dict[str, Any]]:
    makers = entity_pages.list_actors([row.creator_id for row in page])
    for row, data in zip(page, follow(access.facts, [row.data for row in page]), strict=True):
        maker = makers.get(row.creator_id)
        values = {column: data.get(name, "") for name, column in columns.items()}
        dumped = _dump_row(row, maker.display_name if maker else None) | values
        yield dumped if selected is None else _select(dumped, selected)


def _dump_row(row: PageRow, creator: str | None) -> dict[str, Any]:
    """What is not set is blank: pyODK compares texts."""
    return {
        "__id": row.uuid,
        "label": row.label,
        "__system": {
            "createdAt": stamp(row.created_at),
            "creatorId": None if row.creator_id is None else str(row.creator_id),
            "creatorName": creator,
            "updates": row.number - 1,
            "updatedAt": stamp(row.updated_at) if row.updated_at else None,
            "version": row.number,
            "conflict": row.conflict,
            "deletedAt": stamp(row.deleted_at) if row.deleted_at else None,
        },
    }


def _select(row: Mapping[str, Any], selected: frozenset[str]) -> dict[str, Any]:
    system = {n: v for n, v in row["__system"].items() if f"__system/{n}" in selected}
    kept = {name: value for name, value in row.items() if name in selected}
    return kept | ({"__system": system} if system else {})
