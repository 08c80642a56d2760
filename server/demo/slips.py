"""A stream of filled child_situation forms from households that do not exist."""

from collections.abc import Iterator, Sequence
from datetime import date

from server.demo.surveys import Sources, days_before, iter_surveys
from server.demo.villages import Village


def iter_slips(
    villages: Sequence[Village], *, count: int, seed: int, version: str, today: date
) -> Iterator[bytes]:
    """Yield instances in the order of their survey dates, over the ten weeks before today.

    Other arguments make other instanceIDs: what was received before is in nobody's way.
    """
    sources = Sources.of(villages, count=count, seed=seed, version=version, today=today)
    for surveyed in iter_surveys(sources, count, days_before(today, count)):
        yield surveyed.xml
