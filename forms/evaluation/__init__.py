"""Evaluate the rules of a form over a submitted instance, as JavaRosa does on the phone."""

from .fields import FieldRules, RuleKind, UnsupportedRule
from .lists import LookupList
from .moments import VIETNAM, Clock
from .rules import Evaluation, FormRules, compile_rules
from .trees import Node

__all__ = [
    "VIETNAM",
    "Clock",
    "Evaluation",
    "FieldRules",
    "FormRules",
    "LookupList",
    "Node",
    "RuleKind",
    "UnsupportedRule",
    "compile_rules",
]
