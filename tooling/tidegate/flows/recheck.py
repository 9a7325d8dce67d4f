"""`check`; where nothing that an earlier one rests on has changed, that one's report.

Work tree → Scene → key → the report that is kept under it, or else a check, whose report is kept
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from tidegate.domain.check import CheckReport, CheckRequest, Scene
from tidegate.policy.report_record import dump_report, load_report
from tidegate.repository.known import known_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.ports import Checking, Progress


def recheck(
    request: CheckRequest,
    connections: Checking,
    progress: Progress,
    advance: Callable[[int, int], None],
) -> CheckReport:
    """What is wrong in the work tree. Tells `advance` how many overlays are done, of how many.
    Raises as `flows.check.check` does."""
    progress("reading the work tree")
    scene = _read(request.changed_since, connections)
    key = _key(request, scene, connections)
    kept = _recall(key, connections)
    if kept is not None:
        advance(kept.coverage.overlays, kept.coverage.overlays)
        return kept
    connections.warm()
    # Half a second of rules and readers, which a kept report does without.
    from tidegate.flows.check import check

    done = check(request, scene, connections, progress, advance)
    if done.lasting:
        span = [connections.now().isoformat(), done.until.isoformat() if done.until else None]
        head = json.dumps(span).encode("ascii")
        connections.cache.put(key, head + b"\n" + dump_report(done.report))
    return done.report


def _read(since: str | None, connections: Checking) -> Scene:
    work_tree = connections.work_tree
    if since is None and connections.cache.get(known_key(work_tree.place)) is not None:
        return Scene(work_tree.snapshot(), None)
    from tidegate.flows.parallel import both_while

    # Something has changed, or nobody would ask; or nobody has ever looked. All that a check needs
    # is made ready meanwhile.
    connections.warm()
    snapshot, changed = both_while(
        lambda: import_module("tidegate.flows.check"),
        work_tree.snapshot,
        lambda: work_tree.changed(since) if since is not None else None,
    )
    return Scene(snapshot, changed)


def _recall(key: str, connections: Checking) -> CheckReport | None:
    """The report under a key, if its time isn't over; a clock that was set back counts as that."""
    head, _, body = (connections.cache.get(key) or b"").partition(b"\n")
    try:
        since, until = json.loads(head)
        begun = datetime.fromisoformat(since) <= connections.now()
        over = until is not None and connections.now() >= datetime.fromisoformat(until)
        return load_report(body) if begun and not over else None
    except (ValueError, TypeError):
        return None


def _key(request: CheckRequest, scene: Scene, connections: Checking) -> str:
    """All that decides what a check finds: every file's name, mode and contents, what is asked,
    our own code and the renderer, and where it all lies."""
    changed = scene.changed
    entries = [(path, entry.mode, entry.id) for path, entry in scene.snapshot.entries.items()]
    parts = [
        "check 2",
        connections.fingerprint,
        connections.work_tree.place,
        astuple(request),
        changed and [sorted(changed.paths), sorted(changed.moved), changed.base],
        entries,
    ]
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()
