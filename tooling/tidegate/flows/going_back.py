"""One app's way back: from what it runs to what ran before, and the files that say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from urllib.parse import quote

from tidegate.domain.block import Block
from tidegate.domain.commit import Commit
from tidegate.domain.ending import Ending
from tidegate.domain.hold import Hold
from tidegate.domain.release import Release
from tidegate.domain.rollback import Rollback, RollbackRequest
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import one_line
from tidegate.errors import ConfigurationError, InputError, TidegateError
from tidegate.flows.message import REASON, ROLLBACK
from tidegate.flows.past import State
from tidegate.flows.present import Present
from tidegate.repository import layout
from tidegate.repository.block import format_blocks, read_blocks
from tidegate.repository.hold import format_hold
from tidegate.repository.overlay import edit_overlay
from tidegate.repository.release import evidence_digest

_VERSION = re.compile(r"[1-9][0-9]{0,18}")
_LONGEST_REASON = 1000
_SHOWN = 20
_AGAIN = "rolled back for this very reason before; with another --reason it goes further back"
_BY_HAND = "a rollback brought what runs; further back it goes only where somebody asks for that"


@dataclass(frozen=True, slots=True)
class Step:
    """An app's rollback, with the files that it writes; `arrow` is `2 → 1`, `trail` what its
    trailer says."""

    rollback: Rollback
    edits: Mapping[str, bytes | None] = field(default_factory=dict)
    arrow: str = ""
    trail: str = ""


def go_back(
    present: Present,
    past: Iterator[State],
    request: RollbackRequest,
    author: str,
    now: datetime,
) -> Step:
    """The step back from what runs, or why there is none. `past` has what ran, newest first."""
    latest: list[State] = []
    for state in past:
        latest.append(state)
        if state.recorded:
            break
    done = _done(present, latest[-1].commit if latest else None, request)
    if done:
        return Step(done)
    try:
        found = _search(present, chain(latest, past), request)
        if found.block:
            return Step(_blocked(present, found, found.block))
        return _step(present, found, request, author, now)
    except TidegateError as error:
        return Step(Rollback(present.app, Ending.ERROR, present.overlay, error=error))


def block_time(
    present: Present, told: Snapshot, now: datetime, reason: str | None = None
) -> datetime:
    """When the block that is new in what was `told`, for that reason, says that it was made,
    unless that is still to come: the same rollback again is the same, to the byte."""
    try:
        blocks = read_blocks(told, present.environment, present.app)
    except ConfigurationError:
        return now
    others = [block for block in blocks if block not in present.blocks]
    new = [block.since for block in others if reason in (None, block.reason)]
    return new[-1] if new and new[-1] <= now else now


def _done(present: Present, latest: Commit | None, request: RollbackRequest) -> Rollback | None:
    """Nothing, where the version asked for runs, or what runs came by this very rollback: the
    same command again must not go further back."""
    champion = present.champion
    if champion is None or present.fault:
        return None
    done = Rollback(present.app, Ending.ALREADY, present.overlay, champion)
    if request.version is not None:
        return done if champion.version == request.version else None
    if latest is None or not (request.once or one_line(request.reason) in latest.words(REASON)):
        return None
    # A merge may have brought the rollback, and something else after it: only the one counts that
    # led to what runs.
    led = f"{present.environment}/{present.app} {_goal(champion)} "
    if not any(text.startswith(led) for text in latest.said(ROLLBACK)):
        return None
    note = _BY_HAND if request.once else _AGAIN
    return replace(done, since=latest.revision, notes=(note,))


@dataclass(frozen=True, slots=True)
class _Found:
    """The State to go back to; `block` where its version was asked for, and is blocked."""

    state: State
    release: Release
    notes: tuple[str, ...]
    block: Block | None = None


def _search(present: Present, past: Iterator[State], request: RollbackRequest) -> _Found:
    """The newest State that is another than what runs, the one asked for, and not blocked.
    Raises InputError where there is none."""
    notes: dict[str, None] = {}
    versions: dict[str, None] = {}
    for number, state in enumerate(past):
        release = state.release
        if release is None:
            if state.recorded and state.problem and number:
                when = f"{state.commit.revision[:10]} of {state.commit.committed:%Y-%m-%d}"
                notes[f"the release of {when} was passed over: {state.problem}"] = None
            continue
        versions[release.version] = None
        if (release.version, release.image.digest) == present.running:
            continue
        if request.version not in (None, release.version):
            continue
        block = next((b for b in present.blocks if _stops(b, release)), None)
        if block is None or request.version is not None:
            return _Found(state, release, tuple(notes), block)
        notes[f"version {release.version} was passed over: it is blocked"] = None
    raise _nothing(present, request, tuple(notes), tuple(versions))


def _stops(block: Block, release: Release) -> bool:
    return block.stops(release.model, release.version, release.image)


def _nothing(
    present: Present, request: RollbackRequest, notes: tuple[str, ...], versions: tuple[str, ...]
) -> InputError:
    place = f"{present.app} in {present.environment}"
    passed = "; ".join(notes[:_SHOWN])
    if request.version is None:
        message = f"{place} has no release before this one that it could go back to"
        return InputError(message, hint=passed or "see `tidegate history`")
    listed = ", ".join(versions[:_SHOWN]) + (" …" if len(versions) > _SHOWN else "")
    hint = f"released there: {listed}" if versions else "nothing was ever released there"
    return InputError(
        f"version {request.version} was never released to {place}",
        hint=f"{hint}; {passed}" if passed else hint,
    )


def _blocked(present: Present, found: _Found, block: Block) -> Rollback:
    lift = f"tidegate release {present.app} --env {present.environment} --version {block.version}"
    return Rollback(
        present.app,
        Ending.BLOCKED,
        present.overlay,
        found.release,
        found.state.commit.revision,
        block,
        notes=(*found.notes, f"to lift the block: {lift}"),
    )


def _step(
    present: Present, found: _Found, request: RollbackRequest, author: str, now: datetime
) -> Step:
    release, old = found.release, present.overlay
    _refuse_foreign(present, release)
    block, remark = _block(present, release, request, author, now)
    hold = _hold(present, release, request, author)
    folder = (present.environment, present.app)
    edits: dict[str, bytes | None] = {
        present.overlay_file: edit_overlay(
            present.overlay_file,
            present.text,
            present.entry,
            tag=release.image.tag or "",
            digest=release.image.digest or "",
            version=release.version,
        ),
        layout.release_file(*folder): found.state.record,
    }
    if block and block not in present.blocks:
        edits[layout.blocks_file(*folder)] = format_blocks((*present.blocks, block))
    if hold != present.hold:
        edits[layout.hold_files(*folder)[1]] = format_hold(hold)
    faults = (f"{present.fault}; what it said is gone now",) if present.fault else ()
    rollback = Rollback(
        present.app,
        Ending.DONE,
        old,
        release,
        found.state.commit.revision,
        block,
        hold,
        notes=(*faults, *found.notes, *remark),
    )
    return Step(
        rollback, edits, f"{_version(present)} → {release.version}", _trail(present, release)
    )


def _refuse_foreign(present: Present, release: Release) -> None:
    """A digest is worth nothing in another repository, and the repository is the user's to edit."""
    if release.image.name != present.overlay.repository:
        raise InputError(
            f"version {release.version} ran from {release.image.name}, "
            f"but the overlay takes its image from {present.overlay.repository} now",
            hint=f"put {release.image.name} back into {present.overlay_file} first",
        )


