"""Binaries: real ones, in every way in which they end."""

from __future__ import annotations

import ast
import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tidegate.adapters import process
from tidegate.adapters.process import find, run
from tidegate.adapters.tools import find_tools
from tidegate.domain.diagnosis import Health
from tidegate.errors import ToolFailed, ToolMissing, Unreachable


def python(code: str, **more: object) -> process.Completed:
    return run([sys.executable, "-c", code], **{"timeout": 60, **more})  # type: ignore[arg-type]


def test_what_it_said() -> None:
    answer = python(
        "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d + b'\\xff');"
        "sys.stderr.buffer.write(b'w\\xff'); sys.exit(3)",
        stdin=b"in\r\n",
        accepted=(0, 3),
    )
    assert (answer.status, answer.stdout, answer.stderr) == (3, b"in\r\n\xff", "w\ufffd")


def test_megabytes_both_ways_do_not_block() -> None:
    data = b"x" * 3_000_000
    code = "import sys; d = sys.stdin.buffer.read(); sys.stderr.write('e' * 300000); "
    answer = python(code + "sys.stdout.buffer.write(d)", stdin=data)
    assert answer.stdout == data
    assert len(answer.stderr) == 300_000
    assert python("pass", stdin=data).status == 0  # one that doesn't listen


def test_a_failure_keeps_the_whole_output_and_shows_its_end() -> None:
    with pytest.raises(ToolFailed, match="failed with exit status 7") as caught:
        python("import sys; sys.stderr.write('a' * 10000 + 'the end'); sys.exit(7)")
    assert len(caught.value.output) == 10_007
    assert caught.value.message.endswith("the end")
    assert len(caught.value.message) < 4_200
    with pytest.raises(ToolFailed, match="said nothing"):
        python("raise SystemExit(1)")


def test_a_killed_one_is_told_by_its_signal() -> None:
    with pytest.raises(ToolFailed, match="was killed by SIGKILL"):
        python("import os; os.kill(os.getpid(), 9)")


def test_one_that_is_not_there_or_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="nope can't be started"):
        run([str(tmp_path / "nope")], timeout=5)
    (tmp_path / "text").write_text("no program")
    for mode in (0o644, 0o755):
        (tmp_path / "text").chmod(mode)
        with pytest.raises(ToolFailed, match="text can't be started"):
            run([str(tmp_path / "text")], timeout=5)


def test_one_behind_its_limits_has_its_own_name(tmp_path: Path) -> None:
    script(tmp_path, "prlimit", 'shift 2; exec "$@"')
    script(tmp_path, "broken", "exit 3")
    words = [str(tmp_path / "prlimit"), "--as=1", "--", str(tmp_path / "broken"), "--", "x"]
    with pytest.raises(ToolFailed, match=r"^broken "):
        run(words, timeout=5)


@pytest.mark.parametrize("deaf", [False, True])
def test_a_slow_one_is_ended_with_all_that_it_started(tmp_path: Path, deaf: bool) -> None:
    ignore = "trap '' TERM; " if deaf else ""
    script(tmp_path, "slow", f'{ignore}sleep 600 & echo "$$ $!" > pids; wait')
    with pytest.raises(Unreachable, match="did not finish within"):
        run([str(tmp_path / "slow")], timeout=2, cwd=tmp_path)
    for pid in (tmp_path / "pids").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(int(pid))
            assert select.select([handle], [], [], 60)[0], "it was left running"
            os.close(handle)


ENDING = """
import sys, threading, time
from tidegate.adapters import process
from tidegate.errors import TidegateError
said = []
def wait():
    try:
        process.run(["sleep", "600"], timeout=600)
    except TidegateError as error:
        said.append(error.message)
threads = [threading.Thread(target=wait) for _ in range(2)]
for thread in threads:
    thread.start()
while len(process._running) < 2:
    time.sleep(0.01)
process.end_all()
for thread in threads:
    thread.join()
wait()
print(said)
"""


def test_all_are_ended_at_once_and_none_is_started_after() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", ENDING], capture_output=True, text=True, check=True, timeout=60
    )
    first, second, third = ast.literal_eval(answer.stdout)
    assert "SIGKILL" in first
    assert "SIGKILL" in second
    assert third == "interrupted"


