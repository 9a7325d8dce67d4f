"""Whether a file of objects is a template, which a program fills in before anybody applies it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tidegate.domain.manifest import Manifest

_HOLE = re.compile(rb"\{\{[^{}\n]*\}\}")
_NAMED = re.compile(r"\.(?:tmpl|tpl)\.(?:ya?ml|json)$")
_BRACES = "{{"
# What is handed on as it stands, to programs that have braces of their own: an alert's words,
# a dashboard, a chat template, a workflow's arguments.
_HANDED_ON = frozenset({"annotations", "data", "stringData", "binaryData", "args", "command"})
_NAMING = ("name", "generateName", "namespace", "labels")


def is_called_template(path: str) -> bool:
    """Whether a file is named as one."""
    return _NAMED.search(path) is not None


def may_be_template(data: bytes) -> bool:
    """Whether something stands in double braces; `are_template` says what that means."""
    return _HOLE.search(data) is not None


def are_template(manifests: Iterable[Manifest]) -> bool:
    """Whether something stands in double braces that isn't handed on to a program: of Kubernetes'
    own kinds anywhere else, of others, which may know such braces, in names and labels."""
    return any(map(_has_holes, manifests))


def _has_holes(manifest: Manifest) -> bool:
    group, data = manifest.id.group, manifest.data
    if "." not in group or group.endswith(".k8s.io"):
        return _holes(data)
    metadata = data.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    return _holes([data.get("apiVersion"), data.get("kind"), *map(named.get, _NAMING)])


def _holes(value: Any) -> bool:
    return any(_BRACES in text for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            left.extend(item)
        elif isinstance(item, dict):
            variable = "name" in item and "value" in item
            for key, inner in item.items():
                yield str(key)
                if key not in _HANDED_ON and not (variable and key == "value"):
                    left.append(inner)
