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
from tidegate.domain.text import count
from tidegate.errors import ConfigurationError
from tidegate.flows.across import find_across, rule_names
from tidegate.flows.beside import judge_beside, judge_holds
from tidegate.flows.examine import Subject, prepare
from tidegate.flows.known import recall, remember
from tidegate.flows.notes import count_leftovers, find_notes
from tidegate.flows.parts import examine_parts, find_in_parts, note_parts
from tidegate.flows.problem_findings import RENDER, find_all
from tidegate.flows.rulebook import read_rulebook
from tidegate.flows.scope import find_scope, whole_holds
from tidegate.flows.subjects import make_subjects
from tidegate.policy.waivers import Checked, apply, next_change
from tidegate.repository import layout
from tidegate.repository.closure import Closures
from tidegate.repository.configuration import load_configuration
from tidegate.repository.discovery import is_tidegate
from tidegate.repository.readings import Readings
from tidegate.repository.waivers import read_waivers

if TYPE_CHECKING:
    from tidegate.domain.configuration import Configuration
    from tidegate.domain.rulebook import Rulebook
    from tidegate.domain.snapshot import Snapshot
    from tidegate.domain.waiver import Waiver
    from tidegate.ports import Checking, Progress
    from tidegate.repository.targets import Target

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
    scope = find_scope(
        request, scene, closures, connections.work_tree, tidegate=configuration is not None
    )
    targets, every = scope.targets, scope.discovery.targets
    readings = Readings()
    subjects_of = partial(
        make_subjects,
        snapshot,
        configuration,
        rulebook=rulebook,
        kubernetes=request.kubernetes,
        readings=readings,
        substitutions=scope.substitutions,
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
    flux = scope.applied_by_flux
    findings = list(find_all(results, targets, snapshot, flux=flux))
    parts = examine_parts(
        snapshot,
        closures,
        results,
        () if configuration else targets,  # there, nothing goes on before it renders again
        lambda some: subjects_of(scope.concerned(some)),
        prepared,
    )
    findings += find_in_parts(parts, findings, snapshot, flux=flux)
    if configuration:
        findings += judge_beside(snapshot, configuration, targets, known, readings)
        findings += judge_holds(snapshot, whole_holds(scope, request, scene))
    remember(cache, place, known)
    environments = configuration.environments if configuration else {}
    findings += find_across(results, subjects, environments, examination)
    checked = _checked(every, results, subjects if waivers else {})
    now = connections.now()
    waived = apply(sorted(findings, key=_order), waivers, now, checked)
    rules = len(rule_names(rulebook))
    coverage = replace(
        _coverage(results | parts.results, subjects | parts.subjects, rules),
        notes=(*find_notes(scope, request, scene, results), *note_parts(parts)),
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
        rendered=len(examined) - cached,
        cached=cached,
        kubernetes=tuple(sorted({s.kubernetes for s in subjects.values()})),
        rules=rules,
        unknown_kinds=dict(sorted(unknown.items())),
        checked=tuple(sorted(results)),
    )


def _order(finding: Finding) -> tuple[str, int, int, str, str, str]:
    place, found = finding.where, finding.violation
    return (place.file, place.line, place.column, found.rule, finding.overlay, found.message)
