"""Which regular expressions the API server can read."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache


@lru_cache(maxsize=4096)
def is_pattern(pattern: str) -> bool:
    """Whether it is one, as far as can be told without Go: false only where two engines that
    know more can't read it, or where it looks around or back, or repeats something more than a
    thousand times, which Go never does."""
    import jsonschema_rs

    if "{" in pattern and len(pattern) < _LONGEST and _most_repeated(pattern) > _REPEATED:
        return False
    try:
        jsonschema_rs.Draft202012Validator(
            {"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions()
        )
    except ValueError:
        return not _LOOKS.search(pattern) and _python_reads(pattern)
    return True


_LONGEST, _REPEATED = 1_000, 1_000
# What braces mean nothing in, then a repetition, then any other sign.
_TOKEN = re.compile(
    r"\\Q.*?(?:\\E|\Z)|\\[pPx]\{[^}]*\}|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|(?!\[:)[^]\\])*+\]"
    r"|\{(?P<least>\d{1,9})(?P<open>,(?P<most>\d{0,9}))?\}|.",
    re.DOTALL,
)


def _most_repeated(pattern: str) -> int:
    """How often the most repeated part is repeated, those around it multiplied; stars and pluses
    don't count (regexp/syntax: repeatIsValid)."""
    groups, last, found = [1], 1, 1  # the most in each open group, in what stood last, in all
    for token in _TOKEN.finditer(pattern):
        sign = token[0]
        if sign == ")" and len(groups) > 1:
            last = max(groups.pop(), last)
        elif token["least"]:
            last *= int(token["most"] or token["least"])
        elif sign not in "*+?":
            groups[-1], last = max(groups[-1], last), 1
            if sign == "(":
                groups.append(1)
        found, last = max(found, last), last or 1
    return found


_LOOKS = re.compile(r"\(\?<?[=!]|\\[1-9]")


def _python_reads(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
