"""Applications that start quickly: hundreds are made in a test process, with the same routes.

werkzeug writes and compiles two functions for each route. What it writes depends on the pattern
alone; they are given the rule, and with it its converters, when they are called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder
_compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


def compile_routes_once() -> None:
    """In this process: each pattern that is met again has the functions that it had."""
    Rule._compile_builder = _remembered


def _remembered(rule: Any, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    if rule.defaults:
        return _compile(rule, append_unknown)
    key = (rule.rule, append_unknown, *rule._trace)
    if key not in _compiled:
        _compiled[key] = _compile(rule, append_unknown)
    return _compiled[key]
