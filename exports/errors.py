"""What this library refuses.

ExportsError
└── UnknownFormat    no writer of that name
"""

from __future__ import annotations


class ExportsError(Exception):
    """Something this library cannot write."""


class UnknownFormat(ExportsError):
    """`name` is not in FORMATS."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
