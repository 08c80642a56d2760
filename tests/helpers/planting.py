"""The designers' mistakes of pyxform-errors.md, planted in a sound workbook at places of a seed.

Where a mistake is, is known from the planting alone: nothing of the linter is asked.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

VI, EN = "label::Tiếng Việt (vi)", "label::English (en)"


@dataclass(frozen=True)
class Planted:
    """A faulty workbook, and the cells any of which the problem may be told at.

    No cells: the mistake is one that must go by in silence (rows 22, 27 and 36 of the table).
    """

    row: int
    source: bytes
    cells: tuple[str, ...]


class Bed:
    """A workbook in which things are found by their headings."""

    def __init__(self, source: bytes, rng: Random) -> None:
        self.book: Workbook = openpyxl.load_workbook(io.BytesIO(source))
        self.rng = rng

    @property
    def survey(self) -> Worksheet:
        return self.book["survey"]

    @property
    def choices(self) -> Worksheet:
        return self.book["choices"]

    def letter(self, sheet: str, heading: str) -> str:
        for cell in self.book[sheet][1]:
            if cell.value == heading:
                return cell.column_letter
        column = self.book[sheet].max_column + 1
        cell = self.book[sheet].cell(1, column)
        cell.value = heading
        return cell.column_letter

    def get(self, sheet: str, heading: str, row: int) -> str:
        return str(self.book[sheet][f"{self.letter(sheet, heading)}{row}"].value or "")

    def put(self, sheet: str, heading: str, row: int, value: object) -> str:
        """Write a cell; return its place."""
        place = f"{self.letter(sheet, heading)}{row}"
        self.book[sheet][place] = value
        return f"{sheet}!{place}"

    def rows(self, *types: str) -> list[int]:
        """Rows of the survey whose type begins with one of these words, outside repeats."""
        found, depth = [], 0
        for row in range(2, self.survey.max_row + 1):
            kind = self.get("survey", "type", row)
            depth += kind.startswith("begin_repeat") - kind.startswith("end_repeat")
            if kind.split(" ")[0] in types and depth == 0:
                found.append(row)
        return found

    def pick(self, *types: str) -> int:
        return self.rng.choice(self.rows(*types))

    def own_list(self) -> str:
        """A list of the choices sheet that a select outside repeats asks."""
        kinds = [self.get("survey", "type", r).split() for r in self.rows("select_one")]
        return self.rng.choice([kind[1] for kind in kinds if len(kind) == 2])

    def rows_of(self, name: str) -> list[int]:
        rows = range(2, self.choices.max_row + 1)
        return [r for r in rows if self.get("choices", "list_name", r) == name]

    def add_calculation(self, name: str, text: str) -> int:
        row = self.survey.max_row + 1
        self.put("survey", "type", row, "calculate")
        self.put("survey", "name", row, name)
        self.put("survey", "calculation", row, text)
        return row

    def save(self) -> bytes:
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()


Plant = Callable[[Bed], tuple[str, ...]]
_SHOWN = ("text", "integer", "date", "select_one", "decimal")


def _unknown_type(bed: Bed) -> tuple[str, ...]:
    row = bed.pick("select_one")
    kind = bed.get("survey", "type", row)
    return (bed.put("survey", "type", row, kind.replace("select_one", "sellect_one")),)


def _vietnamese_type(bed: Bed) -> tuple[str, ...]:
    return (bed.put("survey", "type", bed.pick("text", "integer"), "số nguyên"),)


def _missing_list(bed: Bed) -> tuple[str, ...]:
    row = bed.pick("select_one")
    return (bed.put("survey", "type", row, f"select_one {bed.own_list()}xx"),)


def _no_list(bed: Bed) -> tuple[str, ...]:
    return (bed.put("survey", "type", bed.pick("select_one"), "select_one"),)


def _duplicate_name(bed: Bed) -> tuple[str, ...]:
    row = bed.add_calculation("twice_here", "1")
    bed.put("survey", "type", row, "calculate")
    again = bed.add_calculation("twice_here", "2")
    return (f"survey!{bed.letter('survey', 'name')}{again}",)


def _ambiguous(bed: Bed) -> tuple[str, ...]:
    for group in ("g_one", "g_two"):
        row = bed.survey.max_row + 1
        bed.put("survey", "type", row, "begin_group")
        bed.put("survey", "name", row, group)
        bed.add_calculation("in_both", "1")
        bed.put("survey", "type", bed.survey.max_row + 1, "end_group")
    row = bed.add_calculation("asks_both", "${in_both} + 1")
    return (f"survey!{bed.letter('survey', 'calculation')}{row}",)


def _calculation(text: str) -> Plant:
    def plant(bed: Bed) -> tuple[str, ...]:
        asked = bed.get("survey", "name", bed.pick("text", "integer", "date"))
        row = bed.add_calculation("planted", text.replace("NAME", asked))
        return (f"survey!{bed.letter('survey', 'calculation')}{row}",)

    return plant


def _relevant(text: str) -> Plant:
    def plant(bed: Bed) -> tuple[str, ...]:
        rows = bed.rows(*_SHOWN)
        asked = bed.get("survey", "name", rows[0])
        row = bed.rng.choice(rows[1:])
        return (bed.put("survey", "relevant", row, text.replace("NAME", asked)),)

    return plant


def _never_ended(bed: Bed) -> tuple[str, ...]:
    row = bed.survey.max_row + 1
    place = bed.put("survey", "type", row, "begin_group")
    bed.put("survey", "name", row, "open_group")
    bed.add_calculation("in_open", "1")
    return (place,)


def _extra_end(bed: Bed) -> tuple[str, ...]:
    return (bed.put("survey", "type", bed.survey.max_row + 1, "end_group"),)


def _crossed(bed: Bed) -> tuple[str, ...]:
    row = bed.survey.max_row + 1
    for offset, (kind, name) in enumerate(
        (("begin_group", "g_x"), ("begin_repeat", "r_x"), ("text", "t_x"), ("end_group", None))
    ):
        bed.put("survey", "type", row + offset, kind)
        bed.put("survey", "name", row + offset, name)
        bed.put("survey", VI, row + offset, "x" if name else None)
        bed.put("survey", EN, row + offset, "x" if name else None)
    bed.put("survey", "type", row + 4, "end_repeat")
    return tuple(f"survey!A{row + offset}" for offset in (1, 3, 4))


def _duplicate_choice(bed: Bed) -> tuple[str, ...]:
    name = bed.own_list()
    first, *others = bed.rows_of(name)
    row = bed.rng.choice(others)
    return (bed.put("choices", "name", row, bed.get("choices", "name", first)),)


def _no_label(bed: Bed) -> tuple[str, ...]:
    row = bed.pick("text", "integer", "select_one")
    for column in ("hint::Tiếng Việt (vi)", "hint::English (en)"):
        bed.put("survey", column, row, None)
    return bed.put("survey", VI, row, None), bed.put("survey", EN, row, None)


def _half_label(bed: Bed) -> tuple[str, ...]:
    return (bed.put("survey", EN, bed.pick(*_SHOWN), None),)


def _choice_label(bed: Bed) -> tuple[str, ...]:
    row = bed.rng.choice(bed.rows_of(bed.own_list()))
    return bed.put("choices", VI, row, None), bed.put("choices", EN, row, None)


def _rename(name: str) -> Plant:
    def plant(bed: Bed) -> tuple[str, ...]:
        row = bed.add_calculation(name, "1")
        return (f"survey!{bed.letter('survey', 'name')}{row}",)

    return plant


def _mac_name(bed: Bed) -> tuple[str, ...]:
    row = bed.add_calculation("nghe", "1")
    bed.put("survey", "name", row, unicodedata.normalize("NFC", "tuổi"))
    bed.add_calculation("asks", unicodedata.normalize("NFD", "${tuổi} + 1"))
    return (f"survey!{bed.letter('survey', 'name')}{row}",)  # its accents, and nothing else


def _blank_choice(bed: Bed) -> tuple[str, ...]:
    name = bed.own_list()
    row = bed.pick("select_one")
    bed.put("survey", "type", row, f"select_multiple {name}")
    place = bed.rng.choice(bed.rows_of(name))
    return (bed.put("choices", "name", place, "ha noi"),)


def _sheet(old: str, new: str) -> Plant:
    def plant(bed: Bed) -> tuple[str, ...]:
        bed.book[old].title = new
        return (old,)

    return plant


def _filter(text: str) -> Plant:
    def plant(bed: Bed) -> tuple[str, ...]:
        name = bed.own_list()
        rows = [r for r in bed.rows("select_one") if bed.get("survey", "type", r).endswith(name)]
        asked = bed.get("survey", "name", bed.rows(*_SHOWN)[0])
        row = rows[-1]
        return (bed.put("survey", "choice_filter", row, text.replace("NAME", asked)),)

    return plant


def _circle(bed: Bed) -> tuple[str, ...]:
    first = bed.add_calculation("c_one", "${c_two} + 1")
    second = bed.add_calculation("c_two", "${c_one} + 1")
    letter = bed.letter("survey", "calculation")
    return f"survey!{letter}{first}", f"survey!{letter}{second}"


def _needs_itself(bed: Bed) -> tuple[str, ...]:
    row = bed.pick("text", "integer", "date")
    return (bed.put("survey", "relevant", row, f"${{{bed.get('survey', 'name', row)}}} != ''"),)


def _heading(sheet: str, old: str, new: str) -> Plant:
    def plant(bed: Bed) -> tuple[str, ...]:
        place = f"{bed.letter(sheet, old)}1"
        bed.book[sheet][place] = new
        return (f"{sheet}!{place}",)

    return plant


def _default_language(bed: Bed) -> tuple[str, ...]:
    return (bed.put("settings", "default_language", 2, "vi"),)


def _lost_zero(bed: Bed) -> tuple[str, ...]:
    name = bed.own_list()
    row = bed.choices.max_row + 1
    for code, at in (("07", row), ("08", row + 1)):
        bed.put("choices", "list_name", at, name)
        bed.put("choices", "name", at, code)
        bed.put("choices", VI, at, f"Mã {code}")
        bed.put("choices", EN, at, f"Code {code}")
    bed.add_calculation("asks_code", "'07'")
    return (bed.put("choices", "name", row, 7),)


def _constraint(text: str) -> Plant:
    def plant(bed: Bed) -> tuple[str, ...]:
        return (bed.put("survey", "constraint", bed.pick("integer", "decimal"), text),)

    return plant


def _no_form_id(bed: Bed) -> tuple[str, ...]:
    return (bed.put("settings", "form_id", 2, None),)


def _file_kind(bed: Bed) -> tuple[str, ...]:
    return (bed.put("survey", "type", bed.pick("select_one"), "select_one_from_file xa.xls"),)


def _from_outside(bed: Bed) -> tuple[str, ...]:
    row = bed.survey.max_row + 1
    for offset, (kind, name) in enumerate(
        (("begin_repeat", "r_many"), ("text", "one_of_many"), ("end_repeat", None))
    ):
        bed.put("survey", "type", row + offset, kind)
        bed.put("survey", "name", row + offset, name)
        bed.put("survey", VI, row + offset, "x" if name else None)
        bed.put("survey", EN, row + offset, "x" if name else None)
    asking = bed.add_calculation("asks_many", "${one_of_many} + 1")
    return (f"survey!{bed.letter('survey', 'calculation')}{asking}",)


MISTAKES: dict[int, Plant] = {
    1: _unknown_type,
    2: _vietnamese_type,
    3: _missing_list,
    4: _no_list,
    5: _duplicate_name,
    6: _ambiguous,
    7: _calculation("${NAMEx} + 1"),
    8: _calculation("${NAME + 1"),
    9: _never_ended,
    10: _extra_end,
    11: _crossed,
    12: _relevant("${NAME} >> 5"),
    13: _calculation("if(${NAME} = '', 1, 0"),
    14: _relevant("nam(${NAME}) = 1"),
    15: _relevant("selected(${NAME})"),
    16: _duplicate_choice,
    17: _no_label,
    18: _half_label,
    19: _choice_label,
    20: _rename("ho ten"),
    21: _rename("họ_tên"),
    22: _mac_name,
    23: _blank_choice,
    24: _sheet("survey", "surveys"),
    25: _sheet("choices", "choice"),
    26: _sheet("survey", "khảo sát"),
    27: _relevant("${NAME} != ‘01’"),
    28: _filter("tinhh=${NAME}"),
    29: _filter("name==${NAME}"),
    30: _circle,
    31: _needs_itself,
    32: _heading("survey", VI, "label::Vietnamese"),
    33: _heading("survey", VI, "label::Tiếng Việt (vn)"),
    34: _heading("choices", VI, "label::Tieng Viet (vi)"),
    35: _default_language,
    36: _heading("survey", VI, "label:Tiếng Việt (vi)"),
    37: _heading("survey", "relevant", "relevent"),
    38: _heading("survey", "type", "tpye"),
    39: _lost_zero,
    40: _constraint("0 < . < 120"),
    41: _constraint(". < 36,5"),
    42: _no_form_id,
    43: _file_kind,
    44: _from_outside,
}
SILENT = frozenset({27, 36})
"""What pyxform mends or takes as it is."""


def iter_planted(source: bytes, seed: str, *, times: int = 1) -> Iterator[Planted]:
    """Each mistake alone, in as many workbooks."""
    for row, plant in MISTAKES.items():
        for time in range(times):
            bed = Bed(source, Random(f"{seed}-{row}-{time}"))
            cells = plant(bed)
            yield Planted(row, bed.save(), () if row in SILENT else cells)


def is_told_at(place: str, cells: tuple[str, ...]) -> bool:
    return place in cells or re.sub(r"!.*", "", place) in cells
