"""Whether a name that nothing has is a slip of one that something has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from tidegate.domain.text import nearest

_LONGEST = 253
_MOST = 300
_HASH = re.compile(r"-[a-z0-9]{10}")
_PARTS = re.compile(r"[-._/]")


def nearest_name(word: str, names: Iterable[str]) -> str | None:
    """The name that was most likely meant; bounded, however long and many the names are."""
    if not 0 < len(word) <= _LONGEST:
        return None
    known = dict.fromkeys(n for n in islice(names, _MOST) if n != word and len(n) <= _LONGEST)
    return nearest(word, known) if known else None


def is_slip(word: str, meant: str | None) -> bool:
    """Whether the one is surely the other, mistyped: `recomender` for `recommender`, and neither
    `web-2` for `web-1` nor `app-config-v2` for `app-config`."""
    if meant is None:
        return False
    ours, theirs = _PARTS.split(word.lower()), _PARTS.split(meant.lower())
    if "".join(ours) == "".join(theirs):
        return True
    if len(ours) != len(theirs):
        return False
    odd = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    return len(odd) == 1 and _typed_wrong(*odd[0])


def is_cut(word: str, meant: str | None) -> bool:
    """Whether one word of the name is the other's, cut short or longer: `app-conf` for
    `app-config`."""
    ours, theirs = _PARTS.split(word), _PARTS.split(meant or "")
    if len(ours) != len(theirs):
        return False
    odd = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    return len(odd) == 1 and all(part.isalpha() for part in odd[0]) and _begin_alike(*odd[0])


def _begin_alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def is_hashed(word: str, meant: str | None) -> bool:
    """Whether the one is the other with kustomize's hash behind it, which somebody forgot."""
    return meant is not None and bool(_HASH.fullmatch(meant.removeprefix(word)))


def _typed_wrong(word: str, meant: str) -> bool:
    """One letter more, fewer or other, or two neighbours the other way round."""
    if not (word.isalpha() and meant.isalpha()) or min(len(word), len(meant)) < 3:
        return False
    start = 0
    while start < min(len(word), len(meant)) and word[start] == meant[start]:
        start += 1
    for drop_word, drop_meant in ((1, 0), (0, 1), (1, 1)):
        if word[start + drop_word :] == meant[start + drop_meant :]:
            return True
    swapped = word[start : start + 2] == meant[start : start + 2][::-1]
    return swapped and word[start + 2 :] == meant[start + 2 :]


def suggestion(meant: str | None) -> str:
    """`; did you mean 'x'?`, or nothing."""
    from tidegate.policy.rules.shapes import shown

    return f"; did you mean '{shown(meant)}'?" if meant else ""


def likely_name(word: str, names: Sequence[str]) -> str | None:
    """The name that was meant: the nearest, or else the only one there is."""
    return nearest_name(word, names) or (names[0] if len(names) == 1 else None)


def port_hint(port: str, names: Sequence[str]) -> str:
    """The port that was meant, as `suggestion` says it; where nobody knows, the names there are."""
    from tidegate.policy.rules.shapes import listed

    near = likely_name(port, names)
    if near or not names:
        return suggestion(near)
    quoted = [f"'{name}'" for name in names]
    return f"; it has {listed(quoted)}"
