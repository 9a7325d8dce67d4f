"""What can still be used of a document with mistakes, so that one mistake doesn't hide the next.

Nothing that is salvaged is ever acted upon: with one Problem the whole configuration is refused.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tidegate.errors import Problem
from tidegate.repository.yaml import Document

# Harmless stand-ins for keys that are missing or wrong. Metrics have none: with other metrics
# than the app's own, gates would be told off for nothing.
_STAND_INS: Mapping[str, Mapping[str, Any]] = {
    "app": {"owners": [], "labels": {}, "model": "", "image": "", "imageTag": "", "gates": []},
    "environment": {
        "promotesFrom": {"alias": "candidate"},
        "gates": [],
        "cluster": {},
        "rules": [],
        "waivers": {},
    },
    "gate-set": {"gates": []},
}
_GATE = re.compile(r"gates\[(\d+)\]")
_METRIC = re.compile(r"metrics\[(\d+)\]\.(direction|unit)")


def salvage(kind: str, document: Document, problems: Iterable[Problem]) -> Document | None:
    """The document without its wrong parts: a wrong gate becomes None. None where too little is
    left to be held against other files."""
    if not isinstance(document.data, dict) or kind not in _STAND_INS:
        return None
    data = copy.deepcopy(document.data)
    stand_ins = _STAND_INS[kind]
    for problem in problems:
        top = re.split(r"[.\[]", problem.key, maxsplit=1)[0]
        gate, metric = _GATE.match(problem.key), _METRIC.fullmatch(problem.key)
        if gate and isinstance(data.get("gates"), list):
            data["gates"][int(gate[1])] = None
        elif metric:
            data["metrics"][int(metric[1])] |= {"direction": "higher", "unit": None}
        elif top in stand_ins:
            data[top] = copy.deepcopy(stand_ins[top])
        elif top == "metrics":
            return None
    for key, value in stand_ins.items():
        data.setdefault(key, copy.deepcopy(value))
    return replace(document, data=data) if kind != "app" or "metrics" in data else None
