"""A report's document as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def dump(document: Mapping[str, Any]) -> str:
    """JSON. Characters beyond ASCII are escaped: any terminal can carry it."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"
