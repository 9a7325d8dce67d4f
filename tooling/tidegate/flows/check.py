"""Every overlay of a work tree, held against schemas and rules.

Work tree → Targets → Subjects → Examined (cached, or rendered and inspected) → rules across
overlays → waivers → CheckReport
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from tidegate.domain.check import CheckReport, CheckRequest, Coverage, Scene
from tidegate.domain.examined import Examined
from tidegate.domain.finding import Finding
from tidegate.domain.manifest import Broken
from tidegate.domain.text import count, some_of
from tidegate.errors import ConfigurationError, InputError
from tidegate.flows.across import find_across, rule_names
from tidegate.flows.beside import judge_beside, judge_holds
from tidegate.flows.changed import find_changed
from tidegate.flows.examine import Subject, prepare
from tidegate.flows.known import recall, remember
from tidegate.flows.notes import count_leftovers, find_notes, is_later_part
from tidegate.flows.parts import examine_parts, find_in_parts, note_parts
from tidegate.flows.problem_findings import RENDER, find_all
from tidegate.flows.rulebook import read_rulebook
from tidegate.flows.subjects import make_subjects
from tidegate.policy.waivers import Checked, apply, next_change
from tidegate.repository import layout
from tidegate.repository.appliers import delivery_files, read_appliers
from tidegate.repository.closure import Closures
from tidegate.repository.configuration import load_configuration
from tidegate.repository.discovery import explore, is_tidegate
from tidegate.repository.layers import find_layers
from tidegate.repository.readings import Readings
from tidegate.repository.waivers import read_waivers

if TYPE_CHECKING:
    from tidegate.domain.configuration import Configuration
    from tidegate.domain.rulebook import Rulebook
    from tidegate.domain.snapshot import Snapshot
    from tidegate.domain.waiver import Waiver
    from tidegate.ports import Checking, Progress
    from tidegate.repository.targets import Target

_KNOWN = 20

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A report, and whether the same files would bring the very same one: `lasting` says so until
    the moment `until`, and for ever where there is none."""

    report: CheckReport
    lasting: bool
    until: datetime | None


def check(
    request: CheckRequest,
    scene: Scene,
    connections: Checking,
    progress: Progress,
    advance: Advance,
) -> Conclusion:
    """Looks at a work tree, and tells `advance` how many overlays are done, of how many. Raises
    InputError for a wrong request and ConfigurationError for files that decide and can't be read;
    everything else that is wrong is a finding."""
    snapshot = scene.snapshot
    cache, place = connections.cache, connections.work_tree.place
    known = recall(cache, place)
    configuration = load_configuration(snapshot, known) if is_tidegate(snapshot) else None
    fingerprint = connections.fingerprint
    rulebook = read_rulebook(snapshot, fingerprint, strict_kinds=request.strict_kinds)
    waivers = _read_rest(snapshot, configuration, rulebook, connections) if configuration else ()
    closures = Closures(snapshot, known)
    discovery = explore(snapshot, closures, request.paths)
    every = discovery.targets
    substitutions = None
    appliers = read_appliers(
        snapshot, delivery_files(snapshot) if configuration else snapshot.entries
    )
    if not configuration:  # its overlays are applied by Argo CD, which replaces nothing
        from tidegate.repository.substitution import find_substitutions

        substitutions = find_substitutions(snapshot, appliers)
    targets = _filter(every, request)
    if scene.changed is not None:
        targets = find_changed(
            targets, snapshot, closures, scene.changed, substitutions, connections.work_tree
        )
    targets = _take_part(targets, request)
    readings = Readings()
    subjects_of = partial(
        make_subjects,
        snapshot,
        configuration,
        rulebook=rulebook,
        kubernetes=request.kubernetes,
        readings=readings,
        substitutions=substitutions,
    )
    subjects = subjects_of(targets)
    prepared = partial(prepare, snapshot, closures, rulebook, parts=connections)
    examination = prepared(subjects.values())
    progress(f"checking {count(len(targets), 'overlay')}")
    if configuration and len(targets) > 1:
        # What only several overlays show is asked at last: the rules are loaded while others work.
        Thread(target=import_module, args=("tidegate.policy.rules",), daemon=True).start()
    results: dict[str, Examined | Broken] = {}
    for found in examination.examine(list(subjects.values())):
        results[found.overlay] = found
        advance(len(results), len(targets))
    flux = bool(substitutions and substitutions.folders)
    findings = list(find_all(results, targets, snapshot, flux=flux))
    # In a Tidegate repository nothing goes on before it renders again.
    parts = examine_parts(
        snapshot, closures, results, () if configuration else targets, subjects_of, prepared
    )
    findings += find_in_parts(parts, findings, snapshot, flux=flux)
    if configuration:
        findings += judge_beside(snapshot, configuration, targets, known, readings)
        findings += judge_holds(snapshot, _whole_holds(every, request, scene))
    remember(cache, place, known)
    environments = configuration.environments if configuration else {}
    findings += find_across(results, subjects, environments, examination)
    checked = _checked(every, results, subjects if waivers else {})
    now = connections.now()
    waived = apply(sorted(findings, key=_order), waivers, now, checked)
    rules = len(rule_names(rulebook))
    layers = find_layers(snapshot, appliers)
    coverage = replace(
        _coverage(results | parts.results, subjects | parts.subjects, rules),
        notes=(*find_notes(discovery, request, scene, targets, layers), *note_parts(parts)),
        unlisted=count_leftovers(request, scene, closures, targets),
    )
    report = CheckReport(waived, coverage, request.warnings_as_errors)
    # What couldn't be rendered may have had too little time, and files that come from elsewhere
    # may be others tomorrow.
    firm = not any(finding.violation.rule == RENDER for finding in findings)
    own = not any(closures.needs(target.path) for target in targets if not target.plain)
    return Conclusion(report, firm and own, next_change(waivers, now))


