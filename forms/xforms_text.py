"""The texts of an XForm: itext translations and choice lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from .definitions import Choice, Texts
from .xml import local_name

_ITEXT_ID = "itextId"


@dataclass(frozen=True, slots=True)
class Itext:
    """Translations by text id, then by language."""

    by_id: dict[str, Texts] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    default_language: str = ""

    def texts(self, value: str) -> Texts:
        """The texts that a `jr:itext('…')` reference names, or the literal itself."""
        value = value.strip()
        if value.startswith("jr:itext(") and value.endswith(")"):
            return self.by_id.get(value[9:-1].strip("'\" "), {})
        return {self.default_language: value} if value else {}


def read_itext(model: etree._Element) -> Itext:
    by_id: dict[str, Texts] = {}
    languages: list[str] = []
    default = ""
    for translation in (e for e in model.iter() if local_name(e) == "translation"):
        language = translation.get("lang", "")
        languages.append(language)
        if any(str(k).rpartition("}")[2] == "default" for k in translation.attrib):
            default = language
        for text in translation:
            by_id.setdefault(text.get("id", ""), {})[language] = _plain_value(text)
    return Itext(by_id, tuple(languages), default or (languages[0] if languages else ""))


def read_lists(model: etree._Element, itext: Itext) -> dict[str, tuple[Choice, ...]]:
    """The choice lists kept in the form itself, by instance id."""
    lists: dict[str, tuple[Choice, ...]] = {}
    instances = [e for e in model if local_name(e) == "instance"]
    for instance in instances[1:]:
        if instance.get("src") is None and (list_id := instance.get("id")):
            lists[list_id] = tuple(_choices(instance, itext))
    return lists


def label_text(element: etree._Element | None, itext: Itext) -> Texts:
    """The texts of a label or hint element; `<output value="/data/x"/>` reads as `${x}`."""
    if element is None:
        return {}
    ref = element.get("ref")
    return itext.texts(ref) if ref else itext.texts(_flat(element))


def is_jr_source(src: str) -> bool:
    return src.startswith("jr://") and not src.endswith("/")


def jr_filename(src: str) -> str:
    return src.rpartition("/")[2]


def _choices(instance: etree._Element, itext: Itext) -> Iterator[Choice]:
    for item in (e for e in instance.iter() if local_name(e) == "item"):
        columns = {local_name(e): (e.text or "") for e in item}
        value = columns.pop("name", "")
        text_id = columns.pop(_ITEXT_ID, None)
        label = columns.pop("label", "")
        labels = itext.by_id.get(text_id, {}) if text_id else itext.texts(label)
        yield Choice(value, labels, columns)


def _plain_value(text: etree._Element) -> str:
    """The value meant for reading, not the image, audio or guidance beside it."""
    values = (e for e in text if local_name(e) == "value")
    return next((_flat(v) for v in values if v.get("form") is None), "")


def _flat(element: etree._Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if local_name(child) == "output":
            parts.append("${" + child.get("value", "").strip().rpartition("/")[2] + "}")
        parts.append(child.tail or "")
    return "".join(parts).strip()
