"""A repository at a provider with one branch to be merged, for what any provider must do."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import gitlab
from tests.support.forge import TEAM, Forge
from tests.support.github import BOT, TOKEN, FakeGitHub, fake_github
from tests.support.gitlab import FakeGitLab, fake_gitlab
from tests.support.http_fake import FakeServer

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.github import GitHub, address_of, api_of
from tidegate.adapters.pull_requests.gitlab import JOB_HEADER, PRIVATE_HEADER, GitLab
from tidegate.adapters.pull_requests.gitlab import address_of as gitlab_address
from tidegate.adapters.pull_requests.gitlab import api_of as gitlab_api
from tidegate.adapters.token import from_text
from tidegate.domain.pull_request import Proposal
from tidegate.ports import PullRequests

_names = itertools.count()


@dataclass
class FakeWorld:
    """What other people do there. `us` is who the port speaks for, `reviewers` may approve."""

    pull_requests: PullRequests
    forge: Forge
    server: FakeServer
    us: str = BOT
    reviewers: tuple[str, str] = ("ann", "bob")
    team: str = TEAM
    base: str = "main"
    rules: bool = True
    prefix: str = field(default_factory=lambda: f"promote/{next(_names)}-")

    def branch(self, name: str) -> str:
        """The name of a new branch with a commit of its own."""
        branch = f"{self.prefix}{name}"
        self.forge.commit(branch, {f"{name}.txt": "new\n"}, onto=self.base)
        return branch

    def push(self, branch: str) -> str:
        """One more commit on it."""
        return self.forge.commit(branch, {"more.txt": f"{next(_names)}\n"})

    def head(self, branch: str) -> str:
        """Where a branch is."""
        return self.forge.head(branch) or ""

    def parents(self, revision: str) -> list[str]:
        """A commit's parents."""
        return self.forge.git("rev-list", "--parents", "-1", revision).split()[1:]

    def message(self, revision: str) -> str:
        """A commit's message."""
        return self.forge.git("log", "-1", "--format=%B", revision)

    def approve(self, number: int, login: str) -> None:
        """Somebody says yes to the present head."""
        self.forge.review(number, login)

    def object_to(self, number: int, login: str) -> None:
        """Somebody wants changes."""
        self.forge.review(number, login, "CHANGES_REQUESTED")

    def write(self, number: int, login: str, text: str) -> None:
        """Somebody comments."""
        self.forge.comment(number, login, text)

    def require(self, context: str) -> None:
        """The base takes only what has that status."""
        self.forge.rules.statuses.add(context)


def proposal(world: FakeWorld, name: str = "shop", **values: object) -> Proposal:
    """What to propose, from a new branch."""
    usual = {"title": f"promote({name}): 2", "body": f"the body of {name}", "base": world.base}
    return Proposal(branch=world.branch(name), **{**usual, **values})  # type: ignore[arg-type]


def github_of(fake: FakeGitHub, token: str = TOKEN) -> GitHub:
    """The port, asked with a token."""
    address = address_of(fake.url, fake.forge.repository)
    http = Http(timeout=60, sleep=lambda seconds: None)
    return GitHub(address, api_of(address, from_text(token, "the test"), http))


@contextlib.contextmanager
def github_world(folder: Path) -> Iterator[FakeWorld]:
    """A small GitHub."""
    with fake_github(folder) as fake:
        yield FakeWorld(github_of(fake), fake.forge, fake)


def gitlab_of(fake: FakeGitLab, token: str = gitlab.TOKEN, header: str = PRIVATE_HEADER) -> GitLab:
    """The port, asked with a token."""
    address = gitlab_address(fake.url, fake.forge.repository)
    http = Http(timeout=60, sleep=lambda seconds: None)
    api = gitlab_api(address, from_text(token, "the test"), header, http)
    return GitLab(address, api, job=header == JOB_HEADER)


@contextlib.contextmanager
def gitlab_world(folder: Path) -> Iterator[FakeWorld]:
    """A small GitLab."""
    with fake_gitlab(folder) as fake:
        yield FakeWorld(gitlab_of(fake), fake.forge, fake, us=gitlab.BOT)


WORLDS = {"github": github_world, "gitlab": gitlab_world}
