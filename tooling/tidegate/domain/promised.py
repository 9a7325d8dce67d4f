"""The part of a pull request's text that machines read: what is in it, for whom it is written.

A promise, not evidence: anybody who may write can change it. What counts is the branch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tidegate.domain.promotion import Promotion

_BLOCK = re.compile(r"<!-- tidegate:promotion (\{[^\n]{0,60000}\}) -->\Z")
_LIMIT = 10_000  # apps


def format_promise(promotions: Sequence[Promotion], revision: str) -> str:
    """An HTML comment that nothing in it can end."""
    document = {
        "revision": revision,
        "apps": [
            {
                "app": p.app,
                "environment": p.environment,
                "model": p.release.model,
                "version": p.release.version,
                "digest": p.release.image.digest,
                "evidence": p.evidence_digest,
            }
            for p in promotions
        ],
    }
    text = json.dumps(document, separators=(",", ":"))
    for sign in "<>-&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f"<!-- tidegate:promotion {text} -->"


def promised_apps(body: str) -> frozenset[str]:
    """The apps that such a text is about; none where it isn't one of ours, or was damaged."""
    found = _BLOCK.search(body.strip())
    try:
        document = json.loads(found[1]) if found else {}
        names = [item["app"] for item in document.get("apps", [])[:_LIMIT]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return frozenset()
    return frozenset(name for name in names if isinstance(name, str))
