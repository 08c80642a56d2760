"""Slips as nobody would fill them: answers exchanged, taken out, put twice; by a seed."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from random import Random

from lxml import etree

TEXTS = (
    *("", " ", "0", "1", "-1", "3", "18", "200", "1.5", "1,5", "1e3", "abc", "x y", "yes", "no"),
    *("2", "4", "77", "98", "99", "1 2", "2 1", "true", "đúng", "2024-02-29", "2024-02-30"),
    *("1931-05-05", "2031-05-05", "2024-02-29T10:00:00.000+07:00", "08:15:00.000+07:00"),
    *("21.0 105.8 3 5", "0 0 0 0", "999", "001", "012345678901", "0912345678"),
)


def damage(instance: bytes, rng: Random, *, repeats: Sequence[str] = ()) -> bytes:
    """Between one and eight changes; what stands in meta stays."""
    root = etree.fromstring(instance)
    for _ in range(rng.randint(1, 8)):
        leaves = [e for e in root.iter() if len(e) == 0 and not _is_meta(e)]
        if not leaves:
            break
        _change(rng.choice(leaves), rng, [e for e in root.iter() if _name(e) in repeats])
    return etree.tostring(root)


def _change(leaf: etree._Element, rng: Random, instances: list[etree._Element]) -> None:
    parent = leaf.getparent()
    kind = rng.random()
    if kind < 0.15 and parent is not None:
        parent.remove(leaf)
    elif kind < 0.25 and instances:
        original = rng.choice(instances)
        original.addnext(deepcopy(original))
    else:
        leaf.text = rng.choice(TEXTS)


def _is_meta(element: etree._Element) -> bool:
    return any(_name(e) == "meta" for e in element.iterancestors()) or element.getparent() is None


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname
