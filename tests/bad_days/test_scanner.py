"""The tools on a bad day: missing, killed, talking rubbish, or with an old database."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.bad_days.endings import end, reason, say
from tests.support.gitops import GATES, World, make_world, sample_files
from tests.support.kustomize import RENDERER
from tests.support.mlflow_server import (  # noqa: F401
    MlflowStore,
    mlflow_store,
)

from demo.trivy_db import Advisory, write_database

PROMOTE = ("promote", "shop", "--to", "dev")
ADVISORY = Advisory("CVE-2023-50447", "pillow", "CRITICAL", ("<10.2.0",), ("10.2.0",))


@pytest.fixture
def world(tmp_path: Path, mlflow_store: MlflowStore) -> World:  # noqa: F811
    """An app whose image is scanned on its way to dev."""
    gates = {**GATES, "dev": "  - {gate: render}\n  - {gate: scan, highest: HIGH}\n"}
    world = make_world(tmp_path, mlflow_store, sample_files(["shop"], gates))
    world.register("shop", alias="candidate")
    return world


def put(world: World, name: str, script: str) -> None:
    """Another tool in front of the real one."""
    path = world.folder / "tools" / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    if str(path.parent) not in world.environ["PATH"]:
        world.environ["PATH"] = f"{path.parent}{os.pathsep}{world.environ['PATH']}"


def errored(world: World, gate: str) -> str:
    """The gate has no evidence, which blocks."""
    answer = end(world, *PROMOTE)
    assert answer.code == 1, answer.out
    assert answer.gates("shop")[gate] == "errored", answer.out
    say(world, *PROMOTE)
    assert world.commits()[-1] == "first"
    assert len(world.commits()) == 1
    return reason(answer)


def only(world: World, *names: str) -> None:
    """A PATH with these tools and no others."""
    folder = world.folder / "few"
    folder.mkdir()
    for name in names:
        found = shutil.which(name, path=world.environ["PATH"])
        assert found
        (folder / name).symlink_to(found)
    world.environ["PATH"] = str(folder)


def test_trivy_is_not_installed(world: World) -> None:
    only(world, "git", RENDERER, "sh")
    words = errored(world, "scan")
    assert "trivy is not on PATH" in words
    assert "https://trivy.dev" in words
    answer = end(world, "doctor")
    assert answer.code != 0
    assert "trivy" in answer.out


def test_neither_kustomize_nor_kubectl_is_installed(world: World) -> None:
    only(world, "git", "trivy", "sh")
    assert "kustomize or kubectl is not on PATH" in errored(world, "render")


VERSION = '{"Version":"0.99.0","VulnerabilityDB":{"UpdatedAt":"2026-01-01T00:00:00Z"}}'


@pytest.mark.parametrize(
    "script",
    [
        "kill -9 $$",
        "kill -SEGV $$",
        "exit 1",
        "exit 0",
        "echo hello",
        "echo '{}'",
        "echo '[]'",
        "echo null",
        "printf '\\377\\376\\000'",
        "printf '\\033[31mFATAL\\033[0m' >&2; exit 1",
        "head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1",
    ],
)
def test_trivy_breaks(world: World, script: str) -> None:
    put(world, "trivy", script)
    assert len(errored(world, "scan")) < 10_000
    put(world, "trivy", f"if [ \"$1\" = version ]; then echo '{VERSION}'; else {script}; fi")
    words = errored(world, "scan")
    assert len(words) < 10_000
    shutil.rmtree(world.folder / "tools")
    assert end(world, *PROMOTE).code == 0, "nothing of it was kept"


@pytest.mark.parametrize("script", ["kill -9 $$", "exit 1", "exit 0", "echo hello", "echo '- ['"])
def test_the_renderer_breaks(world: World, script: str) -> None:
    put(world, RENDERER, script)
    # Whether it fails or prints nothing of use: what can't be seen to be right is refused.
    answer = end(world, *PROMOTE)
    assert (answer.code, answer.gates("shop")["render"]) in ((1, "errored"), (1, "failed"))
    assert len(reason(answer)) < 10_000
    assert world.commits() == ["first"]
    shutil.rmtree(world.folder / "tools")
    assert end(world, *PROMOTE).code == 0


def test_a_tool_that_can_not_be_run(world: World) -> None:
    put(world, "trivy", "exit 0")
    broken = world.folder / "tools" / "trivy"
    broken.write_bytes(b"\x7fELF rubbish")
    assert "trivy" in errored(world, "scan").lower()
    broken.write_text("#!/nowhere/interpreter\n")
    assert "trivy" in errored(world, "scan").lower()


def test_no_database(world: World) -> None:
    shutil.rmtree(world.folder / "trivy")
    words = errored(world, "scan")
    assert "no vulnerability database" in words
    assert "--download-db-only" in words


def test_a_broken_database(world: World) -> None:
    database = world.folder / "trivy" / "db" / "trivy.db"
    database.write_bytes(b"rubbish" * 1000)
    errored(world, "scan")
    database.unlink()
    errored(world, "scan")


def test_an_old_database(world: World) -> None:
    old = datetime.now(UTC) - timedelta(days=40)
    shutil.rmtree(world.folder / "trivy")
    write_database(world.folder / "trivy", [ADVISORY], old)
    words = errored(world, "scan")
    assert "40 d old" in words


def test_an_image_that_is_gone_from_the_mirror_by_the_time_it_is_scanned(world: World) -> None:
    layout = world.folder / "images" / "shop" / "shop"
    for blob in (layout / "blobs" / "sha256").iterdir():
        data = blob.read_bytes()
        if not data.startswith(b"{"):
            blob.write_bytes(b"tampered" + data)
    words = errored(world, "scan")
    assert "damaged" in words
    shutil.rmtree(world.folder / "images")
    answer = end(world, *PROMOTE)
    assert answer.code == 3
    assert "mirror" in reason(answer)


def found(world: World, name: str = "vulnerability database") -> dict[str, str | None] | None:
    """What `doctor` finds about the database."""
    findings = end(world, "doctor").json["findings"]
    return next((finding for finding in findings if finding["name"] == name), None)


def test_the_doctor_sees_a_database_that_a_promotion_would_be_blocked_by(world: World) -> None:
    fresh = found(world)
    assert fresh
    assert fresh["health"] == "ok"
    for built, words in (
        (datetime.now(UTC) - timedelta(days=9), "is 9 d old, older than the allowed 2 d"),
        (datetime.now(UTC) + timedelta(days=9), "in the future"),
    ):
        write_database(world.folder / "trivy", [ADVISORY], built)
        assert words in errored(world, "scan")
        finding = found(world)
        assert finding
        assert (finding["health"], words in str(finding["found"])) == ("missing", True)
    shutil.rmtree(world.folder / "trivy")
    errored(world, "scan")
    finding = found(world)
    assert finding
    assert (finding["health"], finding["found"]) == ("missing", "there is none")
    assert "TRIVY_CACHE_DIR" in str(finding["hint"])


def test_the_doctor_knows_when_a_newer_database_will_be_fetched(world: World) -> None:
    text = world.show("tidegate.yaml") + "\n"
    world.push({"tidegate.yaml": text.replace("{offline: true}", "{offline: false}")})
    shutil.rmtree(world.folder / "trivy")
    finding = found(world)
    assert finding
    assert finding["health"] == "optional"
    assert "the next scan fetches a newer one" in str(finding["found"])
    assert not (world.folder / "trivy").exists() or not list((world.folder / "trivy").rglob("*.db"))


def test_the_doctor_asks_for_no_database_where_nothing_is_scanned(world: World) -> None:
    files = sample_files(["shop"], dict.fromkeys(GATES, "  - {gate: render}\n"))
    world.push({path: text for path, text in files.items() if path.endswith("environment.yaml")})
    assert found(world) is None
