"""Why Argo CD begins no sync now, and until when: its project's sync windows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tidegate.domain.application import SyncWindow, SyncWindows
from tidegate.domain.live import Bar
from tidegate.domain.text import some_of
from tidegate.domain.window import closing, opening, read_window

_ALLOW, _DENY = "allow", "deny"
_SHOWN = 3


def find_bar(windows: SyncWindows, now: datetime, *, asked: bool) -> Bar | None:
    """What keeps a sync away: one that somebody asks for, or with `asked` false one that Argo CD
    begins by itself; None where nothing does. Whether a window is open is Argo CD's word; only
    when it opens is told by the clock that says `now`."""
    if windows.may_sync if asked else _may_begin(windows):
        return None
    # A window that somebody may pass by hand bars no sync that is asked for.
    barring = [window for window in windows.assigned if not (asked and window.manual)]
    until = _opens(barring, now)
    return Bar(f"{_why(windows)}{f'; it {opening(until)}' if until else ''}", until)


def _may_begin(windows: SyncWindows) -> bool:
    kinds = {window.kind for window in windows.active}
    if _DENY in kinds:
        return False
    return _ALLOW in kinds or all(window.kind != _ALLOW for window in windows.assigned)


def _why(windows: SyncWindows) -> str:
    denying = [window for window in windows.active if window.kind == _DENY]
    if denying:
        return f"a sync window forbids it now: {_list(denying)}"
    allowing = [window for window in windows.assigned if window.kind == _ALLOW]
    if allowing:
        return f"no sync window is open now; allowed is {_list(allowing)}"
    return "a sync window forbids it now"


def _list(windows: list[SyncWindow]) -> str:
    return some_of([_words(window) for window in windows], _SHOWN)


def _words(window: SyncWindow) -> str:
    zone = f" ({window.time_zone})" if window.time_zone else ""
    return f"{window.kind} '{window.schedule}' for {window.duration}{zone}"


def _opens(windows: Iterable[SyncWindow], now: datetime) -> datetime | None:
    """None too where a window can't be read, or is open already by this clock."""
    try:
        found = [read_window(w.kind, w.schedule, w.duration, w.time_zone) for w in windows]
    except ValueError:
        return None
    closed = closing(found, now)
    return closed.opens if closed else None
