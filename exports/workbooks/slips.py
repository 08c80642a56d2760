"""What every sheet says of the slip that a row belongs to: its village, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from exports.workbooks.contents import CommuneBook
from exports.workbooks.plans import TablePlan
from exports.workbooks.whole_tables import ROOT, WholeTable, ranked
from forms.sorting import person_key, vietnamese_key

_VILLAGE_FIELDS = ("village_name", "village_code")
_INSTANCE_NAME = "instanceName"
_ISO_DAY = r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})\b"


@dataclass(frozen=True, slots=True)
class Slips:
    """`frame` has ROOT, `village`, `name` and their places in the order of Vietnamese."""

    frame: pl.DataFrame
    is_of_people: bool

    def villages(self) -> Mapping[str, str | None]:
        return dict(self.frame.select(ROOT, "village").iter_rows())

    def names(self) -> Mapping[str, str | None]:
        return dict(self.frame.select(ROOT, "name").iter_rows())


def find_slips(form: WholeTable, book: CommuneBook, plan: TablePlan | None) -> Slips:
    """Of the form's own table. A village is called as the register of villages has it, else as the
    form does.
    """
    keys = form.frame.get_column(ROOT)
    names = [book.villages.get(book.village_of.get(key, "")) for key in keys]
    village = pl.select(
        pl.coalesce(
            pl.Series(names, dtype=pl.String),
            *(form.texts(form.find_field(name)) for name in _VILLAGE_FIELDS),
        )
    ).to_series()
    name = form.texts(form.find_field(plan.person if plan else _INSTANCE_NAME))
    frame = pl.DataFrame(
        {
            ROOT: keys,
            "village": village,
            "name": name if plan else _with_days(name),
            "village_rank": ranked(village, vietnamese_key),
            "name_rank": ranked(name, person_key if plan else vietnamese_key),
        }
    )
    return Slips(frame, is_of_people=plan is not None)


def _with_days(names: pl.Series) -> pl.Series:
    """Days in names of slips as people write them: forms join them as they are kept."""
    return names.str.replace_all(_ISO_DAY, "$3/$2/$1")
