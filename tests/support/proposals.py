"""A repository with a past, and branches that propose to change it: some by Tidegate, others by
whoever would like to get something past it.

from tests.support.mlflow_server import mlflow_template  # noqa: F401
from tests.support.proposals import Proposals, PROMOTE  # the fixture `proposals` is in conftest.py

def test_it(proposals):
    head = proposals.made(*PROMOTE)
    assert proposals.verify(head).code == 0
"""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.bad_days.endings import end
from tests.support.gitops import VULNERABLE, Answer, World, make_world, sample_files
from tests.support.mlflow_server import MlflowStore
from tests.support.releases import Past

from demo.trivy_db import Advisory, write_database

# What runs at the base: shop 1 everywhere and 2 in dev; search 2 everywhere but in staging, where
# it was rolled back to 1, is held, and 2 is blocked.
PROMOTE = ("promote", "shop", "--to", "staging", "--reason", "better")
TO_PROD = ("promote", "shop", "--to", "prod")
ROLLBACK = ("rollback", "search", "--env", "prod", "--reason", "answers are slow")
HOLD = ("hold", "shop", "--env", "prod", "--reason", "stock-taking")
RELEASE = ("release", "search", "--env", "staging", "--version", "2", "--reason", "mended")

_BACK = ("rollback", "search", "--env", "staging", "--reason", "slow")

Files = Mapping[str, bytes | str | None]


@dataclass
class Proposals:
    """`base` is the head of the branch. Nothing here moves it."""

    world: World
    base: str
    _made: dict[tuple[str, ...], str] = field(default_factory=dict)

    def made(self, *arguments: str, base: str | None = None) -> str:
        """The commit that a verb writes on the base, or on another one."""
        key = (base or self.base, *arguments)
        if key not in self._made:
            branch = f"p-{uuid.uuid4().hex}"
            self.world.git("push", "-q", "origin", f"{key[0]}:refs/heads/{branch}")
            answer = self.world.tidegate("--branch", branch, *arguments)
            assert answer.code == 0, answer.out + answer.err
            self.world.git("fetch", "-q", "origin", branch)
            self._made[key] = self.world.git("rev-parse", "FETCH_HEAD")
        return self._made[key]

    def to_dev(self, auc: float) -> tuple[str, str]:
        """A new version of shop, and its promotion to dev."""
        metrics = {"auc": auc, "example_count": 1000.0}
        version = self.world.register("shop", metrics=metrics)
        return version, self.made("promote", "shop", "--to", "dev", "--version", version)

    def commit(
        self,
        files: Files,
        message: str = "change",
        *,
        on: str | None = None,
        parents: Sequence[str] | None = None,
        mode: str = "100644",
        links: Mapping[str, str] | None = None,
    ) -> str:
        """A commit of `on`'s tree with these files; None takes one away. `links` are modes and
        ids of entries that are no files."""
        start = on or self.base
        index = self.world.folder / f"index-{uuid.uuid4().hex}"
        env = {"GIT_INDEX_FILE": str(index)}
        self.git("read-tree", start, env=env)
        lines = []
        for path, content in files.items():
            if content is None:
                lines.append(f"0 {'0' * 40}\t{path}")
                continue
            data = content.encode() if isinstance(content, str) else content
            lines.append(f"{mode} {self.blob(data)}\t{path}")
        lines += [f"{entry}\t{path}" for path, entry in (links or {}).items()]
        order = "".join(f"{line}\0" for line in lines)
        self.git("update-index", "-z", "--add", "--index-info", stdin=order, env=env)
        tree = self.git("write-tree", env=env)
        index.unlink()
        words = [word for parent in parents or [start] for word in ("-p", parent)]
        return self.git("commit-tree", *words, "-F", "-", tree, stdin=message)

    def blob(self, data: bytes) -> str:
        """The id of a new blob."""
        return self.git(
            "hash-object", "-w", "--stdin", stdin=data.decode("utf-8", "surrogateescape")
        )

    def instead(
        self, head: str, files: Files, message: str | None = None, *, mode: str = "100644"
    ) -> str:
        """A commit in another's place, with files that differ."""
        told = message or self.message(head)
        return self.commit(files, told, on=head, parents=[self.base], mode=mode)

    def message(self, commit: str) -> str:
        """A commit's message."""
        return self.git("log", "-1", "--format=%B", commit)

    def show(self, path: str, commit: str | None = None) -> str:
        """A file at the base, or in a commit."""
        return self.git("show", f"{commit or self.base}:{path}") + "\n"

    def git(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """What git prints, in the clone."""
        answer = subprocess.run(
            ["git", *arguments],
            cwd=self.world.clone,
            env=os.environ | self.world.environ | (env or {}),
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.decode("utf-8", "surrogateescape").strip()

    @contextmanager
    def known(self, advisory: Advisory) -> Iterator[None]:
        """As long as it lasts, the scanner knows of one vulnerability more."""
        folder = self.world.folder / "trivy"
        write_database(folder, [VULNERABLE, advisory], datetime.now(UTC))
        try:
            yield
        finally:
            write_database(folder, [VULNERABLE], datetime.now(UTC))

    def verify(self, head: str, *arguments: str, base: str | None = None) -> Answer:
        """What `verify` says, held to all that is promised of any ending."""
        return end(self.world, "verify", "--base", base or self.base, "--head", head, *arguments)

    def refused(self, head: str, text: str, file: str | None = None) -> None:
        """Holds that it is refused, for that reason and at that file."""
        answer = self.verify(head)
        assert (answer.code, answer.json["outcome"]) == (1, "refused"), answer.out + answer.err
        told = [(item["file"], item["message"]) for item in answer.json["objections"]]
        assert any(text in message and file in (None, at) for at, message in told), told


@pytest.fixture(scope="session")
def proposals(tmp_path_factory: pytest.TempPathFactory, mlflow_template: Path) -> Proposals:
    """One for all tests; each makes branches of its own."""
    folder = tmp_path_factory.mktemp("proposals")
    file = folder / "mlflow.db"
    shutil.copy(mlflow_template, file)
    store = MlflowStore(f"sqlite:///{file}", file)
    world = make_world(folder, store, sample_files(["shop", "search"]))
    _release(world, "shop", 0.90, "dev", "staging", "prod")
    _release(world, "shop", 0.92, "dev")
    past = Past(world.folder, world.store, world.environ)
    for version in ("1", "2"):
        files: dict[str, bytes] = {}
        for environment in ("dev", "staging", "prod"):
            files |= past.files("search", version, environment)
        past.push(files, f"search {version}")
    assert world.tidegate(*_BACK).code == 0
    world.git("pull", "-q", "--ff-only", "origin", "main")
    return Proposals(world, world.head())


def _release(world: World, app: str, auc: float, *environments: str) -> None:
    world.register(app, metrics={"auc": auc, "example_count": 1000.0}, alias="candidate")
    for environment in environments:
        answer = world.tidegate("promote", app, "--to", environment)
        assert answer.code == 0, answer.out + answer.err
