"""Which targets a change concerns: by the files that take part, and by what Flux does with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tidegate.repository.changes import affected
from tidegate.repository.orphans import find_orphans, former_users

if TYPE_CHECKING:
    from tidegate.domain.changes import Changes
    from tidegate.domain.snapshot import Snapshot
    from tidegate.ports import WorkTree
    from tidegate.repository.closure import Closures
    from tidegate.repository.substitution import Substitutions
    from tidegate.repository.targets import Target


def find_changed(
    targets: Sequence[Target],
    snapshot: Snapshot,
    closures: Closures,
    changes: Changes,
    substitutions: Substitutions | None,
    work_tree: WorkTree,
) -> list[Target]:
    """Those of the targets for which something has changed: what takes part in them, who includes
    them, or, where there are `substitutions`, what Flux adds to them."""
    found = {target.path for target in affected(snapshot, closures, targets, changes)}
    if substitutions is not None and len(found) < len(targets):
        before = _before(snapshot, changes, substitutions, work_tree)
        found |= {t.path for t in targets if before.of(t.folder) != substitutions.of(t.folder)}
    left = [target for target in targets if target.path not in found]
    users = former_users(snapshot, left, changes)
    if users:
        found |= find_orphans(work_tree.at(changes.base, users), snapshot, left, users)
    return [target for target in targets if target.path in found]


def _before(
    snapshot: Snapshot, changes: Changes, substitutions: Substitutions, work_tree: WorkTree
) -> Substitutions:
    """What Flux's Kustomizations said; all of the commit is read only where they may have said
    something else."""
    if not changes.paths:
        return substitutions
    from tidegate.repository.appliers import read_appliers, speaks_of_flux
    from tidegate.repository.substitution import find_substitutions

    base = work_tree.at(changes.base)
    if speaks_of_flux(snapshot, changes.paths) or speaks_of_flux(base, changes.paths):
        return find_substitutions(base, read_appliers(base, base.entries))
    return substitutions
