"""What ran where, since when, and by whose hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.release import Release


@dataclass(frozen=True, slots=True)
class Change:
    """One commit that changed what an app is in an environment. `release` is what it left there:
    None where it took the release away, or touched the overlay alone. `by_hand` says that it
    isn't what a promotion or a rollback would have written; `rolled_back_from` is the version
    that ran before, where it was a rollback; `direct` says that it came by commit where pull
    requests are usual."""

    app: str
    environment: str
    revision: str
    when: datetime
    author: str
    requested_by: str | None
    reason: str | None
    release: Release | None
    before: str | None
    by_hand: bool
    note: str
    rolled_back_from: str | None = None
    direct: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Changes, newest first, up to `revision`."""

    app: str
    revision: str
    changes: tuple[Change, ...]
