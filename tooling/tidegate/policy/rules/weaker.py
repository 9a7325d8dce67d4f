"""An environment is not weaker than the one that it promotes from: only what is surely weaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, ObjectId
from tidegate.policy.rules import strength
from tidegate.policy.rules.facts import Landscape, OverlayFacts, read_id, read_path
from tidegate.policy.rules.rule import Compare, Elsewhere, Found, Rule, Setting
from tidegate.policy.rules.shapes import integer, sequence, shown, text


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload out of facts."""

    id: ObjectId
    path: FieldPath
    least: int | None
    scaler: ObjectId | None
    most: int | None
    letters: str
    containers: dict[str, tuple[FieldPath, str]]

    @property
    def title(self) -> str:
        """`Deployment recommender`."""
        return f"{shown(self.id.kind)} {shown(self.id.name)}"


# What is compared (the word for `ignore`), the sentence about it, and its place.
Difference = tuple[str, str, ObjectId, FieldPath]
Differences = Callable[[Workload, Workload, str], Iterator[Difference]]


def read_workloads(overlay: OverlayFacts) -> Iterator[Workload]:
    """The workloads of an overlay's facts."""
    for item in overlay.list_of("workloads"):
        parts = sequence(item)
        id_ = read_id(parts[0]) if len(parts) == 6 else None
        if id_ is None:
            continue
        owner = sequence(parts[3])
        scaler, most = (read_id(owner[0]), integer(owner[1])) if len(owner) == 2 else (None, None)
        containers = {
            text(c[0]): (read_path(c[1]), text(c[2]))
            for c in map(sequence, sequence(parts[5]))
            if len(c) == 3
        }
        yield Workload(
            id_, read_path(parts[1]), integer(parts[2]), scaler, most, text(parts[4]), containers
        )


def _pairs(landscape: Landscape) -> Iterator[tuple[OverlayFacts, str, Workload, Workload]]:
    """Each overlay's workloads beside those of the same app in the nearest environment before."""
    by_place = {(o.environment, o.app): o for o in landscape.overlays if o.app}
    for overlay in landscape.overlays:
        before = _before(landscape, by_place, overlay)
        if before is None:
            continue
        theirs = list(read_workloads(before))
        ours = list(read_workloads(overlay))
        for workload in ours:
            match = _counterpart(workload, ours, theirs)
            if match:
                yield overlay, before.environment, workload, match


def _before(
    landscape: Landscape, by_place: dict[tuple[str, str], OverlayFacts], overlay: OverlayFacts
) -> OverlayFacts | None:
    seen = {overlay.environment}
    environment = landscape.environments.get(overlay.environment)
    while environment and environment.previous and environment.previous not in seen:
        seen.add(environment.previous)
        found = by_place.get((environment.previous, overlay.app))
        if found:
            return found
        environment = landscape.environments.get(environment.previous)
    return None


def _counterpart(
    workload: Workload, ours: list[Workload], theirs: list[Workload]
) -> Workload | None:
    same = [other for other in theirs if other.id.kind == workload.id.kind]
    named = [other for other in same if other.id.name == workload.id.name]
    if named:
        return named[0]
    # Prefixes and suffixes differ by environment: the only one of its kind is the same one.
    alone = len(same) == 1 and sum(w.id.kind == workload.id.kind for w in ours) == 1
    return same[0] if alone else None


def _availability(ours: Workload, theirs: Workload, where: str) -> Iterator[Difference]:
    if ours.least is not None and theirs.least is not None and ours.least < theirs.least:
        object_, field = _replicas(ours)
        message = f"{ours.title} runs at least {_pods(ours.least)}, and {where} {theirs.least}"
        yield "replicas", message, object_, field
    fixed = ours.least if ours.scaler is None else None
    if theirs.scaler and fixed is not None and theirs.most is not None and fixed < theirs.most:
        message = f"{ours.title} stays at {_pods(fixed)}, and in {where} it scales to {theirs.most}"
        yield "autoscaler", message, ours.id, ()
    unprotected = strength.BUDGET in theirs.letters and strength.BUDGET not in ours.letters
    if unprotected and ours.least is not None and ours.least > 1:
        message = f"{ours.title} has no disruption budget, and in {where} it has"
        yield "budget", message, ours.id, ()
    if strength.SPREAD in theirs.letters and strength.SPREAD not in ours.letters:
        message = f"{ours.title} is not spread over nodes, and in {where} it is"
        yield "spread", message, ours.id, (*ours.path, "spec")
    probes = (("readinessProbe", strength.READINESS), ("livenessProbe", strength.LIVENESS))
    for word, letter in probes:
        words = f"has no {word}", "it has"
        yield from _lacking(ours, theirs, where, word, letter, words, (word,))


def _pods(count: int) -> str:
    return "1 pod" if count == 1 else f"{count} pods"


def _replicas(ours: Workload) -> tuple[ObjectId, FieldPath]:
    if ours.scaler:
        keda = ours.scaler.kind == "ScaledObject"
        return ours.scaler, ("spec", "minReplicaCount" if keda else "minReplicas")
    return ours.id, ("spec", "replicas")


