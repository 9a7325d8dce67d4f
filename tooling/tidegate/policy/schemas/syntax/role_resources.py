"""What a role names and nobody has: groups with a version, resources that none of its groups has,
and verbs. The API server takes the rule, and it gives nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.rules import SYNTAX
from tidegate.policy.schemas.syntax.reading import items
from tidegate.policy.schemas.words import nearest, shown

# The plurals that people give rights to, by group; `extensions` had what is elsewhere now.
_RESOURCES: Mapping[str, str] = {
    "": "configmaps endpoints events limitranges namespaces nodes persistentvolumeclaims "
    "persistentvolumes pods podtemplates replicationcontrollers resourcequotas secrets "
    "serviceaccounts services",
    "apps": "controllerrevisions daemonsets deployments replicasets statefulsets",
    "autoscaling": "horizontalpodautoscalers",
    "batch": "cronjobs jobs",
    "coordination.k8s.io": "leases",
    "discovery.k8s.io": "endpointslices",
    "events.k8s.io": "events",
    "extensions": "daemonsets deployments ingresses networkpolicies podsecuritypolicies "
    "replicasets",
    "networking.k8s.io": "ingressclasses ingresses networkpolicies",
    "policy": "poddisruptionbudgets podsecuritypolicies",
    "rbac.authorization.k8s.io": "clusterrolebindings clusterroles rolebindings roles",
    "storage.k8s.io": "csidrivers csinodes storageclasses volumeattachments",
}
_VERBS = (
    *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
    *("use", "bind", "escalate", "impersonate", "approve", "sign", "attest", "proxy", "knock"),
    *("post", "put", "head", "options", "connect", "*"),
)
_SIMILAR = 0.75
_VERSION = re.compile(r"v[1-9][0-9]?(?:(?:alpha|beta)[1-9][0-9]?)?")
_GROUPS = {
    name: [group for group, names in _RESOURCES.items() if name in names.split()]
    for names in _RESOURCES.values()
    for name in names.split()
}


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return plural[:-3] + "y"
    return plural[:-2] if plural.endswith("sses") else plural[:-1]


_PLURALS = {_singular(name): name for name in _GROUPS if name != "endpoints"}


def judge_role_resources(data: dict[str, Any]) -> Iterator[Flaw]:
    """What a Role or ClusterRole misspells, or looks for in the wrong group. Where a group isn't
    Kubernetes' own, anything may be in it."""
    rules = list(items(data.get("rules"), ("rules",)))
    given = {pair for rule, _ in rules for pair in _pairs(rule)}
    for rule, path in rules:
        yield from _judge_groups(rule, (*path, "apiGroups"))
        yield from _judge_verbs(rule, (*path, "verbs"))
        groups = _texts(rule.get("apiGroups"))
        if not groups or any(group not in _RESOURCES for group in groups):
            continue
        for index, name in enumerate(_texts(rule.get("resources"))):
            yield from _judge(name, groups, given, (*path, "resources", index))


def _judge_groups(rule: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for index, group in enumerate(_texts(rule.get("apiGroups"))):
        name, slash, version = group.rpartition("/")
        if _VERSION.fullmatch(version) and (slash or version == "v1"):
            expected = f"the group without its version, '{name}'" if slash else "'', the core group"
            message = f"is {shown(group)}, which is no group; expected {expected}"
            yield Flaw((*path, index), message, None, SYNTAX, Severity.WARN)


def _judge_verbs(rule: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for index, verb in enumerate(_texts(rule.get("verbs"))):
        meant = nearest(verb, _VERBS, similar=_SIMILAR) if verb and verb not in _VERBS else None
        if meant:
            message = f"is {shown(verb)}, which is no verb; did you mean '{meant}'?"
            yield Flaw((*path, index), message, None, SYNTAX, Severity.WARN)


def _judge(
    name: str, groups: list[str], given: set[tuple[str, str]], path: FieldPath
) -> Iterator[Flaw]:
    resource, slash, rest = name.partition("/")
    plural = _PLURALS.get(resource)
    homes = _GROUPS.get(resource, [])
    if plural is not None:
        message = f"is {shown(name)}, which is no resource; did you mean '{plural}{slash}{rest}'?"
        yield Flaw(path, message, None, SYNTAX, Severity.WARN)
    elif homes and not {*homes} & {*groups} and not any((home, name) in given for home in homes):
        home = homes[0]
        where = f"the group '{home}'" if home else "the core group ''"
        message = f"is {shown(name)}, which is in {where} and in none of this rule's apiGroups"
        yield Flaw(path, message, None, SYNTAX, Severity.WARN)


def _pairs(rule: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for group in _texts(rule.get("apiGroups")):
        for name in _texts(rule.get("resources")):
            yield group, name


def _texts(value: Any) -> list[str]:
    found = value if isinstance(value, list) else []
    return [item if isinstance(item, str) else "" for item in found]
