"""What a provider says about how often it may be asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tidegate.adapters.http import Answer

# Where a limit is met and nothing is said, GitHub wants at least a minute.
_USUAL = timedelta(seconds=60)
_LONGEST = timedelta(days=1)
_SECONDARY = re.compile(rb"secondary rate limit|abuse detection", re.IGNORECASE)


def refused_until(answer: Answer, now: datetime) -> datetime | None:
    """When to ask again, where the answer says that it was asked too often; None where it doesn't.

    GitHub has a primary limit, with `X-RateLimit-Reset`, and secondary ones, with `Retry-After` or
    with nothing but words, and answers 403 or 429; GitLab answers 429.
    """
    if answer.status not in (403, 429):
        return None
    pause = _retry_after(answer.headers.get("retry-after", "").strip(), now)
    if pause is not None:
        return now + min(pause, _LONGEST)
    used_up = answer.headers.get("x-ratelimit-remaining", answer.headers.get("ratelimit-remaining"))
    if used_up == "0":
        reset = answer.headers.get("x-ratelimit-reset", answer.headers.get("ratelimit-reset", ""))
        return _moment(reset, now)
    if answer.status == 429 or _SECONDARY.search(answer.body[:10_000]):
        return now + _USUAL
    return None


def _retry_after(text: str, now: datetime) -> timedelta | None:
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(), (when if when.tzinfo else when.replace(tzinfo=UTC)) - now)


def _moment(text: str, now: datetime) -> datetime:
    """A time in seconds since 1970, no later than a day from now."""
    if not text.isascii() or not text.isdigit():
        return now + _USUAL
    seconds = min(float(text[:12]), (now + _LONGEST).timestamp())
    return max(datetime.fromtimestamp(seconds, UTC), now)
