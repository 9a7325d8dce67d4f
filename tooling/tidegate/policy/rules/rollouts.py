"""Argo Rollouts: the workload, Services, VirtualServices and analyses that a Rollout names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import absent, title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, mapping, sequence, shown, text
from tidegate.policy.rules.spelling import nearest_name, suggestion

_GUESSED = 20  # of more routes that aren't there, nobody needs to know what was meant
_ARGO = frozenset({"argoproj.io"})
_SERVICES = (
    ("canary", "canaryService"),
    ("canary", "stableService"),
    ("blueGreen", "activeService"),
    ("blueGreen", "previewService"),
)
_TEMPLATE = "AnalysisTemplate"
_BLUE_GREEN = ("prePromotionAnalysis", "postPromotionAnalysis")


def _judge(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of("Rollout", groups=_ARGO):
        for kind, name, field in _references(manifest):
            found = absent(inventory, manifest, field, kind, name)
            if found:
                yield found
        yield from _absent_routes(inventory, manifest)
        for analysis, path in _analyses(manifest):
            yield from _lacking_arguments(inventory, manifest, analysis, path)


def _lacking_arguments(
    inventory: Inventory, manifest: Manifest, analysis: Mapping[str, Any], path: FieldPath
) -> Iterator[Found]:
    """Arguments that a template asks for and has no value of, and that aren't given."""
    given = {text(item.get("name")) for _, item in entries(analysis, "args")}
    named = [
        (template, index)
        for index, item in entries(analysis, "templates")
        for template in inventory.find(
            _TEMPLATE, manifest.id.namespace, text(item.get("templateName"))
        )[:1]
    ]
    asked = [
        (text(item.get("name")), item.get("value", item.get("valueFrom")), template, index)
        for template, index in named
        for _, item in entries(template.data, "spec", "args")
    ]
    # One template's value is another's, too.
    had = given | {argument for argument, value, _, _ in asked if value is not None}
    for argument, _, template, index in asked:
        if argument and argument not in had:
            near = nearest_name(argument, given - {""})
            message = (
                f"{title(manifest)} gives {title(template)} no argument '{shown(argument)}', "
                "which has no value of its own" + (f"; it gives '{shown(near)}'" if near else "")
            )
            yield Found(message, manifest.id, (*path, "templates", index, "templateName"))


def _absent_routes(inventory: Inventory, manifest: Manifest) -> Iterator[Found]:
    """Routes that a Rollout gives weights to, and its VirtualService doesn't have."""
    path: FieldPath = ("spec", "strategy", "canary", "trafficRouting", "istio", "virtualService")
    reference = at(manifest.data, *map(str, path))
    name = text(at(reference, "name"))
    for service in inventory.find("VirtualService", manifest.id.namespace, name)[:1]:
        named = {text(item.get("name")) for _, item in entries(service.data, "spec", "http")}
        # Where there are none, it has others than those for HTTP.
        for index, route in enumerate(sequence(at(reference, "routes")) if named else ()):
            if not isinstance(route, str) or not route or route in named:
                continue
            near = suggestion(nearest_name(route, named - {""}) if index < _GUESSED else None)
            message = (
                f"{title(manifest)} gives weights to the route '{shown(route)}', which "
                f"{title(service)} does not have{near}"
            )
            yield Found(message, manifest.id, (*path, "routes", index))


def _references(manifest: Manifest) -> Iterator[tuple[str, str, FieldPath]]:
    """Kind, name and field of all that a Rollout names."""
    workload = mapping(at(manifest.data, "spec", "workloadRef"))
    if workload.get("kind") == "Deployment":
        yield "Deployment", text(workload.get("name")), ("spec", "workloadRef", "name")
    strategy = mapping(at(manifest.data, "spec", "strategy"))
    for way, key in _SERVICES:
        yield "Service", text(at(strategy, way, key)), ("spec", "strategy", way, key)
    canary = ("spec", "strategy", "canary")
    istio = mapping(at(strategy, "canary", "trafficRouting", "istio"))
    path: FieldPath = (*canary, "trafficRouting", "istio")
    name = text(at(istio, "virtualService", "name"))
    if "." not in name and "/" not in name:
        yield "VirtualService", name, (*path, "virtualService", "name")
    name = text(at(istio, "destinationRule", "name"))
    yield "DestinationRule", name, (*path, "destinationRule", "name")
    for analysis, where in _analyses(manifest):
        for index, item in entries(analysis, "templates"):
            if item.get("clusterScope") is not True:
                name = text(item.get("templateName"))
                yield _TEMPLATE, name, (*where, "templates", index, "templateName")


def _analyses(manifest: Manifest) -> Iterator[tuple[Mapping[str, Any], FieldPath]]:
    """Each analysis that a Rollout makes, and where it says so."""
    path: FieldPath = ("spec", "strategy")
    strategy = mapping(at(manifest.data, "spec", "strategy"))
    for key in _BLUE_GREEN:
        yield mapping(at(strategy, "blueGreen", key)), (*path, "blueGreen", key)
    yield mapping(at(strategy, "canary", "analysis")), (*path, "canary", "analysis")
    for index, step in entries(strategy, "canary", "steps"):
        where = (*path, "canary", "steps", index, "analysis")
        yield mapping(step.get("analysis")), where


ROLLOUT_REFERENCE = Rule(
    "rollout-reference",
    Severity.DENY,
    "network",
    why="A Rollout that names something which doesn't exist is Degraded and moves no traffic.",
    fix="Add what the Rollout names, or correct the name.",
    link="https://argo-rollouts.readthedocs.io/en/stable/features/specification/",
    judge=_judge,
    about=frozenset({"Rollout"}),
)
