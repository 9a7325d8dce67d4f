"""Proposal → what it says it is: deeds of Tidegate's, hands in an app's folder, and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tidegate.domain.audit import AuditEntry, Deed
from tidegate.domain.proposal import Proposal
from tidegate.domain.text import one_line
from tidegate.domain.verification import Objection
from tidegate.flows.deeds import judge_deed, what_runs
from tidegate.flows.holding import hold_file
from tidegate.flows.touches import Touch, find_touches
from tidegate.flows.verification.writing import first_difference, read
from tidegate.ports import Repository
from tidegate.repository import layout

_USE = "let `tidegate promote`, `rollback`, `hold` or `release` write it"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A deed that the commits claim; `paths` are those of its place that changed."""

    deed: Deed
    environment: str
    app: str | None
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal, sorted. `others` are paths that no verb writes, those included that somebody
    may edit in an app's folder: how many replicas there are, for example."""

    claimed: tuple[Claimed, ...]
    objections: tuple[Objection, ...]
    others: tuple[str, ...]


def read_change(proposal: Proposal, repository: Repository) -> Change:
    """Sorts every changed path; nothing is made again here."""
    base = proposal.base
    before = {path: entry.id for path, entry in base.entries.items() if base.is_file(path)}
    touches = list(find_touches([proposal.whole], before))
    # What an app's image is called is the base's to say.
    touches = [replace(t, definition=base.id(layout.app_file(t.app or ""))) for t in touches]
    blobs = repository.read(sorted({blob for touch in touches for blob in touch.blobs}))
    claimed: list[Claimed] = []
    objections: list[Objection] = []
    others: list[str] = []
    for touch in touches:
        deed = _claimed(touch, blobs)
        if deed:
            claimed.append(deed)
            others += [path for path in touch.changed if path not in deed.paths]
            continue
        found = list(_by_hand(touch, blobs, proposal))
        objections += found
        faulty = {objection.file for objection in found}
        others += [path for path in touch.changed if path not in faulty]
    return Change(tuple(claimed), tuple(objections), tuple(sorted(others)))


def _claimed(touch: Touch, blobs: Mapping[str, bytes]) -> Claimed | None:
    environment, app = touch.environment, touch.app
    if environment is None:
        return None
    entry = judge_deed(touch, blobs)
    if entry.deed in (Deed.SETTINGS, Deed.EDITED):
        return None
    paths = touch.changed if app else (hold_file(environment, None),)
    return Claimed(entry.deed, environment, app, paths)


def _by_hand(touch: Touch, blobs: Mapping[str, bytes], proposal: Proposal) -> Iterator[Objection]:
    """What a hand did that only Tidegate may do."""
    environment, app = touch.environment, touch.app
    if environment is None or app is None:
        return
    where = (environment, app)
    if not touch.after:
        kept = [path for path in _stops(*where) if path in touch.before]
        for path in kept:
            text = "can't be taken away with the app: it keeps something from coming back"
            yield Objection(text, path, 0, *where, hint="lift it first with `tidegate release`")
        return
    entry = judge_deed(touch, blobs)
    for path in touch.changed:
        if path in (layout.release_file(*where), *_stops(*where)):
            line = first_difference(read(proposal.base, path), read(proposal.after, path))
            yield Objection(_written(entry, path), path, line, *where, hint=_USE)
    if layout.release_file(*where) not in touch.before:
        return  # what was never promoted isn't applied
    before, after = what_runs(touch, blobs)
    if before != after:
        for path in touch.changed:
            if path in layout.overlay_files(*where):
                line = first_difference(read(proposal.base, path), read(proposal.after, path))
                yield Objection("; ".join(entry.remarks), path, line, *where, hint=_USE)


def _stops(environment: str, app: str) -> tuple[str, str]:
    return hold_file(environment, app), layout.blocks_file(environment, app)


def _written(entry: AuditEntry, path: str) -> str:
    said = "; ".join(entry.remarks)
    name = one_line(path.rpartition("/")[2])
    return said if name == "release.yaml" and said else f"{name} was edited by hand"
