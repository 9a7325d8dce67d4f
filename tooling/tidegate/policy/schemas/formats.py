"""Formats that the API server reads strictly, as jsonschema-rs is told of them."""

from __future__ import annotations

import binascii
import re
from datetime import datetime

from tidegate.policy.schemas.quantity import is_quantity

MOMENT, BASE64, QUANTITY = "tidegate-moment", "tidegate-base64", "tidegate-quantity"

# Go's time.RFC3339, as it parses: a comma may stand for the point, an hour may have one digit.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))", re.ASCII
)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def is_moment(text: str) -> bool:
    """Whether Go's JSON reads it as a time, such as 2026-01-31T18:00:00Z."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return False
    try:
        datetime.fromisoformat(found[1] + f"T{found[2]:0>2}:{found[3]}:{found[4]}")
    except ValueError:
        return False
    return int(found[5] or 0) <= 24 and int(found[6] or 0) < 60


def is_base64(text: str) -> bool:
    """Whether Go's JSON reads it as bytes: padded, line breaks aside."""
    clean = text.replace("\n", "").replace("\r", "")
    if not _BASE64.fullmatch(clean):
        return False
    try:
        binascii.a2b_base64(clean)
    except binascii.Error:
        return False
    return True


FORMATS = {MOMENT: is_moment, BASE64: is_base64, QUANTITY: is_quantity}
EXPECTED = {
    MOMENT: "a time such as 2026-01-31T18:00:00Z",
    BASE64: "base64 (text as it is goes into `stringData`)",
    QUANTITY: "a quantity such as 500m, 2 or 1Gi",
}
