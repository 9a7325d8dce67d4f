"""How fields are listed: the names at each place of a kind, after their type.

A place is a path such as `spec.http[].route[]`, whose `[]` is each item of a list. `any` is a
number or text, `texts` a mapping of texts, `free` whatever one likes, and `A|B` one of these words.
"""

from __future__ import annotations

from collections.abc import Mapping

Places = Mapping[str, str]
Kinds = Mapping[tuple[str, str], Places]


def below(place: str, places: Places) -> dict[str, str]:
    """The same places, further in."""
    return {f"{place}{inner}": names for inner, names in places.items()}