def _lacking(
    ours: Workload,
    theirs: Workload,
    where: str,
    word: str,
    letter: str,
    words: tuple[str, str],
    field: FieldPath = (),
) -> Iterator[Difference]:
    """Containers of ours without a strength that the same ones have there, at the field of theirs
    that gives it."""
    lacks, has = words
    for name, (path, letters) in ours.containers.items():
        there = theirs.containers.get(name)
        if there and letter in there[1] and letter not in letters:
            message = f"the container {shown(name)} of {ours.title} {lacks}, and in {where} {has}"
            yield word, message, ours.id, (*path, *field)


def _resources(ours: Workload, theirs: Workload, where: str) -> Iterator[Difference]:
    for word, letter, what, field in (
        ("memory-limit", strength.MEMORY_LIMIT, "no memory limit", ("limits", "memory")),
        ("memory-request", strength.MEMORY_REQUEST, "no memory request", ("requests", "memory")),
        ("cpu-request", strength.CPU_REQUEST, "no cpu request", ("requests", "cpu")),
    ):
        words = f"has {what}", "it has one"
        yield from _lacking(ours, theirs, where, word, letter, words, ("resources", *field))


# What a pod may say for all of its containers has no one place.
_CONTEXT = "securityContext"
_SECURITY: tuple[tuple[str, str, str, str, FieldPath], ...] = (
    ("non-root", strength.NON_ROOT, "may run as root", "it may not", ()),
    (
        "read-only",
        strength.READ_ONLY,
        "may write to its file system",
        "it may not",
        (_CONTEXT, "readOnlyRootFilesystem"),
    ),
    (
        "no-escalation",
        strength.NO_ESCALATION,
        "may gain privileges",
        "it may not",
        (_CONTEXT, "allowPrivilegeEscalation"),
    ),
    (
        "capabilities",
        strength.DROPS_ALL,
        "keeps capabilities",
        "it drops all",
        (_CONTEXT, "capabilities", "drop"),
    ),
    ("seccomp", strength.SECCOMP, "has no seccomp profile", "it has", ()),
    (
        "unprivileged",
        strength.UNPRIVILEGED,
        "is privileged",
        "it is not",
        (_CONTEXT, "privileged"),
    ),
)


def _security(ours: Workload, theirs: Workload, where: str) -> Iterator[Difference]:
    for word, letter, lacks, has, field in _SECURITY:
        yield from _lacking(ours, theirs, where, word, letter, (lacks, has), field)
    for word, letter, lacks, has in (
        ("host", strength.OWN_HOST, "shares its node's namespaces", "it does not"),
        ("token", strength.NO_TOKEN, "gets a service account's token", "it gets none"),
    ):
        if letter in theirs.letters and letter not in ours.letters:
            message = f"{ours.title} {lacks}, and in {where} {has}"
            yield word, message, ours.id, (*ours.path, "spec")


def _image(ours: Workload, theirs: Workload, where: str) -> Iterator[Difference]:
    # Before its first promotion an overlay has no digest to run.
    if strength.RELEASED not in ours.letters:
        return
    words = "runs its image by tag alone", "by digest"
    yield from _lacking(ours, theirs, where, "digest", strength.DIGEST, words, ("image",))


def _compare(name: str, differences: Differences) -> Compare:
    def compare(landscape: Landscape) -> Iterator[Elsewhere]:
        for overlay, where, ours, theirs in _pairs(landscape):
            environment = landscape.environments.get(overlay.environment)
            said = environment.rules if environment else ()
            chosen = next((s.settings for s in said if s.rule == name), {})
            ignored = chosen.get("ignore")
            for word, message, id_, path in differences(ours, theirs, shown(where)):
                if word not in sequence(ignored):
                    yield Elsewhere(overlay.name, Found(message, id_, path))

    return compare


def _rule(
    name: str, severity: Severity, differences: Differences, words: str, why: str, link: str
) -> Rule:
    return Rule(
        name,
        severity,
        "promotion",
        why=why,
        fix="Give it what the environment before has, or name the difference under `ignore`.",
        link=link,
        compare=_compare(name, differences),
        settings={"ignore": Setting("names", (), f"differences that are meant: {words}")},
    )


WEAKER_AVAILABILITY = _rule(
    "weaker-availability",
    Severity.WARN,
    _availability,
    "replicas, autoscaler, budget, spread, readinessProbe, livenessProbe",
    "What was tried with more pods, probes and protection was not tried as it will run.",
    "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/",
)
WEAKER_RESOURCES = _rule(
    "weaker-resources",
    Severity.WARN,
    _resources,
    "memory-limit, memory-request, cpu-request",
    "Without the requests and limits that it was tried with, a neighbour can starve it.",
    "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
)
WEAKER_SECURITY = _rule(
    "weaker-security",
    Severity.DENY,
    _security,
    "non-root, read-only, no-escalation, capabilities, seccomp, unprivileged, host, token",
    "It works under the stricter rules of the environment before: here nothing needs less.",
    "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
)
WEAKER_IMAGE = _rule(
    "weaker-image",
    Severity.DENY,
    _image,
    "digest",
    "A tag can move after it was tried; a digest can't.",
    "https://kubernetes.io/docs/concepts/containers/images/#image-names",
)
