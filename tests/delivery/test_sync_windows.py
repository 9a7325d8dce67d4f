"""What keeps a sync away, and until when: a table of windows on a Monday at noon."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tidegate.delivery.sync_windows import find_bar
from tidegate.domain.application import SyncWindow, SyncWindows

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FREEZE = SyncWindow("deny", "0 8 * * *", "9h", manual=False)
SOFT = SyncWindow("deny", "0 10 * * *", "4h", manual=True)
LATER = SyncWindow("deny", "0 17 * * *", "30m", manual=False)
NIGHT = SyncWindow("allow", "0 22 * * *", "2h", manual=False)
BERLIN = SyncWindow("allow", "0 22 * * 5", "2h", manual=False, time_zone="Europe/Berlin")
STRANGE = SyncWindow("deny", "@daily", "9h", manual=False)
NEVER = SyncWindow("deny", "* * * * *", "1h", manual=False)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("windows", "asked", "reason", "until"),
    [
        (
            SyncWindows(False, (FREEZE,), (FREEZE, NIGHT)),
            False,
            "a sync window forbids it now: deny '0 8 * * *' for 9h; "
            "it opens Mon 2026-03-02 22:00 UTC",
            at(2, 22),
        ),
        (
            SyncWindows(False, (FREEZE,), (FREEZE, LATER)),
            True,
            "a sync window forbids it now: deny '0 8 * * *' for 9h; "
            "it opens Mon 2026-03-02 17:30 UTC",
            at(2, 17, 30),
        ),
        (
            SyncWindows(False, (), (BERLIN,)),
            False,
            "no sync window is open now; allowed is allow '0 22 * * 5' for 2h (Europe/Berlin); "
            "it opens Fri 2026-03-06 21:00 UTC",
            at(6, 21),
        ),
        # By hand it may be passed, but Argo CD itself doesn't.
        (
            SyncWindows(True, (SOFT,), (SOFT,)),
            False,
            "a sync window forbids it now: deny '0 10 * * *' for 4h; "
            "it opens Mon 2026-03-02 14:00 UTC",
            at(2, 14),
        ),
        # Until when by hand: the soft one counts for nothing.
        (
            SyncWindows(False, (FREEZE, SOFT), (FREEZE, SOFT)),
            True,
            "a sync window forbids it now: deny '0 8 * * *' for 9h, deny '0 10 * * *' for 4h; "
            "it opens Mon 2026-03-02 17:00 UTC",
            at(2, 17),
        ),
        # Argo CD's clock says closed, ours says open, or nobody can tell.
        (SyncWindows(False, (), (LATER,)), True, "a sync window forbids it now", None),
        (
            SyncWindows(False, (STRANGE,), (STRANGE,)),
            True,
            "a sync window forbids it now: deny '@daily' for 9h",
            None,
        ),
        (
            SyncWindows(False, (NEVER,), (NEVER,)),
            False,
            "a sync window forbids it now: deny '* * * * *' for 1h",
            None,
        ),
    ],
)
def test_why_and_until_when(
    windows: SyncWindows, asked: bool, reason: str, until: datetime | None
) -> None:
    bar = find_bar(windows, NOW, asked=asked)
    assert bar is not None
    assert (bar.reason, bar.until) == (reason, until)


@pytest.mark.parametrize(
    ("windows", "asked"),
    [
        (SyncWindows(True), False),
        (SyncWindows(True, (NIGHT,), (NIGHT, LATER)), False),
        (SyncWindows(True, (), (LATER,)), False),
        (SyncWindows(True, (SOFT,), (SOFT,)), True),
    ],
)
def test_what_may_begin(windows: SyncWindows, asked: bool) -> None:
    assert find_bar(windows, NOW, asked=asked) is None
