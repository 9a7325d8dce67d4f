"""What a touch was: a deed of Tidegate's, proven byte by byte, or somebody's own hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.domain.audit import AuditEntry, Deed, GateRecord
from tidegate.domain.release import OverlayState, Release
from tidegate.domain.text import one_line
from tidegate.errors import TidegateError
from tidegate.flows.claim import Claim, claim_of_hold, claim_of_release
from tidegate.flows.holding import hold_file
from tidegate.flows.message import HOLD, PROMOTION
from tidegate.flows.touches import Touch
from tidegate.repository import layout
from tidegate.repository.overlay import edit_overlay, read_overlay
from tidegate.repository.release import evidence_digest, format_release, parse_own_release
from tidegate.repository.yaml import load

_SHOWN = 5


def judge_deed(touch: Touch, blobs: Mapping[str, bytes]) -> AuditEntry:
    """The touch as an entry, without its people; `blobs` has what the touch asks for."""
    hold = _hold_file(touch)
    if touch.app is None and hold not in touch.changed:
        return _entry(touch, Deed.SETTINGS)
    if touch.app is None or _is_hold(touch):
        return _held(touch, hold)
    return _Place(touch, blobs, touch.app, touch.environment or "").entry()


def what_runs(
    touch: Touch, blobs: Mapping[str, bytes]
) -> tuple[OverlayState | None, OverlayState | None]:
    """What the app's overlay says before and after; None where it can't be read."""
    return _Place(touch, blobs, touch.app or "", touch.environment or "").states()


def _hold_file(touch: Touch) -> str:
    return hold_file(touch.environment or "", touch.app)


def _is_hold(touch: Touch) -> bool:
    names = {path.rpartition("/")[2] for path in touch.changed}
    return names <= {"hold.yaml", "blocks.yaml"}


def _held(touch: Touch, hold: str) -> AuditEntry:
    there = hold in touch.after and touch.before.get(hold) != touch.after[hold]
    claim = claim_of_hold(touch.commit, touch.environment or "", touch.app)
    matches = claim is not None and (claim.key == HOLD) == there
    rest = [] if touch.app else [path for path in touch.changed if path != hold]
    remarks = [] if matches else ["the commit doesn't say that Tidegate wrote it"]
    remarks += [f"also changes {_listed(rest)}"] if rest else []
    return _entry(
        touch,
        Deed.HELD if there else Deed.LIFTED,
        proven=matches and not rest,
        remarks=tuple(remarks),
    )


class _Place:
    """An app's folder before and after a commit."""

    def __init__(
        self, touch: Touch, blobs: Mapping[str, bytes], app: str, environment: str
    ) -> None:
        self._touch, self._blobs = touch, blobs
        self._app, self._environment = app, environment
        self._record = layout.release_file(environment, app)
        self._image = self._defined_image()

    def entry(self) -> AuditEntry:
        """What was done here."""
        touch = self._touch
        release = self._release(touch.after)
        claim = None
        if release and self._record in touch.changed:
            claim = claim_of_release(touch.commit, self._environment, self._app, release)
        if claim is None or release is None:
            remarks = self._by_hand(release)
            return _entry(touch, Deed.EDITED, before=self._version(), remarks=remarks)
        remarks = self._faults(release, claim)
        evidence = release.evidence
        return _entry(
            touch,
            Deed.PROMOTED if claim.key == PROMOTION else Deed.ROLLED_BACK,
            before=claim.came_from or self._version(),
            release=release,
            evidence=evidence_digest(evidence),
            gates=_gates(evidence.get("gates")),
            proven=not remarks,
            remarks=remarks,
        )

    def states(self) -> tuple[OverlayState | None, OverlayState | None]:
        """What the overlay says on both sides."""
        return self._state(self._touch.before), self._state(self._touch.after)

    def _faults(self, release: Release, claim: Claim) -> tuple[str, ...]:
        """Where the files are not what Tidegate writes for that release."""
        touch, found = self._touch, []
        record = touch.after[self._record]
        if claim.key == PROMOTION:
            if self._blobs[record] != format_release(release):
                found.append("release.yaml is not written as Tidegate writes it")
        elif record not in touch.records:
            found.append("release.yaml is no record of what ran here before")
        path, data = self._overlay(touch.after)
        old_path, old = self._overlay(touch.before)
        if not self._is_edit(path, old, data, release):
            found.append("the overlay is not what Tidegate makes of the one before")
        ours = {self._record, path, old_path}
        if claim.key != PROMOTION:
            ours |= {
                layout.blocks_file(self._environment, self._app),
                layout.hold_files(self._environment, self._app)[1],
            }
        rest = [changed for changed in touch.changed if changed not in ours]
        if rest:
            found.append(f"also changes {_listed(rest)}")
        return tuple(found)

    def _is_edit(self, path: str, old: bytes, new: bytes, release: Release) -> bool:
        tag, digest = release.image.tag, release.image.digest
        if self._image is None or tag is None or digest is None:
            return False
        try:
            wanted = edit_overlay(
                path, old, self._image, tag=tag, digest=digest, version=release.version
            )
        except TidegateError:
            return False
        return wanted == new

    def _by_hand(self, release: Release | None) -> tuple[str, ...]:
        """What a change says that no claim of Tidegate's goes with."""
        touch, found = self._touch, []
        if not touch.after:
            return ("the app was taken out of the environment",)
        if self._record in touch.changed:
            if self._record not in touch.after:
                found.append("release.yaml was removed")
            elif release is None:
                found.append("release.yaml was left damaged")
            else:
                found.append("release.yaml was written, and the commit names no promotion of it")
        before, after = self.states()
        if before != after:
            old = _shown(before) if self._overlay(touch.before)[1] else "nothing"
            found.append(f"what runs was changed: {old} → {_shown(after)}")
        elif not found:
            found.append("the overlay names the same image and version")
        return tuple(found)

    def _version(self) -> str | None:
        before = self._release(self._touch.before)
        return before.version if before else None

    def _release(self, files: Mapping[str, str]) -> Release | None:
        blob = files.get(self._record)
        if blob is None:
            return None
        try:
            return parse_own_release(self._environment, self._app, self._blobs[blob])
        except TidegateError:
            return None

    def _overlay(self, files: Mapping[str, str]) -> tuple[str, bytes]:
        paths = layout.overlay_files(self._environment, self._app)
        path = next((path for path in paths if path in files), paths[0])
        return path, self._blobs[files[path]] if path in files else b""

    def _state(self, files: Mapping[str, str]) -> OverlayState | None:
        path, data = self._overlay(files)
        if self._image is None or not data:
            return None
        try:
            return read_overlay(path, data, self._image)
        except TidegateError:
            return None

    def _defined_image(self) -> str | None:
        """The image's name as the app.yaml of that time has it."""
        if self._touch.definition is None:
            return None
        try:
            data = load(layout.app_file(self._app), self._blobs[self._touch.definition]).data
        except TidegateError:
            return None
        image = data.get("image") if isinstance(data, Mapping) else None
        return image if isinstance(image, str) else None


def _entry(touch: Touch, deed: Deed, **fields: Any) -> AuditEntry:
    return AuditEntry(
        deed=deed,
        when=touch.commit.committed,
        revision=touch.commit.revision,
        author=touch.commit.author,
        app=touch.app,
        environment=touch.environment,
        paths=touch.changed,
        **fields,
    )


def _gates(recorded: object) -> tuple[GateRecord, ...]:
    """The gates' answers as the evidence has them; what makes no sense is left out."""
    return tuple(
        GateRecord(
            one_line(str(item.get("gate"))),
            one_line(str(item.get("status"))),
            tuple(one_line(str(waiver)) for waiver in _list(item.get("waivers"))),
        )
        for item in _list(recorded)
        if isinstance(item, Mapping)
    )


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _shown(state: OverlayState | None) -> str:
    if state is None:
        return "an overlay that can't be read"
    digest = f"@{state.digest}" if state.digest else ""
    return f"{state.repository}:{state.tag or ''}{digest} (version {state.version})"


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(one_line(path) for path in paths[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} and {len(paths) - _SHOWN} more"
