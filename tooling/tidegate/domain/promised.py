"""The part of a pull request's text that machines read: what is in it, for whom it is written.

A promise, not evidence: anybody who may write can change it. What counts is the branch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.promotion import Promotion


class Kind(StrEnum):
    """What a pull request is for."""

    PROMOTION = "promotion"
    ROLLBACK = "rollback"
    HOLD = "hold"
    RELEASE = "release"


_BLOCK = re.compile(rf"<!-- tidegate:({'|'.join(Kind)}) (\{{[^\n]{{0,60000}}\}}) -->\Z")
_LIMIT = 10_000  # apps


@dataclass(frozen=True, slots=True)
class Promise:
    """What such a text says that it is about; `kind` is None where it isn't one of ours, or was
    damaged."""

    kind: Kind | None = None
    apps: frozenset[str] = frozenset()


def format_promise(kind: Kind, items: Sequence[Mapping[str, str | None]], revision: str) -> str:
    """An HTML comment that nothing in it can end. Each item has an `app`, None for a whole
    environment, and its `environment`."""
    document = {"revision": revision, "apps": [dict(item) for item in items]}
    text = json.dumps(document, separators=(",", ":"))
    for sign in "<>-&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f"<!-- tidegate:{kind.value} {text} -->"


def promised(promotion: Promotion) -> dict[str, str | None]:
    """What is promised of a promotion."""
    release = promotion.release
    return {
        "app": promotion.app,
        "environment": promotion.environment,
        "model": release.model,
        "version": release.version,
        "digest": release.image.digest,
        "evidence": promotion.evidence_digest,
    }


def read_promise(body: str) -> Promise:
    """What a text is about."""
    found = _BLOCK.search(body.strip())
    if found is None:
        return Promise()
    try:
        names = [item["app"] for item in json.loads(found[2]).get("apps", [])[:_LIMIT]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Promise()
    return Promise(Kind(found[1]), frozenset(name for name in names if isinstance(name, str)))
