"""The checks that a sheet `checks` may name: what an expression over one slip cannot say.

How each is done is the server's; here stands what a designer may write (docs/checks.md).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """Its parameters; `fields` are those that name questions (several with commas between)."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return self.required + self.optional


NAMED_CHECKS = {
    "commune_in_force": NamedCheck(optional=("village",), fields=("village",)),
    "sender_assigned": NamedCheck(),
    "duplicate_person": NamedCheck(
        ("name", "born"),
        ("sex", "commune", "days", "same"),
        ("name", "born", "sex", "commune", "same"),
        ("days",),
    ),
    "unique_value": NamedCheck(optional=("same",), fields=("same",)),
    "once_for": NamedCheck(("fields",), (), ("fields",)),
    "again_within": NamedCheck(("fields", "days"), ("at",), ("fields", "at"), ("days",)),
    "near_village": NamedCheck(
        ("village",),
        ("km", "south", "north", "west", "east"),
        ("village",),
        ("km", "south", "north", "west", "east"),
    ),
    "vietnamese_name": NamedCheck(),
    "restricted_words": NamedCheck(optional=("words",)),
    "register_count": NamedCheck(
        ("list", "village", "month", "date"),
        ("property", "value", "than"),
        ("village", "month"),
        ("than",),
    ),
}
