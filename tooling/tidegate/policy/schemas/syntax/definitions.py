"""CustomResourceDefinitions: names, versions and how they are served
(apiextensions-apiserver/pkg/apis/apiextensions/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.definition_versions import judge_versions
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_1035_RULE,
    SUBDOMAIN_RULE,
    is_label_1035,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import part, text
from tidegate.policy.schemas.syntax.webhooks import judge_client, judge_reviews
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, needed, one_of, wrong

_SPEC: FieldPath = ("spec",)
_APPROVED = "api-approved.kubernetes.io"
_PROTECTED = ("k8s.io", "kubernetes.io")


def judge_definition(data: dict[str, Any]) -> Iterator[Flaw]:
    """A CustomResourceDefinition."""
    spec = part(data, "spec")
    yield from _judge_group(data, text(spec.get("group")))
    yield from _judge_names(spec)
    yield from _judge_own_name(data, spec)
    yield from one_of(spec, "scope", ("Namespaced", "Cluster"), _SPEC)
    if "conversion" in spec:
        yield from _judge_conversion(part(spec, "conversion"))
    if spec.get("preserveUnknownFields") is True:
        message = "is true, which v1 no longer takes; expected none, and "
        message += "x-kubernetes-preserve-unknown-fields in the schema where fields are unknown"
        yield Flaw((*_SPEC, "preserveUnknownFields"), message)
    yield from judge_versions(spec, (*_SPEC, "versions"))


def _judge_conversion(conversion: dict[str, Any]) -> Iterator[Flaw]:
    """How the versions become one another."""
    path = (*_SPEC, "conversion")
    yield from one_of(conversion, "strategy", ("None", "Webhook"), path)
    yield from filled(conversion, ("strategy",), path)
    webhook, where = part(conversion, "webhook"), (*path, "webhook")
    if conversion.get("strategy") == "Webhook":
        key = "conversionReviewVersions"
        yield from judge_reviews(webhook.get(key), (*where, key))
        yield from judge_client(part(webhook, "clientConfig"), (*where, "clientConfig"))
    elif conversion.get("webhook") is not None:
        yield Flaw(where, "is set; expected none but for the strategy Webhook")


def _judge_group(data: dict[str, Any], group: str) -> Iterator[Flaw]:
    path = (*_SPEC, "group")
    if not group:
        return
    if not is_subdomain(group):
        yield wrong(path, group, SUBDOMAIN_RULE)
    elif "." not in group:
        yield wrong(path, group, "a domain with a dot")
    protected = any(group == own or group.endswith(f".{own}") for own in _PROTECTED)
    if protected and not text(part(data, "metadata", "annotations").get(_APPROVED)):
        message = f"{MISSING}; expected the address of the approval, for groups of Kubernetes' own"
        yield Flaw(("metadata", "annotations", _APPROVED), message)


def _judge_names(spec: dict[str, Any]) -> Iterator[Flaw]:
    names, path = part(spec, "names"), (*_SPEC, "names")
    for key in ("plural", "singular"):
        yield from named(names, key, is_label_1035, LABEL_1035_RULE, path)
    for key in ("kind", "listKind"):
        rule = LABEL_1035_RULE.replace("lower-case letters", "letters")
        yield from named(names, key, lambda name: is_label_1035(name.lower()), rule, path)
    for key in ("plural", "kind"):
        if key in names:
            yield from needed(names, key, path)
    if text(names.get("kind")) and names.get("kind") == names.get("listKind"):
        yield wrong((*path, "listKind"), names["listKind"], "another name than the kind's")
    for key in ("shortNames", "categories"):
        values = names.get(key)
        for index, value in enumerate(values if isinstance(values, list) else ()):
            if isinstance(value, str) and not is_label_1035(value):
                yield wrong((*path, key, index), value, LABEL_1035_RULE)


def _judge_own_name(data: dict[str, Any], spec: dict[str, Any]) -> Iterator[Flaw]:
    name = text(part(data, "metadata").get("name"))
    plural, group = text(part(spec, "names").get("plural")), text(spec.get("group"))
    if name and plural and group and name != f"{plural}.{group}":
        yield wrong(("metadata", "name"), name, f"'{plural[:63]}.{group[:253]}'")
