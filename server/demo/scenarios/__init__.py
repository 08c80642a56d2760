"""Named data sets, the same for the same seed: the situations that domain.md §8.5 lists.

Each is a module with `steps`; what comes of it is said in tests/server/demo/test_scenarios.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from server.demo.scenarios import (
    before_tet,
    merger,
    moving_child,
    old_spreadsheet,
    one_child_twice,
    quiet_month,
    split_commune,
    twins,
    withdrawn_consent,
)
from server.demo.scenarios.settings import Setting
from server.demo.steps import Step

SCENARIOS: Mapping[str, Callable[[Setting], Iterator[Step]]] = {
    "S1": quiet_month.steps,
    "S2": before_tet.steps,
    "S3": merger.steps,
    "S4": split_commune.steps,
    "S5": moving_child.steps,
    "S6": withdrawn_consent.steps,
    "S7": twins.steps,
    "S8": one_child_twice.steps,
    "S9": old_spreadsheet.steps,
}

__all__ = ["SCENARIOS", "Setting"]
