"""Snapshot → Verdicts, remembered while nothing that they rest on changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tidegate.domain.app import GateSpec
from tidegate.domain.configuration import Configuration
from tidegate.domain.evidence import Candidate, Evidence
from tidegate.domain.promotion import AppReport, Outcome, Promotion, Request
from tidegate.domain.release import Release
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConflictError, InputError, TidegateError
from tidegate.flows.gather import Case, gather
from tidegate.flows.inputs import Inputs, inputs_of, unchanged
from tidegate.flows.plan import propose
from tidegate.flows.resolve import Registries, resolve
from tidegate.flows.target import (
    Target,
    choose_apps,
    choose_delivery,
    find_environment,
    read_targets,
)
from tidegate.gates import judge
from tidegate.ports import Connections, Progress
from tidegate.repository.configuration import load_configuration
from tidegate.repository.overlay import edit_overlay
from tidegate.repository.waivers import read_waivers

Judged = AppReport | Promotion


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What a verdict was reached on."""

    gates: tuple[GateSpec, ...]
    evidence: Evidence
    passed: bool

    def hold(self, now: datetime) -> bool:
        """Whether it is the same at another time: windows close, and waivers run out."""
        return judge(self.gates, replace(self.evidence, now=now)).passed is self.passed


@dataclass(frozen=True, slots=True)
class _Entry:
    """One app's result, and what it rests on, once that has been asked for; without inputs it is
    made again every time."""

    result: Judged
    inputs: Inputs | None
    champion: Release | None
    grounds: _Grounds | None = None


