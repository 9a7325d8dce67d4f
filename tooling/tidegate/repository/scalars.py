"""What a plain scalar means to Go's YAML, which kubectl, kustomize and Argo CD read with."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from yaml.constructor import SafeConstructor
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

_TAG = "tag:yaml.org,2002:"
# kustomize prints a bare `=`, which has a tag of its own, and Kubernetes knows no timestamps.
_TEXT = tuple(_TAG + kind for kind in ("str", "timestamp", "value", "merge"))
# Where it differs from PyYAML: it has no numbers to base 60, and needs no point and no sign for an
# exponent.
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_EXPONENT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+")

REMEMBERED = 64  # characters

_resolver = Resolver()


def resolve(text: str, tag: str | None = None) -> Any:
    """A plain scalar's value, or a tagged one's. Raises ValueError for a number with thousands of
    digits, and for text that its tag doesn't fit."""
    # The same few come again and again; long ones aren't worth the memory.
    return _known(text, tag) if len(text) <= REMEMBERED else _resolve(text, tag)


def _resolve(text: str, tag: str | None) -> Any:
    if tag in (None, "!"):
        if _BASE_60.fullmatch(text):
            return text
        if _EXPONENT.fullmatch(text):
            return float(text)
        tag = _resolver.resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if tag in _TEXT:
        return text
    return SafeConstructor().construct_object(ScalarNode(tag, text))


_known = lru_cache(maxsize=4096)(_resolve)
