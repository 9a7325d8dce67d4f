"""Models that KServe, Knative and Seldon serve, as their webhooks see them (pkg/apis/serving of
KServe and Knative; operator/apis/machinelearning.seldon.io of Seldon Core 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import LABEL_1035_RULE, is_label_1035
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.words import at_least, one_of, wrong
from tidegate.policy.schemas.words import choice, nearest, shown

_PARTS = ("predictor", "transformer", "explainer")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
# What KServe's own storage container reads; a cluster may have others.
_SCHEMES = (
    "gs",
    "s3",
    "hdfs",
    "webhdfs",
    "hf",
    "modelscope",
    "pvc",
    "oci",
    "file",
    "http",
    "https",
)
_TRAFFIC = 100
_PROTOCOLS = ("http1", "h2c", "")
_SCALING = "autoscaling.knative.dev/"
_SCALES = (("min-scale", "max-scale"), ("minScale", "maxScale"))


def judge_inference_service(data: dict[str, Any]) -> Iterator[Flaw]:
    """KServe's InferenceService."""
    name = part(data, "metadata").get("name")
    if isinstance(name, str) and name and not is_label_1035(name):
        yield wrong(("metadata", "name"), name, LABEL_1035_RULE)
    for key in _PARTS:
        yield from _judge_component(part(data, "spec", key), ("spec", key))


def _judge_component(component: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    for key in ("minReplicas", "maxReplicas", "containerConcurrency"):
        yield from at_least(component, key, 0, path)
    least, most = number(component.get("minReplicas")), number(component.get("maxReplicas"))
    if least is not None and most and 0 < most < least:
        yield wrong((*path, "minReplicas"), least, f"at most maxReplicas, {most}")
    yield from at_least(component, "canaryTrafficPercent", 0, path, _TRAFFIC)
    for key, value in component.items():
        uri = mapping(value).get("storageUri")
        if isinstance(uri, str):
            yield from _judge_uri(uri, (*path, key, "storageUri"))


def _judge_uri(uri: str, path: FieldPath) -> Iterator[Flaw]:
    found = _SCHEME.match(uri)
    # How it is fetched may stand behind: `oci+native`.
    if found and found[1].partition("+")[0] not in _SCHEMES:
        near = nearest(found[1], _SCHEMES)
        hint = f"; did you mean '{near}://'?" if near else ""
        expected = choice([f"{scheme}://" for scheme in _SCHEMES])
        message = f"is {shown(uri)}; expected {expected}, unless the cluster reads others{hint}"
        yield Flaw(path, message, severity=Severity.WARN)
    elif found and found[1] == "pvc" and not uri[len("pvc://") :].split("/", 1)[0]:
        yield wrong(path, uri, "the claim's name after pvc://")


def judge_seldon_deployment(data: dict[str, Any]) -> Iterator[Flaw]:
    """Seldon's SeldonDeployment: its predictors share out all of the traffic."""
    predictors = part(data, "spec").get("predictors")
    found = [item for item, _ in items(predictors, ())]
    shown_to = [item for item in found if item.get("shadow") is not True]
    if len(shown_to) > 1 or len(found) == 1:
        yield from _judge_shares(predictors, "traffic", ("spec", "predictors"))


def judge_knative_service(data: dict[str, Any]) -> Iterator[Flaw]:
    """Knative's Service: its revisions share out all of the traffic, its one port has a name that
    is a protocol's, and it is scaled within its bounds."""
    template, path = part(data, "spec", "template"), ("spec", "template")
    yield from _judge_scale(part(template, "metadata", "annotations"), path)
    containers = part(template, "spec").get("containers")
    ports = [
        found
        for container, where in items(containers, (*path, "spec", "containers"))
        for found in items(container.get("ports"), (*where, "ports"))
    ]
    for port, where in ports:
        yield from one_of(port, "name", _PROTOCOLS, where)
    if len(ports) > 1:
        yield Flaw(ports[1][1], "is a second port; expected one for all containers")
    yield from _judge_shares(part(data, "spec").get("traffic"), "percent", ("spec", "traffic"))


def _judge_scale(annotations: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The least and the largest number of pods, under any of the names that they have had."""
    for least, most in _SCALES:
        low, high = (text(annotations.get(f"{_SCALING}{key}")) for key in (least, most))
        if low.isdecimal() and high.isdecimal() and 0 < int(high) < int(low):
            where = (*path, "metadata", "annotations", f"{_SCALING}{least}")
            yield wrong(where, low, f"at most {most}, {high}")


def _judge_shares(value: Any, key: str, path: FieldPath) -> Iterator[Flaw]:
    """Shares that are no whole numbers are for others to refuse."""
    written = [(item[key], where) for item, where in items(value, path) if key in item]
    shares = [number(share) for share, _ in written]
    total = sum(share for share in shares if share is not None)
    if written and None not in shares and total not in (0, _TRAFFIC):
        sum_of = " + ".join(map(str, shares[:10]))
        message = f"makes {total} of 100 in all ({sum_of}); expected shares that add up to 100"
        yield Flaw((*written[-1][1], key), message)
