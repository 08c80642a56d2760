"""The lists of a project, remembered with its catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from server.errors import NotFound
from server.queries import datasets
from server.queries.catalogues import remembered
from server.queries.datasets import DatasetFacts

_SUFFIX = ".csv"
find_lists = remembered(datasets.load_datasets)


def find_list_files(
    catalogue: int | None, project_id: int, filenames: Iterable[str]
) -> dict[str, DatasetFacts]:
    """Those of the files that are lists of the project: `child.csv` is the list child."""
    known = find_lists(catalogue, project_id)
    return {
        name: known[name.removesuffix(_SUFFIX)]
        for name in filenames
        if name.endswith(_SUFFIX) and name.removesuffix(_SUFFIX) in known
    }


def is_list_file(catalogue: int | None, project_id: int, filename: str) -> bool:
    return bool(find_list_files(catalogue, project_id, [filename]))


def get_list(catalogue: int | None, project_id: int, name: str) -> DatasetFacts:
    """Raise NotFound where the project has no list of that name."""
    facts = find_lists(catalogue, project_id).get(name)
    if facts is None:
        raise NotFound(subject="dataset", name=name)
    return facts
