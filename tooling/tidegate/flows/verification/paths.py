"""Paths that aren't what they look like: links, submodules, look-alike letters, twins."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from tidegate.domain.proposal import Proposal
from tidegate.domain.snapshot import SUBMODULE, SYMLINK, Snapshot
from tidegate.domain.text import printable
from tidegate.domain.verification import Objection
from tidegate.repository import overrides
from tidegate.repository.changes import above
from tidegate.repository.layout import APPS, ENVIRONMENTS, NAME, NAME_RULE, POLICIES, SETTINGS

_KINDS = {SYMLINK: "a symbolic link", SUBMODULE: "a submodule"}
_OURS = (ENVIRONMENTS, APPS, POLICIES, SETTINGS)


def odd_paths(proposal: Proposal) -> Iterator[Objection]:
    """What is wrong with the paths that come or change, before anything is read in them."""
    twins = _twins(proposal.after)
    for path in proposal.changed:
        entry = proposal.after.entries.get(path)
        if entry is None:
            continue
        if _first(path) == ENVIRONMENTS:
            if entry.mode in _KINDS:
                yield Objection(f"is {_KINDS[entry.mode]}; nothing below it could be trusted", path)
                continue
            if fault := _misnamed(path):
                yield Objection(fault, path)
            if overrides.is_override(path):
                yield Objection(overrides.MESSAGE, path, hint=overrides.FIX)
        for place in (path, *above(path)):
            others = [twin for twin in twins.get(_folded(place), ()) if twin != place]
            if others and _first(_folded(path)) in _OURS:
                text = f"can't be told from {printable(others[0])} on some file systems"
                yield Objection(text, path)
                break


def _first(path: str) -> str:
    return path.partition("/")[0]


def _misnamed(path: str) -> str | None:
    if not path.isascii() or not path.isprintable():
        shown = path.encode("unicode_escape", "surrogatepass").decode("ascii")
        return f"has letters that may look like others, or can't be seen: {shown[:200]}"
    _, *rest = path.split("/")
    named = rest[:2] if len(rest) > 2 else rest[:1] if len(rest) > 1 else []
    for name in named:
        if not NAME.fullmatch(name):
            return f"{name!r} is no name of an environment or app: {NAME_RULE}"
    return None


def _twins(snapshot: Snapshot) -> dict[str, list[str]]:
    """All files and folders by what a file system that ignores case takes them for."""
    found: dict[str, list[str]] = {}
    for path in snapshot.entries:
        found.setdefault(_folded(path), []).append(path)
    return found


def _folded(path: str) -> str:
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())
