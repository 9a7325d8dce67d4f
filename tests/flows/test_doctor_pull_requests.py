"""What the doctor says of the provider of pull requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.github import TOKEN, FakeGitHub, fake_github
from tests.support.gitlab import TOKEN as GITLAB_TOKEN
from tests.support.gitlab import fake_gitlab
from tests.support.gitops import World, settings_file, world  # noqa: F401 - fixtures
from tests.support.mlflow_server import mlflow_store  # noqa: F401 - fixtures


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with fake_github(tmp_path) as fake:
        yield fake


def section(github: FakeGitHub) -> str:
    return f"{{provider: github, url: '{github.url}', repository: acme/gitops}}"


def ask(world: World, settings: str, **environ: str) -> tuple[int, dict[str, Any], str]:  # noqa: F811
    world.register("shop", alias="candidate")
    world.push({"tidegate.yaml": settings_file(world.store) + f"pullRequests: {settings}\n"})
    answer = world.tidegate("doctor", "--format", "json", **environ)
    (found,) = [f for f in answer.json["findings"] if f["name"] == "pull requests"]
    return answer.code, found, answer.out + answer.err


def test_where_nothing_is_named_nothing_is_needed(world: World) -> None:  # noqa: F811
    code, found, _ = ask(world, "{}", GITHUB_TOKEN=TOKEN)
    assert (code, found["health"]) == (0, "optional")


def test_provider_account_and_token_are_named(
    world: World, github: FakeGitHub  # noqa: F811
) -> None:  # fmt: skip
    code, found, said = ask(world, section(github), GITHUB_TOKEN=TOKEN)
    place = github.url.removeprefix("http://")
    assert found["found"] == (f"GitHub ({place}/acme/gitops), as tidegate[bot], by GITHUB_TOKEN")
    assert code == 0
    assert TOKEN not in said


def test_what_the_token_lacks_is_told(world: World, github: FakeGitHub) -> None:  # noqa: F811
    github.may_push = False
    code, found, _ = ask(world, section(github), GITHUB_TOKEN=TOKEN)
    assert code == 3
    assert "the token lacks contents: write" in found["found"]


def test_a_refused_or_absent_token_is_told_and_never_shown(
    world: World, github: FakeGitHub  # noqa: F811
) -> None:  # fmt: skip
    code, found, said = ask(world, section(github), GITHUB_TOKEN="refused-token-of-ours")
    assert code == 3
    assert "does not accept the token" in found["found"]
    assert "refused-token-of-ours" not in said
    answer = world.tidegate("doctor", GITHUB_TOKEN="")
    assert "there is no token for GitHub" in answer.out
    assert answer.code == 3


def test_gitlab_is_asked_too(world: World, tmp_path: Path) -> None:  # noqa: F811
    with fake_gitlab(tmp_path) as gitlab:
        gitlab.scopes = ["read_api"]
        settings = f"{{provider: gitlab, url: '{gitlab.url}', repository: acme/gitops}}"
        code, found, said = ask(world, settings, GITLAB_TOKEN=GITLAB_TOKEN)
    assert code == 3
    assert "as project_1_bot_0a1b, by GITLAB_TOKEN: the token lacks scope: api" in found["found"]
    assert GITLAB_TOKEN not in said


def test_mistakes_are_told_with_their_key(world: World) -> None:  # noqa: F811
    wrong = "{provider: gitea, url: 'https://u:p@host', repository: '../x', token: x, app: {id: 1}}"
    world.push({"tidegate.yaml": settings_file(world.store) + f"pullRequests: {wrong}\n"})
    answer = world.tidegate("status")
    assert answer.code == 2
    for key in ("provider", "url", "repository", "token", "app.id"):
        assert f"pullRequests.{key}: " in answer.err
    assert "tidegate.yaml:" in answer.err
