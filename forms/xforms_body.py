"""The body of an XForm: which control asks which node, with its label, hint and choices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from .definitions import Choice, Itemset, Texts
from .xforms_text import Itext, label_text
from .xml import attribute, find_child, local_name

_QUESTIONS = {"input", "select", "select1", "rank", "upload", "range", "trigger", "secret"}
_ITEMSET = re.compile(r"instance\(\s*['\"](.+?)['\"]\s*\)/root/item(?:\[(.*)\])?", re.DOTALL)
_SEARCH = re.compile(r"""\bsearch\(\s*(['"])(.+?)\1""")


@dataclass(frozen=True, slots=True)
class Control:
    """What the body says of one node; the empty one for nodes that nobody is asked."""

    tag: str = ""
    labels: Texts = field(default_factory=dict)
    hints: Texts = field(default_factory=dict)
    appearance: str = ""
    choices: tuple[Choice, ...] = ()
    itemset: Itemset | None = None
    is_repeat: bool = False
    count: str = ""


def read_controls(body: etree._Element | None, itext: Itext) -> dict[str, Control]:
    """Controls by absolute node path, root element included: `/data/g_hh/hh_size`."""
    controls: dict[str, Control] = {}
    for element in body.iter() if body is not None else ():
        tag = local_name(element)
        if tag in _QUESTIONS or (tag == "group" and element.get("ref")):
            controls.setdefault(str(element.get("ref")), _control(element, tag, itext))
        elif tag == "repeat":
            group = element.getparent()
            labels = label_text(find_child(group, "label"), itext)
            count = attribute(element, "count").strip()
            controls[element.get("nodeset", "")] = Control(
                "repeat", labels, is_repeat=True, count=count
            )
    return controls


def iter_body_files(body: etree._Element | None) -> Iterator[str]:
    """Yield the files that only controls name: itemsets.csv, and of `search('…')` (§10.2)."""
    for element in body.iter() if body is not None else ():
        if element.get("query"):
            yield "itemsets.csv"
        for match in _SEARCH.finditer(element.get("appearance", "")):
            yield match[2] if match[2].endswith(".csv") else f"{match[2]}.csv"


def _control(element: etree._Element, tag: str, itext: Itext) -> Control:
    itemset = find_child(element, "itemset")
    return Control(
        tag=tag,
        labels=label_text(find_child(element, "label"), itext),
        hints=label_text(find_child(element, "hint"), itext),
        appearance=element.get("appearance", ""),
        choices=tuple(_item(e, itext) for e in element if local_name(e) == "item"),
        itemset=_read_itemset(itemset) if itemset is not None else None,
    )


def _item(item: etree._Element, itext: Itext) -> Choice:
    value = find_child(item, "value")
    text = (value.text or "").strip() if value is not None else ""
    return Choice(text, label_text(find_child(item, "label"), itext))


def _read_itemset(itemset: etree._Element) -> Itemset | None:
    match = _ITEMSET.search(itemset.get("nodeset", ""))
    if match is None:
        return None
    value, label = find_child(itemset, "value"), find_child(itemset, "label")
    return Itemset(
        list_name=match.group(1),
        filter=match.group(2) or "",
        value_column=value.get("ref", "name") if value is not None else "name",
        label_column=label.get("ref", "label") if label is not None else "label",
    )
