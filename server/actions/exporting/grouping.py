"""Which submissions go into which file: by commune, village or collaborator, in some edition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server.actions.exporting.orders import By
from server.actions.exporting.village_names import VillageNames
from server.queries.actors import get_name
from server.queries.atlas import Atlas, commune_in, open_atlas
from server.queries.exports import Portion, ReportedCommune, Source
from server.queries.villages import list_communes_of_village

Locate = Callable[[Source], ReportedCommune]
"""The commune where an export counts a submission."""
_UNKNOWN = ReportedCommune()


@dataclass(slots=True)
class Group:
    """A file's submissions; an empty code for what cannot be told.

    `code` is a commune's or village's, or the number of whoever sent them.
    """

    code: str = ""
    name: str = ""
    edition: str = ""
    portion: Portion = field(default_factory=Portion)


def group_sources(
    sources: Mapping[Source, int],
    by: By,
    locate: Locate,
    names: Mapping[tuple[str, str], str],
    *,
    by_village: bool,
    villages: VillageNames,
) -> list[Group]:
    """The groups, in the order of the sources; `names` are the communes'.

    With `by_village` the sources tell villages apart, and a commune may be in several groups.
    """
    groups: dict[object, Group] = {}
    for source, count in sources.items():
        commune = locate(source)
        match by:
            case By.COMMUNE:
                name = names.get((commune.edition, commune.code), "")
                group = groups.setdefault(commune, Group(commune.code, name, commune.edition))
            case By.VILLAGE:
                group = groups.setdefault(source.village, _of_village(source.village, villages))
            case By.COLLABORATOR:
                group = groups.setdefault(source.submitter_id, _of_sender(source.submitter_id))
            case By.NONE:
                group = groups.setdefault(None, Group())
        group.portion.add(source, count, by_village=by_village)
    return list(groups.values())


def _of_sender(id_: int | None) -> Group:
    name = get_name(id_) if id_ is not None else ""
    return Group(str(id_ or ""), name, portion=Portion(submitter_ids=frozenset({id_})))


def _of_village(code: str | None, villages: VillageNames) -> Group:
    return Group(code or "", villages.find(code) if code else "")


def as_reported(source: Source) -> ReportedCommune:
    return source.commune


def in_edition(edition: str) -> Locate:
    """The commune of an edition in which what was reported lies; unknown where that is not sure."""
    atlas = open_atlas()
    known: dict[tuple[ReportedCommune, str | None], ReportedCommune] = {}

    def locate(source: Source) -> ReportedCommune:
        key = (source.commune, source.village)
        if key not in known:
            known[key] = _locate(atlas, edition, source)
        return known[key]

    return locate


def _locate(atlas: Atlas, edition: str, source: Source) -> ReportedCommune:
    commune = source.commune
    reported = (commune.edition, commune.code) if commune.code else None
    village = list_communes_of_village(source.village) if source.village else {}
    code = commune_in(atlas, edition, reported=reported, village=village).commune_code
    return ReportedCommune(code, edition) if code else _UNKNOWN
