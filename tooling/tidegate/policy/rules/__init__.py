"""The rules across objects, one or a tight family a file, and those who ask them.

Rules on one overlay look at all its objects at once; rules on several compare facts that were
collected overlay by overlay, so that a worker sees one overlay and its parent them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tidegate.domain.app import Environment
from tidegate.domain.cluster import RuleSetting
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Rendered
from tidegate.errors import Problem
from tidegate.policy.rules import (
    application_coverage,
    application_sets,
    application_sync,
    autoscaler_conflict,
    autoscaler_metrics,
    autoscaler_target,
    backends,
    budgets,
    compatibility,
    configuration,
    gateways,
    istio_routes,
    monitoring,
    namespaces,
    owners,
    projects,
    release,
    role_bindings,
    rollouts,
    services,
    settings,
    strength,
    weaker,
    workloads,
)
from tidegate.policy.rules.facts import BELONGS, Landscape, read_facts
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.rule import OFF, Found, Rule, RuleContext, settings_of

RULES: Mapping[str, Rule] = {
    "autoscaler-target": autoscaler_target.AUTOSCALER_TARGET,
    "autoscaler-metric-object": autoscaler_target.METRIC_OBJECT,
    "keda-authentication": autoscaler_target.KEDA_AUTHENTICATION,
    "autoscaler-conflict": autoscaler_conflict.AUTOSCALER_CONFLICT,
    "autoscaler-vpa-conflict": autoscaler_conflict.VERTICAL_CONFLICT,
    "autoscaler-replicas": autoscaler_conflict.AUTOSCALER_REPLICAS,
    "autoscaler-resource-metric": autoscaler_metrics.RESOURCE_METRIC,
    "autoscaler-target-type": autoscaler_metrics.TARGET_TYPE,
    "autoscaler-requests": autoscaler_metrics.AUTOSCALER_REQUESTS,
    "autoscaler-container": autoscaler_metrics.AUTOSCALER_CONTAINER,
    "pdb-target": budgets.PDB_TARGET,
    "pdb-satisfiable": budgets.PDB_SATISFIABLE,
    "pdb-overlap": budgets.PDB_OVERLAP,
    "pdb-missing": budgets.PDB_MISSING,
    "probe-port": workloads.PROBE_PORT,
    "spread-selector": workloads.SPREAD_SELECTOR,
    "workload-selector": workloads.WORKLOAD_SELECTOR,
    "volume-mount": workloads.VOLUME_MOUNT,
    "configmap-exists": configuration.CONFIGMAP_EXISTS,
    "secret-exists": configuration.SECRET_EXISTS,
    "pvc-exists": configuration.CLAIM_EXISTS,
    "serviceaccount-exists": configuration.ACCOUNT_EXISTS,
    "configuration-key": configuration.KEY_EXISTS,
    "service-selector": services.SERVICE_SELECTOR,
    "service-port": services.SERVICE_PORT,
    "statefulset-service": workloads.STATEFULSET_SERVICE,
    "networkpolicy-target": workloads.NETWORK_POLICY_TARGET,
    "ingress-backend": backends.INGRESS_BACKEND,
    "route-backend": backends.ROUTE_BACKEND,
    "gateway-reference": gateways.GATEWAY,
    "gateway-host": gateways.GATEWAY_HOST,
    "istio-destination": istio_routes.DESTINATION,
    "istio-weights": istio_routes.WEIGHTS,
    "istio-subset": istio_routes.SUBSET,
    "istio-subset-labels": istio_routes.SUBSET_LABELS,
    "rollout-reference": rollouts.ROLLOUT_REFERENCE,
    "servicemonitor-target": monitoring.SERVICE_MONITOR_TARGET,
    "podmonitor-target": monitoring.POD_MONITOR_TARGET,
    "monitoring-missing": monitoring.MONITORING_MISSING,
    "rolebinding-role": role_bindings.BINDING_ROLE,
    "rolebinding-subject": role_bindings.BINDING_SUBJECT,
    "duplicate-object": namespaces.DUPLICATE_OBJECT,
    "namespace-pinned": namespaces.NAMESPACE_PINNED,
    "cluster-scoped-object": namespaces.CLUSTER_SCOPED_OBJECT,
    "release-agrees": release.RELEASE_AGREES,
    "application-automated": application_sync.AUTOMATED,
    "application-project": application_sync.PROJECT_NAMED,
    "application-revision": application_sync.REVISION,
    "application-missing": application_coverage.MISSING,
    "application-twice": application_coverage.TWICE,
    "applicationset-files": application_sets.FILES,
    "applicationset-missing-key": application_sets.MISSING_KEY,
    "applicationset-deletion": application_sets.DELETION,
    "project-cluster-kinds": projects.CLUSTER_KINDS,
    "project-sync-window": projects.SYNC_WINDOW,
    "project-source": projects.SOURCE,
    "project-role": projects.ROLE,
    "compatibility": compatibility.COMPATIBILITY,
    "requirements": compatibility.REQUIREMENTS,
    "cluster-compatibility": compatibility.CLUSTER_COMPATIBILITY,
    "object-owner": owners.OBJECT_OWNER,
    "host-owner": owners.HOST_OWNER,
    "weaker-availability": weaker.WEAKER_AVAILABILITY,
    "weaker-resources": weaker.WEAKER_RESOURCES,
    "weaker-security": weaker.WEAKER_SECURITY,
    "weaker-image": weaker.WEAKER_IMAGE,
}

_FACTS: Mapping[str, Callable[[Inventory], Any]] = {
    "objects": owners.collect_objects,
    "hosts": owners.collect_hosts,
    "workloads": strength.collect_workloads,
    "cluster": compatibility.collect_cluster,
}
_DEFAULTS = {name: settings_of(rule, {}) for name, rule in RULES.items()}
_ON_ONE = tuple(rule for rule in RULES.values() if rule.compare is None)
_ON_SEVERAL = tuple(rule for rule in RULES.values() if rule.compare is not None)


def judge_overlay(rendered: Rendered, context: RuleContext) -> Iterator[Violation]:
    """Everything that the rules find in one overlay, rule by rule; never raises."""
    yield from inspect(rendered, context, facts=False)[0]


def collect(rendered: Rendered, context: RuleContext) -> Mapping[str, Any]:
    """What `judge_overlays` will want to know of this overlay, in plain JSON types; nothing of
    an overlay outside a Tidegate repository."""
    return _collect(Inventory(rendered, context))


def inspect(
    rendered: Rendered, context: RuleContext, *, facts: bool = True
) -> tuple[tuple[Violation, ...], Mapping[str, Any]]:
    """Both at once, for an overlay's objects are indexed but once then."""
    inventory = Inventory(rendered, context)
    found = tuple(_judge(inventory, context))
    return found, _collect(inventory) if facts else {}


