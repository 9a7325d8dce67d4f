"""A project's sync windows → whether a sync may begin now, as Argo CD's own API says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import islice

from tidegate.adapters.argocd import below, documents
from tidegate.adapters.argocd.fields import Fields, inner, items, text, texts
from tidegate.domain.application import SyncWindow, SyncWindows
from tidegate.domain.text import one_line
from tidegate.domain.window import Window, read_window
from tidegate.errors import OutsideError

_ALLOW, _DENY = "allow", "deny"
_BRACES = re.compile(r"\{([^{}]*)\}")
_CHOICES_LIMIT = 1000


def windows(project: Fields, application: Fields, now: datetime) -> SyncWindows:
    """Those of a project that apply to an Application, for a sync that somebody asks for. Raises
    OutsideError for one that can't be read, with which Argo CD syncs nothing."""
    spec = inner(project, "spec")
    mine = tuple(
        below.window(item) for item in items(spec, "syncWindows") if _applies(item, application)
    )
    active = tuple(window for window in mine if _read(window).ends(now))
    return SyncWindows(_may_sync(mine, active), active, mine)


def _may_sync(mine: Sequence[SyncWindow], active: Sequence[SyncWindow]) -> bool:
    """A window that is closed to Argo CD itself may be open by hand."""
    denying = [window for window in active if window.kind == _DENY]
    if denying:
        return all(window.manual for window in denying)
    if any(window.kind == _ALLOW for window in active):
        return True
    return all(window.manual for window in mine if window.kind == _ALLOW)


def _read(window: SyncWindow) -> Window:
    try:
        return read_window(window.kind, window.schedule, window.duration, window.time_zone)
    except ValueError as error:
        shown = f"{one_line(window.schedule, 60)!r} for {one_line(window.duration, 40)!r}"
        raise OutsideError(
            f"the project's sync window {shown} can't be read: {one_line(str(error), 200)}"
        ) from None


def _applies(window: Fields, application: Fields) -> bool:
    """Whether a project's window is for an Application: by its name, cluster or namespace, or by
    all that are said of them where the window says `andOperator`."""
    destination = inner(inner(application, "spec"), "destination")
    values = {
        "applications": [documents.identity(application).name],
        "clusters": [text(destination, "server"), text(destination, "name")],
        "namespaces": [text(destination, "namespace")],
    }
    said = [
        any(
            fnmatchcase(value, glob)
            for written in texts(window, key)
            for glob in islice(_choices(written), _CHOICES_LIMIT)
            for value in found
            if value
        )
        for key, found in values.items()
        if texts(window, key)
    ]
    return bool(said) and (all(said) if window.get("andOperator") is True else any(said))


def _choices(glob: str) -> Iterator[str]:
    """The globs that one with braces stands for."""
    braces = _BRACES.search(glob)
    if braces is None:
        yield glob
        return
    for choice in braces[1].split(","):
        yield from _choices(f"{glob[: braces.start()]}{choice}{glob[braces.end() :]}")
