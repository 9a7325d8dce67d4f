"""`rescan`: what runs, asked again by the gate `scan`, with what is known of vulnerabilities now.

Snapshot → the image of each overlay → Evidence → the gate's answer → RescanReport, and an issue
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tidegate.domain.app import App, Environment, GateSpec
from tidegate.domain.configuration import Configuration
from tidegate.domain.evidence import Candidate
from tidegate.domain.image import ImageRef
from tidegate.domain.model import ModelVersion
from tidegate.domain.release import Release
from tidegate.domain.rescan import Announcement, Rescanned, RescannedEnvironment, RescanReport
from tidegate.domain.scan import Severity
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import one_line
from tidegate.domain.waiver import Waiver
from tidegate.errors import TidegateError
from tidegate.flows.gather import Case, gather
from tidegate.flows.target import Target, find_environment, read_targets
from tidegate.gates import judge
from tidegate.policy.waivers import ANNOUNCED
from tidegate.ports import Connections, Progress
from tidegate.repository import layout
from tidegate.repository.configuration import load_configuration
from tidegate.repository.waivers import read_waivers

LABELS = ("tidegate",)


Announce = Callable[[RescannedEnvironment], Announcement]


def rescan(
    environment: str | None,
    connections: Connections,
    progress: Progress,
    announce: Announce | None = None,
) -> RescanReport:
    """What the gate `scan` says now of all that runs in one environment, or in all. With
    `announce`, each environment's issue is kept up to date. Raises InputError for an unknown one,
    ConfigurationError for waivers that make no sense, and OutsideError where the branch can't be
    fetched; what else can't be had is in the report."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    snapshot = repository.fetch()
    configuration = load_configuration(snapshot)
    now = connections.now()
    waivers = read_waivers(snapshot, configuration, now)
    chosen = (
        [find_environment(configuration, environment)]
        if environment
        else list(configuration.in_order())
    )
    ground = _Ground(snapshot, configuration, waivers, now + ANNOUNCED, connections, progress)
    found = [ground.look(place) for place in chosen]
    if announce:
        found = [_announced(item, announce(item), configuration, connections) for item in found]
    return RescanReport(snapshot.revision, tuple(found))


@dataclass(frozen=True, slots=True)
class _Ground:
    snapshot: Snapshot
    configuration: Configuration
    waivers: tuple[Waiver, ...]
    soon: datetime
    connections: Connections
    progress: Progress

    def look(self, environment: Environment) -> RescannedEnvironment:
        """Everything that runs in one environment."""
        unasked: list[str] = []
        unreadable: list[str] = []
        cases: list[Case] = []
        targets = read_targets(self.snapshot, [*self._apps(environment)], environment)
        for app, target in targets.items():
            if isinstance(target, TidegateError):
                unreadable.append(f"{app}: {one_line(target.message, 300)}")
            elif target.champion is None:
                continue  # it was never promoted
            elif (spec := self._gate(target)) is None:
                unasked.append(app)
            elif target.overlay.digest is None:
                unreadable.append(f"{app}: {target.overlay_file} names no digest")
            else:
                cases.append(_case(target, target.champion, spec, self.waivers))
        return RescannedEnvironment(
            environment.name,
            tuple(self._judge(cases)),
            tuple(unasked),
            tuple(unreadable),
            tuple(self._ending(environment.name)),
        )

    def _apps(self, environment: Environment) -> Iterator[App]:
        for _, app in sorted(self.configuration.apps.items()):
            if layout.release_file(environment.name, app.name) in self.snapshot:
                yield app

    def _gate(self, target: Target) -> GateSpec | None:
        specs = self.configuration.gates(target.app, target.environment)
        return next((spec for spec in specs if spec.gate == "scan"), None)

    def _judge(self, cases: Sequence[Case]) -> Iterator[Rescanned]:
        evidence = gather(self.snapshot, self.configuration, cases, self.connections, self.progress)
        for case in cases:
            release, name = case.target.champion, case.target.app.name
            # What is always asked beside the gate is about promotions, and comes before it.
            result = judge(case.gates, evidence[name]).results[-1]
            then, database = _recorded(release.evidence if release else {})
            version, image = case.candidate.version.version, case.candidate.image
            place = case.target.environment.name
            yield Rescanned(name, place, version, image, result, then, database)

    def _ending(self, environment: str) -> Iterator[Waiver]:
        """Those that have expired, or will within two weeks, the first to end first."""
        for waiver in sorted(self.waivers, key=lambda w: (w.expires, w.id)):
            everywhere = not waiver.environments
            if waiver.expires <= self.soon and (everywhere or environment in waiver.environments):
                yield waiver


def _case(target: Target, release: Release, spec: GateSpec, waivers: tuple[Waiver, ...]) -> Case:
    """What runs, as if it were to be promoted. It is what the overlay says: that is applied."""
    overlay = target.overlay
    version = overlay.version or release.version
    image = ImageRef(overlay.repository, overlay.tag, overlay.digest)
    candidate = Candidate(ModelVersion(release.model, version, release.run_id, ""), image)
    return Case(target, candidate, (spec,), b"", waivers)


def _recorded(evidence: Mapping[str, Any]) -> tuple[Mapping[str, int] | None, str | None]:
    """What the release's record tells of the scan of then; a hand may have written it."""
    scan = evidence.get("scan")
    if not isinstance(scan, Mapping):
        return None, None
    counts, database = scan.get("vulnerabilities"), scan.get("database")
    known = counts if isinstance(counts, Mapping) else {}
    numbers = {s.name: known[s.name] for s in reversed(Severity) if type(known.get(s.name)) is int}
    return numbers, one_line(database, 40) if isinstance(database, str) else None


def _announced(
    found: RescannedEnvironment,
    text: Announcement,
    configuration: Configuration,
    connections: Connections,
) -> RescannedEnvironment:
    """With its issue: kept where there is something to announce, closed where there is nothing.
    Where nobody can tell, none is opened, and none closed."""
    marker = f"<!-- tidegate:rescan {found.name} -->"
    try:
        provider = connections.pull_requests(configuration.settings)
        if text.title:
            issue = provider.keep_issue(marker, text.title, text.body, LABELS)
            return replace(found, issue=issue.url)
        if not found.unknown:
            provider.close_issue(marker, text.body)
    except TidegateError as error:
        return replace(found, note=f"its issue could not be written: {one_line(error.message)}")
    return found
