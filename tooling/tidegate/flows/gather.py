"""Candidates → Evidence: only what some gate needs, each thing once, all kinds at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tidegate.domain.app import Delivery, GateSpec
from tidegate.domain.configuration import Configuration, Settings
from tidegate.domain.evidence import Candidate, Evidence, Need, PolicyEvidence
from tidegate.domain.image import ImageRef
from tidegate.domain.model import Run
from tidegate.domain.release import Release
from tidegate.domain.rendering import Rendering
from tidegate.domain.scan import Scan
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.soak import Soak
from tidegate.domain.text import count
from tidegate.domain.unavailable import Unavailable
from tidegate.domain.waiver import Waiver
from tidegate.errors import TidegateError, ToolFailed
from tidegate.flows.parallel import each, together
from tidegate.flows.soak import soaks
from tidegate.flows.target import Target
from tidegate.gates import needs
from tidegate.ports import Connections, Progress
from tidegate.repository.layout import overlay_folder

_SCANS_AT_ONCE = 4

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case:
    """A candidate with all that is known before anything is gathered. `overlay_edit` is the
    overlay's text after the promotion; `waivers` are those of the whole repository."""

    target: Target
    candidate: Candidate
    gates: tuple[GateSpec, ...]
    overlay_edit: bytes
    waivers: tuple[Waiver, ...] = ()
    delivery: Delivery = Delivery.COMMIT

    @property
    def needs(self) -> frozenset[Need]:
        """The kinds of evidence that its gates look at."""
        return needs(self.gates)


def gather(
    snapshot: Snapshot,
    configuration: Configuration,
    cases: Sequence[Case],
    connections: Connections,
    progress: Progress,
) -> Mapping[str, Evidence]:
    """The evidence for each app. What can't be had is Unavailable, with its reason."""
    settings = configuration.settings
    run_ids, images = _wanted(cases)
    overlays, examined = _overlays(cases, Need.RENDERING), _overlays(cases, Need.POLICY)
    edits = {case.target.overlay_file: case.overlay_edit for case in cases}
    if images:
        progress(f"scanning {count(len(images), 'image')}")
    if overlays:
        progress(f"rendering {count(len(overlays), 'overlay')} before and after")
    if _soaking(cases):
        progress("asking Argo CD how the environment before is")
    if examined:
        progress(f"holding {count(len(examined), 'overlay')} against policy")
    found = _Found(
        *together(
            lambda: _try(lambda: _runs(run_ids, settings, connections)),
            lambda: _try(lambda: _scan(images, settings, connections)),
            lambda: _try(lambda: _render(snapshot, edits, overlays, connections)),
            lambda: _try(lambda: _examine(snapshot, configuration, edits, examined, connections)),
        ),
        soaks=_try(lambda: soaks(snapshot, configuration, _soaking(cases), connections)),
    )
    return {case.target.app.name: _evidence(case, found, connections) for case in cases}


@dataclass(frozen=True, slots=True)
class _Found:
    runs: Mapping[str, Run | Unavailable] | Unavailable
    scans: Mapping[ImageRef, Scan | Unavailable] | Unavailable
    renderings: Mapping[str, Rendering | Unavailable] | Unavailable
    findings: Mapping[str, PolicyEvidence | Unavailable] | Unavailable
    soaks: Mapping[str, Soak | Unavailable] | Unavailable


def _wanted(cases: Sequence[Case]) -> tuple[list[str], list[ImageRef]]:
    runs: dict[str, None] = {}
    images: dict[ImageRef, None] = {}
    for case in cases:
        wanted, champion = case.needs, case.target.champion
        if Need.RUN in wanted and case.candidate.version.run_id:
            runs[case.candidate.version.run_id] = None
        if Need.CHAMPION_RUN in wanted and champion and champion.run_id:
            runs[champion.run_id] = None
        if Need.SCAN in wanted:
            images[case.candidate.image] = None
    return list(runs), list(images)


def _soaking(cases: Sequence[Case]) -> list[Release]:
    """The releases of the environment before that some gate asks about."""
    return [c.target.upstream for c in cases if Need.SOAK in c.needs and c.target.upstream]


