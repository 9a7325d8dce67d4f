"""What stood in a kustomization at a commit and stands for itself now: nothing of its own has
changed, and yet nobody has looked at it as an overlay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from tidegate.domain.changes import Changes
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository import layout
from tidegate.repository.layout import KUSTOMIZATIONS
from tidegate.repository.leftovers import is_left_over
from tidegate.repository.links import Unresolvable, join, resolve
from tidegate.repository.references import find_references
from tidegate.repository.targets import Target, has_app
from tidegate.repository.yaml import load


def former_users(
    snapshot: Snapshot, targets: Iterable[Target], changes: Changes
) -> tuple[str, ...]:
    """The kustomizations that were there at the base, have changed, and may have named one of
    these targets, which nothing of what has changed takes part in."""
    paths = [path for path in changes.paths if path.rpartition("/")[2] in KUSTOMIZATIONS]
    there = [path for path in paths if path not in changes.moved or path not in snapshot]
    whole = any(path.rpartition("/")[0] == layout.ENVIRONMENTS for path in there)
    if there and any(_may_be_new(snapshot, target, whole=whole) for target in targets):
        return tuple(sorted(there))
    return ()


def find_orphans(
    before: Snapshot, snapshot: Snapshot, targets: Sequence[Target], users: Iterable[str]
) -> set[str]:
    """Those of the targets that these kustomizations named `before`, and don't now, and the files
    that lay beside those of them that have gone."""
    there = [path for path in users if before.is_file(path)]
    before.prefetch(there)
    named = {aim for path in there for aim in _aims(before, snapshot, path)}
    # The parts of an overlay that can't be rendered are targets too, and have a user still.
    left = [path for path in there if snapshot.is_file(path)]
    named -= {aim for path in left for aim in _aims(snapshot, snapshot, path)}
    gone = {path.rpartition("/")[0] for path in there if path not in snapshot}
    return {
        target.path
        for target in targets
        if target.path in named or (target.plain and is_left_over(target.path, gone))
    }


def _may_be_new(snapshot: Snapshot, target: Target, *, whole: bool) -> bool:
    """Whether a target depends on who includes it. An app's overlay never does, and Argo CD's own
    objects only on the kustomization of all environments."""
    if target.delivery:
        return whole
    return target.app is None or not has_app(snapshot, target.app)


def _aims(before: Snapshot, snapshot: Snapshot, path: str) -> Iterator[str]:
    """What a kustomization of before named, as it lies now."""
    with suppress(ConfigurationError):
        document = load(path, before.read(path))
        for entry in find_references(document).entries if isinstance(document.data, dict) else ():
            with suppress(Unresolvable):
                yield resolve(snapshot, join(path.rpartition("/")[0], entry.entry)).path
