"""The functions of expressions, in one table by name; each module has one subject."""

from __future__ import annotations

from forms.errors import NotSupported
from forms.xpath import Call, Expression, Text, walk

from ..frames import Compiled
from ..moments import IN_WORDS
from ..scopes import Scope
from . import arithmetic, dates, digests, geo, logic, names, selections, sequences, strings
from .kinds import Framed, Function, Plain

FUNCTIONS: dict[str, Function] = {
    **arithmetic.FUNCTIONS,
    **dates.FUNCTIONS,
    **digests.FUNCTIONS,
    **geo.FUNCTIONS,
    **logic.FUNCTIONS,
    **names.FUNCTIONS,
    **selections.FUNCTIONS,
    **sequences.FUNCTIONS,
    **strings.FUNCTIONS,
}
_VOLATILE = frozenset({"now", "random", "today", "uuid"})
_TRANSLATED = frozenset({"jr:choice-name", "jr:itext"})


def compile_call(call: Call, scope: Scope) -> Compiled:
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise NotSupported("unsupported.function", function=call.name)
    _require_count(call, function)
    if isinstance(function, Plain):
        return _plain(function, [scope.compile(a, scope) for a in call.arguments])
    if isinstance(function, Framed):
        return _framed(function, [scope.compile(a, scope) for a in call.arguments])
    return function.compile(call.arguments, scope)


def is_volatile(expression: Expression) -> bool:
    """True if the value is another one at another moment, or by chance."""
    return any(isinstance(e, Call) and _is_by_chance(e) for e in walk(expression))


def is_translated(expression: Expression) -> bool:
    """True if the value is another one in another language."""
    return any(isinstance(e, Call) and _speaks(e) for e in walk(expression))


def _is_by_chance(call: Call) -> bool:
    unseeded = call.name == "randomize" and len(call.arguments) == 1
    return unseeded or call.name in _VOLATILE


def _speaks(call: Call) -> bool:
    if call.name in _TRANSLATED:
        return True
    if not call.name.startswith("format-date") or len(call.arguments) != 2:
        return False
    pattern = call.arguments[1]
    if not isinstance(pattern, Text):
        return True
    return any(f"%{letter}" in pattern.value for letter in IN_WORDS)


def _require_count(call: Call, function: Function) -> None:
    count = len(call.arguments)
    most = function.least if function.most == -1 else function.most
    if count < function.least or (most is not None and count > most):
        raise NotSupported("unsupported.argument_count", function=call.name, given=count)


def _plain(function: Plain, arguments: list[Compiled]) -> Compiled:
    call = function.call
    match arguments:
        case []:
            value = call()
            return lambda _: value
        case [only]:
            return lambda frame: call(only(frame))
        case [first, second]:
            return lambda frame: call(first(frame), second(frame))
    return lambda frame: call(*[argument(frame) for argument in arguments])


def _framed(function: Framed, arguments: list[Compiled]) -> Compiled:
    call = function.call
    return lambda frame: call(frame, *[argument(frame) for argument in arguments])
