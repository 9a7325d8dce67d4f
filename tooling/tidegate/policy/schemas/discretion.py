"""Keeps the values of Secrets out of what is said of them: reports end up on pull requests."""

from __future__ import annotations

from tidegate.domain.manifest import Manifest
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.words import shown

_SECRET = ("", "Secret")
_FIELDS = ("data", "stringData")


def without_secrets(manifest: Manifest, flaw: Flaw) -> Flaw:
    """The flaw, with no value of a Secret in its words."""
    if (manifest.id.group, manifest.id.kind) != _SECRET or len(flaw.path) != 2:
        return flaw
    field, key = flaw.path
    values = manifest.data.get(field) if field in _FIELDS else None
    if not isinstance(values, dict) or not isinstance(values.get(key), str | bool | int | float):
        return flaw
    value = shown(values[key])
    message = flaw.message.replace(f"is {value};", "has a value that isn't shown;", 1)
    fix = "put it in quotes" if flaw.fix and value in flaw.fix else flaw.fix
    return flaw._replace(message=message, fix=fix)