JUST_STARTED = """
import os, signal, subprocess
from tidegate.adapters import process
def handle(number, frame):
    process.interrupt(KeyboardInterrupt())
signal.signal(signal.SIGINT, handle)
started = []
def begin():
    started.append(subprocess.Popen(["sleep", "600"], start_new_session=True))
    os.kill(os.getpid(), signal.SIGINT)
    if FAILS:
        raise OSError
    return started[0]
try:
    process.launch(begin)
    print("nobody was interrupted")
except KeyboardInterrupt:
    print("interrupted", started[0].poll())
started[0].kill()
"""


@pytest.mark.parametrize(("fails", "status"), [(False, -signal.SIGKILL), (True, None)])
def test_a_signal_never_comes_between_a_start_and_its_being_known(
    fails: bool, status: int | None
) -> None:
    code = JUST_STARTED.replace("FAILS", str(fails))
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.strip() == f"interrupted {status}"


def test_its_environment_is_the_given_one_alone() -> None:
    os.environ["TIDEGATE_TEST"] = "x"
    try:
        code = "import os; print('TIDEGATE_TEST' in os.environ, os.environ.get('A'))"
        assert python(code, env={"A": "b"}).stdout == b"False b\n"
        assert python(code).stdout == b"True None\n"
    finally:
        del os.environ["TIDEGATE_TEST"]


def script(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def test_the_first_that_is_on_path(tmp_path: Path) -> None:
    script(tmp_path, "two", "")
    assert find(["one", "two"], hint="get it", path=str(tmp_path)) == str(tmp_path / "two")
    with pytest.raises(ToolMissing, match="one or three is not on PATH") as caught:
        find(["one", "three"], hint="get it", path=str(tmp_path))
    assert caught.value.hint == "get it"


@pytest.mark.parametrize(
    "answer", ["", "rubbish", "[]", "{}", '{"Version": 1, "VulnerabilityDB": "x"}', "null", "\\377"]
)
def test_tools_that_print_rubbish_are_missing_not_a_bug(tmp_path: Path, answer: str) -> None:
    for name in ("git", "kustomize", "kubectl", "trivy"):
        script(tmp_path, name, f"printf '{answer}'")
    found = {finding.name: finding for finding in find_tools({"PATH": str(tmp_path)})}
    assert found["trivy"].health is Health.MISSING
    assert found["trivy"].hint
    assert found["python"].health is Health.OK


def test_tools_that_are_there(tmp_path: Path) -> None:
    script(tmp_path, "git", "echo git version 2.50.1")
    script(tmp_path, "kubectl", """echo '{"kustomizeVersion": "v5.8.0"}'""")
    database = '{"UpdatedAt": "2026-01-02T03:04:05Z"}'
    script(tmp_path, "trivy", f"""echo '{{"Version": "0.70", "VulnerabilityDB": {database}}}'""")
    found = {finding.name: finding.found for finding in find_tools({"PATH": str(tmp_path)})}
    assert found["git"] == "2.50.1"
    assert found["kustomize"] == "v5.8.0 (inside kubectl)"
    assert found["trivy"] == "0.70, database of 2026-01-02 03:04"
    script(tmp_path, "kustomize", "exit 1")
    found = {finding.name: finding.found for finding in find_tools({"PATH": str(tmp_path)})}
    assert found["kustomize"] == "v5.8.0 (inside kubectl)"


@pytest.mark.parametrize(
    ("version", "health"),
    [
        ("2.31.8", Health.MISSING),
        ("1.99", Health.MISSING),
        ("2.32.0", Health.OK),
        ("3.0.0.windows.1", Health.OK),
        ("2.39.5 (Apple Git-154)", Health.OK),
    ],
)
def test_a_git_that_is_too_old(tmp_path: Path, version: str, health: Health) -> None:
    script(tmp_path, "git", f"echo 'git version {version}'")
    found = {finding.name: finding for finding in find_tools({"PATH": str(tmp_path)})}["git"]
    assert (found.health, version in found.found) == (health, True)
    assert ("too old" in found.found) == (health is Health.MISSING)
    assert found.hint == (
        "install Git 2.32 or newer: https://git-scm.com/downloads"
        if health is Health.MISSING
        else None
    )
