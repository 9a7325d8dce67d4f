"""Proposals are read from a clone as it is, and names are what they say or refused."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tidegate.adapters.git.command import GitCommand
from tidegate.adapters.git.naming import find_commit
from tidegate.adapters.git.proposals import GitProposals
from tidegate.adapters.git.repository import GitRepository
from tidegate.errors import InputError, OutsideError


class Clone:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
        answer = subprocess.run(
            ["git", *who, *arguments],
            cwd=self.folder,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.strip()

    def commit(self, path: str, text: str) -> str:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"{path} is {text}")
        return self.git("rev-parse", "HEAD")

    @property
    def proposals(self) -> GitProposals:
        git = GitCommand(self.folder, lambda: 60.0)
        locks = self.folder / ".git" / "locks"
        return GitProposals(git, GitRepository(git, "origin", "main", locks=locks))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "clone")
    made.commit("environments/dev/a/release.yaml", "1")
    return made


def test_the_change_its_commits_and_what_they_left(clone: Clone) -> None:
    base = clone.git("rev-parse", "HEAD")
    clone.commit("environments/dev/a/release.yaml", "2")
    clone.commit("README.md", "x")
    head = clone.commit("environments/dev/a/release.yaml", "3")
    proposal = clone.proposals.read(base, head)
    assert proposal.changed == ("README.md", "environments/dev/a/release.yaml")
    assert [commit.subject for commit in proposal.commits] == [
        "environments/dev/a/release.yaml is 3",
        "README.md is x",
        "environments/dev/a/release.yaml is 2",
    ]
    assert [len(commit.blobs) for commit in proposal.commits] == [1, 0, 1]
    assert proposal.after.read("environments/dev/a/release.yaml") == b"3"
    assert proposal.authors == ("Ann",)


def test_a_branch_that_has_parted_is_merged(clone: Clone) -> None:
    fork = clone.git("rev-parse", "HEAD")
    base = clone.commit("apps/x", "1")
    clone.git("checkout", "-q", "--detach", fork)
    head = clone.commit("apps/y", "1")
    proposal = clone.proposals.read(base, head)
    assert (proposal.changed, proposal.torn) == (("apps/y",), ())
    assert "apps/x" in proposal.after


def test_branches_that_parted_twice_or_never_are_refused(clone: Clone) -> None:
    fork = clone.git("rev-parse", "HEAD")
    one = clone.commit("one", "1")
    clone.git("checkout", "-q", "--detach", fork)
    two = clone.commit("two", "1")
    trees = [clone.git("rev-parse", f"{commit}^{{tree}}") for commit in (one, two)]
    left = clone.git("commit-tree", trees[0], "-p", one, "-p", two, "-m", "left")
    right = clone.git("commit-tree", trees[1], "-p", two, "-p", one, "-m", "right")
    with pytest.raises(InputError, match="parted more than once"):
        clone.proposals.read(left, right)
    alone = clone.git("commit-tree", trees[0], "-m", "alone")
    with pytest.raises(InputError, match="no commit in common"):
        clone.proposals.read(left, alone)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_says_what_is_missing(clone: Clone, tmp_path: Path, depth: int) -> None:
    base = clone.git("rev-parse", "HEAD")
    for number in range(3):
        clone.commit("x", str(number))
    place = tmp_path / "shallow"
    clone.git("clone", "-q", f"--depth={depth}", f"file://{clone.folder}", str(place))
    shallow = Clone(place)
    shallow.git("fetch", "-q", "--depth=1", "origin", f"{base}:refs/heads/base")
    with pytest.raises(OutsideError, match="shallow") as caught:
        shallow.proposals.read("base", "HEAD")
    assert "fetch-depth: 0" in str(caught.value.hint)


def test_a_shallow_clone_that_has_all_it_takes_will_do(clone: Clone, tmp_path: Path) -> None:
    base = clone.git("rev-parse", "HEAD")
    clone.commit("x", "1")
    place = tmp_path / "shallow"
    clone.git("clone", "-q", "--depth=2", f"file://{clone.folder}", str(place))
    shallow = Clone(place)
    assert shallow.proposals.read(base, "HEAD").changed == ("x",)


def test_a_tag_can_not_take_a_branchs_name(clone: Clone) -> None:
    git = GitCommand(clone.folder, lambda: 60.0)
    head = clone.git("rev-parse", "HEAD")
    assert find_commit(git, "main") == find_commit(git, "main^{commit}") == head
    clone.git("tag", "main")
    assert find_commit(git, "main") == head  # the same commit, whatever is meant
    clone.commit("x", "2")
    for name in ("main", "main~0"):
        with pytest.raises(InputError, match="may be any of refs/tags/main, refs/heads/main"):
            find_commit(git, name)
    assert find_commit(git, "refs/heads/main") == find_commit(git, "HEAD") != head


@pytest.mark.parametrize("name", ["", "-x", "--all", "^main", "main..main", "nothing", "HEAD:x"])
def test_what_is_no_commit_is_refused(clone: Clone, name: str) -> None:
    with pytest.raises(InputError, match="commit, branch or tag"):
        find_commit(GitCommand(clone.folder, lambda: 60.0), name)
