"""The files of a Snapshot as YAML with places, each parsed once, and never an error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from tidegate.domain.snapshot import Snapshot
from tidegate.repository.links import Unresolvable, join, resolve
from tidegate.repository.provenance.nodes import (
    Frame,
    Mapping,
    Node,
    Scalar,
    Sequence,
    parse,
    text_of,
)
from tidegate.repository.rendered import LISTS
from tidegate.repository.yaml import FILE_SIZE_LIMIT, is_readable

_OBJECTS = 50_000
_KEPT = 2_000
_BLANK_LINES = 100
_FOLDED_LINES, _WORDS, _AHEAD = 1_000, 20, 50


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An object as it stands in a file."""

    kind: str
    group: str
    namespace: str
    name: str
    root: Mapping


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """The objects of a file, to be found by kind, and by kind and name."""

    by_kind: dict[str, list[Entry]] = field(default_factory=dict)
    by_name: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)


class Sources:
    """What the files say."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        # Bounded: of ten thousand overlays nobody asks again for one that is done with.
        self._parsed = lru_cache(_KEPT)(self._parse)
        self._indexed = lru_cache(_KEPT)(self._index)
        self._lines: tuple[str, list[str]] = ("", [])

    def documents(self, path: str) -> tuple[Node, ...]:
        """The roots of a file's documents; none where it can't be read."""
        return self._parsed(path)

    def inline(self, path: str, node: Scalar) -> tuple[Node, ...]:
        """The documents in a scalar's text, with their places in the file around it."""
        text = node.text[:FILE_SIZE_LIMIT]
        if node.style == "|":
            return parse(text, Frame(node.line + 1, 1 + self._indent(path, node)))
        if node.style is None and node.line == node.end:
            return parse(text, Frame(node.line, node.column))
        return parse(text, Frame(lines=tuple(self._folded(path, node))))

    def objects(self, path: str) -> Objects:
        """The objects in a file, those in lists of objects too."""
        return self._indexed(path)

    def resolve(self, directory: str, entry: str) -> str | None:
        """The path of the repository that an entry means, seen from a folder."""
        try:
            return resolve(self.snapshot, join(directory, entry)).path
        except Unresolvable:
            return None

    def _parse(self, path: str) -> tuple[Node, ...]:
        text = self.text(path)
        return parse(text) if text is not None else ()

    def _index(self, path: str) -> Objects:
        found = Objects()
        for entry in _entries(self.documents(path)):
            found.by_kind.setdefault(entry.kind, []).append(entry)
            found.by_name.setdefault((entry.kind, entry.name), []).append(entry)
        return found

    def _indent(self, path: str, node: Scalar) -> int:
        """How far a block's text stands from the left of its file."""
        lines = self._lines_of(path)
        inner = node.text.split("\n", _BLANK_LINES)[:_BLANK_LINES]
        number = next((n for n, line in enumerate(inner) if line.strip()), None)
        if number is None or node.line + number >= len(lines):
            return 0
        return max(0, _blanks(lines[node.line + number]) - _blanks(inner[number]))

    def _folded(self, path: str, node: Scalar) -> Iterator[tuple[int, int]]:
        """Where each line of a text begins that isn't written line by line: where its first words
        are seen next."""
        lines, line, column = self._lines_of(path), node.line, node.column
        last = min(node.end, len(lines))
        for inner in node.text.split("\n", _FOLDED_LINES):
            words = inner.strip()[:_WORDS]
            for number in range(line, min(last, line + _AHEAD) + 1) if words else ():
                found = lines[number - 1].find(words, column - 1 if number == line else 0)
                if found >= 0:
                    line, column = number, found + 1 - _blanks(inner)
                    break
            yield line, column

    def _lines_of(self, path: str) -> list[str]:
        if self._lines[0] != path:
            self._lines = (path, (self.text(path) or "").split("\n"))
        return self._lines[1]

    def text(self, path: str) -> str | None:
        """A file's text, without byte order mark."""
        if not is_readable(self.snapshot, path):
            return None
        data = self.snapshot.read(path)
        if len(data) > FILE_SIZE_LIMIT:
            return None
        coding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        try:
            return data.decode(coding)
        except UnicodeDecodeError:
            return None


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _entries(roots: tuple[Node, ...]) -> Iterator[Entry]:
    queue, left = [(root, False) for root in reversed(roots)], _OBJECTS
    lists: set[int] = set()  # a list of objects can hold itself
    while queue and left:
        left -= 1
        root, inside = queue.pop()
        if not isinstance(root, Mapping) or id(root) in lists:
            continue
        kind = text_of(root.get("kind")) or ""
        inner = root.get("items")
        if kind.endswith("List") and isinstance(inner, Sequence):
            lists.add(id(root))
            queue.extend((item, True) for item in reversed(inner.items))
            # A reader takes those apart that nothing is around.
            if not inside and kind in LISTS:
                continue
        found = root.get("metadata")
        metadata = found if isinstance(found, Mapping) else Mapping(0, 0)
        name = text_of(metadata.get("name")) or text_of(metadata.get("generateName")) or ""
        group = (text_of(root.get("apiVersion")) or "").rpartition("/")[0]
        yield Entry(kind, group, text_of(metadata.get("namespace")) or "", name, root)
