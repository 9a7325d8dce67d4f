"""`rescan`: what runs, held against what is known now; and the issue that tells of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.support.argocd import on, status
from tests.support.forge import REPOSITORY, Forge
from tests.support.github import TOKEN, FakeGitHub
from tests.support.gitops import VULNERABLE, World, settings_file, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store, mlflow_template  # noqa: F401

from demo.trivy_db import Advisory, write_database
from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))
ENVIRONMENT = "environments/dev/environment.yaml"
NEW = Advisory("CVE-2026-7", "numpy", "CRITICAL", ("<9",), ("9",))
WAIVERS = "policies/waivers/dev.yaml"


@pytest.fixture
def github(world: World) -> Iterator[FakeGitHub]:  # noqa: F811
    """Dev asks the gate `scan`, and shop runs there; search was never promoted."""
    github = FakeGitHub(Forge(world.remote))
    where = f"pullRequests: {{provider: github, url: '{github.url}', repository: {REPOSITORY}}}\n"
    gate = world.show(ENVIRONMENT).rstrip() + "\n  - {gate: scan, highest: HIGH}\n"
    world.push({"tidegate.yaml": settings_file(world.store) + where, ENVIRONMENT: gate})
    world.environ["GITHUB_TOKEN"] = TOKEN
    world.register("shop", alias="candidate")
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    try:
        yield github
        assert github.violations == []
    finally:
        github.close()


def know(world: World, *advisories: Advisory) -> None:  # noqa: F811
    write_database(world.folder / "trivy", [VULNERABLE, *advisories], datetime.now(UTC))


def rescan(world: World, code: int, *more: str) -> dict[str, Any]:  # noqa: F811
    """What it says of dev."""
    answer = world.tidegate("rescan", "--env", "dev", "--format", "json", *more)
    assert answer.code == code, answer.out + answer.err
    assert [error.message for error in VALIDATOR.iter_errors(answer.json)] == []
    (found,) = answer.json["environments"]
    return dict(found)


def waive(days: int) -> str:
    until = (datetime.now(UTC) + timedelta(days=days)).date()
    return (
        "apiVersion: tidegate.dev/v1\nkind: Waivers\nwaivers:\n"
        f"  - {{id: w-1, vulnerability: {NEW.id}, apps: [shop], environments: [dev],\n"
        f"     reason: the sale, approvedBy: Ann, ticket: SHOP-1, expires: {until}}}\n"
    )


def test_what_is_new_opens_one_issue_that_is_kept_and_closed(
    world: World,  # noqa: F811
    github: FakeGitHub,
) -> None:
    issues = github.forge.issues
    assert rescan(world, 0, "--issue")["releases"][0]["status"] == "passed"
    assert issues == {}
    # A new critical vulnerability of what runs.
    know(world, NEW)
    (release,) = rescan(world, 1)["releases"]
    assert issues == {}
    assert (release["status"], release["app"], release["then"]) == ("failed", "shop", {})
    assert release["details"] == ["CVE-2026-7 CRITICAL numpy 2.0.0 → fixed in 9"]
    assert rescan(world, 1, "--issue")["issue"].endswith("/issues/1")
    (issue,) = issues.values()
    assert issue.title == "dev: 1 release with vulnerabilities"
    assert "CVE" in issue.body
    asked = len(github.requests)
    rescan(world, 1, "--issue")
    assert github.written(asked) == []
    # Somebody takes the responsibility, for a short time.
    world.push({WAIVERS: waive(5)})
    found = rescan(world, 0, "--issue")
    assert found["releases"][0]["waivers"] == ["w-1"]
    assert [waiver["id"] for waiver in found["endingWaivers"]] == ["w-1"]
    assert (len(issues), issue.title) == (1, "dev: 1 waiver at an end")
    # Nobody can tell: the issue stays as it is, whatever the waiver says.
    world.push({WAIVERS: waive(60)})
    shutil.rmtree(world.folder / "trivy")
    assert rescan(world, 3, "--issue")["releases"][0]["status"] == "errored"
    assert issue.state == "open"
    know(world)
    rescan(world, 0, "--issue")
    assert issue.state == "closed"
    assert "none is refused" in issue.body.replace("\\", "")
    assert len(issues) == 1


def test_an_issue_that_can_not_be_written_is_told(world: World, github: FakeGitHub) -> None:  # noqa: F811
    know(world, NEW)
    github.faults.append(on("POST", "/issues$", status(403)))
    assert "could not be written" in rescan(world, 3, "--issue")["note"]


def test_what_nobody_asks_or_can_read_is_named(world: World, github: FakeGitHub) -> None:  # noqa: F811
    overlay = "environments/dev/shop/kustomization.yaml"
    lines = world.show(overlay).splitlines()
    world.push({overlay: "\n".join(line for line in lines if "digest:" not in line) + "\n"})
    found = rescan(world, 3, "--issue")
    assert found["unreadable"] == [f"shop: {overlay} names no digest"]
    assert github.forge.issues == {}
    bare = world.show(ENVIRONMENT).replace("  - {gate: scan, highest: HIGH}", "")
    world.push({ENVIRONMENT: bare + "\n"})
    assert rescan(world, 0)["unasked"] == ["shop"]
    assert world.tidegate("rescan", "--env", "nowhere").code == 2
    text = world.tidegate("rescan")
    assert text.code == 0
    assert "no gate scan: shop" in text.out
