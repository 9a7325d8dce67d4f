"""Models that KServe and Seldon serve, as their webhooks see them (pkg/apis/serving/v1beta1 of
KServe; operator/apis/machinelearning.seldon.io of Seldon Core 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import LABEL_1035_RULE, is_label_1035
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.words import at_least, wrong
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
    if found and found[1] not in _SCHEMES:
        near = nearest(found[1], _SCHEMES)
        hint = f"; did you mean '{near}://'?" if near else ""
        expected = choice([f"{scheme}://" for scheme in _SCHEMES])
        message = f"is {shown(uri)}; expected {expected}, unless the cluster reads others{hint}"
        yield Flaw(path, message, severity=Severity.WARN)
    elif found and found[1] == "pvc" and not uri[len("pvc://") :].split("/", 1)[0]:
        yield wrong(path, uri, "the claim's name after pvc://")


def judge_seldon_deployment(data: dict[str, Any]) -> Iterator[Flaw]:
    """Seldon's SeldonDeployment: its predictors share out all of the traffic."""
    path: FieldPath = ("spec", "predictors")
    predictors = list(items(part(data, "spec").get("predictors"), path))
    traffic = [(number(item.get("traffic")), where) for item, where in predictors]
    given = [(share, where) for share, where in traffic if share is not None]
    shown_to = [item for item, _ in predictors if item.get("shadow") is not True]
    total = sum(share for share, _ in given)
    if not given or total == _TRAFFIC or any(text(item.get("traffic")) for item, _ in predictors):
        return
    if len(shown_to) > 1 or (len(predictors) == 1 and 0 < total < _TRAFFIC):
        shares = " + ".join(str(share) for share, _ in given[:10])
        message = f"makes {total} of 100 in all ({shares}); expected shares that add up to 100"
        yield Flaw((*given[-1][1], "traffic"), message)
