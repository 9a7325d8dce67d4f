"""A world (see `gitops`) whose staging is delivered by pull request, at a small GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.forge import REPOSITORY, Forge, Pull
from tests.support.github import TOKEN, FakeGitHub
from tests.support.gitops import World, make_world, sample_files, settings_file
from tests.support.mlflow_server import MlflowStore

WAY = "delivery: pull-request\npullRequests: {reviewers: [ann], labels: [promotion]}\n"
BRANCH = "tidegate/staging/shop"


@dataclass
class Reviewed:
    """`shop` and `search` run in dev; staging wants pull requests."""

    world: World
    github: FakeGitHub

    @property
    def forge(self) -> Forge:
        return self.github.forge

    def pulls(self, state: str = "open") -> list[Pull]:
        """Those in that state, oldest first."""
        self.forge.look()
        return [pull for _, pull in sorted(self.forge.pulls.items()) if pull.state == state]

    def promote(self, *arguments: str, code: int = 0, to: str = "staging") -> list[dict[str, Any]]:
        """What became of the pull requests."""
        answer = self.world.tidegate("promote", *arguments, "--to", to, "--format", "json")
        assert answer.code == code, answer.out + answer.err
        found: list[dict[str, Any]] = answer.json["pullRequests"]
        return found

    def next_version(self, app: str = "shop", auc: float = 0.95) -> None:
        """A better version, which runs in dev."""
        self.world.register(app, alias="candidate", metrics={"auc": auc, "example_count": 1000.0})
        assert self.world.tidegate("promote", app, "--to", "dev").code == 0

    def branch_head(self, branch: str = BRANCH) -> str:
        return self.forge.head(branch) or ""

    def changed(self, branch: str = BRANCH) -> list[str]:
        """The paths in which a branch differs from where it left main."""
        return self.forge.git("diff", "--name-only", f"main...{branch}").splitlines()


def reviewed(folder: Path, store: MlflowStore, way: str = WAY) -> Reviewed:
    """The world, with both apps in dev."""
    files = sample_files(["shop", "search"])
    path = "environments/staging/environment.yaml"
    files[path] = files[path].replace("promotesFrom", way + "promotesFrom")
    world = make_world(folder, store, files)
    github = FakeGitHub(Forge(world.remote))
    where = f"pullRequests: {{provider: github, url: '{github.url}', repository: {REPOSITORY}}}\n"
    world.push({"tidegate.yaml": settings_file(store) + where})
    world.environ["GITHUB_TOKEN"] = TOKEN
    for app in ("shop", "search"):
        world.register(app, alias="candidate")
    assert world.tidegate("promote", "shop", "search", "--to", "dev").code == 0
    return Reviewed(world, github)


@pytest.fixture
def review(tmp_path: Path, mlflow_store: MlflowStore) -> Iterator[Reviewed]:
    """The world, and an end to its server."""
    made = reviewed(tmp_path, mlflow_store)
    try:
        yield made
        assert made.github.violations == []
    finally:
        made.github.close()
