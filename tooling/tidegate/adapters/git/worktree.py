"""The files that somebody is editing, as a Snapshot: verbs that only look read these."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.adapters.git.differences import read_changes
from tidegate.adapters.git.naming import find_commit
from tidegate.adapters.git.objects import list_tree, read_objects
from tidegate.adapters.git.stats import Stats
from tidegate.domain.snapshot import EXECUTABLE, FILE, SUBMODULE, SYMLINK, TREE, Entry, Snapshot
from tidegate.errors import InputError, OutsideError

if TYPE_CHECKING:
    from tidegate.adapters.git.command import GitCommand
    from tidegate.domain.changes import Changes
    from tidegate.ports import Cache

REVISION = "work tree"
SIZE_LIMIT = 16 * 1024 * 1024
HELD_LIMIT = 32 * 1024 * 1024
_CHUNK = 64 * 1024


class Folder:
    """A folder of files that belongs to no Git clone."""

    def __init__(self, root: Path, cache: Cache | None = None) -> None:
        self._root = root
        self._cache = cache

    @property
    def place(self) -> str:
        """The folder's own path."""
        return str(self._root)

    def snapshot(self) -> Snapshot:
        """Every file and symbolic link below it but Git's own; nothing else is read or followed."""
        return _remembering(self._root, _walk(self._root, b""), self._cache)

    def at(self, revision: str, paths: Sequence[str] = ()) -> Snapshot:  # noqa: ARG002 the port's
        """Never: it has no revisions. Raises InputError."""
        raise InputError(f"{self._root} is no Git clone, so there is no {revision!r}")

    def changed(self, revision: str) -> Changes:
        """Likewise."""
        raise InputError(f"{self._root} is no Git clone, so nothing has changed since {revision!r}")


class Clone:
    """The work tree of a Git clone: what is tracked, and what could be added."""

    def __init__(self, root: Path, git: GitCommand, cache: Cache | None = None) -> None:
        self._root = root
        self._git = git
        self._cache = cache

    @property
    def place(self) -> str:
        """The work tree's own path."""
        return str(self._root)

    def snapshot(self) -> Snapshot:
        """Tracked files as they are on disk, and those that Git neither tracks nor ignores."""
        listing = self._git.run("ls-files", "-z", "-t", "-c", "-o", "--exclude-standard").stdout
        paths = {field[2:]: field[:1] for field in listing.split(b"\0") if field}
        snapshot = _remembering(self._root, paths, self._cache)
        skipped = (path.decode("utf-8", "surrogateescape") for path in paths if paths[path] == b"S")
        absent = frozenset(path for path in skipped if path not in snapshot)
        return replace(snapshot, absent=absent) if absent else snapshot

    def at(self, revision: str, paths: Sequence[str] = ()) -> Snapshot:
        """The tree of a commit, or only these paths of it. Raises InputError."""
        commit = find_commit(self._git, revision)

        def read(ids: Sequence[str]) -> Mapping[str, bytes]:
            return read_objects(self._git, list(dict.fromkeys(ids)))

        return Snapshot(commit, list_tree(self._git, commit, paths), read)

    def changed(self, revision: str) -> Changes:
        """Every path that differs on disk from the last commit shared with the revision."""
        commit = find_commit(self._git, revision)
        base = self._git.run("merge-base", commit, "HEAD", accepted=(0, 1))
        if base.status:
            raise InputError(f"{revision!r} and HEAD have no commit in common")
        return read_changes(self._git, base.text, lambda paths: take(self._root, paths, Stats()))


def _remembering(root: Path, paths: Iterable[bytes], cache: Cache | None) -> Snapshot:
    if cache is None:
        return take(root, paths, Stats())
    key = hashlib.sha256(b"stats 1 " + os.fsencode(root)).hexdigest()
    stats = Stats.load(cache.get(key))
    snapshot = take(root, paths, stats)
    if stats.changed:
        cache.put(key, stats.dump())
    return snapshot


def take(root: Path, paths: Iterable[bytes], stats: Stats) -> Snapshot:
    """The Snapshot of these paths below the root; what `stats` knows isn't read."""
    entries: dict[str, Entry] = {}
    places: dict[str, bytes] = {}
    folders = {"": True}
    held = _Held()
    base = os.fsencode(root)
    for path in paths:
        place = base + b"/" + path
        # Git writes a slash behind a clone within this one that it doesn't track.
        name = path.decode("utf-8", "surrogateescape").removesuffix("/")
        folder = name.rpartition("/")[0]
        try:
            state = os.lstat(place)
            _add_folder(base, folder, folders)
            entry = _entry(place, state, name, stats, held) if folders[folder] else None
        except PermissionError:  # it is there: whoever needs it is told
            _add_folder(base, folder, folders)
            entry = Entry(FILE, f"unreadable:{name}")
        except (OSError, ValueError):
            continue  # tracked and deleted, or gone meanwhile
        if entry is None:
            continue
        entries[name] = entry
        places[entry.id] = place

    entries.update(
        (folder, Entry(TREE, "")) for folder, there in folders.items() if folder and there
    )

    def read(ids: Sequence[str]) -> Mapping[str, bytes]:
        return {
            identity: held.take(identity) or _unchanged(identity, places[identity])
            for identity in ids
        }

    return Snapshot(REVISION, dict(sorted(entries.items())), read)


