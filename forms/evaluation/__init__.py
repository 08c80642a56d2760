"""Evaluate the rules of a form over a submitted instance, as JavaRosa does on the phone."""

from .fields import FieldRules, RuleKind, UnsupportedRule
from .frames import Compiled
from .lists import LookupList
from .moments import VIETNAM, Clock
from .rules import Evaluation, FormRules, compile_rules, is_answered
from .trees import Node
from .values import to_boolean

__all__ = [
    "VIETNAM",
    "Clock",
    "Compiled",
    "Evaluation",
    "FieldRules",
    "FormRules",
    "LookupList",
    "Node",
    "RuleKind",
    "UnsupportedRule",
    "compile_rules",
    "is_answered",
    "to_boolean",
]