def _read_rest(
    snapshot: Snapshot, configuration: Configuration, rulebook: Rulebook, connections: Checking
) -> tuple[Waiver, ...]:
    """The waivers, once all that environments say of rules is known to make sense."""
    said = [s for environment in configuration.environments.values() for s in environment.rules]
    if not said and not any(snapshot.children(layout.WAIVERS)):
        return ()
    if said:
        from tidegate.policy.rules import setting_problems

        problems = list(setting_problems(said))
        if problems:
            raise ConfigurationError(problems)
    return read_waivers(snapshot, configuration, connections.now(), rule_names(rulebook))


def _take_part(targets: list[Target], request: CheckRequest) -> list[Target]:
    if request.shard is None:
        return targets
    which, of = request.shard
    return targets[which - 1 :: of]


def _whole_holds(every: Sequence[Target], request: CheckRequest, scene: Scene) -> set[str]:
    """The environments whose own hold is looked at; the first of several parts does that."""
    if is_later_part(request):
        return set()
    names = {target.environment for target in _filter(every, request) if target.environment}
    return {
        name
        for name in names
        if scene.changed is None or layout.environment_hold(name) in scene.changed.paths
    }


def _filter(targets: Sequence[Target], request: CheckRequest) -> list[Target]:
    chosen = [
        target
        for target in targets
        if request.environment in (None, target.environment) and request.app in (None, target.app)
    ]
    if not chosen and targets and (request.environment or request.app):
        asked = " ".join(word for word in (request.app, request.environment) if word)
        environments = {t.environment for t in targets if t.environment}
        apps = {t.app for t in targets if t.app and request.environment in (None, t.environment)}
        wrong = request.environment not in (None, *environments)
        thing, known = ("environments", environments) if wrong else ("apps", apps)
        hint = f"{thing} with overlays: {some_of(sorted(known), _KNOWN) or 'none'}"
        raise InputError(f"nothing to check for {asked}", hint=hint)
    return chosen


def _checked(
    every: Sequence[Target],
    results: Mapping[str, Examined | Broken],
    subjects: Mapping[str, Subject],
) -> Checked:
    looked: set[tuple[str, str]] = set()
    versions: dict[tuple[str, str], str] = {}
    for overlay, subject in subjects.items():
        environment, app = subject.target.environment, subject.target.app
        if environment is None or app is None or isinstance(results[overlay], Broken):
            continue
        looked.add((environment, app))
        release = subject.context.release
        if release:
            versions[environment, app] = release.version
    known = {(t.environment, t.app) for t in every if t.environment and t.app}
    return Checked(looked, known - looked, versions)


def _coverage(
    results: Mapping[str, Examined | Broken],
    subjects: Mapping[str, Subject],
    rules: int,
) -> Coverage:
    examined = [found for found in results.values() if isinstance(found, Examined)]
    unknown: Counter[tuple[str, str]] = Counter()
    for found in examined:
        unknown.update(found.inspection.unknown_kinds)
    cached = sum(found.cached for found in examined)
    return Coverage(
        overlays=len(subjects),
        objects=sum(found.inspection.objects for found in examined),
        rendered=len(results) - cached,
        cached=cached,
        kubernetes=tuple(sorted({s.kubernetes for s in subjects.values()})),
        rules=rules,
        unknown_kinds=dict(sorted(unknown.items())),
        checked=tuple(sorted(results)),
    )


def _order(finding: Finding) -> tuple[str, int, int, str, str, str]:
    place, found = finding.where, finding.violation
    return (place.file, place.line, place.column, found.rule, finding.overlay, found.message)
