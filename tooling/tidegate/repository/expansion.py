"""How large a YAML file becomes once its aliases are followed, found without following them."""

from __future__ import annotations

import re

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent

from tidegate.repository.nodes import events

EXPANSION_LIMIT = 200_000

_ALIAS = re.compile(rb"(?:^|[\s,\[{:-])\*[^\s,\[\]{}]", re.MULTILINE)
_ANCHOR = re.compile(rb"(?:^|[\s,\[{:-])&[^\s,\[\]{}]", re.MULTILINE)


def check_expansion(data: bytes) -> str | None:
    """Says what is wrong where a few lines of aliases stand for more than `EXPANSION_LIMIT`
    values: kustomize would fill the memory with them."""
    # Nearly all files have neither, which costs a hundredth of looking for their forms.
    if b"&" not in data or b"*" not in data:
        return None
    if not (_ANCHOR.search(data) and _ALIAS.search(data)):
        return None
    try:
        largest = _expanded(data)
    except (yaml.YAMLError, UnicodeDecodeError):
        return None  # not YAML: a generator's input; where it is a manifest, kustomize says so
    if largest > EXPANSION_LIMIT:
        return f"has aliases that stand for more than {EXPANSION_LIMIT} values"
    return None


def _expanded(data: bytes) -> int:
    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []
    total = 0
    for event in events(data):
        if isinstance(event, AliasEvent):
            total += sizes.get(event.anchor or "", 1)
        elif isinstance(event, ScalarEvent):
            total += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, CollectionStartEvent):
            open_nodes.append((event.anchor, total))
            total += 1
        elif isinstance(event, CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = total - before
    return total
