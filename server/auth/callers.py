"""Credentials → Caller: who is asking, as far as a request needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from server.auth.tokens import has_token_shape, hash_token
from server.config import DEFAULT_TZ
from server.errors import NotAllowed, Unauthenticated
from server.models import ActorType
from server.queries import actors, forms, phones, projects
from server.queries.actors import SignInRow
from server.queries.phones import PhoneRow

_ZONE = ZoneInfo(DEFAULT_TZ)


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft that a test token opens; whoever holds the token may fill it."""

    form_id: int
    version_id: int
    xml_form_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """A public link; one with `once` takes a single submission."""

    once: bool


@dataclass(frozen=True, slots=True)
class Occasion:
    """When, from where and why somebody asks.

    `on` is the day where the installation is: assignments begin and end with it; `tz` is the time
    there, by which clocks of cases run. `source` is an address of the network, or a word for what
    runs on the machine. `reason` is what the person says it is for; the audit log keeps it.
    """

    on: date
    source: str
    reason: str = ""
    tz: tzinfo = _ZONE

    @classmethod
    def now(cls, tz: tzinfo, source: str, reason: str = "") -> Occasion:
        return cls(datetime.now(tz).date(), source, reason, tz)


@dataclass(frozen=True, slots=True)
class Caller:
    """An actor who is asking; nobody known (None) where a draft is tried out.

    `only_fills`: it came with a token in an address, which reads no submission whatever its role.
    `catalogue` marks the state of the project (its offer, rights and units) at the moment of
    asking: what is remembered of that state may be used. None: nothing may be.
    """

    actor_id: int | None
    name: str
    occasion: Occasion
    is_operator: bool = False
    only_fills: bool = False
    project_id: int | None = None
    language: str | None = None
    is_revoked: bool = False
    catalogue: int | None = None
    draft: Draft | None = None
    link: Link | None = None


def find_phone(token: str, project_id: int, occasion: Occasion) -> Caller:
    """The app user or the public link of a token, a revoked one too.

    Anything else wrong is 403.1 (design §11).
    """
    if not has_token_shape(token):
        raise NotAllowed
    row = phones.find_phone(hash_token(token), project_id)
    if row is None:
        raise NotAllowed
    return _phone(row, occasion)


def find_holder(token: str, occasion: Occasion) -> Caller:
    """The same for `?st=`, where the address may name no project; a revoked one is 403.1 here."""
    if not has_token_shape(token):
        raise Unauthenticated
    row = phones.find_holder(hash_token(token))
    if row is None or row.revoked_at is not None:
        raise NotAllowed
    return _phone(row, occasion)


def _phone(row: PhoneRow, occasion: Occasion) -> Caller:
    return Caller(
        actor_id=row.actor_id,
        name=row.display_name,
        occasion=occasion,
        only_fills=True,
        project_id=row.project_id,
        language=row.language,
        is_revoked=row.revoked_at is not None,
        catalogue=row.catalogue,
        link=Link(row.once) if row.type is ActorType.PUBLIC_LINK else None,
    )


def find_tester(token: str, project_id: int, xml_form_id: str, occasion: Occasion) -> Caller:
    """Whoever tries out the draft of a form; 403.1 whatever is wrong with the token."""
    row = None
    if has_token_shape(token):
        row = forms.find_draft_of_token(hash_token(token), project_id, xml_form_id)
    if row is None:
        raise NotAllowed
    draft = Draft(row.form_id, row.version_id, row.xml_form_id)
    return Caller(None, "", occasion, project_id=project_id, catalogue=row.catalogue, draft=draft)


def find_signed_in(user: SignInRow, project_id: int | None, occasion: Occasion) -> Caller:
    """The person who signed in, at a project or (None) the default one; 403.1 where none is."""
    project = projects.find_catalogue(project_id)
    if project is None:
        raise NotAllowed
    return Caller(
        actor_id=user.actor_id,
        name=user.display_name,
        occasion=occasion,
        project_id=project.id,
        catalogue=project.catalogue,
    )


def find_absent(actor_id: int, project_id: int, occasion: Occasion) -> Caller:
    """Somebody whose work goes on without them, in the rights of now: a person or the operator."""
    person = actors.find_absent(actor_id)
    if person is None:
        raise NotAllowed
    if person.type is ActorType.OPERATOR:
        return operator(occasion)
    return Caller(actor_id, person.display_name, occasion, project_id=project_id)


def operator(occasion: Occasion) -> Caller:
    """Whoever can run commands on the machine."""
    actor = actors.find_operator()
    return Caller(actor.id, actor.display_name, occasion, is_operator=True)
