"""V21: what a village counts in a month, against the register (domain.md §3.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forms.checking import Finding
from server.actions.checking.asked import Asked
from server.actions.checking.named.kinds import Named, found
from server.actions.entities.known import find_lists
from server.queries.entities import count_in_month

THAN = 2.0
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def find(asked: Asked) -> Iterator[Finding]:
    """Entities of `list` in the village (`village` names its question) whose property `date` lies
    in the month that the question `month` tells, and whose `property` has the `value`, where these
    are given. A difference of up to `than` (2) is none: the register may be late.
    """
    about = asked.about
    facts = find_lists(about.catalogue, about.project_id).get(asked.parameter("list"))
    if facts is None:
        return
    wanted = {asked.parameter("property"): asked.parameter("value")}
    wanted.pop("", None)
    for node in asked.nodes:
        village = asked.answer(asked.parameter("village"), node)
        month = asked.answer(asked.parameter("month"), node)[:7]
        if not village or not _MONTH.fullmatch(month) or not node.text.isdecimal():
            continue
        known = count_in_month(facts.id, village, asked.parameter("date"), month, wanted)
        if abs(int(node.text[:9]) - known) > float(asked.parameter("than") or THAN):
            yield found(asked.declared, node.path, node.text, register=known)


CHECK = Named(find=find)