class Judgement:
    """One command's judgement of its apps. `make` may be asked again after the branch moved: then
    only those apps are judged anew for which something that was read has changed, or for which
    the time alone makes another verdict."""

    def __init__(self, request: Request, connections: Connections, progress: Progress) -> None:
        self._request = request
        self._connections = connections
        self._progress = progress
        self._entries: dict[str, _Entry] = {}
        self._pinned: dict[str, str] = {}
        self._order: tuple[str, ...] = ()
        self._unlisted: tuple[Target, ...] = ()
        self._snapshot: Snapshot | None = None
        self._configuration: Configuration | None = None

    @property
    def configuration(self) -> Configuration:
        """What decided when something was judged last."""
        if self._configuration is None:
            raise RuntimeError("make() comes first")
        return self._configuration

    @property
    def snapshot(self) -> Snapshot:
        """What the last judgement was made on."""
        if self._snapshot is None:
            raise RuntimeError("make() comes first")
        return self._snapshot

    @property
    def revision(self) -> str:
        """The last Snapshot's commit."""
        return self.snapshot.revision

    @property
    def judged(self) -> list[Judged]:
        """The last judgement, app by app in the request's order."""
        return [self._entries[name].result for name in self._order]

    def make(self) -> list[Judged]:
        """Fetches the branch and judges on its head, app by app in the request's order."""
        repository = self._connections.repository
        self._progress(f"fetching {repository.branch} from {repository.remote}")
        return self.make_on(repository.fetch())

    def make_on(self, snapshot: Snapshot) -> list[Judged]:
        """Judges on a Snapshot, app by app in the request's order."""
        self._list_inputs()
        now = self._connections.now()
        stale = [
            name
            for name, entry in self._entries.items()
            if entry.inputs is None
            or not unchanged(snapshot, entry.inputs)
            or (entry.grounds is not None and not entry.grounds.hold(now))
        ]
        if stale or not self._entries:
            self._judge_anew(snapshot, stale)
        self._snapshot = snapshot
        return self.judged

    def _list_inputs(self) -> None:
        """Lists what the last judgements rest on: late, for most are never looked at again."""
        if self._unlisted:
            for name, inputs in inputs_of(self.snapshot, self._unlisted).items():
                self._entries[name] = replace(self._entries[name], inputs=inputs)
            self._unlisted = ()

    def _judge_anew(self, snapshot: Snapshot, stale: Sequence[str]) -> None:
        configuration = load_configuration(snapshot)
        waivers = read_waivers(snapshot, configuration, self._connections.now())
        environment = find_environment(configuration, self._request.target)
        delivery = choose_delivery(environment, self._request)  # before what takes time
        self._configuration = configuration
        if self._entries:
            apps = [configuration.apps[name] for name in stale if name in configuration.apps]
        else:
            apps = list(choose_apps(snapshot, configuration, self._request))
            self._order = tuple(app.name for app in apps)
        for name in set(stale) - {app.name for app in apps}:
            error = ConflictError(f"{name} was removed from the repository meanwhile")
            self._entries[name] = _Entry(_ended(name, error), None, None)
        targets = read_targets(snapshot, apps, environment)
        good = {name: t for name, t in targets.items() if isinstance(t, Target)}
        results: dict[str, Judged] = {
            name: _ended(name, t) for name, t in targets.items() if isinstance(t, TidegateError)
        }
        cases: list[Case] = []
        for name, resolved in self._resolve(snapshot, good, configuration).items():
            found = self._conflict(good[name], resolved) or resolved
            if isinstance(found, Case):
                cases.append(replace(found, waivers=waivers, delivery=delivery))
            else:
                results[name] = found
        judged, grounds = self._judge_cases(snapshot, configuration, cases)
        results |= judged
        self._keep(results, good, grounds)
        self._unlisted = tuple(t for name, t in good.items() if not _broke(results[name]))

    def _judge_cases(
        self, snapshot: Snapshot, configuration: Configuration, cases: Sequence[Case]
    ) -> tuple[dict[str, Judged], dict[str, _Grounds]]:
        if not cases:
            return {}, {}
        evidence = gather(snapshot, configuration, cases, self._connections, self._progress)
        results: dict[str, Judged] = {}
        grounds: dict[str, _Grounds] = {}
        for case in cases:
            name, champion = case.target.app.name, case.target.champion
            verdict = judge(case.gates, evidence[name])
            grounds[name] = _Grounds(tuple(case.gates), evidence[name], verdict.passed)
            results[name] = (
                propose(case, evidence[name], verdict)
                if verdict.passed
                else AppReport(name, Outcome.BLOCKED, case.candidate, champion, verdict)
            )
        return results, grounds

    def _resolve(
        self, snapshot: Snapshot, targets: Mapping[str, Target], configuration: Configuration
    ) -> dict[str, AppReport | Case]:
        """Each app's case, or the report with which it ends here."""
        settings, connections = configuration.settings, self._connections
        registries = Registries(
            models=lambda: connections.models(settings),
            images=lambda: connections.images(settings),
        )
        self._progress("asking the registries")
        found: dict[str, AppReport | Case] = {}
        resolved = resolve(list(targets.values()), self._request, self._pinned, registries)
        for name, candidate in resolved.items():
            if isinstance(candidate, AppReport):
                found[name] = candidate
                continue
            # An alias is looked up once: when this app is judged again, it is the same version.
            self._pinned[name] = candidate.version.version
            target = targets[name]
            gates = configuration.gates(target.app, target.environment)
            try:
                found[name] = Case(target, candidate, gates, _edit(snapshot, target, candidate))
            except TidegateError as error:
                found[name] = _ended(name, error, candidate, target.champion)
        return found

    def _conflict(self, target: Target, found: AppReport | Case) -> AppReport | None:
        """Somebody promoted something else to the same place since the first look."""
        first = self._entries.get(target.app.name)
        if first is None or (isinstance(found, AppReport) and found.outcome is Outcome.ALREADY):
            return None
        now = target.champion
        if _identity(now) == _identity(first.champion):
            return None
        runs = f"version {now.version}" if now else "no release"
        error = ConflictError(
            f"{target.app.name} in {target.environment.name} was changed by somebody else "
            f"meanwhile: it has {runs} now",
            hint="look at it with `tidegate history`, then run the command again",
        )
        return _ended(target.app.name, error, None, now)

    def _keep(
        self,
        results: Mapping[str, Judged],
        targets: Mapping[str, Target],
        grounds: Mapping[str, _Grounds],
    ) -> None:
        for name, result in results.items():
            # The champion of the first look stays: a conflict is not forgotten by looking twice.
            first, target = self._entries.get(name), targets.get(name)
            champion = first.champion if first else target.champion if target else None
            self._entries[name] = _Entry(result, None, champion, grounds.get(name))


def _edit(snapshot: Snapshot, target: Target, candidate: Candidate) -> bytes:
    """The overlay's text with the candidate in it. Raises InputError."""
    image = candidate.image
    if image.tag is None or image.digest is None:
        raise InputError(f"{image} has no tag or no digest, so it can't be written to an overlay")
    return edit_overlay(
        target.overlay_file,
        snapshot.read(target.overlay_file),
        target.app.image,
        tag=image.tag,
        digest=image.digest,
        version=candidate.version.version,
    )


def _identity(release: Release | None) -> tuple[str, str, str | None] | None:
    return (release.model, release.version, release.image.digest) if release else None


def _broke(result: Judged) -> bool:
    """Whether an app ended with an error: then it is looked at again each time."""
    return isinstance(result, AppReport) and result.outcome is Outcome.ERROR


def _ended(
    name: str,
    error: TidegateError,
    candidate: Candidate | None = None,
    champion: Release | None = None,
) -> AppReport:
    outcome = Outcome.CONFLICT if isinstance(error, ConflictError) else Outcome.ERROR
    return AppReport(name, outcome, candidate, champion, error=error)
