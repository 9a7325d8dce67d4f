"""Roles and their bindings (pkg/apis/rbac/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    SEGMENT_RULE,
    SUBDOMAIN_RULE,
    is_segment,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.role_resources import judge_role_resources
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import MISSING, named, needed, one_of, wrong

_GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def judge_role(data: dict[str, Any], *, cluster: bool) -> Iterator[Flaw]:
    """A Role or ClusterRole."""
    for rule, path in items(data.get("rules"), ("rules",)):
        urls, resources = rule.get("nonResourceURLs"), rule.get("resources")
        if rule.get("verbs") == []:
            yield Flaw((*path, "verbs"), "is empty; expected at least one verb")
        if urls:
            if not cluster:
                yield Flaw((*path, "nonResourceURLs"), "is set; expected none in a Role")
            elif resources or rule.get("apiGroups") or rule.get("resourceNames"):
                message = "is set beside resources; expected them in rules of their own"
                yield Flaw((*path, "nonResourceURLs"), message)
            continue
        if not rule.get("apiGroups"):
            yield Flaw((*path, "apiGroups"), f"{MISSING}; expected groups, '' for the core group")
        if not resources:
            yield Flaw((*path, "resources"), f"{MISSING}; expected resources")
    yield from judge_role_resources(data)
    if data.get("aggregationRule") is not None:
        selectors = part(data, "aggregationRule").get("clusterRoleSelectors")
        path = ("aggregationRule", "clusterRoleSelectors")
        if not selectors:
            yield Flaw(path, f"{MISSING}; expected at least one selector")
        for index, selector in enumerate(selectors if isinstance(selectors, list) else ()):
            yield from judge_selector(selector, (*path, index))


def judge_binding(data: dict[str, Any], *, cluster: bool) -> Iterator[Flaw]:
    """A RoleBinding or ClusterRoleBinding."""
    role, path = part(data, "roleRef"), ("roleRef",)
    group = text(role.get("apiGroup"))
    if group and group != _GROUP:
        yield wrong((*path, "apiGroup"), group, f"'{_GROUP}'")
    kinds = ("ClusterRole",) if cluster else ("Role", "ClusterRole")
    yield from one_of(role, "kind", kinds, path)
    for key in ("kind", "name"):
        if key in role:
            yield from needed(role, key, path)
    yield from named(role, "name", is_segment, SEGMENT_RULE, path)
    for subject, where in items(data.get("subjects"), ("subjects",)):
        yield from _judge_subject(subject, where, cluster=cluster)


def _judge_subject(subject: dict[str, Any], path: FieldPath, *, cluster: bool) -> Iterator[Flaw]:
    kind, group = text(subject.get("kind")), text(subject.get("apiGroup"))
    yield from one_of(subject, "kind", _SUBJECTS, path)
    for key in ("kind", "name"):
        if key in subject:
            yield from needed(subject, key, path)
    if kind == "ServiceAccount":
        if group:
            yield wrong((*path, "apiGroup"), group, "none for a ServiceAccount")
        yield from named(subject, "name", is_subdomain, SUBDOMAIN_RULE, path)
        # Without one, a RoleBinding means the account in its own namespace.
        if cluster and subject.get("namespace") in (None, ""):
            message = f"{MISSING}; expected the ServiceAccount's namespace"
            yield Flaw((*path, "namespace"), message)
    elif kind in _SUBJECTS and group and group != _GROUP:
        yield wrong((*path, "apiGroup"), group, f"'{_GROUP}'")
