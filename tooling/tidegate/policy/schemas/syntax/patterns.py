"""Which regular expressions the API server can read."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache


@lru_cache(maxsize=4096)
def is_pattern(pattern: str) -> bool:
    """Whether it is one, as far as can be told without Go: false only where two engines that
    know more can't read it, or where it looks around or back, which Go never does."""
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator(
            {"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions()
        )
    except ValueError:
        return not _LOOKS.search(pattern) and _python_reads(pattern)
    return True


_LOOKS = re.compile(r"\(\?<?[=!]|\\[1-9]")


def _python_reads(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
