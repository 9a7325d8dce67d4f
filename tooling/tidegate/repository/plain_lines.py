"""A document of simple lines → plain Python values, without a YAML parser.

kustomize prints one key or item a line, and so do most people. Nearly every object of a check is
read here, in a fifth of the time that libyaml's events take. Whatever isn't surely one of these few
forms is left to the parser, and so is every mistake.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from tidegate.repository.scalars import REMEMBERED, resolve

# Columns, a dash, and a key with what stands behind it, or an item. No key is longer than YAML
# lets it be.
_LINE = re.compile(
    r"""( *)(- )?(?:([A-Za-z0-9_./][\w./-]{0,500}|"[^"\\]{1,500}"|'[^']{1,500}'):(?: (.*))?"""
    r"""|(?<=- )(\S.*))"""
)
_UNUSUAL = re.compile(r"[^\n -~]")
_QUOTED = re.compile(r""""[^"\\]*"|'(?:[^']|'')*'""")
# What begins so is no anchor, alias, tag, collection or text of several lines, and what has none of
# this in it is no key and has no comment.
_PLAIN = re.compile(r"(?!.*(?:: | #))(?:[A-Za-z0-9_./$(+=]|-(?=\S))(?:.*[^ :])?")
_DEPTH_LIMIT = 50
_NOTHING = object()


class _Unsure(Exception):
    """The parser has to look at it."""


def read_lines(document: str) -> dict[Any, Any] | None:
    """The object that a document of simple lines holds; None where it may be anything else."""
    if _UNUSUAL.search(document):
        return None
    try:
        return _read(document.split("\n"))
    except _Unsure:
        return None


def _read(lines: list[str]) -> dict[Any, Any]:
    root: dict[Any, Any] = {}
    inner: Any = root
    at = 0  # the column in which `inner` stands
    around: list[tuple[int, Any]] = []
    waiting: Any = _NOTHING  # a key with nothing behind it
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            if line.lstrip()[:1] in ("", "#"):
                continue
            raise _Unsure
        spaces, dash, key, text, item = found.groups()
        column = len(spaces)
        if waiting is not _NOTHING:
            # A list may stand in the column of its key.
            if column > at or (dash and column == at):
                around.append((at, inner))
                fresh: Any = [] if dash else {}
                inner[waiting] = fresh
                inner, at = fresh, column
            waiting = _NOTHING
        while column < at or (column == at and not dash and type(inner) is list):
            at, inner = around.pop()
        if column != at or (dash and type(inner) is not list) or len(around) > _DEPTH_LIMIT:
            raise _Unsure
        if key is None:
            inner.append(_value(item))
            continue
        if dash:
            around.append((at, inner))
            inner.append({})
            inner, at = inner[-1], column + 2
        name = _value(key)
        if type(name) is not str or name in inner:
            raise _Unsure
        inner[name] = _value(text) if text else None
        if not text:
            waiting = name
    if not root:
        raise _Unsure
    return root


def _value(text: str) -> Any:
    if text == "{}":
        return {}
    if text == "[]":
        return []
    return _known(text) if len(text) <= REMEMBERED else _scalar(text)


def _scalar(text: str) -> Any:
    if _PLAIN.fullmatch(text):
        return resolve(text)
    if not _QUOTED.fullmatch(text):
        raise _Unsure
    return text[1:-1] if text[0] == '"' else text[1:-1].replace("''", "'")


_known = lru_cache(maxsize=4096)(_scalar)
