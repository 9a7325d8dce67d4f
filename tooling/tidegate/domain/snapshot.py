"""One tree of the repository, as Git has it: the only thing that decisions are read from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.errors import ConfigurationError, Problem

# What is larger is no manifest, and would fill the memory of whoever reads it.
READ_LIMIT = 16 * 1024 * 1024

_AT_ONCE = 200
TREE, FILE, EXECUTABLE, SYMLINK, SUBMODULE = "040000", "100644", "100755", "120000", "160000"


@dataclass(frozen=True, slots=True)
class Entry:
    """A path's mode and object id, as `git ls-tree` prints them; `size` in bytes, 0 for folders."""

    mode: str
    id: str
    size: int = 0


@dataclass(frozen=True)
class Snapshot:
    """The tree at `revision`. Paths are relative, with `/`, files and folders both.

    `fetch_blobs` maps object ids to their contents, many at once; it is the only I/O. `absent` are
    the files of the repository that a sparse checkout has left out of a work tree.
    """

    revision: str
    entries: Mapping[str, Entry]
    fetch_blobs: Callable[[Sequence[str]], Mapping[str, bytes]] = field(compare=False, repr=False)
    _cache: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    absent: frozenset[str] = frozenset()

    def __contains__(self, path: str) -> bool:
        return path in self.entries

    def id(self, path: str) -> str | None:
        """The object id of a file or folder; None where there is no such path."""
        entry = self.entries.get(path)
        return entry.id if entry else None

    def is_file(self, path: str) -> bool:
        """Whether the path is a regular file: no folder, symbolic link or submodule."""
        entry = self.entries.get(path)
        return entry is not None and entry.mode in (FILE, EXECUTABLE)

    def is_directory(self, path: str) -> bool:
        """Whether the path is a folder; the empty path is the root."""
        entry = self.entries.get(path)
        return path == "" or (entry is not None and entry.mode == TREE)

    def children(self, directory: str) -> Iterator[str]:
        """The names directly in a folder, sorted."""
        return iter(self._children().get(directory, ()))

    def files(self, directory: str) -> Iterator[str]:
        """Every path below a folder that is not itself a folder, in the tree's order."""
        for name in self.children(directory):
            path = f"{directory}/{name}" if directory else name
            if self.entries[path].mode == TREE:
                yield from self.files(path)
            else:
                yield path

    def read(self, path: str) -> bytes:
        """A regular file's bytes; KeyError where the path is anything else. Raises
        ConfigurationError for one that is too large."""
        return self.read_many([path])[path]

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Many files in one go. Symbolic links give their target's text. Raises
        ConfigurationError for files that are too large to be any of ours."""
        wanted = {path: self.entries[path] for path in paths}
        large = [path for path, entry in wanted.items() if entry.size > READ_LIMIT]
        if large:
            raise ConfigurationError([self._too_large(path) for path in large])
        missing = [e.id for e in wanted.values() if e.id not in self._cache]
        if missing:
            self._cache.update(self.fetch_blobs(list(dict.fromkeys(missing))))
        return {path: self._cache[entry.id] for path, entry in wanted.items()}

    def prefetch(self, paths: Iterable[str]) -> None:
        """Fetches many files at once, so that reading each of them later costs nothing. Paths
        that are no regular files, or too large, are passed over."""
        self.read_many(
            path for path in paths if self.is_file(path) and self.entries[path].size <= READ_LIMIT
        )

    def scan(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Each of the regular files with its bytes, some at a time, which are then forgotten: a
        large repository has more than what is worth remembering. What is kept already isn't
        fetched again."""
        wanted = list(paths)
        for start in range(0, len(wanted), _AT_ONCE):
            some = {path: self.entries[path].id for path in wanted[start : start + _AT_ONCE]}
            missing = dict.fromkeys(id_ for id_ in some.values() if id_ not in self._cache)
            fetched = self.fetch_blobs(list(missing)) if missing else {}
            for path, id_ in some.items():
                yield path, self._cache[id_] if id_ in self._cache else fetched[id_]

    def _too_large(self, path: str) -> Problem:
        size, most = (number / 1024 / 1024 for number in (self.entries[path].size, READ_LIMIT))
        message = f"is {size:.1f} MiB large; Tidegate reads at most {most:.0f} MiB"
        return Problem.whole(path, message)

    def _children(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] | None = self.__dict__.get("_index")
        if index is None:
            index = {}
            for path in sorted(self.entries):
                parent, _, name = path.rpartition("/")
                index.setdefault(parent, []).append(name)
            self.__dict__["_index"] = index
        return index
