"""The named checks, a module each; a new one is a module, a line here and one in
forms/named_checks.py.
"""

from server.actions.checking.named.kinds import Named

from . import (
    again_within,
    commune_in_force,
    duplicate_person,
    near_village,
    once_for,
    register_count,
    restricted_words,
    sender_assigned,
    unique_value,
    vietnamese_name,
)

CHECKS: dict[str, Named] = {
    "commune_in_force": commune_in_force.CHECK,
    "sender_assigned": sender_assigned.CHECK,
    "duplicate_person": duplicate_person.CHECK,
    "unique_value": unique_value.CHECK,
    "once_for": once_for.CHECK,
    "again_within": again_within.CHECK,
    "near_village": near_village.CHECK,
    "vietnamese_name": vietnamese_name.CHECK,
    "restricted_words": restricted_words.CHECK,
    "register_count": register_count.CHECK,
}
