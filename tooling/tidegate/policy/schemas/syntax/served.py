"""What extends the API server and its storage: API services, CSI drivers and their attributes
(kube-aggregator/pkg/apis/apiregistration/validation, pkg/apis/storage/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    KEY_RULE,
    LABEL_1035_RULE,
    SUBDOMAIN_RULE,
    is_key,
    is_label_1035,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.words import (
    MISSING,
    at_least,
    filled,
    named,
    needed,
    one_of,
    wrong,
)
from tidegate.policy.schemas.words import choice, shown, suggestion

_PATH: FieldPath = ("spec",)
_GROUP_PRIORITY, _VERSION_PRIORITY = 20_000, 1_000
_INSECURE = "insecureSkipTLSVerify"
_GROUPS = ("ReadWriteOnceWithFSType", "File", "None")
_LIFECYCLES = ("Persistent", "Ephemeral")
_SHORTEST, _LONGEST = 600, 2**32  # seconds that a token lives
_PERIOD = 10  # seconds


def judge_api_service(data: dict[str, Any]) -> Iterator[Flaw]:
    """An APIService."""
    spec = part(data, "spec")
    group, version = text(spec.get("group")), text(spec.get("version"))
    own, name = f"{version}.{group}", text(part(data, "metadata").get("name"))
    if name and version and name != own:
        yield wrong(("metadata", "name"), name, f"{shown(own)}, its version and its group")
    yield from named(spec, "group", is_subdomain, SUBDOMAIN_RULE, _PATH)
    yield from named(spec, "version", is_label_1035, LABEL_1035_RULE, _PATH)
    yield from at_least(spec, "groupPriorityMinimum", 1, _PATH, _GROUP_PRIORITY)
    yield from at_least(spec, "versionPriority", 1, _PATH, _VERSION_PRIORITY)
    insecure, service = spec.get(_INSECURE) is True, spec.get("service")
    if service is None:
        for key in (_INSECURE, "caBundle"):
            if spec.get(key):
                yield Flaw((*_PATH, key), "is set; expected none without a service")
        return
    if insecure and spec.get("caBundle"):
        yield Flaw((*_PATH, _INSECURE), "is true beside caBundle; expected one of them")
    where = (*_PATH, "service")
    for key in ("namespace", "name"):
        yield from needed(part(spec, "service"), key, where)
    yield from at_least(part(spec, "service"), "port", 1, where, 65535)


def judge_csi_driver(data: dict[str, Any]) -> Iterator[Flaw]:
    """A CSIDriver."""
    spec = part(data, "spec")
    yield from one_of(spec, "fsGroupPolicy", _GROUPS, _PATH)
    yield from at_least(spec, "nodeAllocatableUpdatePeriodSeconds", _PERIOD, _PATH)
    modes = spec.get("volumeLifecycleModes")
    for index, mode in enumerate(modes if isinstance(modes, list) else ()):
        if isinstance(mode, str) and mode not in _LIFECYCLES:
            expected = f"{choice(_LIFECYCLES)}{suggestion(mode, _LIFECYCLES)}"
            yield wrong((*_PATH, "volumeLifecycleModes", index), mode, expected)
    seen: set[str] = set()
    for item, path in items(spec.get("tokenRequests"), (*_PATH, "tokenRequests")):
        audience = text(item.get("audience"))
        if audience in seen:
            yield Flaw((*path, "audience"), f"is {shown(audience)}, as an earlier token's")
        seen.add(audience)
        yield from at_least(item, "expirationSeconds", _SHORTEST, path, _LONGEST)


def judge_attributes_class(data: dict[str, Any]) -> Iterator[Flaw]:
    """A VolumeAttributesClass."""
    yield from filled(data, ("driverName",), ())
    yield from named(data, "driverName", lambda name: is_key(name.lower()), KEY_RULE, ())
    if not data.get("parameters"):
        yield Flaw(("parameters",), f"{MISSING}; expected at least one")
