"""Versions and ranges of versions, as `cluster.compatibility` writes them."""

from __future__ import annotations

import re

Version = tuple[int, ...]
# Each comparison of a range, and the version that it compares with.
Range = tuple[tuple[tuple[str, Version], ...], ...]

_VERSION = re.compile(r"[vV]?([0-9]{1,9}(?:\.[0-9]{1,9}){0,3})(?:[-+_].{0,200})?", re.DOTALL)
_PART = re.compile(
    r"(>=|<=|>|<|==|=|!=|~|\^)?\s*[vV]?([0-9]{1,9}(?:\.[0-9]{1,9}){0,3})(?:\.[xX*])?"
)
_LONGEST = 200


def read_version(text: str) -> Version | None:
    """`v1.24.2-distroless` → (1, 24, 2); None for what is no version, such as `latest`."""
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    return _numbers(found[1]) if found else None


def _numbers(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


def read_range(text: str) -> Range | None:
    """`>=1.22 <1.26`, comparisons that all must hold, with blanks or commas between, and `||`
    between alternatives; None for anything else."""
    if len(text) > _LONGEST:
        return None
    alternatives = []
    for part in text.split("||"):
        comparisons, at = [], 0
        rest = part.replace(",", " ").strip()
        while at < len(rest):
            found = _PART.match(rest, at)
            if found is None:
                return None
            comparisons.append((found[1] or "=", _numbers(found[2])))
            at = found.end()
            if at < len(rest) and rest[at] not in " <>=!~^":
                return None
            at += len(rest[at:]) - len(rest[at:].lstrip())
        if not comparisons:
            return None
        alternatives.append(tuple(comparisons))
    return tuple(alternatives)


def is_within(version: Version, wanted: Range) -> bool:
    """Whether a version is in a range. Both are compared as far as the range says: 1.26.3 is no
    `<1.26`, and is `<=1.26`. A version that says less than the range is within where it may be."""
    return any(all(_holds(version, *part) for part in parts) for parts in wanted)


def _holds(version: Version, operator: str, bound: Version) -> bool:
    if len(version) < len(bound):
        if bound[: len(version)] == version:
            return True  # 1.24 may be 1.24.3
        bound = bound[: len(version)]
    ours = version[: len(bound)]
    if operator == ">=":
        return ours >= bound
    if operator == ">":
        return ours > bound
    if operator == "<=":
        return ours <= bound
    if operator == "<":
        return ours < bound
    if operator == "!=":
        return ours != bound
    if operator == "~":
        return ours >= bound and version[: max(1, min(2, len(bound)))] == bound[:2]
    if operator == "^":
        return ours >= bound and version[0] == bound[0]
    return ours == bound
