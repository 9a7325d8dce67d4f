"""Whether a cluster of some version serves a kind at all, and what it serves instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.domain.text import one_line
from tidegate.policy.schemas.definitions import Definitions, definitions
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.removals import REMOVALS, Removal
from tidegate.policy.schemas.rules import API_DEPRECATED, API_REMOVED, SCHEMA
from tidegate.policy.schemas.versions import Minor, folders, written
from tidegate.policy.schemas.words import shown, suggestion

# A version's worth: v2 > v1 > v1beta2 > v1alpha1.
_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
# Files that look like objects of the core group and are read by clients alone.
_CLIENT_FILES = frozenset({("v1", "Config"), ("v1", "Policy")})


def served(version: str, kind: str, known: Definitions) -> bool:
    """Whether objects of the kind are judged without any CRD: Kubernetes has it, had it, owns
    the group that it claims to be of, or has the kind, and nobody's resources are of such a group
    (`app/v1`): theirs have a dot."""
    return (
        (version, kind) in known.kinds
        or (version, kind) in REMOVALS
        or (version.rpartition("/")[0] in known.groups and (version, kind) not in _CLIENT_FILES)
        or ("/" in version and "." not in version and any(kind == name for _, name in known.kinds))
    )


def judge_availability(manifest: Manifest, minor: Minor) -> Iterator[Flaw]:
    """What is to be said of the kind itself: that it has gone, that it goes, that there is no
    such kind."""
    unnamed = False
    for key, found in (("apiVersion", manifest.id.api_version), ("kind", manifest.id.kind)):
        if not found:
            unnamed = True
            value = manifest.data.get(key)
            same = (k for k in manifest.data if k != key and str(k).lower() == key.lower())
            slip = next(same, None) if value is None else None
            if slip is not None:
                message = f"is not a known field; did you mean '{key}'?"
                yield _flaw(SCHEMA, message, field=str(slip))
                continue
            message = "is missing" if value is None else f"is {shown(value)}"
            yield _flaw(SCHEMA, f"{message}; expected text", field=key)
    if not unnamed:
        yield from _judge(manifest, minor)


def _judge(manifest: Manifest, minor: Minor) -> Iterator[Flaw]:
    version, kind = manifest.id.api_version, manifest.id.kind
    known = definitions(minor)
    removal = REMOVALS.get((version, kind))
    if (version, kind) in known.kinds:
        if removal and removal.deprecated <= minor:
            yield _deprecated(manifest, removal, known)
    elif removal and removal.gone and removal.gone <= minor:
        yield _gone(manifest, removal, minor, known)
    elif served(version, kind, known):
        yield _absent(manifest, minor, known)


def _gone(manifest: Manifest, removal: Removal, minor: Minor, known: Definitions) -> Flaw:
    instead = _instead(manifest, removal, known)
    since = written(removal.gone or minor)
    message = f"is gone: Kubernetes {since} and newer have no {_name(manifest)}; use {instead}"
    return _flaw(API_REMOVED, message, fix=f"use {instead}")


def _deprecated(manifest: Manifest, removal: Removal, known: Definitions) -> Flaw:
    instead = _instead(manifest, removal, known)
    message = f"is deprecated since Kubernetes {written(removal.deprecated)}"
    if removal.gone:
        message += f" and gone in {written(removal.gone)}"
    message += f"; use {instead} instead of {_name(manifest)}"
    return _flaw(API_DEPRECATED, message, Severity.WARN, fix=f"use {instead}")


def _absent(manifest: Manifest, minor: Minor, known: Definitions) -> Flaw:
    """A group of Kubernetes' own, and a kind that it doesn't have there."""
    version, kind = manifest.id.api_version, manifest.id.kind
    here = f"Kubernetes {written(minor)} has no {_name(manifest)}"
    elsewhere = _best(kind, known, "")
    if elsewhere:
        message = f"is {shown(version)}, but {here}; {kind} is in {elsewhere}"
        return _flaw(SCHEMA, message, fix=f"use apiVersion: {elsewhere}")
    others = [other for other in sorted(folders()) if (version, kind) in definitions(other).kinds]
    if others and others[-1] < minor:
        message = f"is gone: {here}; {written(others[-1])} was the last that had it"
        return _flaw(API_REMOVED, message)
    if others:
        message = f"is {shown(version)}, but {here}; {written(others[0])} is the first that has it"
        return _flaw(SCHEMA, message)
    siblings = {name for api, name in known.kinds if api == version}
    hint = suggestion(kind, siblings) or suggestion(kind, {name for _, name in known.kinds})
    return _flaw(SCHEMA, f"is {shown(kind)}, but {here}{hint}", field="kind")


def _instead(manifest: Manifest, removal: Removal, known: Definitions) -> str:
    """What to use instead, in this very version: the newest API may not be there yet."""
    version, _, kind = removal.instead.partition(" ")
    if kind != manifest.id.kind or (version, kind) in known.kinds:
        return removal.instead
    found = _best(kind, known, version.rpartition("/")[0])
    return f"{found} {kind}" if found else removal.instead


def _best(kind: str, known: Definitions, group: str) -> str | None:
    """The stablest version that has a kind; in any group where none is named."""
    found = [version for version, name in known.kinds if name == kind]
    if group:
        found = [version for version in found if version.rpartition("/")[0] == group]
    found = [version for version in found if "alpha" not in version]
    return max(found, key=_worth, default=None)


def _worth(version: str) -> tuple[int, int, int, str]:
    found = _VERSION.fullmatch(version.rpartition("/")[2])
    if not found:
        return (0, 0, 0, version)
    stability = {None: 2, "beta": 1, "alpha": 0}[found[2]]
    return (stability, int(found[1]), int(found[3] or 0), version)


def _name(manifest: Manifest) -> str:
    return one_line(f"{manifest.id.api_version[:100]} {manifest.id.kind[:100]}")


def _flaw(
    rule: str,
    message: str,
    severity: Severity = Severity.DENY,
    *,
    field: str = "apiVersion",
    fix: str | None = None,
) -> Flaw:
    return Flaw((field,), message, fix, rule, severity)
