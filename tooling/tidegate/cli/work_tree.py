"""What the work tree's own settings may say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tidegate.domain.configuration import Settings
from tidegate.errors import ConfigurationError
from tidegate.repository.layout import SETTINGS
from tidegate.repository.schemas import check
from tidegate.repository.settings import parse_settings
from tidegate.repository.yaml import SIZE_LIMIT, load

_EMPTY_SETTINGS = {"apiVersion": "tidegate.dev/v1", "kind": "Settings"}


def work_tree_settings(root: Path) -> Settings:
    """The work tree's tidegate.yaml, which says which remote and branch to fetch, and no more:
    everything that decides is read from what was fetched. Raises ConfigurationError."""
    path = root / SETTINGS
    if not path.is_file():
        return Settings()
    with path.open("rb") as file:
        document = load(SETTINGS, file.read(SIZE_LIMIT + 1))
    git = document.data.get("git") if isinstance(document.data, dict) else None
    # The rest of this file is not read here, and checked where it decides: in what was fetched.
    own = replace(document, data={**_EMPTY_SETTINGS, **({"git": git} if git else {})})
    problems = list(check("settings", own))
    if problems:
        raise ConfigurationError(problems)
    return parse_settings(own)


def names_no_registry(root: Path) -> bool:
    """Whether the work tree's tidegate.yaml surely says nothing of a model registry."""
    try:
        with (root / SETTINGS).open("rb") as file:
            return b"modelRegistry" not in file.read(SIZE_LIMIT)
    except OSError:
        return False
