"""The tables of an order without what leads to people: as one whole, or by commune."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from exports.deidentifying.covers import write_cover
from exports.deidentifying.deidentify import Decided, decide
from exports.deidentifying.releases import Release
from exports.formats import Format
from exports.options import Options, Split
from exports.partition import Part, write_parts
from server.actions.exporting.orders import ExportOrder

_PASSES = 2


class Passes:
    """Progress of what is read twice: counted, then written."""

    def __init__(self, progress: Callable[[int], None], total: int) -> None:
        self._progress = progress
        self._total = total
        self._read = 0
        self._told = 0

    def __call__(self, count: int) -> None:
        self._read += count
        told = min(self._read // _PASSES, self._total)
        self._progress(told - self._told)
        self._told = told


def whole_options(options: Options) -> Options:
    """With all columns: what rows are told by is read of them, also where few are asked for."""
    split = Split.NONE if options.split is Split.NONE else Split.BOTH
    return replace(options, columns=(), split=split)


def write_deidentified(
    order: ExportOrder, parts: Sequence[Part], folder: Path, format_: Format, release: Release
) -> None:
    """Write tables and cover; `parts` are one, or one for each commune, counted as one file."""
    decided = decide(
        [part.dataset for part in parts],
        release,
        columns=order.options.columns,
        only_choices=order.options.split is Split.ONLY,
    )
    if order.by_commune:
        write_parts(_iter_named(parts, decided), folder, format_)
    else:
        format_.write(decided.whole(), folder)
    write_cover(folder, decided.whole().cover)


def _iter_named(parts: Sequence[Part], decided: Decided) -> Iterator[Part]:
    """Those whose commune may be named, then what is left of all."""
    for number, part in enumerate(parts):
        count = decided.count_named(number)
        if part.code and count:
            yield replace(part, count=count, dataset=decided.named(number))
    others = [number for number, part in enumerate(parts) if not part.code]
    if count := decided.count_rest(others):
        yield Part("", "", "", is_current=True, count=count, dataset=decided.rest(others))
