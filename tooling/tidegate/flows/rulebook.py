"""Snapshot → Rulebook: the policies that it holds, once they are known to make sense."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from tidegate.domain.rulebook import Admission, Rulebook
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.discovery import is_tidegate
from tidegate.repository.layout import ADMISSION, DEFINITIONS
from tidegate.repository.presence import not_here

if TYPE_CHECKING:
    from tidegate.domain.custom_kind import CustomKind
    from tidegate.domain.snapshot import Snapshot
    from tidegate.ports import Cache, Inspector


def read_rulebook(snapshot: Snapshot, fingerprint: str, *, strict_kinds: bool = False) -> Rulebook:
    """The rulebook of a Snapshot, whose key changes with any file of its policies. Raises
    ConfigurationError for what can't be read."""
    folders = (ADMISSION, DEFINITIONS)
    if is_tidegate(snapshot):  # elsewhere no policy holds
        problems = [problem for folder in folders for problem in not_here(snapshot, folder)]
        if problems:
            raise ConfigurationError(list(dict.fromkeys(problems)))
    files = [(path, snapshot.id(path)) for folder in folders for path in snapshot.files(folder)]
    parts = json.dumps([fingerprint, strict_kinds, files])
    key = hashlib.sha256(parts.encode("ascii")).hexdigest()
    admission = Admission()
    custom: tuple[CustomKind, ...] = ()
    # Their readers are loaded where there is something to read.
    if ADMISSION in snapshot:
        from tidegate.repository.admission import read_admission

        admission = read_admission(snapshot)
    if DEFINITIONS in snapshot:
        from tidegate.repository.crds import read_custom_kinds

        custom = read_custom_kinds(snapshot)
    return Rulebook(admission, key, custom, strict_kinds)


def refuse_unsound(rulebook: Rulebook, inspector: Inspector, cache: Cache) -> None:
    """Raises ConfigurationError where a policy can't be compiled, with its line. That it can is
    remembered, for it takes a process of its own to find out."""
    if not rulebook.admission.policies:
        return
    key = hashlib.sha256(f"sound {rulebook.key}".encode("ascii")).hexdigest()
    if cache.get(key) is not None:
        return
    problems: tuple[Problem, ...] = inspector.problems()
    if problems:
        raise ConfigurationError(problems)
    cache.put(key, b"")
