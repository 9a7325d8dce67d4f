"""Which files commits changed, as `git log` lists them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.adapters.git.command import GitCommand


def list_changes(
    git: GitCommand, revisions: Sequence[str], paths: Sequence[str]
) -> Iterator[tuple[str, dict[str, str | None]]]:
    """The commits of `revisions` (words for `git log`) that changed any of the paths (`*` stands
    for part of a name), newest first, each with the blobs after it; None where a path went. A
    merge is held against its first parent."""
    listing = git.run(
        "log",
        "-O/dev/null",
        "--no-show-signature",
        "--no-follow",
        "--diff-merges=first-parent",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "-z",
        "--format=%H",
        *revisions,
        "--",
        *(f":(literal){path}" if "*" not in path else f":(glob){path}" for path in paths),
        config={"log.showRoot": "true"},
    ).stdout.decode("utf-8", "surrogateescape")
    return _read(listing)


def _read(listing: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    commit = ""
    blobs: dict[str, str | None] = {}
    fields = iter(listing.split("\0"))
    for field in fields:
        text = field.lstrip("\n")
        if text.startswith(":"):
            after = text.split(" ")[3]
            blobs[next(fields)] = None if set(after) == {"0"} else after
        elif text:
            if commit:
                yield commit, blobs
            commit, blobs = text, {}
    if commit:
        yield commit, blobs
