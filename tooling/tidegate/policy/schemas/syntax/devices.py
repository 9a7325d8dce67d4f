"""Devices, and claims of them (pkg/apis/resource/validation: validateDeviceClaim)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    KEY_RULE,
    LABEL_RULE,
    SUBDOMAIN_RULE,
    is_key,
    is_label,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.metadata import judge_labels
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.volumes import judge_driver_name
from tidegate.policy.schemas.syntax.words import (
    MISSING,
    at_least,
    filled,
    named,
    needed,
    one_of,
    wrong,
)
from tidegate.policy.schemas.words import shown, suggestion

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Versions whose requests are of another shape.
_OTHER = ("/v1beta1", "/v1alpha3", "/v1alpha2")
_MODES = ("ExactCount", "All")
_OPERATORS = ("Equal", "Exists")
_EFFECTS = ("NoSchedule", "NoExecute", "None")
_WAYS = ("exactly", "firstAvailable")
_ATTRIBUTES = ("matchAttribute", "distinctAttribute")


def judge_claim(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ResourceClaim."""
    if not text(data.get("apiVersion")).endswith(_OTHER):
        yield from _judge_devices(part(data, "spec", "devices"), ("spec", "devices"))


def judge_template(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ResourceClaimTemplate."""
    metadata, path = part(data, "spec", "metadata"), ("spec", "metadata")
    yield from judge_labels(metadata, path)
    for key in metadata:
        if key not in ("labels", "annotations", "creationTimestamp"):
            message = "is set; expected labels and annotations alone"
            yield Flaw((*path, key), message)
    if not text(data.get("apiVersion")).endswith(_OTHER):
        inner = ("spec", "spec", "devices")
        yield from _judge_devices(part(data, *inner), inner)


def judge_class(data: dict[str, Any]) -> Iterator[Flaw]:
    """A DeviceClass."""
    spec, path = part(data, "spec"), ("spec",)
    yield from _judge_selectors(spec, path)
    for item, where in items(spec.get("config"), (*path, "config")):
        yield from _judge_config(item, where)
    name = spec.get("extendedResourceName")
    if isinstance(name, str) and not ("/" in name and is_key(name)):
        yield wrong((*path, "extendedResourceName"), name, "a name with a domain, as a.io/gpu")


def _judge_devices(devices: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    names: set[str] = set()
    for request, where in items(devices.get("requests"), (*path, "requests")):
        name = text(request.get("name"))
        yield from _judge_name(request, names, where)
        given = [way for way in _WAYS if request.get(way) not in (None, [])]
        if not given:
            yield Flaw(where, f"asks for nothing; expected {' or '.join(_WAYS)}")
        elif len(given) > 1:
            yield Flaw((*where, given[1]), f"is set beside {given[0]}; expected one of them")
        if "exactly" in given:
            yield from _judge_request(part(request, "exactly"), (*where, "exactly"))
        inner: set[str] = set()
        for item, place in items(request.get("firstAvailable"), (*where, "firstAvailable")):
            yield from _judge_name(item, inner, place)
            yield from _judge_request(item, place)
        names |= {f"{name}/{own}" for own in inner}
    for item, where in items(devices.get("constraints"), (*path, "constraints")):
        yield from _judge_references(item, names, where)
        yield from _judge_constraint(item, where)
    for item, where in items(devices.get("config"), (*path, "config")):
        yield from _judge_references(item, names, where)
        yield from _judge_config(item, where)


def _judge_name(item: dict[str, Any], names: set[str], path: FieldPath) -> Iterator[Flaw]:
    """A request's name, which is remembered."""
    name = text(item.get("name"))
    yield from named(item, "name", is_label, LABEL_RULE, path)
    yield from filled(item, ("name",), path)
    if name in names:
        yield Flaw((*path, "name"), f"is {shown(name)}, as an earlier request")
    names.add(name)


def _judge_request(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from filled(item, ("deviceClassName",), path)
    yield from named(item, "deviceClassName", is_subdomain, SUBDOMAIN_RULE, path)
    yield from one_of(item, "allocationMode", _MODES, path)
    count = item.get("count")
    if item.get("allocationMode") == "All" and count:
        yield Flaw((*path, "count"), "is set; expected none where allocationMode is 'All'")
    else:
        yield from at_least(item, "count", 0, path)
    yield from _judge_selectors(item, path)
    for toleration, where in items(item.get("tolerations"), (*path, "tolerations")):
        yield from named(toleration, "key", is_key, KEY_RULE, where)
        yield from one_of(toleration, "operator", _OPERATORS, where)
        yield from one_of(toleration, "effect", _EFFECTS, where)
        if toleration.get("operator") == "Exists" and toleration.get("value"):
            yield Flaw((*where, "value"), "is set; expected none for the operator Exists")


def _judge_selectors(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for selector, where in items(item.get("selectors"), (*path, "selectors")):
        if selector.get("cel") is None:
            yield Flaw((*where, "cel"), f"{MISSING}; expected an expression")
        yield from filled(mapping(selector.get("cel")), ("expression",), (*where, "cel"))


def _judge_references(item: dict[str, Any], names: set[str], path: FieldPath) -> Iterator[Flaw]:
    requests = item.get("requests")
    for index, name in enumerate(requests if isinstance(requests, list) else ()):
        if isinstance(name, str) and name not in names:
            message = f"is {shown(name)}, and there is no such request{suggestion(name, names)}"
            yield Flaw((*path, "requests", index), message)


def _judge_constraint(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    given = [key for key in _ATTRIBUTES if item.get(key) is not None]
    if not given:
        yield Flaw(path, f"says none of {' and '.join(_ATTRIBUTES)}; expected one of them")
    for key in given[:1]:  # the server looks no further
        domain, slash, name = text(item.get(key)).partition("/")
        if "/" in name:  # nor at more than two parts
            continue
        if not slash or not is_subdomain(domain.lower()) or not _IDENTIFIER.fullmatch(name):
            yield wrong((*path, key), item[key], "a domain and a name, as gpu.example.com/model")


def _judge_config(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    opaque, where = item.get("opaque"), (*path, "opaque")
    if opaque is None:
        yield Flaw(where, f"{MISSING}; expected a driver and its parameters")
        return
    yield from needed(mapping(opaque), "driver", where, "a driver's name")
    yield from judge_driver_name(mapping(opaque), where)
