"""Classes that others name (pkg/apis/networking/validation: ValidateIngressClass,
pkg/apis/node/validation: ValidateRuntimeClass)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    OWNED_RULE,
    SEGMENT_RULE,
    SUBDOMAIN_RULE,
    is_label,
    is_owned,
    is_segment,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.metadata import judge_label_map
from tidegate.policy.schemas.syntax.reading import part
from tidegate.policy.schemas.syntax.resources import judge_resources
from tidegate.policy.schemas.syntax.scheduling import judge_tolerations
from tidegate.policy.schemas.syntax.words import filled, named, needed, one_of
from tidegate.policy.schemas.versions import Minor

_SCOPES = ("Cluster", "Namespace")


def judge_ingress_class(data: dict[str, Any]) -> Iterator[Flaw]:
    """An IngressClass."""
    spec = part(data, "spec")
    yield from needed(spec, "controller", ("spec",), "a controller such as k8s.io/ingress-nginx")
    yield from named(spec, "controller", is_owned, OWNED_RULE, ("spec",))
    parameters, path = spec.get("parameters"), ("spec", "parameters")
    if not isinstance(parameters, dict):
        return
    yield from named(parameters, "apiGroup", is_subdomain, SUBDOMAIN_RULE, path)
    yield from filled(parameters, ("apiGroup", "kind", "name", "scope"), path)
    for key in ("kind", "name"):
        yield from named(parameters, key, is_segment, SEGMENT_RULE, path)
    yield from one_of(parameters, "scope", _SCOPES, path)
    space = parameters.get("namespace")
    if parameters.get("scope") == "Namespace":
        yield from needed(parameters, "namespace", path, "the parameters' namespace")
        yield from named(parameters, "namespace", is_label, LABEL_RULE, path)
    elif space is not None:
        yield Flaw((*path, "namespace"), "is set; expected none for the scope Cluster")


def judge_runtime_class(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A RuntimeClass."""
    if "handler" in data:  # the schema asks for it
        yield from needed(data, "handler", (), "a handler's name")
    yield from named(data, "handler", is_label, LABEL_RULE, ())
    pods, path = part(data, "scheduling"), ("scheduling",)
    yield from judge_label_map(pods.get("nodeSelector"), (*path, "nodeSelector"))
    yield from judge_tolerations(pods.get("tolerations"), (*path, "tolerations"), minor)
    if part(data, "overhead", "podFixed"):
        fixed = {"limits": part(data, "overhead", "podFixed")}
        for flaw in judge_resources(fixed, ()):
            yield flaw._replace(path=("overhead", "podFixed", *flaw.path[1:]))
