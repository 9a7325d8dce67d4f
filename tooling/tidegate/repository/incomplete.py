"""Objects that a renderer can't take up, for they don't say what they are."""

from __future__ import annotations

import re

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import Problem
from tidegate.repository.objects import Unreadable, read_object
from tidegate.repository.provenance.nodes import Frame, Mapping, Node, parse
from tidegate.repository.rendered import documents
from tidegate.repository.yaml import text_at

_INCOMPLETE = re.compile(r"missing (?:kind|metadata\.name) in object|missing Resource metadata")
_FIRST = re.compile(r"^(?!\s*(?:#|$))", re.MULTILINE)
_KIND = "what the object is, such as Deployment"
_NAME = "the object's name: kustomize takes up none without one"


def incomplete_object(snapshot: Snapshot, file: str, message: str) -> Problem | None:
    """The first object of a file that lacks its kind or name, on the line where that should be,
    where that is what a renderer's message tells of the file; None for any other."""
    text = text_at(snapshot, file) if _INCOMPLETE.search(message) else None
    if text is None:
        return None
    for line, document in documents(text):
        first = _FIRST.search(document)
        missing = _missing(document) if first else None
        if first and missing:
            number = line + document.count("\n", 0, first.start())
            nearest = _nearest(parse(document, Frame(line)), missing[0].split("."))
            return Problem(file, *(nearest or (number, 1)), *missing)
    return None


def _nearest(roots: tuple[Node, ...], keys: list[str]) -> tuple[int, int] | None:
    """The line and column of a key, or of the one that it should be in."""
    place: tuple[int, int] | None = None
    node = roots[0] if roots else None
    for key in keys:
        found = node.pair(key) if isinstance(node, Mapping) else None
        if found is None:
            break
        place, node = (found[0].line, found[0].column), found[1]
    return place


def _missing(document: str) -> tuple[str, str, str] | None:
    """The key, what is wrong with it, and what was expected."""
    try:
        data = read_object(document)
    except Unreadable:
        return "", "is no object", "a mapping with apiVersion, kind and metadata"
    if not isinstance(data.get("kind"), str) or not data["kind"]:
        return "kind", "is missing", _KIND
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if "items" in data:
        return None
    if name is None or name == "":
        return "metadata.name", "is missing", _NAME
    return ("metadata.name", "is no text", _NAME) if isinstance(name, dict | list) else None
