"""Which versions of Kubernetes there are schemas for."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

from tidegate.errors import InputError, ToolMissing

_PACKAGE = "kubernetes_validate"
_FOLDER = re.compile(r"v(\d+)\.(\d+)\.\d+-local-strict")
_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?:\.\d+)?(?:[-+].*)?")

Minor = tuple[int, int]


def default_version() -> str:
    """The newest version that there are schemas for, such as `1.37`."""
    return written(max(folders()))


def known_versions() -> tuple[str, ...]:
    """Every version that there are schemas for, oldest first."""
    return tuple(written(minor) for minor in sorted(folders()))


def resolve(version: str) -> Minor:
    """The minor version that somebody asked for (`1.33`, `v1.33.2`). Raises InputError for one
    that there are no schemas for."""
    found = _VERSION.fullmatch(version.strip())
    minor = (int(found[1]), int(found[2])) if found else None
    if minor is None or minor not in folders():
        versions = known_versions()
        raise InputError(
            f"there are no schemas for Kubernetes {version[:40]!r}",
            hint=f"schemas are there for Kubernetes {versions[0]} to {versions[-1]}",
        )
    return minor


def written(minor: Minor) -> str:
    """`1.33`."""
    return f"{minor[0]}.{minor[1]}"


@cache
def folders() -> dict[Minor, Path]:
    """Where the strict schemas of each version lie. Raises ToolMissing without the package.

    The package is found and not imported: only its files are wanted, and importing it takes
    longer than everything that is done with them.
    """
    found = importlib.util.find_spec(_PACKAGE)
    places = found.submodule_search_locations if found else None
    if not places:
        raise ToolMissing(
            "Kubernetes' schemas are not installed",
            hint="install Tidegate with its extra: pip install 'tidegate[check]'",
        )
    folder = Path(places[0], "kubernetes-json-schema")
    named = ((_FOLDER.fullmatch(entry.name), entry) for entry in folder.iterdir())
    return {(int(name[1]), int(name[2])): entry for name, entry in named if name}
