"""What a workbook says of itself: the sheets `About` and `Dictionary`, after those with data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from exports.tables import Cells, Column, Dataset, Table, TableHead, cover_lines
from exports.writers.xlsx_long import SUFFIX
from exports.writers.xlsx_naming import NamedSheet

_LANGUAGES = ("vi", "en")
_TEXTS: dict[str, tuple[str, str]] = {
    "about": ("Giới thiệu", "About"),
    "dictionary": ("Từ điển", "Dictionary"),
    "item": ("Mục", "Item"),
    "content": ("Nội dung", "Content"),
    "rows": ("Số dòng", "Rows"),
    "note": ("Ghi chú", "Note"),
    "form": ("Biểu mẫu", "Form"),
    "id": ("Mã biểu mẫu", "Form id"),
    "language": ("Ngôn ngữ", "Language"),
    "own_language": ("Tiếng Việt", "English"),
    "cover": ("Lần giao", "Release"),
    "sheet": ("Trang tính", "Sheet"),
    "empty": ("Không có dòng nào.", "There are no rows."),
    "below": (
        "Tiếp trang {of}: một trang tính có nhiều nhất 1.048.576 dòng.",
        "Goes on from {of}: a sheet has 1,048,576 rows at most.",
    ),
    "beside": (
        "Các cột còn lại của trang {of}: một trang tính có nhiều nhất 16.384 cột.",
        "Further columns of {of}: a sheet has 16,384 columns at most.",
    ),
    "long": ("Văn bản dài", "Long texts"),
    "long_note": (
        "Ô chỉ có phần đầu: một ô có nhiều nhất 32.767 ký tự. Toàn văn ở tệp này.",
        "The cells have the beginning: a cell has 32,767 characters at most. The whole is in this "
        "file.",
    ),
    "column": ("Cột", "Column"),
    "field": ("Tên trường", "Field"),
    "path": ("Đường dẫn", "Path"),
    "type": ("Kiểu", "Type"),
    "label": ("Nhãn", "Label"),
    "code": ("Mã", "Code"),
    "code_label": ("Nhãn của mã", "Label of the code"),
}
_TYPES: dict[str, tuple[str, str]] = {
    "string": ("văn bản", "text"),
    "int": ("số nguyên", "whole number"),
    "year": ("năm", "year"),
    "decimal": ("số thập phân", "decimal number"),
    "date": ("ngày", "date"),
    "time": ("giờ", "time"),
    "dateTime": ("ngày giờ", "date and time"),
    "boolean": ("đúng/sai", "true or false"),
    "geopoint": ("điểm", "point"),
    "geotrace": ("đường", "line"),
    "geoshape": ("vùng", "area"),
    "binary": ("tệp", "file"),
    "select_one": ("chọn một", "one of the codes"),
    "select_multiple": ("chọn nhiều", "some of the codes"),
}


def own_names(language: str) -> tuple[str, str]:
    """What the two sheets are called."""
    return _text("about", language), _text("dictionary", language)


def about_table(dataset: Dataset, sheets: Sequence[NamedSheet], *, long_texts: int) -> Table:
    language = dataset.language
    rows: list[Cells] = [
        (_text("form", language), dataset.title, None, None),
        (_text("id", language), dataset.name, None, None),
        (_text("language", language), _text("own_language", language), None, None),
        *((_text("cover", language), line, None, None) for line in cover_lines(dataset)),
    ]
    for named in sheets:
        count = named.sheet.height - 1
        rows.append((_text("sheet", language), named.name, str(count), _note(named, language)))
    if long_texts:
        note = _text("long_note", language)
        rows.append((_text("long", language), f"…{SUFFIX}", str(long_texts), note))
    return Table.of(_head(("item", "content", "rows", "note"), language), rows)


def dictionary_table(sheets: Sequence[NamedSheet], language: str) -> Table:
    """A row for each column and, below it, one for each of its codes."""
    names = ("sheet", "column", "field", "path", "type", "label", "code", "code_label")
    entries = [
        row
        for named in sheets
        if not named.sheet.below  # the same columns again
        for column in named.sheet.columns
        for row in _entries(named.name, column, language)
    ]
    return Table.of(_head(names, language), entries)


def _entries(sheet: str, column: Column, language: str) -> Iterator[Cells]:
    of_column = (sheet, column.heading, column.id, column.path or None)
    type_ = _type_text(column, language)
    yield (*of_column, type_, column.label or None, None, None)
    for code, label in column.codes.items():
        yield (*of_column, None, None, code, label)


def _type_text(column: Column, language: str) -> str:
    type_ = column.type
    if column.codes or column.is_multiple:
        type_ = "select_multiple" if column.is_multiple else "select_one"
    known = _TYPES.get(type_)
    return f"{_pick(known, language)} ({type_})" if known else type_


def _note(named: NamedSheet, language: str) -> str | None:
    said = []
    if named.sheet.beside:
        said.append(_text("beside", language))
    if named.sheet.below:
        said.append(_text("below", language))
    elif named.sheet.height == 1:
        said.append(_text("empty", language))
    return " ".join(said).replace("{of}", named.of) or None


def _head(names: Sequence[str], language: str) -> TableHead:
    types: Mapping[str, str] = {"rows": "int"}
    return TableHead(
        "", tuple(Column(_text(n, language), types.get(n, "string"), name=n) for n in names)
    )


def _text(name: str, language: str) -> str:
    return _pick(_TEXTS[name], language)


def _pick(texts: tuple[str, str], language: str) -> str:
    return texts[_LANGUAGES.index(language)]
