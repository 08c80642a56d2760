"""Tokens → tree, by recursive descent (XPath 1.0 §2–3)."""

from __future__ import annotations

from forms.errors import ExpressionRefused

from .nodes import ANY_NODE, Binary, Call, Expression, Filter, Negation, Number, Path, Step, Text
from .tokens import Kind, Token, cut

MAX_DEPTH = 60
LEVELS = {
    "or": 0,
    "and": 1,
    "=": 2,
    "!=": 2,
    "<": 3,
    "<=": 3,
    ">": 3,
    ">=": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "div": 5,
    "mod": 5,
}
NODE_TYPES = frozenset({"node", "text", "comment", "processing-instruction"})
AXES = frozenset(
    {
        "ancestor",
        "ancestor-or-self",
        "attribute",
        "child",
        "descendant",
        "descendant-or-self",
        "following",
        "following-sibling",
        "namespace",
        "parent",
        "preceding",
        "preceding-sibling",
        "self",
    }
)
_ABBREVIATIONS = {".": Step("self", ANY_NODE), "..": Step("parent", ANY_NODE)}
_ANYWHERE = Step("descendant-or-self", ANY_NODE)


def parse_expression(text: str) -> Expression:
    """Return the tree, or raise ExpressionRefused with the place of the first mistake."""
    parser = _Parser(cut(text))
    expression = parser.expression()
    parser.require_end()
    return expression


class _Parser:
    """Reads the tokens from left to right; each method takes what is its part of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def expression(self, level: int = 0) -> Expression:
        """Operands joined by operators of this level and of those that bind tighter."""
        self._enter()
        left = self._unary()
        while self._next.kind is Kind.OPERATOR and LEVELS.get(self._next.text, -1) >= level:
            operator = self._take()
            left = Binary(operator.text, left, self.expression(LEVELS[operator.text] + 1))
        self._depth -= 1
        return left

    def require_end(self) -> None:
        if self._next.kind is not Kind.END:
            raise self._unexpected()

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _has(self, text: str) -> bool:
        return self._next.text == text and self._next.kind not in (Kind.TEXT, Kind.NAME)

    def _take_if(self, text: str) -> bool:
        if found := self._has(text):
            self._at += 1
        return found

    def _require(self, text: str) -> None:
        if not self._take_if(text):
            raise self._unexpected(text)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionRefused("xpath.too_deep", self._next.start, most=MAX_DEPTH)

    def _unexpected(self, wanted: str = "") -> ExpressionRefused:
        token = self._next
        if token.kind is Kind.END:
            code = "xpath.missing" if wanted else "xpath.ends"
            return ExpressionRefused(code, token.start, wanted=wanted)
        code = "xpath.instead" if wanted else "xpath.cannot_stand"
        hint = _hint(self._tokens, self._at)
        return ExpressionRefused(code, token.start, token=token.text, wanted=wanted, hint=hint)

    def _unary(self) -> Expression:
        signs = 0
        while self._take_if("-"):
            signs += 1
            if signs > MAX_DEPTH:
                raise self._unexpected()
        expression = self._union()
        for _ in range(signs):
            expression = Negation(expression)
        return expression

    def _union(self) -> Expression:
        left = self._path()
        while self._take_if("|"):
            left = Binary("|", left, self._path())
        return left

    def _path(self) -> Expression:
        if self._starts_primary():
            primary = self._primary()
            predicates = self._predicates()
            steps = self._further_steps()
            return Filter(primary, predicates, steps) if predicates or steps else primary
        if self._take_if("//"):
            return Path(True, (_ANYWHERE, self._step(), *self._further_steps()))
        if self._take_if("/"):
            steps = (self._step(), *self._further_steps()) if self._starts_step() else ()
            return Path(True, steps)
        return Path(False, (self._step(), *self._further_steps()))

    def _starts_primary(self) -> bool:
        token, after = self._next, self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if token.kind is Kind.NAME:
            return after.text == "(" and after.kind is Kind.MARK and token.text not in NODE_TYPES
        return token.kind in (Kind.NUMBER, Kind.TEXT) or self._has("(")

    def _primary(self) -> Expression:
        token = self._take()
        if token.kind is Kind.NUMBER:
            return Number(float(token.text))
        if token.kind is Kind.TEXT:
            return Text(token.text[1:-1])
        if token.kind is Kind.NAME:
            self._require("(")
            return Call(token.text, self._arguments())
        inner = self.expression()
        self._require(")")
        return inner

    def _arguments(self) -> tuple[Expression, ...]:
        if self._take_if(")"):
            return ()
        arguments = [self.expression()]
        while self._take_if(","):
            arguments.append(self.expression())
        self._require(")")
        return tuple(arguments)

    def _further_steps(self) -> tuple[Step, ...]:
        steps: list[Step] = []
        while self._has("/") or self._has("//"):
            if self._take().text == "//":
                steps.append(_ANYWHERE)
            steps.append(self._step())
        return tuple(steps)

    def _starts_step(self) -> bool:
        return self._next.kind is Kind.NAME or self._next.text in (".", "..", "@")

    def _step(self) -> Step:
        for mark, step in _ABBREVIATIONS.items():
            if self._take_if(mark):
                return step
        axis = "attribute" if self._take_if("@") else self._axis()
        return Step(axis, self._node_test(), self._predicates())

    def _axis(self) -> str:
        after = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if after.text != "::" or after.kind is not Kind.MARK:
            return "child"
        if self._next.text not in AXES:
            raise self._unexpected()
        axis = self._take().text
        self._take()
        return axis

    def _node_test(self) -> str:
        if self._next.kind is not Kind.NAME:
            raise self._unexpected()
        name = self._take().text
        if name in NODE_TYPES and self._take_if("("):
            self._require(")")
            return f"{name}()"
        return name

    def _predicates(self) -> tuple[Expression, ...]:
        predicates = []
        while self._take_if("["):
            predicates.append(self.expression())
            self._require("]")
        return tuple(predicates)


def _hint(tokens: list[Token], at: int) -> str:
    """What was probably meant, where that is known (pyxform-errors.md rows 29, 41)."""
    token = tokens[at]
    before = tokens[at - 1] if at else None
    if token.text == "=" and before is not None and before.text == "=":
        return "#xpath.hint.equals"
    if token.text == "," and before is not None and before.kind is Kind.NUMBER:
        return "#xpath.hint.point"
    return ""
