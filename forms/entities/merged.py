"""What becomes of a change that names an entity which was merged into another meanwhile.

It becomes the next version of the other, always with a conflict: its sender never saw that one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .changes import Change
from .declarations import Action
from .histories import NOTHING, Outcome, Updated, Version, decide, find_base, judge_values


def decide_merged(
    change: Change,
    versions: Sequence[Version],
    survivor: Sequence[Version],
    *,
    allowed: Collection[Action],
    force: bool = False,
) -> Outcome:
    """As `decide`; `versions` are those of the entity named, `survivor` those of the other.

    The change that it follows on its phone may have come before the merge or after it. The new
    version has no `base_version`, as its sender had none of the survivor's.
    """
    sent_since = (v for v in survivor if change.branch_id and v.branch_id == change.branch_id)
    own = [*versions, *sent_since]
    outcome = decide(change, own, allowed=allowed, force=force)
    if not isinstance(outcome, Updated):
        return outcome
    current = survivor[-1]
    conflict, conflicting = judge_values(change, current, _known(change, own))
    version = Version(
        number=current.number + 1,
        label=change.label or current.label,
        data={**current.data, **change.data},
        branch_id=change.branch_id,
        trunk_version=change.trunk_version,
        branch_base_version=change.base_version if change.branch_id else None,
    )
    return Updated(version, conflict, conflicting)


def _known(change: Change, own: Sequence[Version]) -> Version:
    """What the sender saw; of what is forced, or a creation that comes late, nothing is known."""
    base = change.base_version if change.update else None
    return (find_base(change, base, own) if base is not None else None) or NOTHING