def _block(
    present: Present, target: Release, request: RollbackRequest, author: str, now: datetime
) -> tuple[Block | None, tuple[str, ...]]:
    """The block of what runs, or a remark why there is none. Where the way back leads to another
    image of the same version, only the one that runs is blocked."""
    version, digest = present.running
    model = present.champion.model if present.champion else target.model
    if version is None or not _VERSION.fullmatch(version):
        return None, ("nothing is blocked: the overlay had no version that could be promoted",)
    known = next((b for b in present.blocks if b.stops(model, version, present.image)), None)
    if known:
        return known, ()
    same = (model, version) == (target.model, target.version)
    if same and digest is None:
        return None, ("nothing is blocked: the overlay had no digest",)
    # Files say times to the second.
    since = now.replace(microsecond=0)
    return Block(model, version, digest if same else None, author, request.reason, since), ()


def _hold(present: Present, target: Release, request: RollbackRequest, author: str) -> Hold:
    """The app's hold from now on. One that doesn't end by itself stays as it is."""
    if present.hold and present.hold.until is None:
        return present.hold
    step = f"rolled back from version {_version(present)} to {target.version}"
    return Hold(author, one_line(f"{step}: {request.reason}", _LONGEST_REASON), None, whole=False)


def _trail(present: Present, target: Release) -> str:
    version, digest = present.running
    model = present.champion.model if present.champion else target.model
    came = f"{quote(model, safe='')}@{quote(version or '', safe='')} {digest or '-'}"
    return f"{_goal(target)} {evidence_digest(target.evidence)} from {came}"


def _goal(release: Release) -> str:
    """What a rollback's trailer names as what it leads to."""
    return f"{quote(release.model, safe='')}@{release.version} {release.image.digest}"


def _version(present: Present) -> str:
    return one_line(present.overlay.version or "", 40) or "none"
