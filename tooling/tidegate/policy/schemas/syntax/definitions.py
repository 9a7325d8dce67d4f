"""CustomResourceDefinitions: names, versions and how they are served
(apiextensions-apiserver/pkg/apis/apiextensions/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_1035_RULE,
    SUBDOMAIN_RULE,
    is_label_1035,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.structure import judge_structure
from tidegate.policy.schemas.syntax.webhooks import judge_client
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, needed, one_of, wrong

_SPEC: FieldPath = ("spec",)
_APPROVED = "api-approved.kubernetes.io"
_PROTECTED = ("k8s.io", "kubernetes.io")
_COLUMNS = ("integer", "number", "string", "boolean", "date")
# Where objects have a status of their own, the root's other limits would be lost for it.
_NOT_BESIDE_STATUS = (
    *("allOf", "anyOf", "oneOf", "not", "enum", "additionalProperties", "default"),
    *("minProperties", "maxProperties", "x-kubernetes-map-type"),
)


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
    yield from _judge_versions(spec)


def _judge_conversion(conversion: dict[str, Any]) -> Iterator[Flaw]:
    """How the versions become one another."""
    path = (*_SPEC, "conversion")
    yield from one_of(conversion, "strategy", ("None", "Webhook"), path)
    yield from filled(conversion, ("strategy",), path)
    webhook, where = part(conversion, "webhook"), (*path, "webhook")
    if conversion.get("strategy") == "Webhook":
        if not webhook.get("conversionReviewVersions"):
            message = f"{MISSING}; expected versions such as v1"
            yield Flaw((*where, "conversionReviewVersions"), message)
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


def _judge_versions(spec: dict[str, Any]) -> Iterator[Flaw]:
    path = (*_SPEC, "versions")
    seen: set[str] = set()
    stored = 0
    for version, where in items(spec.get("versions"), path):
        name = text(version.get("name"))
        yield from named(version, "name", is_label_1035, LABEL_1035_RULE, where)
        if name in seen:
            yield Flaw((*where, "name"), f"is '{name[:63]}' again; expected each version once")
        seen.add(name)
        stored += version.get("storage") is True
        yield from _judge_version(version, where)
    if isinstance(spec.get("versions"), list) and stored != 1:
        has = "none has" if stored == 0 else f"{stored} have"
        yield Flaw(path, f"{has} storage: true; expected exactly one version that is stored")


def _judge_version(version: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    schema = part(version, "schema").get("openAPIV3Schema")
    where = (*path, "schema", "openAPIV3Schema")
    if schema is None:
        yield Flaw(where, f"{MISSING}; expected the schema of the version's objects")
    for column, place in items(
        version.get("additionalPrinterColumns"), (*path, "additionalPrinterColumns")
    ):
        yield from one_of(column, "type", _COLUMNS, place)
    subresources = part(version, "subresources")
    for key, root in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        value = text(part(subresources, "scale").get(key))
        if value and not value.startswith(root):
            yield wrong((*path, "subresources", "scale", key), value, f"a path below {root[:-1]}")
    if isinstance(subresources.get("status"), dict):
        for key in _NOT_BESIDE_STATUS:
            if key in mapping(schema):
                yield Flaw(
                    (*where, key), "is set at the root of a schema with a status subresource"
                )
    if isinstance(schema, dict):
        yield from judge_structure(schema, where)
