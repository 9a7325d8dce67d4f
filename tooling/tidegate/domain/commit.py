"""Commits, as they are read from history and as they are pushed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.text import spoken


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the branch's first-parent line. `blobs` maps each watched path that it
    changed to the object id after it, None where the path was removed. `brought` has the messages
    of the commits that it merged, newest first. `encoding` is what it says its message is in."""

    revision: str
    author: str
    committed: datetime
    message: str
    blobs: Mapping[str, str | None]
    brought: tuple[str, ...] = ()
    encoding: str = "utf-8"

    @property
    def subject(self) -> str:
        """The message's first line."""
        return self.message.split("\n", 1)[0]

    @property
    def trailers(self) -> tuple[tuple[str, str], ...]:
        """The `Key: value` lines of the last paragraph."""
        paragraph = self.message.strip().rsplit("\n\n", 1)[-1]
        pairs = []
        for line in paragraph.splitlines():
            key, colon, value = line.partition(": ")
            if not colon or not key.replace("-", "").isalnum():
                continue
            pairs.append((key, value.strip()))
        return tuple(pairs) if "\n\n" in self.message.strip() else ()

    def trailer(self, key: str) -> str | None:
        """The first value of a trailer."""
        return next((value for name, value in self.trailers if name == key), None)

    def said(self, key: str) -> tuple[str, ...]:
        """Every value of `key`, of its own message first, then of those that it merged; also from
        the middle of a message, where a squash merge leaves the trailers of what it melted."""
        lead = f"{key}: "
        lines = (line for text in (self.message, *self.brought) for line in text.split("\n"))
        found = (line.removeprefix(lead).strip() for line in lines if line.startswith(lead))
        return tuple(dict.fromkeys(found))

    def told(self, *keys: str) -> Iterator[tuple[str, str]]:
        """Every line of one of the keys, as key and value, the newest first: of what fits the same
        place, the last one made it what it is. A squash lists what it melted from the oldest on."""
        for text in (self.message, *self.brought):
            for line in reversed(text.split("\n")):
                key, colon, value = line.partition(": ")
                if colon and key in keys:
                    yield key, value.strip()

    def words(self, key: str) -> tuple[str, ...]:
        """What people said under that key, as they said it, the newest first."""
        return tuple(dict.fromkeys(spoken(value) for _, value in self.told(key)))


@dataclass(frozen=True, slots=True)
class Moved:
    """The branch took other commits first: `reason` is Git's word for it."""

    reason: str
