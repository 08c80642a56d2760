"""Functions of text."""

from __future__ import annotations

from forms.errors import NotEvaluated, NotSupported
from forms.xpath import Expression, Text

from ..frames import Compiled, Frame
from ..patterns import Matches, compile_pattern
from ..scopes import Scope
from ..values import NodeSet, Value, item_values, to_index, to_text
from .kinds import Function, Plain, Special

_MOST_STUCK = 5


def _concat(*values: Value) -> str:
    if len(values) == 1 and isinstance(values[0], list):
        return "".join(map(to_text, item_values(values[0])))
    return "".join(map(to_text, values))


def _join(separator: Value, *values: Value) -> str:
    parts: list[Value] = list(values)
    if len(values) == 1 and isinstance(values[0], list):
        parts = list(item_values(values[0]))
    return to_text(separator).join(map(to_text, parts))


def _substr(value: Value, start: Value, end: Value | None = None) -> str:
    """From 0; the end is not included, what is negative counts from the end."""
    text = to_text(value)
    if text.isascii():
        first, last = _bounds(start, end, len(text))
        return text[first:last]
    units = _units(text)
    first, last = _bounds(start, end, len(units) // 2)
    return _text(units[2 * first : 2 * last]) if first <= last else ""


def _bounds(start: Value, end: Value | None, length: int) -> tuple[int, int]:
    last = _within(to_index(end), length) if end is not None else length
    return _within(to_index(start), length), last


def _within(index: int, length: int) -> int:
    return min(max(0, index + length if index < 0 else index), length)


def _before(value: Value, mark: Value) -> str:
    text, sought = to_text(value), to_text(mark)
    before, found, _ = text.partition(sought) if sought else ("", "", "")
    return before if found else ""


def _after(value: Value, mark: Value) -> str:
    text, sought = to_text(value), to_text(mark)
    return text.partition(sought)[2] if sought else text


def _translate(value: Value, old: Value, new: Value) -> str:
    replacements = to_text(new)
    table: dict[int, str] = {}
    for at, letter in enumerate(to_text(old)):
        table.setdefault(ord(letter), replacements[at : at + 1])
    return to_text(value).translate(table)


def _string_length(value: Value) -> float:
    """In UTF-16 units, as Java counts."""
    return float(len(_units(to_text(value))) // 2)


def _normalize_space(value: Value) -> str:
    """A no-break space stays: Java's blanks are those of ASCII."""
    return " ".join(part for part in _blanks_to_space(to_text(value)).split(" ") if part)


def _blanks_to_space(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, "\t\n\x0b\x0c\r"), " "))


def _of_context(call: Plain) -> Special:
    """Without an argument the function takes the context node."""

    def compile_it(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
        if arguments:
            inner = scope.compile(arguments[0], scope)
            return lambda frame: call.call(inner(frame))
        scope.require_context()
        return lambda frame: call.call(_own(frame))

    return Special(compile_it, 0, 1)


def _own(frame: Frame) -> NodeSet:
    return [frame.node] if frame.answers.relevant(frame.node) else []


def _regex(arguments: tuple[Expression, ...], scope: Scope) -> Compiled:
    """The whole text must match; a pattern that stands in the form is made ready once."""
    value = scope.compile(arguments[0], scope)
    if isinstance(arguments[1], Text):
        matches = compile_pattern(arguments[1].value)
        return lambda frame: _match(matches, to_text(value(frame)), frame)
    pattern = scope.compile(arguments[1], scope)

    def evaluate(frame: Frame) -> bool:
        try:
            made = compile_pattern(to_text(pattern(frame)))
        except NotSupported as error:
            raise NotEvaluated(error.reason) from error
        return _match(made, to_text(value(frame)), frame)

    return evaluate


def _match(matches: Matches, text: str, frame: Frame) -> bool:
    """A slip full of texts that take too long would take too long itself."""
    stuck = frame.answers.stuck
    if stuck and (len(stuck) == _MOST_STUCK or (matches, text) in stuck):
        raise NotEvaluated("texts of this slip take too long for its patterns")
    try:
        return matches(text)
    except NotEvaluated:
        stuck.add((matches, text))
        raise


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _text(units: bytes) -> str:
    """Half a character becomes a question mark, as where Java writes it."""
    return units.decode("utf-16-le", "surrogatepass").encode("utf-8", "replace").decode()


FUNCTIONS: dict[str, Function] = {
    "concat": Plain(_concat, 0, None),
    "contains": Plain(lambda a, b: to_text(b) in to_text(a), 2),
    "ends-with": Plain(lambda a, b: to_text(a).endswith(to_text(b)), 2),
    "join": Plain(_join, 1, None),
    "normalize-space": _of_context(Plain(_normalize_space, 1)),
    "regex": Special(_regex, 2),
    "starts-with": Plain(lambda a, b: to_text(a).startswith(to_text(b)), 2),
    "string": Plain(to_text, 1),
    "string-length": _of_context(Plain(_string_length, 1)),
    "substr": Plain(_substr, 2, 3),
    "substring-after": Plain(_after, 2),
    "substring-before": Plain(_before, 2),
    "translate": Plain(_translate, 3),
}
