"""Keys that are no text to a renderer, as the ports of Istio's `portLevelMtls`: it gives up with
all of the object in the words of its own language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import Problem
from tidegate.repository.provenance.nodes import Mapping, Node, Scalar, parse, text_of
from tidegate.repository.provenance.nodes import Sequence as List
from tidegate.repository.scalars import resolve
from tidegate.repository.yaml import text_at

NUMBER_KEY = re.compile(r"json: unsupported type: map\[interface \{\}\]interface \{\}")
_KIND = re.compile(r'^map\[string\]interface \{\}\{.*?"kind":"([^"]*)"')
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?")
# Truth values to kubectl, and text to kustomize.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off"})
_NODES = 500_000
_LONGEST = 64


def number_key(snapshot: Snapshot, paths: Sequence[str], overlay: str, message: str) -> Problem:
    """The first key of the files that is no text, which is what a message that has `NUMBER_KEY`
    tells of; at the overlay's own file where none of them has one."""
    said = _KIND.search(message)
    for path in paths:
        for key in _keys(snapshot, path, said[1] if said else None):
            text = f"{key.text} is no text, and kustomize takes nothing else for a key"
            return Problem(path, key.line, key.column, "", text, f'"{key.text}"')
    text = "a key is no text, and kustomize takes nothing else for one"
    return Problem(overlay, 1, 1, "", text, "keys in quotes")


def _keys(snapshot: Snapshot, path: str, kind: str | None) -> Iterator[Scalar]:
    """The keys of the objects of a kind that are no text, the topmost first."""
    text = text_at(snapshot, path) or ""
    for root in parse(text.removeprefix("\ufeff")):
        if isinstance(root, Mapping) and kind in (None, text_of(root.get("kind"))):
            yield from sorted(_inside(root), key=lambda key: (key.line, key.column))


def _inside(root: Node) -> Iterator[Scalar]:
    queue, seen, left = [root], set[int](), _NODES
    while queue and left:
        left -= 1
        node = queue.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, List):
            queue += node.items
        elif isinstance(node, Mapping):
            for key, value in node.pairs:
                queue.append(value)
                if isinstance(key, Scalar) and _is_no_text(key):
                    yield key


def _is_no_text(key: Scalar) -> bool:
    text = key.text
    if key.style is not None or len(text) > _LONGEST or text.lower() in _WORDS or text == "<<":
        return False
    return bool(_DATE.fullmatch(text)) or not isinstance(resolve(text), str)
