"""Whatever several phones change, lose, repeat and send in whatever order."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from forms.entities import (
    Action,
    Change,
    Conflict,
    Created,
    Held,
    Updated,
    Version,
    decide,
    successors,
    worst,
)

ID = "0f9d1c1e-3b7a-4c55-9d4e-0a1b2c3d4e5f"
PROPERTIES = ("depth", "owner")
texts = st.sampled_from(["", "1", "2"])
values = st.dictionaries(st.sampled_from(PROPERTIES), texts)
edits = st.tuples(st.sampled_from(["", "W", "V"]), values)


@dataclass
class Server:
    """Keeps one entity; `held` by key, as in a column."""

    versions: list[Version] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    held: list[tuple[str, Change]] = field(default_factory=list)
    conflict: Conflict | None = None
    refused: int = 0

    def receive(self, changed: Change, number: int) -> None:
        """A phone that heard no answer sends again; each slip is applied once."""
        if number not in self.seen:
            self.seen.add(number)
            self.apply(changed)

    def apply(self, changed: Change, *, force: bool = False) -> None:
        outcome = decide(changed, self.versions, allowed=frozenset(Action), force=force)
        if isinstance(outcome, Held):
            self.held.append((outcome.key, changed))
        elif isinstance(outcome, Created | Updated):
            self.store(outcome)
        else:
            self.refused += 1

    def store(self, outcome: Created | Updated) -> None:
        assert outcome.version.number == len(self.versions) + 1
        self.versions.append(outcome.version)
        if isinstance(outcome, Updated):
            self.conflict = worst(self.conflict, outcome.conflict)
        for key in successors(outcome.version):
            for waiting in [w for w in self.held if w[0] == key]:
                self.held.remove(waiting)
                self.apply(waiting[1])

    def force(self) -> None:
        """What the nightly job does with those that waited too long, the first first."""
        while self.held:
            self.apply(self.held.pop(0)[1], force=True)

    def edit(self, label: str, data: dict[str, str]) -> None:
        self.apply(_change(label, data, base=len(self.versions)))

    @property
    def state(self) -> tuple[str, dict[str, str]]:
        return self.versions[-1].label, dict(self.versions[-1].data)


def _change(label, data, *, base=None, trunk=None, branch="", create=False) -> Change:
    return Change("wells", "", ID, create, not create, base, trunk, branch, label, data)


@dataclass
class Phone:
    """Has its own version, as openrosa.md §9.4 tells; `outbox` is in the order of filling."""

    number: int
    version: int = 0
    trunk: int | None = None
    branches: int = 0
    outbox: list[Change] = field(default_factory=list)

    @property
    def branch(self) -> str:
        return f"{self.number:08d}-0000-4000-8000-{self.branches:012d}"

    def download(self, server: Server) -> None:
        current = len(server.versions)
        if current >= max(self.version, 1):
            self.version = self.trunk = current
            self.branches += 1

    def fill(self, label: str, data: dict[str, str]) -> None:
        """An update of what is on the phone, else a creation."""
        if not self.version:
            self.outbox.append(_change(label or "W", data, create=True))
        else:
            base, trunk = self.version, self.trunk
            made = _change(label, data, base=base, trunk=trunk, branch=self.branch)
            self.outbox.append(made)
        self.version += 1


def _start(existing: int) -> Server:
    server = Server()
    for number in range(existing):
        made = _change("W", {"depth": str(number)}, base=number or None, create=not number)
        server.apply(made)
    return server


def _in_order(existing: int, changes: list[Change]) -> Server:
    server = _start(existing)
    for changed in changes:
        server.apply(changed)
    return server


def _deliver(server: Server, arriving: list[tuple[int, Change]], repeats: list[int]) -> None:
    """Each arrives, and some come a second time at some moment after."""
    queue = list(arriving)
    for at in repeats:
        if arriving:
            original = at % len(arriving)
            queue.insert(original + 1 + at // len(arriving), arriving[original])
    for number, changed in queue:
        server.receive(changed, number)


@given(st.integers(0, 3), st.lists(edits, min_size=1, max_size=6), st.data())
@settings(max_examples=200, deadline=None)
def test_one_phone_alone_gives_the_same_entity_in_any_order(existing, made, data):
    server, phone = _start(existing), Phone(1)
    phone.download(server)
    for label, values_ in made:
        phone.fill(label, values_)
    arriving = data.draw(st.permutations(list(enumerate(phone.outbox))))

    _deliver(server, arriving, data.draw(st.lists(st.integers(0, 20), max_size=4)))

    wanted = _in_order(existing, phone.outbox)
    assert server.state == wanted.state
    assert len(server.versions) == existing + len(made)
    assert (server.held, server.conflict, server.refused) == ([], None, 0)


@given(st.integers(0, 2), st.lists(st.one_of(edits, st.none()), max_size=8), st.data())
@settings(max_examples=200, deadline=None)
def test_a_phone_that_downloads_and_sends_in_between_loses_nothing(existing, steps, data):
    """None is a moment with network: some of what waits is sent, then the list is read."""
    server, phone = _start(existing), Phone(1)
    phone.download(server)
    waiting: list[tuple[int, Change]] = []
    for step in [*steps, None]:
        if step is None:
            waiting = data.draw(st.permutations(waiting))
            for number, changed in waiting[: data.draw(st.integers(0, len(waiting)))]:
                server.receive(changed, number)
            waiting = [w for w in waiting if w[0] not in server.seen]
            phone.download(server)
        else:
            phone.fill(*step)
            waiting.append((len(phone.outbox), phone.outbox[-1]))
    _deliver(server, waiting, [])

    made = len(phone.outbox)
    assert len(server.versions) == existing + made
    assert (server.held, server.refused) == ([], 0)
    phone.download(server)
    assert phone.version == existing + made


writers = st.lists(st.tuples(st.integers(0, 2), edits), max_size=9)


@given(st.integers(1, 3), writers, st.lists(st.integers(0, 8), max_size=3), st.data())
@settings(max_examples=300, deadline=None)
def test_several_writers_agree_or_a_conflict_is_marked(existing, made, moments, data):
    """Writer 0 is the web, at its moments; the others are phones that downloaded before."""
    server, phones = _start(existing), {1: Phone(1), 2: Phone(2)}
    for phone in phones.values():
        phone.download(server)
    web = [edit for writer, edit in made if writer == 0]
    for writer, edit in made:
        if writer:
            phones[writer].fill(*edit)
    sent = [c for phone in phones.values() for c in phone.outbox]
    arriving = data.draw(st.permutations(list(enumerate(sent))))
    for position, (number, changed) in enumerate(arriving):
        if position in moments and web:
            server.edit(*web.pop())
        server.receive(changed, number)
    edited = len(server.versions) - existing - len(sent)

    assert (server.held, server.refused) == ([], 0)
    assert edited >= 0
    if server.conflict is None:
        assert sum(map(bool, [phones[1].outbox, phones[2].outbox, edited])) <= 1
        assert not sent or server.state == _in_order(existing, sent).state


@given(st.integers(0, 2), st.lists(edits, min_size=1, max_size=6), st.data())
@settings(max_examples=200, deadline=None)
def test_forced_changes_are_all_applied_and_disorder_is_marked(existing, made, data):
    server, phone = _start(existing), Phone(1)
    phone.download(server)
    for label, values_ in made:
        phone.fill(label, values_)
    arriving = data.draw(st.permutations(list(enumerate(phone.outbox))))
    too_long = data.draw(st.integers(0, len(arriving)))

    for position, (number, changed) in enumerate(arriving):
        server.receive(changed, number)
        if position == too_long:
            server.force()
    server.force()

    assert (server.held, server.refused) == ([], 0)
    assert len(server.versions) == existing + len(made)
    if server.conflict is None:
        assert server.state == _in_order(existing, phone.outbox).state
