"""The rules across objects, one or a tight family a file, and those who ask them.

Rules on one overlay look at all its objects at once; rules on several compare facts that were
collected overlay by overlay, so that a worker sees one overlay and its parent them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tidegate.domain.app import Environment
from tidegate.domain.cluster import RuleSetting
from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Rendered
from tidegate.errors import Problem
from tidegate.policy.outline import CLUSTER
from tidegate.policy.rules import (
    application_coverage,
    application_sets,
    application_sync,
    astray,
    autoscaler_conflict,
    autoscaler_metrics,
    autoscaler_target,
    backends,
    budgets,
    claims,
    compatibility,
    configuration,
    gateways,
    image_entries,
    istio_routes,
    mistyped,
    monitoring,
    namespaces,
    network_policies,
    owners,
    patch_targets,
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
from tidegate.policy.rules.rule import OFF, Found, Rule, settings_of

RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        autoscaler_target.AUTOSCALER_TARGET,
        autoscaler_target.METRIC_OBJECT,
        autoscaler_target.KEDA_AUTHENTICATION,
        autoscaler_conflict.AUTOSCALER_CONFLICT,
        autoscaler_conflict.VERTICAL_CONFLICT,
        autoscaler_conflict.AUTOSCALER_REPLICAS,
        autoscaler_metrics.RESOURCE_METRIC,
        autoscaler_metrics.TARGET_TYPE,
        autoscaler_metrics.AUTOSCALER_REQUESTS,
        autoscaler_metrics.AUTOSCALER_CONTAINER,
        budgets.PDB_TARGET,
        budgets.PDB_SATISFIABLE,
        budgets.PDB_OVERLAP,
        budgets.PDB_MISSING,
        workloads.PROBE_PORT,
        workloads.SPREAD_SELECTOR,
        workloads.WORKLOAD_SELECTOR,
        workloads.VOLUME_MOUNT,
        configuration.CONFIGMAP_EXISTS,
        configuration.SECRET_EXISTS,
        configuration.CLAIM_EXISTS,
        configuration.ACCOUNT_EXISTS,
        configuration.KEY_EXISTS,
        mistyped.MISTYPED_NAME,
        astray.WRONG_NAMESPACE,
        claims.CLAIM_VOLUME,
        services.SERVICE_SELECTOR,
        services.SERVICE_PORT,
        workloads.STATEFULSET_SERVICE,
        workloads.NETWORK_POLICY_TARGET,
        network_policies.NETWORK_POLICY_PORT,
        backends.INGRESS_BACKEND,
        backends.ROUTE_BACKEND,
        gateways.GATEWAY,
        gateways.GATEWAY_HOST,
        istio_routes.DESTINATION,
        istio_routes.WEIGHTS,
        istio_routes.SUBSET,
        istio_routes.SUBSET_LABELS,
        rollouts.ROLLOUT_REFERENCE,
        monitoring.SERVICE_MONITOR_TARGET,
        monitoring.POD_MONITOR_TARGET,
        monitoring.MONITORING_MISSING,
        role_bindings.BINDING_ROLE,
        role_bindings.BINDING_SUBJECT,
        namespaces.DUPLICATE_OBJECT,
        namespaces.NAMESPACE_PINNED,
        namespaces.CLUSTER_SCOPED_OBJECT,
        release.RELEASE_AGREES,
        image_entries.IMAGE_ENTRY,
        patch_targets.PATCH_TARGET,
        application_sync.AUTOMATED,
        application_sync.PROJECT_NAMED,
        application_sync.REVISION,
        application_coverage.MISSING,
        application_coverage.TWICE,
        application_sets.FILES,
        application_sets.MISSING_KEY,
        application_sets.DELETION,
        projects.CLUSTER_KINDS,
        projects.SYNC_WINDOW,
        projects.SOURCE,
        projects.ROLE,
        compatibility.COMPATIBILITY,
        compatibility.REQUIREMENTS,
        compatibility.CLUSTER_COMPATIBILITY,
        owners.OBJECT_OWNER,
        owners.HOST_OWNER,
        weaker.WEAKER_AVAILABILITY,
        weaker.WEAKER_RESOURCES,
        weaker.WEAKER_SECURITY,
        weaker.WEAKER_IMAGE,
    )
}

_FACTS: Mapping[str, Callable[[Inventory], Any]] = {
    "objects": owners.collect_objects,
    "hosts": owners.collect_hosts,
    "workloads": strength.collect_workloads,
    CLUSTER: compatibility.collect_cluster,
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