def judge_overlays(
    facts: Mapping[str, Mapping[str, Any]], environments: Mapping[str, Environment]
) -> Iterator[tuple[str, Violation]]:
    """Everything that the rules find between overlays: `facts` as `collect` made them, by overlay,
    and `environments` by name. What comes out doesn't depend on the order of what goes in."""
    known = (read_facts(name, facts[name]) for name in sorted(facts))
    landscape = Landscape(tuple(item for item in known if item is not None), environments)
    of_overlay = {overlay.name: overlay.environment for overlay in landscape.overlays}
    for rule in _ON_SEVERAL:
        for overlay, found in rule.compare(landscape) if rule.compare else ():
            environment = environments.get(of_overlay[overlay])
            said = next((s for s in _said(environment) if s.rule == rule.name), None)
            if said is None or said.severity != OFF:
                yield overlay, _violation(rule, found, said)


def setting_problems(said: Iterable[RuleSetting]) -> Iterator[Problem]:
    """What is wrong with an environment's `rules`: no such rule, no such setting, no such
    value."""
    return settings.problems(RULES, said)


def _collect(inventory: Inventory) -> Mapping[str, Any]:
    environment = inventory.context.environment
    if environment is None:
        return {}
    facts: dict[str, Any] = {BELONGS: [environment.name, inventory.rendered.app or ""]}
    for name, make in _FACTS.items():
        found = make(inventory)
        if found is not None:
            facts[name] = found
    return facts


def _judge(inventory: Inventory, context: RuleContext) -> Iterator[Violation]:
    named = {said.rule: said for said in _said(context.environment)}
    kinds = inventory.kinds.keys()
    for rule in _ON_ONE:
        if rule.about and rule.about.isdisjoint(kinds):
            continue
        said = named.get(rule.name)
        if said is not None and said.severity == OFF:
            continue
        if rule.judge:
            answers = rule.judge(inventory)
        elif rule.tuned:
            chosen = settings_of(rule, said.settings) if said else _DEFAULTS[rule.name]
            answers = rule.tuned(inventory, chosen)
        for found in answers:
            yield _violation(rule, found, said)


def _said(environment: Environment | None) -> tuple[RuleSetting, ...]:
    return environment.rules if environment else ()


def _violation(rule: Rule, found: Found, said: RuleSetting | None) -> Violation:
    """The mistake with its severity: what the environment says, else the rule's own, which is a
    warning where the rule isn't certain."""
    if said is not None and said.severity is not None:
        severity = Severity(said.severity)
    elif not found.certain and rule.severity is Severity.DENY:
        severity = Severity.WARN
    else:
        severity = rule.severity
    return Violation(
        rule.name,
        severity,
        found.message,
        object=found.object,
        field=found.field,
        fix=found.fix or rule.fix,
        link=rule.link,
    )
