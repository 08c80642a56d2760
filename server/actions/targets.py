"""What an instance is for: the form version it was filled with, if its sender may fill it."""

from __future__ import annotations

from dataclasses import dataclass

from forms.data_classes import DataClass
from forms.instances import Instance
from server.actions.definitions import CompiledVersion, get_compiled
from server.auth.callers import Caller, Draft
from server.auth.gate import FormKey, require
from server.auth.roles import Verb
from server.errors import FormClosed, FormNotFound, NotAllowed, VersionNotFound
from server.models import FormState
from server.queries import forms
from server.queries.catalogues import remembered

_find_served = remembered(forms.find_served)


@dataclass(frozen=True, slots=True)
class Target:
    """The form version that an instance was filled with."""

    project_id: int
    form_id: int
    version_id: int
    compiled: CompiledVersion
    data_class: DataClass
    sha256: str
    is_draft: bool = False

    @property
    def checked_version(self) -> tuple[int, str]:
        return self.version_id, self.sha256

    @property
    def key(self) -> FormKey:
        return FormKey(self.form_id, self.data_class)


def find_target(instance: Instance, by: Caller, project_id: int) -> Target:
    """Raise FormNotFound, NotAllowed, FormClosed or VersionNotFound where it is for nothing."""
    if by.draft is not None:
        return _find_draft_target(instance, by, by.draft)
    found = _find_served(by.catalogue, project_id, instance.xml_form_id, instance.version)
    if found is None:
        raise FormNotFound(form=instance.xml_form_id)
    require(
        by,
        Verb.SUBMISSION_CREATE,
        project_id=project_id,
        form=FormKey(found.form_id, found.data_class),
    )
    if found.state is FormState.CLOSED:
        raise FormClosed(form=instance.xml_form_id)
    if found.id is None:
        raise VersionNotFound(form=instance.xml_form_id, version=instance.version)
    compiled = get_compiled(found.id, found.sha256, found.commune_field)
    return Target(project_id, found.form_id, found.id, compiled, found.data_class, found.sha256)


def _find_draft_target(instance: Instance, by: Caller, draft: Draft) -> Target:
    """The draft of the token, which must be what the instance was filled with."""
    version = forms.get_version_by_id(draft.version_id)
    if version.published_at is not None:  # while this request was on its way
        raise NotAllowed
    if instance.xml_form_id != draft.xml_form_id:
        raise FormNotFound(form=instance.xml_form_id)
    if instance.version != version.version:
        raise VersionNotFound(form=instance.xml_form_id, version=instance.version)
    project_id = by.project_id or 0
    require(by, Verb.SUBMISSION_CREATE, project_id=project_id, form=FormKey.of(version.form))
    compiled = get_compiled(version.id, version.sha256, version.commune_field)
    return Target(
        project_id,
        draft.form_id,
        version.id,
        compiled,
        version.form.data_class,
        version.sha256,
        is_draft=True,
    )
