"""A team whose repository is at a provider: cloned and pushed to over HTTP with a token, through
`git http-backend`, and delivered by a small Argo CD. All goes by commands of its own process.

with journey("github", folder, store) as way:
    way.tidegate("promote", "shop", "--to", "staging")
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from tests.support import github, gitlab
from tests.support.argocd import TOKEN, FakeArgoCd
from tests.support.argocd_answers import Document, application
from tests.support.forge import TEAM, Forge, Pull
from tests.support.github import FakeGitHub
from tests.support.gitlab import FakeGitLab
from tests.support.gitops import World, make_world, sample_files, settings_file
from tests.support.mlflow_server import MlflowStore, client

BRANCH = "tidegate/staging/shop"
_WAY = "delivery: pull-request\npullRequests: {reviewers: [ann], labels: [promotion]}\n"
# As the workflows have it: git asks for the token when it needs it, and keeps it nowhere.
_CREDENTIALS = '!f() {{ echo username=anybody; echo "password=${variable}"; }}; f'
_SERVERS = {
    "github": (FakeGitHub, github.TOKEN, "GITHUB_TOKEN"),
    "gitlab": (FakeGitLab, gitlab.TOKEN, "GITLAB_TOKEN"),
}


@dataclass
class Journey:
    """Dev takes commits, staging wants pull requests and an owner's yes. `said` is all that any
    command printed."""

    world: World
    server: FakeGitHub | FakeGitLab
    argocd: FakeArgoCd
    token: str
    said: list[str] = field(default_factory=list)

    @property
    def forge(self) -> Forge:
        return self.server.forge

    def tidegate(self, *arguments: str, code: int = 0) -> Any:
        """A command's report."""
        command = self.world.spawn(*arguments, "--verbose", "--format", "json")
        out, err = command.communicate(timeout=300)
        self.said += [out, err]
        assert command.returncode == code, f"{arguments}: {command.returncode}\n{out}{err}"
        return yaml.safe_load(out)

    def next_version(self) -> str:
        """A better version, which runs in dev by a commit that was pushed over HTTP."""
        auc = 0.8 + len(self.forge.git("rev-list", "main").splitlines()) / 1000
        version = self.world.register("shop", alias="candidate", metrics={"auc": auc})
        made = self.tidegate("promote", "shop", "--to", "dev")
        assert [app["outcome"] for app in made["apps"]] == ["promoted"]
        return version

    def propose(self, code: int = 0) -> tuple[str, int | None]:
        """What `promote --pull-request` did, and to which."""
        words = ("promote", "shop", "--to", "staging", "--pull-request")
        (made,) = self.tidegate(*words, code=code)["pullRequests"]
        there = made["pullRequest"]
        return made["action"], there and there["number"]

    def pull(self) -> Pull:
        """The one that is open."""
        self.forge.look()
        (pull,) = (pull for pull in self.forge.pulls.values() if pull.state == "open")
        return pull

    def running(self) -> str:
        """The version that staging's record names."""
        text = self.world.show("environments/staging/shop/release.yaml")
        return str(yaml.safe_load(text)["model"]["version"])

    def live(self) -> str | None:
        """The version that the registry's alias says is live there."""
        found = client(self.world.store.uri).get_registered_model("shop").aliases
        return str(found["shop-staging"]) if "shop-staging" in found else None

    def refresh(self, document: Document) -> None:
        """An Argo CD that runs at once what the branch says."""
        text = self.world.show("environments/staging/shop/release.yaml")
        digest = yaml.safe_load(text)["image"]["digest"]
        status = document["status"]
        status["sync"]["revision"] = self.world.head()
        status["summary"] = {"images": [f"{self.world.image('shop')}:t@{digest}"]}
        status["reconciledAt"] = "2026-11-22T11:00:00Z"

    def places_of(self, secret: str) -> list[str]:
        """The files around the clone that a secret is in, and what was said with it."""
        word, folder = secret.encode(), self.world.folder
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        found = [str(path.relative_to(folder)) for path in files if word in path.read_bytes()]
        return found + [said for said in self.said if secret in said]


@contextlib.contextmanager
def journey(kind: str, folder: Path, store: MlflowStore) -> Iterator[Journey]:
    """The team's first day: nothing was ever promoted."""
    files = sample_files(["shop"])
    path = "environments/staging/environment.yaml"
    files[path] = files[path].replace("promotesFrom", _WAY + "promotesFrom")
    files[path] += "  - {gate: approval}\n"
    path = "apps/shop/app.yaml"
    files[path] = files[path].replace("[team-shop]", f"['{TEAM}']")
    settings = f"pullRequests: {{provider: {kind}}}\nargocd: {{plainText: true}}\n"
    files["tidegate.yaml"] = settings_file(store) + settings
    world = make_world(folder, store, files)
    world.git("config", "http.receivepack", "true", cwd=world.remote)
    make, token, variable = _SERVERS[kind]
    with contextlib.closing(make(Forge(world.remote))) as server, FakeArgoCd() as argocd:
        world.environ |= {
            variable: token,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "credential.helper",
            "GIT_CONFIG_VALUE_0": _CREDENTIALS.format(variable=variable),
            "ARGOCD_SERVER": argocd.server,
            "ARGOCD_AUTH_TOKEN": TOKEN,
        }
        shutil.rmtree(world.clone)
        world.git("clone", "-q", server.git_url, str(world.clone), cwd=folder)
        made = Journey(world, server, argocd, token)
        labels = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "staging"}
        argocd.put(application("shop-staging", project="staging", labels=labels))
        argocd.on_refresh = made.refresh
        yield made
        assert server.violations == []
