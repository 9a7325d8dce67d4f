"""Objects with something changed, as people change them by mistake: the same for the same seed."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# What may stand under a key, so that many a change is one that the API server takes.
_VALUES: Mapping[str, Sequence[Any]] = {
    "replicas": (0, 1, 2, 3, 5),
    "minReplicas": (1, 2, 3),
    "maxReplicas": (3, 4),
    "image": (
        "x",
        "x:latest",
        "x/y:1",
        "r.io:5000/a/b",
        "a@sha256:" + "a" * 64,
        "X/Y",
        "a:latest@sha256:" + "b" * 64,
    ),
    "memory": ("1Gi", "1024Mi", 1073741824, "20Gi", "1.5Gi", "1e9", "500M", "0"),
    "cpu": (1, "1", "1000m", 0.5, "100m", "2", "1500m", "0.1"),
    "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "protocol": ("TCP", "UDP"),
    "hostNetwork": (True, False),
    "restartPolicy": ("Always", "Never"),
    "type": ("ClusterIP", "NodePort", "LoadBalancer", "RollingUpdate", "Recreate"),
    "labels": (
        {},
        {"app": "a"},
        {"app": "a", "owner": "me"},
        {"tier": "one"},
        {"text": "err"},
        {"text": "skip"},
        {"skip": "x"},
    ),
    "annotations": (
        {},
        {"number": "2"},
        {"number": "x"},
        {"fail": ""},
        {"fail": "  it failed  "},
        {"fail": "a\nb"},
        {"fail": "é" * 2600},
    ),
    "name": ("a", "spared", "bad", "only-this", "endx", "failing"),
    "data": ({}, {"x": "y"}, {"x": "z"}, {"x": ""}, {"least": "1", "x": "y"}),
    "averageUtilization": (50, 80),
    "targetCPUUtilizationPercentage": (60, 90),
    "periodSeconds": (0, 1, 30),
    "size": (1, 9, 10, 1.5, 1e3, 2**40),
    "terminationGracePeriodSeconds": (0, 30, 60),
}
_ADDED: Mapping[str, Any] = {
    "hostNetwork": False,
    "hostPID": False,
    "serviceAccountName": "x",
    "serviceAccount": "y",
    "nodeSelector": {},
    "imagePullSecrets": [],
    "terminationMessagePath": "",
    "minReadySeconds": 0,
    "automountServiceAccountToken": False,
    "runtimeClassName": "",
    "args": [],
    "env": [{"name": "A", "value": ""}],
    "stdin": False,
    "securityContext": {"runAsUser": 0, "privileged": False},
    "livenessProbe": {"httpGet": {"port": 80}, "initialDelaySeconds": 0},
    "volumes": [{"name": "v"}],
    "labels": {"app": "a"},
    "annotations": {"number": "1"},
    "priorityClassName": "",
    "hostname": "",
    "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
}


def mutations(
    samples: Sequence[Mapping[str, Any]], number: int, seed: int = 1
) -> Iterator[dict[str, Any]]:
    """So many objects, each a sample with one to three changes."""
    chance = random.Random(seed)
    for _ in range(number):
        changed = copy.deepcopy(dict(chance.choice(samples)))
        for _ in range(chance.randint(1, 3)):
            _change(changed, chance)
        yield changed


def _change(item: dict[str, Any], chance: random.Random) -> None:
    places = list(_places(item))
    holder = chance.choice(places)
    if isinstance(holder, list):
        if holder and chance.random() < 0.5:
            holder.append(copy.deepcopy(chance.choice(holder)))
        elif holder:
            holder.pop(chance.randrange(len(holder)))
        return
    keys = [key for key in holder if key not in ("apiVersion", "kind")]
    what = chance.random()
    if what < 0.3:
        key = chance.choice(sorted(_ADDED))
        holder[key] = copy.deepcopy(_ADDED[key])
    elif keys and what < 0.45:
        del holder[chance.choice(keys)]
    elif keys and what < 0.55:
        holder[chance.choice(keys)] = chance.choice([None, "", {}, [], 0, False])
    elif known := [key for key in keys if key in _VALUES]:
        key = chance.choice(known)
        holder[key] = copy.deepcopy(chance.choice(_VALUES[key]))


def _places(item: Any) -> Iterator[Any]:
    if isinstance(item, dict):
        yield item
        for value in item.values():
            yield from _places(value)
    elif isinstance(item, list):
        yield item
        for value in item:
            yield from _places(value)
