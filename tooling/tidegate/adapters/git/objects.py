"""Git objects, read and written many at once."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from tidegate.adapters.git.command import GitCommand
from tidegate.domain.commit import Commit
from tidegate.domain.snapshot import EXECUTABLE, FILE, Entry
from tidegate.errors import OutsideError, ToolFailed

_ARGUMENTS = 200
_LATIN = ("iso-8859-1", "latin-1", "latin1")
WHO_ARE_YOU = "set user.name and user.email with `git config`"


def list_tree(git: GitCommand, revision: str, paths: Sequence[str] = ()) -> dict[str, Entry]:
    """Every file and folder of a revision's tree, or only these, and perhaps more, of a few."""
    some = paths if len(paths) <= _ARGUMENTS else ()  # so many fit into a command
    listing = git.run("ls-tree", "-r", "-t", "-l", "-z", revision, "--", *some).stdout
    entries: dict[str, Entry] = {}
    for record in listing.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        head, _, path = record.partition("\t")
        mode, _, identity, size = head.split()
        entries[path] = Entry(mode, identity, 0 if size == "-" else int(size))
    return entries


def read_objects(git: GitCommand, ids: Sequence[str]) -> dict[str, bytes]:
    """The contents of objects. Raises OutsideError for one that isn't there, and for one whose
    contents don't make its id: Git itself looks only when it fetches."""
    if not ids:
        return {}
    request = "".join(f"{identity}\n" for identity in ids).encode("ascii")
    stream = git.run("cat-file", "--batch", stdin=request).stdout
    contents: dict[str, bytes] = {}
    position = 0
    for identity in ids:
        end = stream.index(b"\n", position)
        words = stream[position:end].split()
        if len(words) != 3:
            raise OutsideError(f"the Git object {identity} is missing from this clone")
        kind, size = words[1], int(words[2])
        data = stream[end + 1 : end + 1 + size]
        if _name(kind, data, identity) != identity:
            raise OutsideError(
                f"the Git object {identity} is not what its name says",
                hint="this clone is damaged, or somebody tampers with it: clone again",
            )
        contents[identity] = data
        position = end + 1 + size + 1
    return contents


def _name(kind: bytes, data: bytes, like: str) -> str:
    """The id of an object, made as the other id was."""
    made = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(b"%s %d\0" % (kind, len(data)))
    made.update(data)
    return made.hexdigest()


def sizes_of(git: GitCommand, ids: Sequence[str]) -> dict[str, int]:
    """The sizes of those objects that are there, in bytes."""
    request = "".join(f"{identity}\n" for identity in ids).encode("ascii")
    listing = git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=request).text
    words = [line.split() for line in listing.splitlines()]
    return {identity: int(size) for identity, size in words if size != "missing"}


def write_blobs(git: GitCommand, contents: Sequence[bytes]) -> list[str]:
    """Stores blobs as they are, no filters applied, all in one go; their ids in the same order."""
    numbered = list(enumerate(contents, start=1))
    orders = [b"blob\nmark :%d\ndata %d\n%s\n" % (n, len(data), data) for n, data in numbered]
    orders += [b"get-mark :%d\n" % number for number, _ in numbered]
    return git.run(
        "fast-import", "--quiet", "--done", stdin=b"".join(orders) + b"done\n"
    ).text.split()


def write_commit(
    git: GitCommand,
    parent: str,
    blobs: Mapping[str, str | None],
    message: str,
    *,
    sign: bool,
    programs: Collection[str] = (),
    parents: Sequence[str] = (),
) -> str:
    """A commit on `parent` that differs from it by these paths' blobs alone, None for a path that
    goes; no index, no work tree and no client hook is touched. `programs` are the executable
    files, which stay so. `parents` are those that it names, where it isn't that one alone. Raises
    ToolFailed."""
    gone = "0" * len(parent)
    index = "".join(
        f"{EXECUTABLE if path in programs else FILE} {blob}\t{path}\0"
        if blob
        else f"0 {gone}\t{path}\0"
        for path, blob in blobs.items()
    ).encode("utf-8", "surrogateescape")
    with tempfile.TemporaryDirectory(prefix="tidegate-") as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        git.run("read-tree", parent, env=env)
        git.run("update-index", "--add", "-z", "--index-info", stdin=index, env=env)
        tree = git.run("write-tree", env=env).text
    options = ["-S"] if sign else []
    for name in parents or (parent,):
        options += ["-p", name]
    try:
        answer = git.run("commit-tree", *options, "-F", "-", tree, stdin=message.encode())
    except ToolFailed as error:
        raise ToolFailed(
            error.message, output=error.output, hint=_commit_hint(error, sign)
        ) from None
    return answer.text


def _commit_hint(error: ToolFailed, sign: bool) -> str | None:
    if "tell me who you are" in error.output or "empty ident" in error.output:
        return WHO_ARE_YOU
    if sign:
        return "commit.gpgSign is on: check user.signingKey, gpg.format and your key's agent"
    return None


def parents_of(data: bytes) -> list[str]:
    """The parents that a commit object's bytes name, the first one first."""
    head = data.partition(b"\n\n")[0]
    lines = head.split(b"\n")
    return [line[7:].decode("ascii") for line in lines if line.startswith(b"parent ")]


def parse_commit(revision: str, data: bytes, blobs: Mapping[str, str | None]) -> Commit:
    """A commit object's bytes → Commit."""
    head, _, message = data.partition(b"\n\n")
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key:  # lines that begin with a space continue a signature
            fields.setdefault(key, value)
    encoding = fields.get(b"encoding", b"utf-8").decode("utf-8", "replace")
    author = _text(fields.get(b"author", b""), encoding).partition("<")[0].strip()
    committed = _time(_text(fields.get(b"committer", b""), encoding))
    return Commit(revision, author, committed, _text(message, encoding), blobs, encoding=encoding)


def _text(data: bytes, encoding: str) -> str:
    """Text in Latin-1 where the commit names that, and else in UTF-8: in any other, lines could
    hide that Git shows where it can't read it."""
    return data.decode("latin-1" if encoding.lower() in _LATIN else "utf-8", "replace")


def _time(ident: str) -> datetime:
    """The time at the end of `Name <address> 1700000000 +0100`."""
    seconds, zone = (["0", "0", *ident.rsplit(" ", 2)])[-2:]
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
    try:
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        offset = timedelta(minutes=-minutes if zone[0] == "-" else minutes)
        return moment.astimezone(timezone(offset))
    except (ValueError, IndexError, OverflowError):
        return moment
