"""Double-quoted scalars that every YAML reader reads back as the very same text."""

from __future__ import annotations

import json
import re

# JSON's escapes are YAML's too, save that YAML knows no surrogate pairs, so that other characters
# stay as they are; these are the ones that YAML forbids, folds or takes for a byte order mark.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def quoted(text: str) -> str:
    """The text in double quotes, on one line. A lone surrogate stays one, and can't be encoded."""
    return _UNSAFE.sub(
        lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False)
    )
