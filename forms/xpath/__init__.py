"""XPath as ODK forms use it: text → tree → text. The base of every check of a form's logic."""

from .grammar import parse_expression
from .nodes import Binary, Call, Expression, Filter, Negation, Number, Path, Step, Text, walk
from .printing import print_expression

__all__ = [
    "Binary",
    "Call",
    "Expression",
    "Filter",
    "Negation",
    "Number",
    "Path",
    "Step",
    "Text",
    "parse_expression",
    "print_expression",
    "walk",
]
