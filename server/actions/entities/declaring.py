"""Publishing a form publishes the lists and properties that it writes (central-api.md §15.3)."""

from __future__ import annotations

from forms.definitions import FormDefinition
from forms.entities import Action, Declaration, read_declarations
from server.auth.callers import Caller
from server.errors import DatasetCaseTwin, PropertyCaseTwin
from server.models import Dataset, Form
from server.queries import audits, datasets


def declare_lists(definition: FormDefinition, form: Form, *, by: Caller) -> None:
    """Take what the form's newest version declares for what the form writes.

    Lists and properties that other versions declared stay, with all that is in them. Raises
    DatasetCaseTwin or PropertyCaseTwin where a name differs from a known one in letter case only.
    """
    declared = read_declarations(definition)
    datasets.forget_sources(form)
    for declaration in declared:
        dataset = _get_list(declaration, form, by)
        datasets.add_source(
            dataset.id,
            form.id,
            declaration.container,
            creates=Action.CREATE in declaration.actions,
            updates=Action.UPDATE in declaration.actions,
        )
        _declare_properties(declaration, dataset, form, by)


def list_files(definition: FormDefinition, project_id: int) -> set[str]:
    """Names of files that are lists: of the project, and those that the form declares."""
    declared = {declaration.dataset for declaration in read_declarations(definition)}
    return {f"{name}.csv" for name in declared | datasets.list_names(project_id)}


def _get_list(declaration: Declaration, form: Form, by: Caller) -> Dataset:
    known = datasets.find_row(form.project_id, declaration.dataset)
    if known is None:
        known = datasets.add_dataset(form.project_id, declaration.dataset)
        audits.log(by, "dataset.create", "dataset", known.id)
    elif known.name != declaration.dataset:
        raise DatasetCaseTwin(current=known.name, provided=declaration.dataset)
    return known


def _declare_properties(declaration: Declaration, dataset: Dataset, form: Form, by: Caller) -> None:
    known = {row.name_key: row for row in datasets.list_properties(dataset.id)}
    added = 0
    for name, _ in declaration.properties:
        row = known.get(name.casefold())
        if row is not None and row.name != name:
            raise PropertyCaseTwin(current=row.name, provided=name)
        if row is None:
            row = known[name.casefold()] = datasets.add_property(dataset.id, name)
            added += 1
        datasets.add_property_source(row.id, form.id)
    if added:
        audits.log(by, "dataset.update", "dataset", dataset.id, properties=added)
