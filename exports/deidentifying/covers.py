"""What the cover of a release says: for whom, what for, until when, and what was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from exports.deidentifying.release_reports import Report, TableReport, Told
from exports.deidentifying.releases import Release
from forms.sensitivity import Sensitivity as Kind

FILE = "_release.txt"
Lines = list[tuple[str, str]]
_STEPS: Mapping[str, tuple[str, str]] = {
    "group": ("Nhóm hoàn cảnh để trống", "Group left blank"),
    "age_widened": ("Nhóm tuổi gộp rộng hơn", "Age band widened"),
    "age": ("Nhóm tuổi để trống", "Age band left blank"),
    "sex": ("Giới tính để trống", "Sex left blank"),
    "commune": ("Xã để trống", "Commune left blank"),
    "left_out": ("Bỏ cả dòng", "Left out"),
}
_WHY: Mapping[str, tuple[str, str]] = {
    Kind.DIRECT: ("dẫn thẳng tới một người", "leads straight to a person"),
    Kind.VILLAGE: ("nơi nhỏ hơn xã", "a place finer than the commune"),
    Kind.FREE_TEXT: ("lời tự viết", "words of one's own"),
    Kind.LOCATION: ("toạ độ", "a position"),
    Kind.WITHHELD: (
        "không dành cho bên ngoài, hoặc chưa phân loại",
        "not for outsiders, or unclassified",
    ),
    Kind.NONE: ("tệp", "files"),
}
_HOW: Mapping[str, tuple[str, str]] = {
    Kind.ID: ("mã giả riêng của lần giao này", "a pseudonym of this release alone"),
    Kind.BIRTH_DATE: ("nhóm tuổi", "an age band"),
    Kind.AGE: ("nhóm tuổi", "an age band"),
    Kind.SEX: ("như trả lời, hoặc để trống", "as answered, or blank"),
    Kind.GROUP: (
        "nhóm 05, 06, 07, 09–12 gộp thành một từ, hoặc để trống",
        "groups 05, 06, 07, 09–12 are one word, or blank",
    ),
    Kind.ETHNICITY: ("chỉ còn Kinh hay dân tộc thiểu số", "only Kinh or minority"),
    Kind.COMMUNE: ("như đã báo, hoặc để trống", "as reported, or blank"),
    Kind.LOCATION: ("ô lưới khoảng 1 km", "a grid of about 1 km"),
    Kind.DAY: ("chỉ còn tháng", "the month alone"),
    Kind.DATE: ("chỉ còn tháng", "the month alone"),
}


def lines_of(report: Report, release: Release, *, form: str) -> Lines:
    """For people: each line in Vietnamese and in English."""
    day = release.expires_on
    return [
        (
            "DỮ LIỆU ĐÃ KHỬ ĐỊNH DANH – vẫn là dữ liệu về trẻ em",
            "DE-IDENTIFIED DATA – still data about children",
        ),
        (f"Biểu mẫu: {form}", f"Form: {form}"),
        *([(f"Lần giao số: {release.id}", f"Release: {release.id}")] if release.id else []),
        (f"Mục đích: {release.purpose}", f"Purpose: {release.purpose}"),
        (f"Bên nhận: {release.recipient}", f"Recipient: {release.recipient}"),
        (f"Xoá chậm nhất ngày {day:%d/%m/%Y}", f"To be destroyed by {day.isoformat()}"),
        (
            "Cấm tìm cách nhận lại người trong dữ liệu, ghép với nguồn khác, đưa cho người khác "
            "hoặc công bố (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15; Luật Trẻ em 2016).",
            "It is forbidden to re-identify anybody, to join it with other sources, to pass it on "
            "or to publish it (Law 91/2025/QH15 on personal data; Law on Children 2016).",
        ),
        _smallest(report, release),
        *(line for table in report.tables for line in _table_lines(table, release)),
        *_commune_lines(report.hidden_communes),
        *_column_lines(report.withheld, _WHY, ("Không đưa ra", "Withheld")),
        *_column_lines(report.changed, _HOW, ("Làm thô", "Made coarser")),
    ]


def write_cover(folder: Path, lines: Sequence[tuple[str, str]]) -> None:
    """Vietnamese, then English."""
    texts = ["\r\n".join(line[at].translate(_ONE_LINE) for line in lines) for at in (0, 1)]
    (folder / FILE).write_bytes(("\ufeff" + "\r\n\r\n".join(texts) + "\r\n").encode())


_ONE_LINE = dict.fromkeys(map(ord, "\r\n\x0b\x0c\x85\u2028\u2029"), " ")


def _smallest(report: Report, release: Release) -> tuple[str, str]:
    k = "–" if report.k is None else str(report.k)
    return (
        f"k = {k}: nhóm nhỏ nhất theo xã, giới, nhóm tuổi, nhóm hoàn cảnh, trong toàn bộ lần "
        f"xuất này (ít nhất phải là {release.smallest_class})",
        f"k = {k}: the smallest class over commune, sex, age band and group, in the whole of this "
        f"export (at least {release.smallest_class})",
    )


def _table_lines(table: TableReport, release: Release) -> Lines:
    vi_name, en_name = table.table or "phiếu", table.table or "of slips"
    k = "–" if table.k is None else str(table.k)
    least, out = release.smallest_class, table.standing_out
    return [
        (
            f"Bảng {vi_name}: {table.rows} dòng; k = {k}",
            f"Table {en_name}: {table.rows} rows; k = {k}",
        ),
        (
            f"Bảng {vi_name}, trước khi làm thô: {out} dòng thuộc nhóm có dưới {least} dòng",
            f"Table {en_name}, before coarsening: {out} rows in classes of fewer than {least}",
        ),
        *(
            (f"Bảng {vi_name}: {vi}: {number} dòng", f"Table {en_name}: {en}: {number} rows")
            for step, (vi, en) in _STEPS.items()
            if (number := table.steps.get(step))
        ),
    ]


def _commune_lines(hidden: int) -> Lines:
    if not hidden:
        return []
    return [(f"Số xã không nêu tên: {hidden}", f"Communes not named: {hidden}")]


def _column_lines(
    columns: Sequence[Told], said: Mapping[str, tuple[str, str]], begun: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    """A line for each sensitivity, with the names of its columns."""
    for kind, (vi, en) in said.items():
        names = ", ".join(dict.fromkeys(c.column for c in columns if c.sensitivity == kind))
        if names:
            yield f"{begun[0]} – {vi}: {names}", f"{begun[1]} – {en}: {names}"