def _overlays(cases: Sequence[Case], need: Need) -> list[str]:
    return list(dict.fromkeys(_folder(case) for case in cases if need in case.needs))


def _runs(
    ids: Sequence[str], settings: Settings, connections: Connections
) -> Mapping[str, Run | Unavailable]:
    return connections.models(settings).runs(ids) if ids else {}


def _scan(
    images: Sequence[ImageRef], settings: Settings, connections: Connections
) -> Mapping[ImageRef, Scan | Unavailable]:
    if not images:
        return {}
    registry, scanner = connections.images(settings), connections.scanner(settings)
    # Tags don't matter to a scan: the same digest under two tags is scanned once.
    digests = {image.digest: image for image in images}

    def scan(image: ImageRef) -> Scan | Unavailable:
        try:
            return scanner.scan(registry.location(image))
        except TidegateError as error:
            return Unavailable(_reason(error))

    found = dict(zip(digests, each(digests.values(), scan, workers=_SCANS_AT_ONCE), strict=True))
    return {image: found[image.digest] for image in images}


def _render(
    snapshot: Snapshot,
    edits: Mapping[str, bytes],
    overlays: Sequence[str],
    connections: Connections,
) -> Mapping[str, Rendering | Unavailable]:
    return connections.renderer().render(snapshot, edits, overlays) if overlays else {}


def _examine(
    snapshot: Snapshot,
    configuration: Configuration,
    edits: Mapping[str, bytes],
    overlays: Sequence[str],
    connections: Connections,
) -> Mapping[str, PolicyEvidence | Unavailable]:
    if not overlays:
        return {}
    examiner = connections.examiner()
    return examiner.examine(snapshot, configuration, edits, overlays)


def _try(ask: Callable[[], T]) -> T | Unavailable:
    """Nothing that breaks while evidence is gathered ends the command: it blocks instead."""
    try:
        return ask()
    except TidegateError as error:
        return Unavailable(_reason(error))


def _evidence(case: Case, found: _Found, connections: Connections) -> Evidence:
    target, wanted = case.target, case.needs
    champion, version = target.champion, case.candidate.version.version
    return Evidence(
        app=target.app,
        environment=target.environment,
        candidate=case.candidate,
        champion=champion,
        upstream=target.upstream,
        now=connections.now(),
        overlay=target.overlay,
        holds=target.holds,
        blocks=target.blocks,
        run=_run(found, case.candidate.version.run_id) if Need.RUN in wanted else None,
        champion_run=(
            _run(found, champion.run_id) if champion and Need.CHAMPION_RUN in wanted else None
        ),
        scan=_pick(found.scans, case.candidate.image) if Need.SCAN in wanted else None,
        rendering=_pick(found.renderings, _folder(case)) if Need.RENDERING in wanted else None,
        findings=_pick(found.findings, _folder(case)) if Need.POLICY in wanted else None,
        soak=_soak(found, case) if Need.SOAK in wanted else None,
        delivery=case.delivery,
        waivers=tuple(
            waiver
            for waiver in case.waivers
            if waiver.covers(target.app.name, target.environment.name, version)
        ),
    )


def _soak(found: _Found, case: Case) -> Soak | Unavailable:
    if case.target.upstream is None:
        return Unavailable("the environment before has no release of it")
    return _pick(found.soaks, case.target.app.name)


def _run(found: _Found, run_id: str | None) -> Run | Unavailable | None:
    return _pick(found.runs, run_id) if run_id else None


K = TypeVar("K")


def _pick(found: Mapping[K, T | Unavailable] | Unavailable, key: K) -> T | Unavailable:
    if isinstance(found, Unavailable):
        return found
    return found.get(key, Unavailable("it was asked for, and nothing came back"))


def _folder(case: Case) -> str:
    return overlay_folder(case.target.environment.name, case.target.app.name)


def _reason(error: TidegateError) -> str:
    text = error.message
    if isinstance(error, ToolFailed) and "\n" in text:
        text = " ".join(text.split())
    return f"{text} ({error.hint})" if error.hint else text
