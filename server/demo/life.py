"""The whole life of a register: surveys, plans, reviews, cases, visits, monthlies, moves, merges.

Slips come in the order in which they were written; of each entity the changes follow each other.
Moves and merges are for staff, after all slips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from server.demo import followups, monthlies, plans, reports
from server.demo.cases import Registered
from server.demo.offices import CASE_DAYS, Office
from server.demo.reviews import Home, may_be_reviewed, register_home, review
from server.demo.sittings import make_officer
from server.demo.steps import Filled, Merge, Move, Step
from server.demo.surveys import (
    DAYS,
    XML_FORM_ID,
    Sources,
    Surveyed,
    days_before,
    iter_surveys,
)
from server.demo.tables import happens
from server.demo.villages import Post, Village

FORMS = (
    XML_FORM_ID,
    reports.XML_FORM_ID,
    followups.XML_FORM_ID,
    plans.XML_FORM_ID,
    monthlies.XML_FORM_ID,
)
YEAR = timedelta(days=365)
FIRST_DAY = date(2025, 7, 2)
"""Before it the communes of the lists were others."""
_REVIEWED = 5
"""One household in so many was registered a year ago and is reviewed now."""
_MOST_HOMES = 20_000
_MOST_CHILDREN = 500
_HOMES_FOR_A_MOVE = 10
_MOST_MOVES = 200
_MONTHS = 3


@dataclass(slots=True)
class Life:
    """Walk it once: what the next slip says depends on those before."""

    sources: Sources
    count: int
    seed: int
    today: date
    versions: Mapping[str, str]
    homes: list[Home] = field(default_factory=list)
    twice: list[tuple[str, str]] = field(default_factory=list)
    children: dict[str, list[Registered]] = field(default_factory=dict)
    visited: Counter[str] = field(default_factory=Counter)
    births: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(
        cls,
        villages: Sequence[Village],
        *,
        count: int,
        seed: int,
        versions: Mapping[str, str],
        today: date,
    ) -> Life:
        """`versions` of the forms that there are; those of other forms are left out."""
        version = versions[XML_FORM_ID]
        sources = Sources.of(villages, count=count, seed=seed, version=version, today=today)
        return cls(sources, count, seed, today, versions)

    def steps(self) -> Iterator[Step]:
        yield from self.slips()
        yield from self._moves()
        yield from self._merges()

    def slips(self) -> Iterator[Filled]:
        yield from self._iter_surveys()
        yield from self._iter_reviews()
        for office in self._offices():
            yield from office.slips()
        if monthlies.XML_FORM_ID in self.versions:
            yield from self._iter_monthlies()

    def _moves(self) -> Iterator[Move]:
        """A household in ten with its children, to the next village or to another commune."""
        busy = {id_ for pair in self.twice for id_ in pair}
        free = [home for home in self.homes if busy.isdisjoint(home.children)]
        villages = [post.village for post in self.sources.posts]
        for number, home in enumerate(free[::_HOMES_FOR_A_MOVE][:_MOST_MOVES]):
            at = villages.index(home.visit.post.village)
            step = 1 if number % 2 else len(villages) // 2
            to = villages[(at + step) % len(villages)]
            if to != villages[at]:
                yield _move("household", home.entity.id, home.entity.version, to)
                for known in home.children.values():
                    yield _move("child", known.id, known.version, to)

    def _merges(self) -> Iterator[Merge]:
        """Every second child that is registered twice; the others are left to be found."""
        for keep, drop in self.twice[::2]:
            yield Merge(keep, drop)

    def _iter_surveys(self) -> Iterator[Filled]:
        old = min(self.count // _REVIEWED, _MOST_HOMES)
        lately = days_before(self.today, max(1, self.count - old))
        a_year_ago = days_before(self.today - YEAR, max(1, old))

        def survey_day(index: int) -> date:
            return max(a_year_ago(index), FIRST_DAY) if index < old else lately(index - old)

        for index, surveyed in enumerate(iter_surveys(self.sources, self.count, survey_day)):
            if surveyed.visit.consent:
                self._note(surveyed, home_wanted=index < old)
            yield Filled(XML_FORM_ID, surveyed.xml)

    def _iter_reviews(self) -> Iterator[Filled]:
        for home in self.homes:
            day = min(home.day + YEAR, self.today - timedelta(days=1))
            if day > home.day + timedelta(days=DAYS) and may_be_reviewed(home, day):
                surveyed = review(self.sources, home, day)
                self._count_births(surveyed, since=home.day - YEAR)
                yield Filled(XML_FORM_ID, surveyed.xml)

    def _note(self, surveyed: Surveyed, *, home_wanted: bool) -> None:
        visit = surveyed.visit
        village = visit.post.village
        if surveyed.twice and len(self.twice) < _MOST_HOMES:
            self.twice.append(surveyed.twice)
        self.visited[village.code] += 1
        self._count_births(surveyed, since=self.today - 2 * YEAR)
        if visit.commune_code != village.commune_code:
            return
        home = register_home(self.sources, surveyed)
        if home_wanted:
            self.homes.append(home)
        elif visit.start.date() < self.today - timedelta(days=CASE_DAYS):
            self._note_children(home)

    def _note_children(self, home: Home) -> None:
        known = self.children.setdefault(home.visit.commune_code, [])
        if len(known) < _MOST_CHILDREN:
            known += registered_children(home)

    def _count_births(self, surveyed: Surveyed, *, since: date) -> None:
        """As the register counts those of a month: a child that is in it once."""
        village = surveyed.visit.post.village.code
        for child in surveyed.household.children:
            born = child.identity.birth.day
            if born >= since and surveyed.visit.start.date() - born < YEAR:
                self.births[village, f"{born:%Y-%m}"] += 1

    def _offices(self) -> list[Office]:
        """Of the communes in which some households were visited."""
        posts: dict[str, list[Post]] = {}
        for post in self._visited_posts():
            posts.setdefault(post.village.commune_code, []).append(post)
        return [self._office(posts[code]) for code in sorted(posts)]

    def _office(self, visited: list[Post]) -> Office:
        code = visited[0].village.commune_code
        return Office(
            officer=make_officer(visited[0].village, seed=self.seed),
            seed=self.seed,
            ids=self.sources.ids,
            versions=self.versions,
            today=self.today,
            villages=sum(p.village.commune_code == code for p in self.sources.posts),
            visited=visited,
            households=sum(self.visited[p.village.code] for p in visited),
            children=self.children.get(code, []),
        )

    def _visited_posts(self) -> list[Post]:
        return [post for post in self.sources.posts if self.visited[post.village.code]]

    def _iter_monthlies(self) -> Iterator[Filled]:
        """Of every village that was visited."""
        version = self.versions[monthlies.XML_FORM_ID]
        for post in self._visited_posts():
            rng = Random(f"{self.seed}/{post.village.code}/monthlies")
            for month in monthlies.months_before(self.today, _MONTHS):
                births = self.births[post.village.code, f"{month:%Y-%m}"]
                xml = monthlies.draw_monthly(
                    rng,
                    self.sources.ids,
                    post,
                    month,
                    births=births,
                    is_quiet=happens(rng, "quiet_month"),
                    version=version,
                )
                yield Filled(monthlies.XML_FORM_ID, xml)


def registered_children(home: Home) -> list[Registered]:
    return [
        Registered(
            known=home.children[child.uid],
            sex=child.identity.sex,
            born=child.identity.birth.day,
            village_code=home.visit.post.village.code,
            school_status=child.schooling.status,
            care_form=home.household.family.care_form,
            groups=child.circumstances.groups,
            seen_on=home.day,
        )
        for child in home.household.children
    ]


def _move(entity_list: str, id_: str, version: int, to: Village) -> Move:
    return Move(entity_list, id_, version, to.code, to.commune_code)
