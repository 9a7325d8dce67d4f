"""Waivers, in one line of text with everything from outside cut and cleaned, and in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tidegate.domain.text import count, one_line
from tidegate.domain.waiver import Waiver

_SHOWN = 3


def summary(waivers: Sequence[Waiver], now: datetime) -> str:
    """The first of them, and how many more there are."""
    told = [line(waiver, now) for waiver in waivers[:_SHOWN]]
    if len(waivers) > len(told):
        told.append(f"and {count(len(waivers) - len(told), 'more waiver')}")
    return " ".join(told)


def line(waiver: Waiver, now: datetime) -> str:
    """What is waived, by whom, until when and why; or that it is waived no more."""
    what = one_line(waiver.name, 80)
    if waiver.versions:
        what += f" of version {one_line(', '.join(waiver.versions), 40)}"
    if not waiver.active(now):
        return f"{what} is waived no more: {one_line(waiver.lapse, 160)}"
    words = f"{what} waived by {one_line(waiver.approved_by, 40)} until {waiver.end}"
    return f"{words}: {one_line(waiver.reason, 80)}"


def record(waiver: Waiver, *, active: bool) -> dict[str, Any]:
    """All of a waiver, for a document; `active` says whether it holds."""
    return {
        "id": waiver.id,
        "subject": waiver.subject.value,
        "name": waiver.name,
        "apps": list(waiver.apps),
        "environments": list(waiver.environments),
        "versions": list(waiver.versions),
        "objects": list(waiver.objects),
        "reason": waiver.reason,
        "approvedBy": waiver.approved_by,
        "ticket": waiver.ticket,
        "expires": waiver.expires.isoformat(),
        "file": waiver.where.file,
        "line": waiver.where.line,
        "active": active,
    }
