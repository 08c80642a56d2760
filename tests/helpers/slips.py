"""Forms as Markdown tables, and instances of them as a phone would write them."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from xml.sax.saxutils import escape

from pyxform.xls2json_backends import md_table_to_workbook

ROOT = Path(__file__).parents[2]
CHILD_SITUATION = ROOT / "xlsforms" / "child_situation" / "child_situation.xlsx"

HOUSES = """
| survey |
| | type         | name    | label::Tiếng Việt (vi) | label::English (en) |
| | date         | day     | Ngày                   | Day                 |
| | text         | commune | Xã                     | Commune             |
| | text         | head    | Chủ hộ                 | Head                |
| | begin_group  | g       | Nhóm                   | Group               |
| | integer      | size    | Số người               | Persons             |
| | select_multiple needs | needs | Cần              | Needs               |
| | geopoint     | gps     | Toạ độ                 | Position            |
| | end_group    |         |                        |                     |
| | begin_repeat | child   | Trẻ em                 | Child               |
| | text         | name    | Tên                    | Name                |
| | select_one sex | sex   | Giới tính              | Sex                 |
| | file         | paper   | Giấy                   | Paper               |
| | end_repeat   |         |                        |                     |
| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | sex       | 1    | Nam                    | Male                |
| | sex       | 2    | Nữ                     | Female              |
| | needs     | 01   | Y tế                   | Health              |
| | needs     | 02   | Học tập                | School              |
| settings |
| | form_id | form_title | version | default_language |
| | houses  | Nhà ở      | 1       | Tiếng Việt (vi)  |
"""


def workbook(markdown: str = HOUSES) -> bytes:
    """The table as an .xlsx file."""
    file = io.BytesIO()
    md_table_to_workbook(markdown).save(file)
    return file.getvalue()


def with_setting(markdown: str, name: str, value: str) -> str:
    """The table `HOUSES` with one more column on its settings sheet."""
    return markdown.replace("default_language |\n", f"default_language | {name} |\n").replace(
        "Tiếng Việt (vi)  |\n", f"Tiếng Việt (vi)  | {value} |\n"
    )


def write_workbook(folder: Path, markdown: str = HOUSES, name: str = "form.xlsx") -> Path:
    path = folder / name
    path.write_bytes(workbook(markdown))
    return path


def new_id() -> str:
    return f"uuid:{uuid.uuid4()}"


def house(
    instance_id: str,
    *,
    head: str = "Nguyễn Văn An",
    commune: str = "12472",
    children: tuple[tuple[str, str, str], ...] = (("Bình", "1", ""),),
    version: str = "1",
    extra: str = "",
) -> bytes:
    """A filled `houses` form; children are (name, sex, file name)."""
    repeats = "".join(
        f"<child><name>{escape(n)}</name><sex>{s}</sex><paper>{escape(p)}</paper></child>"
        for n, s, p in children
    )
    return (
        "<?xml version='1.0' encoding='UTF-8' ?>"
        f'<data id="houses" version="{version}"><day>2026-11-20</day><commune>{commune}</commune>'
        f"<head>{escape(head)}</head><g><size>4</size><needs>01 02</needs>"
        f"<gps>20.5 106.3 0 4.5</gps></g>{repeats}{extra}"
        f"<meta><instanceID>{instance_id}</instanceID></meta></data>"
    ).encode()
