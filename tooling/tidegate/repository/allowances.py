"""What tidegate.yaml allows a rendering beyond the repository's own files: nothing, by default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository.layout import SETTINGS
from tidegate.repository.yaml import SIZE_LIMIT, load

REMOTE, HELM, PLUGINS = "remote", "helm", "plugins"


def read_allowances(snapshot: Snapshot) -> frozenset[str]:
    """Which of remote, helm and plugins are allowed. A tidegate.yaml that can't be read allows
    nothing: whoever reads all of the settings says what is wrong with it."""
    if not snapshot.is_file(SETTINGS) or snapshot.entries[SETTINGS].size > SIZE_LIMIT:
        return frozenset()
    try:
        data = load(SETTINGS, snapshot.read(SETTINGS)).data
    except ConfigurationError:
        return frozenset()
    said = data.get("render") if isinstance(data, dict) else None
    fields: Mapping[str, Any] = said if isinstance(said, dict) else {}
    return frozenset(name for name in (REMOTE, HELM, PLUGINS) if fields.get(name) is True)


def expected(name: str, otherwise: str) -> str:
    """What was expected of an entry that isn't allowed."""
    return f"{otherwise}, or `render: {{{name}: true}}` in {SETTINGS}"
