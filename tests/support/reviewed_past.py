"""A past (see `releases`) whose prod is delivered by pull request, at a small GitHub or GitLab: no
model registry, no image registry and no scanner answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.bad_days.endings import end
from tests.support.forge import REPOSITORY, Forge, Pull
from tests.support.github import TOKEN, FakeGitHub
from tests.support.gitlab import TOKEN as GITLAB_TOKEN
from tests.support.gitlab import FakeGitLab
from tests.support.gitops import Answer, sample_files
from tests.support.releases import Past, make_past, release

from tidegate.repository.release import evidence_digest

ENVIRONMENT = "environments/prod/environment.yaml"
WAY = """\
delivery: pull-request
pullRequests: {reviewers: [ann], labels: [prod], statuses: [ci/all]}
"""
PROVIDERS = {"github": FakeGitHub, "gitlab": FakeGitLab}


@dataclass
class ReviewedPast:
    """`shop` and `search` have run versions 1 and 2 in prod."""

    past: Past
    server: FakeGitHub | FakeGitLab

    @property
    def forge(self) -> Forge:
        return self.server.forge

    def run(self, *arguments: str, code: int = 0) -> Any:
        """A command's document."""
        answer = end(self.past, *arguments)
        assert answer.code == code, answer.out + answer.err
        return answer.json

    def say(self, *arguments: str) -> Answer:
        """What it says for people."""
        return self.past.tidegate(*arguments)

    def pulls(self, state: str = "open") -> list[Pull]:
        """Those in that state, oldest first."""
        self.forge.look()
        return [pull for _, pull in sorted(self.forge.pulls.items()) if pull.state == state]

    def changed(self, branch: str) -> list[str]:
        """The names of the files in which a branch differs from where it left main."""
        paths = self.forge.git("diff", "--name-only", f"main...{branch}").splitlines()
        return [path.rpartition("/")[2] for path in paths]

    def promotion(self, branch: str, version: str, *apps: str) -> Pull:
        """An open promotion of apps, as `promote` leaves one."""
        files: dict[str, str] = {}
        for app in apps:
            made = self.past.files(app, version)
            files |= {path: data.decode() for path, data in made.items()}
        self.forge.commit(branch, files, onto="main")
        records = [release(app, "prod", version) for app in apps]
        told = "\n".join(
            f"Tidegate-Promotion: prod/{r.app} {r.model}@{version} {r.image.digest} "
            f"{evidence_digest(r.evidence)}"
            for r in records
        )
        said = ("commit-tree", f"{branch}^{{tree}}", "-p", "main", "-m", f"promote(prod)\n\n{told}")
        self.forge.git("update-ref", f"refs/heads/{branch}", self.forge.git(*said))
        items = ",".join(f'{{"app":"{app}","environment":"prod"}}' for app in apps)
        body = f'text\n<!-- tidegate:promotion {{"apps":[{items}]}} -->'
        values = {"title": "promote(prod)", "body": body, "branch": branch, "base": "main"}
        return self.forge.open("someone", values | {"draft": False})

    def merge(self, pull: Pull) -> Any:
        """Merges it as `merge` does."""
        return self.run("merge", str(pull.number))


def reviewed_past(folder: Path, provider: str) -> ReviewedPast:
    """The world, at that provider."""
    files = sample_files(["shop", "search"])
    files[ENVIRONMENT] = files[ENVIRONMENT].replace("promotesFrom", WAY + "promotesFrom")
    past = make_past(folder, files)
    server = PROVIDERS[provider](Forge(past.remote))
    where = f"{{provider: {provider}, url: '{server.url}', repository: {REPOSITORY}}}"
    settings = past.show("tidegate.yaml")
    past.push({"tidegate.yaml": f"{settings}\npullRequests: {where}\n"}, "settings")
    past.environ |= {"GITHUB_TOKEN": TOKEN, "GITLAB_TOKEN": GITLAB_TOKEN}
    for app in ("shop", "search"):
        for version in ("1", "2"):
            past.ship(app, version)
    return ReviewedPast(past, server)


@pytest.fixture(params=sorted(PROVIDERS))
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReviewedPast]:
    """The world at each provider."""
    made = reviewed_past(tmp_path, request.param)
    try:
        yield made
        assert made.server.violations == []
    finally:
        made.server.close()


@pytest.fixture
def github(tmp_path: Path) -> Iterator[ReviewedPast]:
    """The world at GitHub."""
    made = reviewed_past(tmp_path, "github")
    try:
        yield made
        assert made.server.violations == []
    finally:
        made.server.close()
