"""Ctrl-C and kill -9 at every step of the line: the same command then finishes the job."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.bad_days.endings import check, end, long_enough, reason
from tests.bad_days.stops import Stop, kill, wait_for_the_end
from tests.support.gitops import GATES, Answer, World, make_world, sample_files
from tests.support.kustomize import RENDERER
from tests.support.mlflow_server import (  # noqa: F401
    MlflowStore,
    mlflow_store,
)

COMMAND = ("promote", "shop", "--to", "dev", "--format", "json")
DONE = ["promote(dev): shop → 1", "first"]


@pytest.fixture
def world(tmp_path: Path, mlflow_store: MlflowStore) -> World:  # noqa: F811
    """An app whose promotion to dev passes every step there is, scan included."""
    gates = {**GATES, "dev": GATES["dev"] + "  - {gate: scan, highest: HIGH}\n"}
    world = make_world(tmp_path, mlflow_store, sample_files(["shop"], gates))
    world.register("shop", alias="candidate")
    (tmp_path / "tmp").mkdir()
    world.environ["TMPDIR"] = str(tmp_path / "tmp")
    return world


def at_fetch(world: World, stop: Stop) -> None:
    """The remote takes its time to answer."""
    script = world.folder / "tools" / "upload-pack"
    stop.script(script, 'exec git-upload-pack "$@"')
    world.git("config", "remote.origin.uploadpack", str(script))


def at_tool(name: str) -> Callable[[World, Stop], None]:
    """A tool takes its time."""

    def put(world: World, stop: Stop) -> None:
        real = shutil.which(name, path=world.environ["PATH"])
        assert real
        stop.script(world.folder / "tools" / name, f"exec '{real}' \"$@\"")
        world.environ["PATH"] = f"{world.folder / 'tools'}{os.pathsep}{world.environ['PATH']}"

    return put


def at_client_hook(world: World, stop: Stop) -> None:
    """The user's own hook takes its time, before anything is sent."""
    stop.script(world.clone / ".git/hooks/pre-push", "exit 0")


def at_server_hook(name: str) -> Callable[[World, Stop], None]:
    """The server takes its time, before or after it took the commit."""

    def put(world: World, stop: Stop) -> None:
        stop.script(world.remote / "hooks" / name, "exit 0")

    return put


STOPS: dict[str, Callable[[World, Stop], None]] = {
    "fetch": at_fetch,
    "renderer": at_tool(RENDERER),
    "trivy": at_tool("trivy"),
    "pre-push": at_client_hook,
    "pre-receive": at_server_hook("pre-receive"),
    "post-receive": at_server_hook("post-receive"),
}


def finish(world: World) -> None:
    """The same command, run again, does what is left to do."""
    answer = end(world, *COMMAND[:-2])
    assert answer.code == 0, answer.out
    assert answer.outcomes()["shop"] in ("promoted", "already")
    assert world.commits() == DONE
    assert not world.git("status", "--porcelain")
    world.git("fsck", "--strict", cwd=world.remote)
    world.git("fsck", "--strict")


@pytest.mark.parametrize("where", STOPS)
def test_an_interrupted_command_leaves_nothing_and_is_finished_by_the_next(
    world: World, where: str
) -> None:
    stop = Stop.make(world)
    STOPS[where](world, stop)
    process = world.spawn(*COMMAND)
    stop.wait(process)
    process.send_signal(signal.SIGINT)  # to the process alone, as a supervisor does
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    check(Answer(130, out, err))
    wait_for_the_end(world)
    assert not list((world.folder / "tmp").iterdir())
    assert not world.git("for-each-ref", "refs/tidegate/fetch")
    finish(world)


@pytest.mark.parametrize("where", STOPS)
def test_a_power_cut_is_survived(world: World, where: str) -> None:
    stop = Stop.make(world)
    STOPS[where](world, stop)
    process = world.spawn(*COMMAND)
    stop.wait(process)
    kill(process, world, whole=True)
    wait_for_the_end(world)
    finish(world)


@pytest.mark.parametrize("where", ["trivy", "pre-push", "pre-receive", "post-receive"])
def test_a_killed_command_is_finished_by_the_next(world: World, where: str) -> None:
    stop = Stop.make(world)
    STOPS[where](world, stop)
    process = world.spawn(*COMMAND)
    stop.wait(process)
    kill(process, world, whole=False)
    stop.release()
    wait_for_the_end(world)
    finish(world)


@pytest.mark.parametrize("where", ["pre-push", "pre-receive"])
def test_a_push_that_outlives_its_command_can_not_land_twice(world: World, where: str) -> None:
    stop = Stop.make(world)
    STOPS[where](world, stop)
    process = world.spawn(*COMMAND)
    stop.wait(process)
    kill(process, world, whole=False)
    finish(world)
    stop.release()
    wait_for_the_end(world)
    finish(world)


def test_ctrl_c_while_the_model_registry_says_nothing(world: World) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.settimeout(60)
        good = world.show("tidegate.yaml") + "\n"
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        world.push({"tidegate.yaml": good.replace(world.store.uri, address)})
        process = world.spawn(*COMMAND)
        connection, _ = listener.accept()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        connection.close()
    assert process.returncode == 130, err
    check(Answer(130, out, err))
    wait_for_the_end(world)
    world.push({"tidegate.yaml": good})
    answer = end(world, *COMMAND[:-2])
    assert answer.outcomes() == {"shop": "promoted"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_are_like_ctrl_c(world: World, number: signal.Signals) -> None:
    stop = Stop.make(world)
    at_client_hook(world, stop)
    process = world.spawn(*COMMAND)
    stop.wait(process)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    wait_for_the_end(world)
    finish(world)


def test_who_has_nohup_in_front_outlives_the_terminal(world: World) -> None:
    stop = Stop.make(world)
    at_client_hook(world, stop)
    inherited = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = world.launch(*COMMAND)
    finally:
        signal.signal(signal.SIGHUP, inherited)
    stop.wait(process)
    process.send_signal(signal.SIGHUP)
    (stop.folder / "go").write_text("go\n")  # waits until the hook does
    out, err = process.communicate(timeout=60)
    check(Answer(process.returncode, out, err))
    assert process.returncode == 0, err


def test_a_broken_pipe_is_no_bug(world: World) -> None:
    reader = world.launch("promote", "shop", "--to", "dev", "--format", "json")
    assert reader.stdout is not None
    reader.stdout.close()
    assert reader.stderr is not None
    assert "Traceback" not in reader.stderr.read()
    assert reader.wait(60) == 141
    finish(world)


def test_the_time_limit_ends_what_hangs(world: World) -> None:
    stop = Stop.make(world)
    at_client_hook(world, stop)
    answer = end(world, *COMMAND[:-2], long_enough(world, *COMMAND[:-2], "--dry-run"))
    assert answer.code == 3, answer.out
    assert "git push took too long" in reason(answer)
    assert "--timeout" in reason(answer)
    wait_for_the_end(world)
    finish(world)
