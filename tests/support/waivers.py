"""Waivers as values, and the files that they are written in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.evidence import NOW

from tidegate.domain.location import Location
from tidegate.domain.waiver import Subject, Waiver

FILE = "policies/waivers/serving.yaml"
_HEAD = "apiVersion: tidegate.dev/v1\nkind: Waivers\n"
_SUBJECTS = ("rule", "gate", "vulnerability")


def waiver(**fields: Any) -> Waiver:
    """A waiver for the gate `champion:auc` of the app `shop`, for ten more days."""
    values: dict[str, Any] = {
        "id": "w-1",
        "subject": Subject.GATE,
        "name": "champion:auc",
        "apps": ("shop",),
        "environments": (),
        "versions": (),
        "reason": "the sale",
        "approved_by": "Ann",
        "ticket": "SHOP-1",
        "expires": NOW + timedelta(days=10),
        "where": Location(FILE, 5, 5),
    }
    return Waiver(**(values | fields))


def entry(**fields: Any) -> dict[str, Any]:
    """A waiver as it is written in a file, likewise. A key that is None is left out."""
    values: dict[str, Any] = {"id": "w-1"}
    values |= {} if any(key in fields for key in _SUBJECTS) else {"gate": "champion:auc"}
    values |= {
        "apps": ["shop"],
        "reason": "the sale",
        "approvedBy": "Ann",
        "ticket": "SHOP-1",
        "expires": "2026-03-11",
    }
    return {key: value for key, value in (values | fields).items() if value is not None}


def waivers_file(*entries: Mapping[str, Any]) -> str:
    """A file with these waivers, one a line from line 4 on: JSON is YAML too."""
    lines = [f"  - {json.dumps(item)}\n" for item in entries]
    return f"{_HEAD}waivers:\n{''.join(lines)}" if lines else f"{_HEAD}waivers: []\n"


def in_days(days: int) -> str:
    """The date that many days from now, by the real clock, as `expires` takes it."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
