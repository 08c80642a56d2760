"""A year of an officer: plans and quarters, cases and their visits, visits to other children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from server.demo import followups, plans, reports
from server.demo.cases import Registered
from server.demo.sittings import Officer
from server.demo.steps import Filled
from server.demo.tables import happens
from server.demo.villages import Post

CASE_DAYS = 20
"""Cases are reported in the last so many days, of children who were seen before."""
_HOUSEHOLDS_FOR_AN_OFFICER = 5
_HOUSEHOLDS_FOR_A_CASE = 20
_MOST_CASES = 8
_BETWEEN_VISITS = 3
_NO_GROUP = ("00",)


@dataclass(frozen=True, slots=True)
class Office:
    """An officer, and what is known of the commune: villages visited, households, children.

    A child that becomes a case is taken from `children`.
    """

    officer: Officer
    seed: int
    ids: Random
    versions: Mapping[str, str]
    today: date
    villages: int
    visited: Sequence[Post]
    households: int
    children: list[Registered]

    def slips(self) -> Iterator[Filled]:
        """Of the forms that there are; none where hardly anybody was visited."""
        if self.households < _HOUSEHOLDS_FOR_AN_OFFICER:
            return
        if plans.XML_FORM_ID in self.versions:
            yield from self._iter_plans()
        if {reports.XML_FORM_ID, followups.XML_FORM_ID} <= self.versions.keys():
            yield from self._iter_cases()
            yield from self._iter_followups()

    def _iter_plans(self) -> Iterator[Filled]:
        """Of this year, and of its quarters that are over."""
        rng, year = self._own("plans"), self.today.year
        version = self.versions[plans.XML_FORM_ID]
        plan = plans.draw_year(rng, self.officer, year, villages=self.villages)
        if self.today >= date(year, 1, 22):
            xml = plans.draw_plan(rng, self.ids, plan, version=version)
            yield self._filled(plans.XML_FORM_ID, xml)
        for quarter in range(1, 5):
            if self.today > date(year, quarter * 3, 20):
                xml = plans.draw_quarter(rng, self.ids, plan, quarter, version=version)
                yield self._filled(plans.XML_FORM_ID, xml)

    def _iter_cases(self) -> Iterator[Filled]:
        """Ten times as many as a commune has in a year: a demonstration wants something to see."""
        rng = self._own("cases")
        for _ in range(min(_MOST_CASES, self.households // _HOUSEHOLDS_FOR_A_CASE)):
            registered = None
            if self.children and happens(rng, "case_in_register"):
                registered = self.children.pop(rng.randrange(len(self.children)))
            day = self.today - timedelta(days=rng.randrange(CASE_DAYS // 2, CASE_DAYS))
            case, xml = reports.draw_report(
                rng,
                self.ids,
                self.officer,
                day,
                village_code=rng.choice(self.visited).village.code,
                registered=registered,
                version=self.versions[reports.XML_FORM_ID],
            )
            yield self._filled(reports.XML_FORM_ID, xml)
            yield from self._iter_visits(rng, case)

    def _iter_visits(self, rng: Random, case: reports.Case) -> Iterator[Filled]:
        """From the plan on, as far as today; some cases are closed at the third visit."""
        approved = followups.draw_plan_day(rng, case.finished.date())
        subject = followups.of_case(case, approved)
        first = approved + timedelta(days=1)
        for number in range(1, rng.randrange(2, 5)):
            day = first + timedelta(days=_BETWEEN_VISITS * (number - 1))
            if day >= self.today:
                return
            yield self._followup(rng, subject, day, number, closes=number == 3)

    def _iter_followups(self) -> Iterator[Filled]:
        """Of children in special circumstances without a case."""
        rng = self._own("followups")
        for child in self.children:
            if child.groups != _NO_GROUP and happens(rng, "child_followed_up"):
                day = self.today - timedelta(days=rng.randrange(1, CASE_DAYS))
                yield self._followup(rng, followups.of_child(child, self.officer), day, 1)

    def _followup(
        self,
        rng: Random,
        subject: followups.Subject,
        day: date,
        number: int,
        *,
        closes: bool = False,
    ) -> Filled:
        version = self.versions[followups.XML_FORM_ID]
        xml = followups.draw_followup(
            rng, self.ids, subject, day, number=number, version=version, closes=closes
        )
        return self._filled(followups.XML_FORM_ID, xml)

    def _filled(self, form_id: str, xml: bytes) -> Filled:
        return Filled(form_id, xml, self.officer.commune_code)

    def _own(self, purpose: str) -> Random:
        return Random(f"{self.seed}/{self.officer.commune_code}/{purpose}")
