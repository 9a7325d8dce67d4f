"""Snapshots of trees that hold more than anybody wants to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tidegate.domain.snapshot import FILE, READ_LIMIT, Entry, Snapshot
from tidegate.errors import ConfigurationError


def test_a_file_that_is_too_large_is_never_fetched() -> None:
    fetched: list[str] = []

    def fetch(ids: Sequence[str]) -> Mapping[str, bytes]:
        fetched.extend(ids)
        return dict.fromkeys(ids, b"x")

    sizes = {"small": 1, "full": READ_LIMIT, "large": READ_LIMIT + 1}
    entries = {name: Entry(FILE, f"id-{name}", size) for name, size in sizes.items()}
    snapshot = Snapshot("0" * 40, entries, fetch)
    snapshot.prefetch(sizes)
    assert fetched == ["id-small", "id-full"]
    assert snapshot.read("full") == b"x"
    with pytest.raises(ConfigurationError) as caught:
        snapshot.read_many(["small", "large"])
    assert str(caught.value) == "large: is 16.0 MiB large; Tidegate reads at most 16 MiB"
    assert "id-large" not in fetched


def test_what_is_looked_through_is_forgotten_and_what_is_kept_not_fetched_again() -> None:
    fetched: list[list[str]] = []

    def fetch(ids: Sequence[str]) -> Mapping[str, bytes]:
        fetched.append(list(ids))
        return {identity: identity.encode() for identity in ids}

    names = [f"{number:03}" for number in range(401)]
    entries = {name: Entry(FILE, f"id-{name}", 1) for name in names}
    entries["again"] = entries["001"]
    snapshot = Snapshot("0" * 40, entries, fetch)
    snapshot.prefetch(["000"])
    wanted = {name: entry.id.encode() for name, entry in entries.items()}
    for _ in range(2):
        fetched.clear()
        assert dict(snapshot.scan(entries)) == wanted
        assert [len(ids) for ids in fetched] == [199, 200, 2]
