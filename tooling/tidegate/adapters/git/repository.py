"""The branch that Argo CD follows: fetched into refs of our own, and pushed to, never forced."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from tidegate.adapters.git.command import GitCommand
from tidegate.adapters.git.lock import hold_lock
from tidegate.adapters.git.log import list_changes
from tidegate.adapters.git.merges import find_brought
from tidegate.adapters.git.objects import (
    WHO_ARE_YOU,
    list_tree,
    parents_of,
    parse_commit,
    read_objects,
    sizes_of,
    write_blobs,
    write_commit,
)
from tidegate.adapters.git.refs import FetchRefs
from tidegate.adapters.git.refusal import is_race, refusal, shallow
from tidegate.domain.commit import Commit, Moved
from tidegate.domain.redaction import redact
from tidegate.domain.snapshot import EXECUTABLE, READ_LIMIT, Snapshot
from tidegate.errors import InputError, NotFound, OutsideError, ToolFailed, Unreachable
from tidegate.ports import Progress

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_QUIET = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--refmap=")


class GitRepository:
    """One branch of one remote. Nothing here touches the work tree, its index or its branches.
    `locks` is a folder of this user's for the locks that keep promoters from racing each other."""

    def __init__(
        self,
        git: GitCommand,
        remote: str,
        branch: str,
        *,
        locks: Path,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._git = git
        self._refs = FetchRefs(git, now)
        self.remote = remote
        self.branch = branch
        self._locks = locks
        self._blobs: dict[str, bytes] = {}
        self._programs: tuple[str, frozenset[str]] = ("", frozenset())
        self._stored: dict[bytes, str] = {}

    def fetch(self) -> Snapshot:
        """The remote branch's head. Raises InputError for an unknown remote or branch, and
        Unreachable where the remote does not answer."""
        return self.snapshot(self._fetch())

    def snapshot(self, revision: str) -> Snapshot:
        """The tree of a commit that is in this clone. Raises NotFound for one that isn't."""
        try:
            entries = list_tree(self._git, revision)
        except ToolFailed as error:
            if "Not a valid object name" in error.output or "not a tree" in error.output:
                raise NotFound(f"this clone has no commit {revision}") from None
            raise
        programs = frozenset(path for path, entry in entries.items() if entry.mode == EXECUTABLE)
        self._programs = (revision, programs)
        return Snapshot(revision, entries, self._read, self._blobs)

    def address(self) -> str:
        """The remote's, as Git has it: it may hold a password."""
        return self._git.run("remote", "get-url", self.remote, accepted=range(256)).text

    def identity(self) -> str:
        """The author's name, as Git's configuration and environment have it."""
        answer = self._git.run("var", "GIT_AUTHOR_IDENT", accepted=range(256))
        name = answer.text.partition("<")[0].strip()
        if answer.status or not name:
            raise InputError("Git doesn't know who you are", hint=WHO_ARE_YOU)
        return name

    def head(self) -> str | None:
        """Where the remote's branch is, just fetched; None where there is no such branch. Raises
        Unreachable."""
        listing = self._git.run("ls-remote", "--quiet", self.remote, self._source()).text
        return self._fetch() if listing else None

    def bring(self, branches: Sequence[str]) -> None:
        """In one exchange with the remote, however many they are."""
        room = f"refs/tidegate/remotes/{self.remote}"
        sources = [f"+refs/heads/{branch}:{room}/{branch}" for branch in branches]
        if sources:
            self._git.run("fetch", *_QUIET, self.remote, *sources, accepted=range(256))

    def has(self, revision: str) -> bool:
        """Never for a name that isn't a whole id: a branch may be called as anything."""
        if not _COMMIT.fullmatch(revision):
            return False
        answer = self._git.run("cat-file", "-e", f"{revision}^{{commit}}", accepted=range(256))
        return answer.status == 0

    def fork(self, one: str, other: str) -> str | None:
        """The newest commit that both have behind them; None where there is none."""
        return self._git.run("merge-base", one, other, accepted=(0, 1)).text or None

    def commit(
        self,
        parent: str,
        edits: Mapping[str, bytes | None],
        message: str,
        *,
        after: str | None = None,
    ) -> str:
        """A new commit's id; signed where Git's configuration says so. With `after` it has the
        same tree, and that commit as its second parent, so that its branch can be pushed unforced
        and what was there is not on its first-parent line."""
        if self._programs[0] != parent:
            self.snapshot(parent)
        blobs, programs = self._written(edits), self._programs[1]
        parents = (parent,) if after is None or self.contains(parent, after) else (parent, after)
        return write_commit(
            self._git, parent, blobs, message, sign=self._signs, programs=programs, parents=parents
        )

    @cached_property
    def _signs(self) -> bool:
        answer = self._git.run("config", "--type=bool", "--get", "commit.gpgSign", accepted=(0, 1))
        return answer.text == "true"

    def _written(self, edits: Mapping[str, bytes | None]) -> dict[str, str | None]:
        """Each path's blob, stored once however often the commit is made again."""
        contents = [data for data in dict.fromkeys(edits.values()) if data is not None]
        missing = [data for data in contents if data not in self._stored]
        if missing:
            self._stored.update(zip(missing, write_blobs(self._git, missing), strict=True))
        return {p: None if data is None else self._stored[data] for p, data in edits.items()}

    def push(self, commit: str) -> Moved | None:
        """Offers a commit to the branch: None when it is there, Moved when others were first.

        Raises OutsideError, with the server's words, when it is refused for any other reason.
        """
        answer = self._git.run(
            "push",
            "--porcelain",
            "--no-follow-tags",
            "--recurse-submodules=no",
            self.remote,
            f"{commit}:refs/heads/{self.branch}",
            config={f"remote.{self.remote}.mirror": "false"},  # which takes no single branch
            accepted=range(-64, 256),
        )
        if answer.status == 0:
            return None
        words = redact(f"{answer.stdout.decode('utf-8', 'replace')}\n{answer.stderr}")
        race = is_race(words)
        if race:
            return Moved(race)
        # The answer may have been lost after the server took the commit: look before we say no.
        with contextlib.suppress(OutsideError):
            if self.contains(self._fetch(), commit):
                return None
        raise refusal(words, self.remote, self.branch)

    def contains(self, head: str, commit: str) -> bool:
        """Whether a commit is the head or behind it."""
        answer = self._git.run("merge-base", "--is-ancestor", commit, head, accepted=(0, 1))
        return answer.status == 0

    def distance(self, old: str, new: str) -> int:
        """How many commits of the first-parent line lead from one head to the other."""
        answer = self._git.run("rev-list", "--count", "--first-parent", f"{old}..{new}")
        return int(answer.text)

    @contextlib.contextmanager
    def alone(self, progress: Progress) -> Iterator[bool]:
        """Lets one process of this user and machine publish to the branch at a time, from
        whichever clone; says whether it had to wait."""
        place = self._git.run("remote", "get-url", "--push", self.remote).text
        name = hashlib.sha256(f"{place}\n{self.branch}".encode()).hexdigest()
        lock = self._locks / f"{name}.lock"

        def taken() -> None:
            progress("waiting for another command of yours, which is pushing")

        with hold_lock(lock, self._git.remaining, taken) as waited:
            yield waited

    def history(self, revision: str, paths: Sequence[str], *, whole: bool = True) -> list[Commit]:
        """The commits of the first-parent line that changed any of the paths, newest first.

        For the whole of it a shallow clone is deepened first; raises OutsideError where that can't
        be done.
        """
        if whole:
            self.deepen()
        changes = list(list_changes(self._git, ["--first-parent", revision], paths))
        contents = read_objects(self._git, [commit for commit, _ in changes])
        found = [parse_commit(c, contents[c], blobs) for c, blobs in changes]
        merges = {commit for commit, data in contents.items() if len(parents_of(data)) > 1}
        return self._with_brought(found, find_brought(self._git, revision, merges))

    def _with_brought(
        self, commits: list[Commit], brought: Mapping[str, Sequence[str]]
    ) -> list[Commit]:
        """Each merge with the messages of the commits that it brought."""
        if not brought:
            return commits
        ids = [identity for several in brought.values() for identity in several]
        contents = read_objects(self._git, ids)
        texts = {i: parse_commit(i, data, {}).message for i, data in contents.items()}
        return [
            replace(c, brought=tuple(texts[i] for i in brought.get(c.revision, ())))
            for c in commits
        ]

    def read(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The contents of blobs, such as those that `history` names; nothing of those that are
        too large to be any of ours."""
        missing = [identity for identity in ids if identity not in self._blobs]
        sizes = sizes_of(self._git, missing) if missing else {}
        large = {identity for identity, size in sizes.items() if size > READ_LIMIT}
        self._blobs.update(self._read([i for i in missing if i not in large]))
        return {identity: self._blobs.get(identity, b"") for identity in ids}

    def _read(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        return read_objects(self._git, list(dict.fromkeys(ids)))

    def deepen(self) -> None:
        """Fetches the whole past into a shallow clone. Raises OutsideError where the remote hasn't
        got it, or doesn't answer."""
        if self._git.run("rev-parse", "--is-shallow-repository").text != "true":
            return
        try:
            self._git.run("fetch", *_QUIET, "--unshallow", self.remote, self._source())
        except OutsideError as error:
            raise shallow(error.message) from error
        if self._git.run("rev-parse", "--is-shallow-repository").text == "true":
            raise shallow(f"{self.remote} is shallow itself")

    def _source(self) -> str:
        return f"refs/heads/{self.branch}"

    def _fetch(self) -> str:
        """The head's id, fetched into a ref that no other process can be writing."""
        self._refs.sweep()
        ref = self._refs.fresh()
        try:
            self._git.run("fetch", *_QUIET, self.remote, f"+{self._source()}:{ref}")
        except ToolFailed as error:
            raise self._unfetched(error) from None
        head = self._git.run("rev-parse", "--verify", f"{ref}^{{commit}}").text
        # A ref that stays spares the next fetch what this one brought. Where somebody else is
        # writing it, theirs is as good; then only ours goes.
        kept = f"update refs/tidegate/remotes/{self.remote}/{self.branch} {head}\n"
        mine = f"delete {ref}\n"
        both = self._git.run(
            "update-ref", "--stdin", stdin=(kept + mine).encode(), accepted=range(256)
        )
        if both.status:
            self._git.run("update-ref", "--stdin", stdin=mine.encode(), accepted=range(256))
        return head

    def _unfetched(self, error: ToolFailed) -> OutsideError | InputError:
        words = error.output
        if "couldn't find remote ref" in words:
            return InputError(
                f"{self.remote} has no branch '{self.branch}'",
                hint="name the branch that Argo CD follows with --branch NAME or in tidegate.yaml",
            )
        if "does not appear to be a git repository" in words and f"'{self.remote}'" in words:
            return InputError(
                f"there is no Git remote named '{self.remote}'",
                hint="see `git remote -v`; name another with --remote NAME",
            )
        if "Repository not found" in words or "does not appear to be a git" in words:
            return NotFound(f"the remote '{self.remote}' is not there: {words}")
        return Unreachable(f"the remote '{self.remote}' can't be fetched from: {words}")
