"""Parts of a text → a text that the provider takes, whatever comes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tidegate.domain.promised import Kind, format_promise

# GitHub takes 65,536 characters; some of its own readers count bytes.
LIMIT = 60_000


def promise(kind: Kind, items: Sequence[Mapping[str, str | None]], revision: str) -> str:
    """The lines that machines read; without the items where those are too many."""
    block = format_promise(kind, items, revision)
    return block if len(block) <= LIMIT // 2 else format_promise(kind, [], revision)


def fit(parts: Iterable[str], whole: str, block: str) -> str:
    """The parts that there is room for, and the block at the end; of what is left out it says so,
    and that `whole` shows it."""
    room = LIMIT - len(block.encode()) - 500
    kept: list[str] = []
    cut = False
    for part in parts:
        size = len(part.encode()) + 1
        if size > room:
            cut = True
            continue
        kept.append(part)
        room -= size
    if cut:
        kept.append("_Some of it is too long for this place: see the files that change, or run_")
        kept.append(f"{whole}_._")
    return "\n".join([*kept, "", block]) + "\n"
