"""The evidence of a promotion that is made again: what only time moves stays as it was told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_GROUND = ("scanner", "database")
_SOAKED = re.compile(r"[0-9]{1,5}d|(?:[0-9]{1,6}h)?(?:[0-9]{1,2}m)?")


def retell(made: Mapping[str, Any], told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """`made` is the evidence of now, `told` that of the record. From the record come the scan,
    where another scanner or database made it, and how long a release had soaked. All else must be
    as it is now: gates and their answers, limits, metrics, waivers."""
    retold, scanned = dict(made), False
    if _is_other_scan(made.get("scan"), told.get("scan"), now):
        retold["scan"], scanned = told["scan"], True
    gates, tales = made.get("gates"), told.get("gates")
    if isinstance(gates, list) and isinstance(tales, list) and len(gates) == len(tales):
        pairs = zip(gates, tales, strict=True)
        retold["gates"] = [_gate(gate, tale, scanned=scanned) for gate, tale in pairs]
    return retold


def _gate(made: Mapping[str, Any], told: Any, *, scanned: bool) -> Mapping[str, Any]:
    if not isinstance(told, Mapping) or "measured" not in made:
        return made
    kind, measured = str(made["gate"]).partition(":")[0], told.get("measured")
    soaked = kind == "soak" and isinstance(measured, str) and _SOAKED.fullmatch(measured)
    if soaked or (kind == "scan" and scanned and isinstance(measured, str)):
        return {**made, "measured": measured}
    return made


def _is_other_scan(made: Any, told: Any, now: datetime) -> bool:
    """Whether the record tells of a scan by another scanner or with another database, none from
    the future."""
    if not isinstance(made, Mapping) or not isinstance(told, Mapping):
        return False
    if made.keys() != told.keys() or all(made[key] == told[key] for key in _GROUND):
        return False
    try:
        return datetime.fromisoformat(str(told.get("database"))) <= now
    except (ValueError, TypeError):
        return False