def _add_folder(base: bytes, folder: str, known: dict[str, bool]) -> None:
    """Notes of a folder, and of those around it, whether it is one and no link leads there. Git's
    index knows of files in a folder whose place a link has taken: what that leads to is neither
    there nor ours to read."""
    above = []
    while folder not in known:
        above.append(folder)
        folder = folder.rpartition("/")[0]
    for inside in reversed(above):
        try:
            there = stat.S_ISDIR(os.lstat(base + b"/" + os.fsencode(inside)).st_mode)
        except PermissionError:
            there = True
        known[inside] = known[inside.rpartition("/")[0]] and there


class _Held:
    """Contents that had to be read for their ids, until somebody asks for them: small files, and
    not too many."""

    def __init__(self) -> None:
        self._left = HELD_LIMIT
        self._data: dict[str, bytes] = {}

    def keep(self, identity: str, data: bytes) -> None:
        """Holds the contents, if they still fit."""
        if len(data) <= self._left and identity not in self._data:
            self._left -= len(data)
            self._data[identity] = data

    def take(self, identity: str) -> bytes | None:
        """The contents, which are given once: whoever asks keeps them."""
        return self._data.pop(identity, None)


def _entry(
    place: bytes, state: os.stat_result, name: str, stats: Stats, held: _Held
) -> Entry | None:
    """None for what is neither a file, a link nor a repository of its own: a socket, a pipe."""
    if stat.S_ISDIR(state.st_mode):
        return Entry(SUBMODULE, "")
    if stat.S_ISLNK(state.st_mode):
        return Entry(SYMLINK, _hash(_contents(place)), state.st_size)
    if not stat.S_ISREG(state.st_mode):
        return None
    mode = EXECUTABLE if state.st_mode & 0o100 else FILE
    if state.st_size > SIZE_LIMIT:  # told by its size wherever it is used
        return Entry(mode, f"large:{state.st_size}:{state.st_mtime_ns}", state.st_size)
    known = stats.find(name, state)
    if known is not None:
        return Entry(mode, known, state.st_size)
    try:
        data = _read(place, state.st_size)
        identity = _hash(data)
        stats.note(name, state, identity)
        held.keep(identity, data)
        return Entry(mode, identity, state.st_size)
    except OSError:
        return Entry(mode, f"unreadable:{state.st_ino}:{state.st_mtime_ns}", state.st_size)


def _unchanged(identity: str, place: bytes) -> bytes:
    """The contents that have the id: what others remember under it must be about these."""
    data = _contents(place)
    if ":" not in identity and _hash(data) != identity:
        hint = "run the same command again"
        raise OutsideError(f"{os.fsdecode(place)} was changed while it was being read", hint=hint)
    return data


def _hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _contents(place: bytes) -> bytes:
    # Paths stay bytes: pathlib knows none, and not every name is text.
    try:
        state = os.lstat(place)
        if stat.S_ISLNK(state.st_mode):
            return os.readlink(place)  # noqa: PTH115
        return _read(place, state.st_size)
    except OSError as error:
        raise _unreadable(place, error) from error


def _unreadable(place: bytes, error: OSError) -> OutsideError:
    denied = isinstance(error, PermissionError)
    hint = "let the user who runs this read it, or name the paths to look at" if denied else None
    return OutsideError(f"{os.fsdecode(place)} can't be read: {error.strerror}", hint=hint)


def _read(place: bytes, size: int) -> bytes:
    """A file's bytes, up to a little more than SIZE_LIMIT, of which there were `size` when it was
    last looked at: to ask for that many is much quicker than to make room for all that there may
    be. Raises OSError."""
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        data = os.read(descriptor, min(size, SIZE_LIMIT) + 1)
        part = data
        while part and len(data) <= SIZE_LIMIT:
            part = os.read(descriptor, _CHUNK)
            data += part
        return data
    finally:
        os.close(descriptor)


def _walk(root: Path, folder: bytes) -> Iterator[bytes]:
    """Raises OutsideError for a folder that can't be read: it may hold what decides."""
    left = [folder]
    while left:
        inside = left.pop()
        place = os.fsencode(root) + (b"/" + inside if inside else b"")
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):  # gone meanwhile
            continue
        except OSError as error:
            raise _unreadable(place, error) from error
        for entry in entries:
            path = inside + b"/" + entry.name if inside else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name != b".git":
                    left.append(path)
            else:
                yield path
