"""Changes that are proposed, read from the objects of a clone: no checkout, no filter, no driver,
no hook and no text conversion takes part."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.adapters.git.command import GitCommand
from tidegate.adapters.git.log import list_changes
from tidegate.adapters.git.naming import find_commit
from tidegate.adapters.git.objects import parents_of, parse_commit, read_objects
from tidegate.adapters.git.refusal import shallow
from tidegate.domain.commit import Commit
from tidegate.domain.proposal import Proposal
from tidegate.errors import InputError
from tidegate.ports import Repository
from tidegate.repository.layout import ENVIRONMENTS
from tidegate.repository.merging import merge

_MOST_COMMITS = 5_000
_UPDATE = "bring the branch up to date with its base, then verify it again"


class GitProposals:
    """See `ports.Proposals`. `repository` reads the same clone."""

    def __init__(self, git: GitCommand, repository: Repository) -> None:
        self._git = git
        self._repository = repository

    def read(self, base: str, head: str) -> Proposal:
        """What the head changes of the base. Raises InputError for a name that stands for no
        commit, or for several, and OutsideError where a shallow clone lacks what it takes."""
        theirs = find_commit(self._git, head)
        before = self._repository.snapshot(find_commit(self._git, base))
        ours = before.revision
        commits = self._commits(ours, theirs)
        fork = self._fork(ours, theirs)
        forked = before if fork == ours else self._repository.snapshot(fork)
        after, torn = merge(forked, before, self._repository.snapshot(theirs))
        return Proposal(before, theirs, after, commits, torn)

    def _fork(self, ours: str, theirs: str) -> str:
        """Where both parted."""
        answer = self._git.run("merge-base", "--all", ours, theirs, accepted=(0, 1))
        found = answer.text.split()
        if not found:
            if self._is_shallow():
                raise shallow("base and head have no commit in common here")
            raise InputError("base and head have no commit in common")
        if len(found) > 1:
            raise InputError("base and head have parted more than once", hint=_UPDATE)
        return found[0]

    def _commits(self, ours: str, theirs: str) -> tuple[Commit, ...]:
        limit = f"--max-count={_MOST_COMMITS + 1}"
        span = f"{ours}..{theirs}"
        ids = self._git.run("rev-list", "--topo-order", limit, span).text.split()
        if len(ids) > _MOST_COMMITS:
            raise InputError(f"head brings more than {_MOST_COMMITS} commits", hint=_UPDATE)
        contents = read_objects(self._git, ids)
        self._require_whole(ours, contents)
        changes = dict(list_changes(self._git, ["--full-history", span], [f"{ENVIRONMENTS}/**"]))
        return tuple(parse_commit(i, contents[i], changes.get(i, {})) for i in ids)

    def _require_whole(self, ours: str, contents: Mapping[str, bytes]) -> None:
        """Where the clone is shallow, each commit's parents must be at hand, or behind the base."""
        if not self._is_shallow():
            return
        parents = {parent for data in contents.values() for parent in parents_of(data)}
        for parent in sorted(parents - contents.keys()):
            if not self._is_behind(parent, ours):
                raise shallow(f"commit {parent[:10]}, which head is built on, is not there")

    def _is_behind(self, commit: str, head: str) -> bool:
        words = ("merge-base", "--is-ancestor", commit, head)
        return self._git.run(*words, accepted=(0, 1, 128)).status == 0

    def _is_shallow(self) -> bool:
        return self._git.run("rev-parse", "--is-shallow-repository").text == "true"
