"""A repository at a real GitHub or GitLab, for the contract suite. Somebody has to name it:

TIDEGATE_TEST_GITHUB_URL         https://github.com, or an Enterprise server
TIDEGATE_TEST_GITHUB_REPOSITORY  a repository whose pull requests and branches may be made and lost
TIDEGATE_TEST_GITHUB_TOKEN       which may write there
TIDEGATE_TEST_GITHUB_REVIEWERS   two logins that may be asked for a review, with a comma between
TIDEGATE_TEST_GITHUB_TEAM        a team that they belong to

and likewise for GITLAB.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tidegate.adapters.pull_requests import open_pull_requests
from tidegate.domain.provider import Provider, ProviderKind
from tidegate.ports import PullRequests

_SETTINGS = ("URL", "REPOSITORY", "TOKEN", "REVIEWERS", "TEAM")
_names = itertools.count()


@dataclass
class RealWorld:
    """What can be done there with one token: branches and commits, but no reviews by others."""

    pull_requests: PullRequests
    clone: Path
    base: str
    reviewers: tuple[str, ...]
    team: str
    environment: dict[str, str]
    prefix: str = field(default_factory=lambda: f"tidegate-test/{os.getpid()}-{next(_names)}-")
    branches: list[str] = field(default_factory=list)

    @property
    def us(self) -> str:
        return self.pull_requests.account().key

    def branch(self, name: str) -> str:
        """The name of a new branch with a commit of its own."""
        branch = f"{self.prefix}{name}"
        self.branches.append(branch)
        self._git("fetch", "-q", "origin", self.base)
        self._git("checkout", "-q", "-B", branch, "FETCH_HEAD")
        self._commit(branch, f"{self.prefix}{name}.txt")
        return branch

    def push(self, branch: str) -> str:
        """One more commit on it."""
        self._git("checkout", "-q", branch)
        return self._commit(branch, f"{branch}-more.txt")

    def head(self, branch: str) -> str:
        """Where a branch is."""
        return self._git("ls-remote", "origin", f"refs/heads/{branch}").partition("\t")[0]

    def message(self, revision: str) -> str:
        """A commit's message."""
        self._git("fetch", "-q", "origin", revision)
        return self._git("log", "-1", "--format=%B", revision)

    def clean(self) -> None:
        """Takes away what was made."""
        for branch in self.branches:
            self._git("push", "-q", "origin", "--delete", branch, okay=(0, 1))

    def _commit(self, branch: str, path: str) -> str:
        file = self.clone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{next(_names)}\n")
        self._git("add", path)
        self._git("commit", "-q", "-m", f"add {path}")
        self._git("push", "-q", "origin", f"HEAD:refs/heads/{branch}")
        return self._git("rev-parse", "HEAD")

    def _git(self, *arguments: str, okay: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.clone), *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **self.environment},
            check=False,
        )
        assert done.returncode in okay, done.stderr
        return done.stdout.strip()


@contextlib.contextmanager
def real_world(
    kind: ProviderKind, folder: Path, environ: Mapping[str, str] = os.environ
) -> Iterator[RealWorld]:
    """A world at the provider that the environment names; skips where it names none."""
    name = f"TIDEGATE_TEST_{kind.name}"
    values = {setting: environ.get(f"{name}_{setting}", "") for setting in _SETTINGS}
    if not all(values[setting] for setting in ("URL", "REPOSITORY", "TOKEN")):
        pytest.skip(f"no {kind.value} to ask: set {name}_URL, _REPOSITORY and _TOKEN")
    provider = Provider(kind, values["URL"], values["REPOSITORY"])
    tokens = {f"{kind.name}_TOKEN": values["TOKEN"]}
    port = open_pull_requests(provider, tokens, lambda: 600.0)
    user = "x-access-token" if kind is ProviderKind.GITHUB else "oauth2"
    basic = base64.b64encode(f"{user}:{values['TOKEN']}".encode()).decode()
    environment = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        **{f"GIT_{who}_NAME": "tidegate" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "tidegate@example.com" for who in ("AUTHOR", "COMMITTER")},
    }
    clone = folder / "clone"
    address = f"{values['URL'].rstrip('/')}/{values['REPOSITORY']}.git"
    command = ["git", "clone", "-q", "--depth", "1", address, str(clone)]
    subprocess.run(command, env={**os.environ, **environment}, check=True)
    base = subprocess.run(
        ["git", "-C", str(clone), "branch", "--show-current"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    reviewers = tuple(name for name in values["REVIEWERS"].split(",") if name)
    world = RealWorld(port, clone, base, reviewers, values["TEAM"], environment)
    try:
        yield world
    finally:
        world.clean()
