"""Forms of any shape: every answer comes back from every format that an analyst reads."""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from exports.formats import FORMATS
from forms.definitions import Bind, Choice, Field, FormDefinition, Kind
from tests.helpers.batches import OF_TYPE, TEXTS
from tests.helpers.datasets import Instances
from tests.helpers.reading_back import READERS, check_answers, read_all

PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 999)).map(
    lambda at: f"{at[0]:.6f} {at[1]:.6f} {at[2]}.0 4.5"
)
LINES = st.lists(PLACES, min_size=2, max_size=3).map("; ".join)
ANSWERS: dict[str, st.SearchStrategy[str]] = {
    **{type_: answers for type_, answers in OF_TYPE.items() if type_ != "choice"},
    "string": TEXTS,
    "barcode": TEXTS,
    "binary": st.sampled_from(["1700000000.jpg", "ảnh.png"]),
    "boolean": st.sampled_from(["true", "false"]),
    "geopoint": PLACES,
    "geotrace": LINES,
    "geoshape": LINES,
}
OF_ANY = ("string", "int", "decimal", "date", "dateTime", "time")
"""The types of which what is no such value may come too."""
CODES = ("1", "02", "có", "=x")


@st.composite
def forms(draw) -> FormDefinition:
    numbers = count()
    children = tuple(draw(fields("", numbers, depth=0)))
    meta = Field("/meta", Kind.GROUP, children=(
        Field("/meta/instanceID", Kind.QUESTION, Bind(type="string")),
    ))  # fmt: skip
    root = Field("", Kind.GROUP, children=(*children, meta))
    return FormDefinition(b"", "f", "1", "F", (), "", root)


@st.composite
def fields(draw, path: str, numbers: count, *, depth: int) -> list[Field]:
    kinds = ["question"] * 3 + ["select"] + (["group", "repeat"] if depth < 3 else [])
    found = [
        draw(one_field(draw(st.sampled_from(kinds)), path, numbers, depth))
        for _ in range(draw(st.integers(1, 4)))
    ]
    if draw(st.booleans()):
        found.append(Field(f"{path}/gps", Kind.QUESTION, Bind(type="geopoint")))
    return found


@st.composite
def one_field(draw, kind: str, path: str, numbers: count, depth: int) -> Field:
    own = f"{path}/{kind[0]}{next(numbers)}"
    if kind in ("group", "repeat"):
        return Field(own, Kind(kind), children=tuple(draw(fields(own, numbers, depth=depth + 1))))
    if kind == "question":
        types = [type_ for type_ in ANSWERS if type_ != "geopoint"]
        return Field(own, Kind.QUESTION, Bind(type=draw(st.sampled_from(types))), control="input")
    is_multiple = draw(st.booleans())
    return Field(
        own,
        Kind.QUESTION,
        Bind(type="string"),
        control="select" if is_multiple else "select1",
        select_multiple=is_multiple,
        choices=tuple(Choice(code, {"": f"Nhãn {code}"}) for code in CODES),
    )


def answers(field: Field) -> st.SearchStrategy[str]:
    if field.is_select:
        most = len(CODES) if field.select_multiple else 1
        chosen = st.lists(st.sampled_from(CODES), min_size=1, max_size=most, unique=True)
        return chosen.map(" ".join)
    usual = ANSWERS[field.bind.type]
    return usual | TEXTS if field.bind.type in OF_ANY else usual


@st.composite
def filled(draw, field: Field) -> str:
    """The elements of a field."""
    if field.name == "meta":
        return ""
    if field.kind is Kind.QUESTION:
        answer = draw(st.none() | answers(field).filter(is_xml))
        inner = "" if answer is None else escape(answer).replace("\r", "&#13;")
        return f"<{field.name}>{inner}</{field.name}>"
    times = draw(st.integers(0, 2)) if field.kind is Kind.REPEAT else 1
    return "".join(
        f"<{field.name}>{''.join(draw(filled(child)) for child in field.children)}</{field.name}>"
        for _ in range(times)
    )


def is_xml(text: str) -> bool:
    return not set(text) & {"\ufffe", "\uffff"}


@st.composite
def forms_and_slips(draw) -> tuple[FormDefinition, list[bytes]]:
    form = draw(forms())
    slips = [
        f'<data id="f" version="1">{"".join(draw(filled(c)) for c in form.root.children)}'
        f"<meta><instanceID>uuid:{number}</instanceID></meta></data>".encode()
        for number in range(draw(st.integers(1, 3)))
    ]
    return form, slips


@pytest.mark.parametrize(("format_", "read"), READERS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make a form small takes minutes
)
@given(drawn=forms_and_slips())
def test_every_answer_comes_back(format_, read, drawn):
    form, slips = drawn
    repeats = {field.name for field in form.fields() if field.kind is Kind.REPEAT}
    with tempfile.TemporaryDirectory() as name:
        paths = FORMATS[format_].write(Instances(slips, [form]), Path(name))
        mains = [path for path in paths if path.suffix == f".{FORMATS[format_].suffix}"]

        check_answers(read_all(read, mains), slips, repeats)
