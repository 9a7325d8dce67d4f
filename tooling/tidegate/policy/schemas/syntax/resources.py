"""Requests and limits of containers (pkg/apis/core/validation: ValidateResourceRequirements)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.quantity import amount_of
from tidegate.policy.schemas.syntax.grammar import KEY_RULE, is_key
from tidegate.policy.schemas.syntax.reading import mapping
from tidegate.policy.schemas.syntax.words import MISSING, wrong
from tidegate.policy.schemas.words import nearest, shown, suggestion

_OWN = ("cpu", "memory", "ephemeral-storage")
_HUGE = "hugepages-"
_NATIVE = "kubernetes.io/"  # which the server takes for its own
RESOURCE_RULE = "cpu, memory, ephemeral-storage, or a name with a domain"
# Devices that their vendors' plugins offer.
_DEVICES = (
    *("nvidia.com/gpu", "nvidia.com/gpu.shared", "amd.com/gpu", "google.com/tpu", "intel.com/gpu"),
    *("gpu.intel.com/i915", "gpu.intel.com/xe", "habana.ai/gaudi", "aws.amazon.com/neuron"),
    *("aws.amazon.com/neuroncore", "vpc.amazonaws.com/efa", "huawei.com/Ascend910"),
)
_VENDORS = frozenset(name.rpartition("/")[0] for name in _DEVICES)
_SIMILAR = 0.8
_BYTES = ("memory", "ephemeral-storage")


def judge_resources(resources: Any, path: FieldPath) -> Iterator[Flaw]:
    """A container's resources."""
    limits = mapping(mapping(resources).get("limits"))
    requests = mapping(mapping(resources).get("requests"))
    if limits:
        yield from _judge_amounts(limits, (*path, "limits"))
    if requests:
        yield from _judge_amounts(requests, (*path, "requests"))
        yield from _judge_pairs(requests, limits, path)
    huge = [name for name in (*limits, *requests) if str(name).startswith(_HUGE)]
    if huge and not {"cpu", "memory"} & {*limits, *requests}:
        yield Flaw((*path, "limits", huge[0]), "is set; expected memory or cpu beside huge pages")


def is_resource(name: str) -> bool:
    """What a container can ask for."""
    return name in _OWN or name.startswith(_HUGE) or ("/" in name and is_key(name))


def judge_amount(value: object, path: FieldPath, *, whole: bool = False) -> Iterator[Flaw]:
    """A quantity that is there and must not be negative."""
    amount = amount_of(value)
    if amount is None:
        return
    if amount < 0:
        yield wrong(path, value, "0 or more")
    elif whole and amount != amount.to_integral_value():
        yield wrong(path, value, "a whole number")


def _judge_amounts(amounts: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for name, value in amounts.items():
        where = (*path, name)
        if name in _OWN:
            yield from judge_amount(value, where)
            if name in _BYTES:
                yield from _judge_bytes(value, where)
        elif not isinstance(name, str):
            continue
        elif name.startswith(_HUGE):
            yield from judge_amount(value, where)
            yield from _judge_pages(name, value, where)
        elif "/" not in name:
            hint = suggestion(name, _OWN)
            yield Flaw(where, f"is no resource of containers; expected {RESOURCE_RULE}{hint}")
        elif _NATIVE in name and is_key(name):
            yield from judge_amount(value, where)
        elif not _is_extended(name):
            yield Flaw(where, f"has the name {shown(name)}; expected {KEY_RULE}")
        else:
            yield from judge_amount(value, where, whole=True)
            yield from _judge_device(name, where)


def _judge_pages(name: str, value: object, path: FieldPath) -> Iterator[Flaw]:
    size, amount = amount_of(name.removeprefix(_HUGE)), amount_of(value)
    if size and size > 0 and amount is not None and amount % size:
        yield wrong(path, value, f"a multiple of the pages' size, {name.removeprefix(_HUGE)}")


def _judge_device(name: str, path: FieldPath) -> Iterator[Flaw]:
    """The server takes any name, and no node has a device of one that is mistyped."""
    meant = nearest(name, _DEVICES, similar=_SIMILAR) if name not in _DEVICES else None
    if meant and name.rpartition("/")[0] not in _VENDORS:
        message = f"is a device that no node has; did you mean '{meant}'?"
        yield Flaw(path, message, None, severity=Severity.WARN)


def _is_extended(name: str) -> bool:
    return is_key(name) and is_key(f"requests.{name}") and not name.startswith("requests.")


def _judge_bytes(value: object, path: FieldPath) -> Iterator[Flaw]:
    """The server only warns, and it is nearly always a slip: 400m of memory is half a byte."""
    amount = amount_of(value)
    if amount is not None and amount > 0 and amount != amount.to_integral_value():
        message = f"is {shown(value)}, which is a fraction of a byte; expected whole bytes"
        fix = "Mi is a mebibyte, M a megabyte, and m a thousandth"
        yield Flaw(path, message, fix, severity=Severity.WARN)


def _judge_pairs(
    requests: dict[str, Any], limits: dict[str, Any], path: FieldPath
) -> Iterator[Flaw]:
    for name, value in requests.items():
        request = amount_of(value)
        limit = amount_of(limits.get(name))
        fixed = isinstance(name, str) and (
            ("/" in name and _NATIVE not in name) or name.startswith(_HUGE)
        )
        if request is None:
            continue
        if limit is None:
            if name in limits and not fixed and request > 0:
                message = f"is null, which counts as 0; expected at least {shown(value)}"
                yield Flaw((*path, "limits", name), message)
            if fixed and limits.get(name) is None:
                message = (
                    f"{MISSING}; expected the request, {shown(value)}: it can't be overcommitted"
                )
                yield Flaw((*path, "limits", name), message)
        elif fixed and request != limit:
            yield wrong((*path, "requests", name), value, f"the limit, {shown(limits[name])}")
        elif request > limit:
            most = f"at most the limit, {shown(limits[name])}"
            yield wrong((*path, "requests", name), value, most)
