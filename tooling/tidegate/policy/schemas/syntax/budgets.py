"""Quotas and limit ranges (pkg/apis/core/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.grammar import KEY_RULE, is_key
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.resources import judge_amount
from tidegate.policy.schemas.syntax.words import MISSING, filled, one_of, wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

_TYPES = ("Container", "Pod", "PersistentVolumeClaim")
_COUNTED = (
    *("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"),
    *("persistentvolumeclaims", "services.nodeports", "services.loadbalancers"),
)
_OWN = ("cpu", "memory", "ephemeral-storage")
_AMOUNTS = (
    *_OWN,
    *(f"{kind}.{name}" for kind in ("requests", "limits") for name in _OWN),
    "requests.storage",
)
_HUGE = ("hugepages-", "requests.hugepages-")
_SCOPES = (
    *("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass"),
    *("CrossNamespacePodAffinity", "VolumeAttributesClass"),
)
_OPPOSITES = (("Terminating", "NotTerminating"), ("BestEffort", "NotBestEffort"))
_OF_PODS = (
    *("pods", "cpu", "memory", "requests.cpu", "requests.memory"),
    *("limits.cpu", "limits.memory"),
)
_FITTING = dict.fromkeys(_SCOPES[:6], _OF_PODS) | {"BestEffort": ("pods",)}
_SELECTOR: FieldPath = ("spec", "scopeSelector", "matchExpressions")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_LIMITS = ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")
_ORDER = (
    *(("min", "max"), ("min", "default"), ("min", "defaultRequest")),
    *(("defaultRequest", "default"), ("defaultRequest", "max"), ("default", "max")),
)


def judge_quota(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ResourceQuota."""
    for name, value in part(data, "spec", "hard").items():
        plain = "/" not in str(name) and not str(name).startswith(_HUGE)
        if plain and name not in (*_AMOUNTS, *_COUNTED):
            yield _unknown(name, (*_AMOUNTS, *_COUNTED), ("spec", "hard", name))
        elif not is_key(str(name)):
            message = f"has the name {shown(name)}; expected {KEY_RULE}"
            yield Flaw(("spec", "hard", name), message)
        whole = name in _COUNTED or str(name).startswith("count/")
        yield from judge_amount(value, ("spec", "hard", name), whole=whole)

    scopes, path = part(data, "spec").get("scopes"), ("spec", "scopes")
    for index, scope in enumerate(scopes if isinstance(scopes, list) else ()):
        for flaw in one_of({"scope": scope}, "scope", _SCOPES, ()):
            yield flaw._replace(path=(*path, index))
    yield from _judge_scopes(part(data, "spec"))
    terms, where = part(data, "spec", "scopeSelector").get("matchExpressions"), (*_SELECTOR,)
    for item, inner in items(terms, where):
        yield from one_of(item, "scopeName", _SCOPES, inner)
        yield from one_of(item, "operator", _OPERATORS, inner)
        yield from filled(item, ("scopeName", "operator"), inner)
        if item.get("operator") in _OPERATORS[:2] and not item.get("values"):
            yield Flaw((*inner, "values"), f"{MISSING}; expected values for {item['operator']}")
        elif item.get("operator") in _OPERATORS[2:] and item.get("values"):
            yield Flaw((*inner, "values"), f"is set; expected none for {item['operator']}")


def _judge_scopes(spec: dict[str, Any]) -> Iterator[Flaw]:
    """Scopes are of pods, so they fit what pods have, and their opposites don't go together."""
    own = spec.get("scopes")
    scopes = [scope for scope in own if isinstance(scope, str)] if isinstance(own, list) else []
    for one, other in _OPPOSITES:
        if one in scopes and other in scopes:
            yield Flaw(("spec", "scopes"), f"has both {one} and {other}; expected one of them")
    terms = part(spec, "scopeSelector").get("matchExpressions")
    scopes += [text(item.get("scopeName")) for item, _ in items(terms, ())]
    for name in part(spec, "hard"):
        for scope in scopes:
            fitting = _FITTING.get(scope)
            if fitting and name in (*_AMOUNTS, *_COUNTED) and name not in fitting:
                message = f"has no scope {scope}; expected {choice(fitting)}, or no such scope"
                yield Flaw(("spec", "hard", name), message)
                break


def judge_limit_range(data: dict[str, Any]) -> Iterator[Flaw]:
    """A LimitRange, whose limits must be in order."""
    seen: set[str] = set()
    for item, path in items(part(data, "spec").get("limits"), ("spec", "limits")):
        kind = text(item.get("type"))
        if kind in seen:
            yield Flaw((*path, "type"), f"is {shown(kind)}, as an earlier limit")
        seen.add(kind)
        if kind == "PersistentVolumeClaim" and not any(
            "storage" in mapping(item.get(key)) for key in ("min", "max")
        ):
            yield Flaw((*path, "max", "storage"), f"{MISSING}; expected it in min or max")
        yield from _judge_names(item, path, own=kind in ("Container", "Pod"))
        yield from filled(item, ("type",), path)
        if "/" not in kind:
            yield from one_of(item, "type", _TYPES, path)
        elif not is_key(kind):
            yield wrong((*path, "type"), kind, KEY_RULE)
        for key in ("default", "defaultRequest"):
            if item.get("type") == "Pod" and item.get(key):
                yield Flaw((*path, key), "is set; expected none for the type Pod")
        yield from _judge_order(item, path)


def _judge_order(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A limit's amounts, each of which bounds others."""
    for name, ratio in mapping(item.get("maxLimitRequestRatio")).items():
        where = (*path, "maxLimitRequestRatio", name)
        amount = amount_of(ratio)
        least, most = (amount_of(mapping(item.get(key)).get(name)) for key in ("min", "max"))
        if amount is not None and amount < 1:
            yield wrong(where, ratio, "at least 1")
        elif amount is not None and least and most and amount > most / least:
            yield wrong(where, ratio, f"at most max divided by min, {most / least:.6g}")
    for low, high in _ORDER:
        limits = mapping(item.get(high))
        for name, value in mapping(item.get(low)).items():
            least, most = amount_of(value), amount_of(limits.get(name))
            if least is not None and most is not None and least > most:
                yield wrong((*path, low, name), value, f"at most {high}, {shown(limits[name])}")


def _judge_names(item: dict[str, Any], path: FieldPath, *, own: bool) -> Iterator[Flaw]:
    """Names of resources, `own` where only those of containers count."""
    for key in _LIMITS:
        for name in mapping(item.get(key)):
            plain = "/" not in str(name) and not str(name).startswith(_HUGE[0])
            if own and plain and name not in _OWN:
                yield _unknown(name, _OWN, (*path, key, name))
            elif not is_key(str(name)):
                yield Flaw((*path, key, name), f"has the name {shown(name)}; expected {KEY_RULE}")


def _unknown(name: str, names: tuple[str, ...], path: FieldPath) -> Flaw:
    hint = suggestion(str(name), names)
    return Flaw(path, f"is no resource that is known; expected one, or a name with a domain{hint}")
