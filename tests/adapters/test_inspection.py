"""Workers: real processes that answer, that are too slow, too hungry, killed, or left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tidegate.adapters.inspection.processes import Processes
from tidegate.adapters.inspection.workers import Exhausted, Killed, Workers
from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Inspection
from tidegate.domain.manifest import Broken, Built
from tidegate.domain.rulebook import Admission, Rulebook
from tidegate.errors import Unreachable
from tidegate.policy.record import load_inspections

RULEBOOK = Rulebook(Admission(), "key")
SETUP = (RULEBOOK, ("1.33", "0.99"))  # and one that nobody knows
CONTEXT = RuleContext(kubernetes="1.33")
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


Children = Callable[[], set[int]]


@pytest.fixture
def children() -> Children:
    """Asks for the workers of the test alone: others of this process may have left some that end
    only now."""
    before = _children()
    return lambda: _children() - before


def built(number: int, text: str = MAP) -> tuple[Built, RuleContext]:
    return Built(f"overlay-{number}", text), CONTEXT


def workers(*, seconds: float = 60, memory: int = 2 * 1024**3) -> Workers:
    return Workers(SETUP, jobs=1, seconds=seconds, memory=memory)


def test_every_overlay_is_answered_once() -> None:
    found = list(Processes(RULEBOOK, jobs=2).inspect(built(n) for n in range(120)))
    assert sorted(item.overlay for item in found) == sorted(f"overlay-{n}" for n in range(120))
    assert all(isinstance(item, Inspection) and item.objects == 1 for item in found)


def test_what_cannot_be_read_is_broken_alone() -> None:
    texts = [MAP, "kind: [\n", MAP]
    found = {
        item.overlay: item
        for item in Processes(RULEBOOK, jobs=1).inspect(built(n, t) for n, t in enumerate(texts))
    }
    assert isinstance(found["overlay-1"], Broken)
    assert isinstance(found["overlay-0"], Inspection)
    assert isinstance(found["overlay-2"], Inspection)


def test_what_can_be_read_of_a_plain_file_is_looked_at() -> None:
    text = f"{MAP}---\nkind: [\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: 1}}\n"
    question = Built("a.yaml", text, plain=True), CONTEXT
    (found,) = Processes(RULEBOOK, jobs=1).inspect([question])
    assert isinstance(found, Inspection)
    assert found.objects == 2
    assert [problem.line for problem in found.problems] == [5]
    assert ("metadata", "name") in {violation.field for violation in found.violations}


def test_a_bug_of_ours_is_called_one_and_hides_no_other_overlay() -> None:
    nobody_knows = RuleContext(kubernetes="0.99")
    questions = [built(0), (Built("overlay-1", MAP), nobody_knows), built(2)]
    found = {item.overlay: item for item in Processes(RULEBOOK, jobs=1).inspect(questions)}
    broken = found["overlay-1"]
    assert isinstance(broken, Broken)
    said = broken.problems[0].message
    assert said.startswith("can't be checked, for a bug of Tidegate's: InputError in versions.py:")
    assert isinstance(found["overlay-0"], Inspection)
    assert isinstance(found["overlay-2"], Inspection)


def test_one_that_takes_too_long_is_ended_and_the_rest_answered() -> None:
    huge = MAP + "data:\n" + "".join(f"  key{n}: value\n" for n in range(3_000_000))
    questions = [built(0), built(1, huge), built(2)]
    found = {i.overlay: i for i in Processes(RULEBOOK, jobs=1, seconds=5.0).inspect(questions)}
    slow = found["overlay-1"]
    assert isinstance(slow, Broken)
    assert slow.problems[0].message == "takes longer than 5 s to check"
    assert isinstance(found["overlay-0"], Inspection)
    assert isinstance(found["overlay-2"], Inspection)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's memory limits")
def test_one_that_needs_too_much_memory_is_ended() -> None:
    huge = MAP + "data:\n" + "".join(f"  key{n}: value\n" for n in range(1_000_000))
    pool = workers(memory=150 * 1024**2)
    with pytest.raises(Exhausted, match="needs more than 150 MiB of memory"):
        pool.ask([built(0, huge)])
    assert len(load_inspections(pool.ask([built(1)]))) == 1
    pool.close()


def test_a_worker_that_is_killed_is_replaced(children: Children) -> None:
    pool = workers()
    pool.ask([built(0)])
    for child in children():
        os.kill(child, signal.SIGKILL)
    assert len(load_inspections(pool.ask([built(1)]))) == 1
    pool.close()


def test_who_is_killed_at_work_is_no_fault_of_the_overlay(children: Children) -> None:
    busy = built(0, MAP + "data:\n" + "".join(f"  key{n}: value\n" for n in range(100_000)))
    pool = workers()
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(pool.ask, [busy])
        _kill_one(children)
        assert len(load_inspections(asked.result())) == 1  # by another one
    pool.close()
    pool = workers()
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(pool.ask, [busy])
        _kill_one(children)
        _kill_one(children)
        with pytest.raises(Killed, match=r"got no answer twice: .* was killed by SIGKILL"):
            asked.result()
    pool.close()


def test_a_worker_is_replaced_after_its_lifetime(children: Children) -> None:
    pool = Workers(SETUP, jobs=1, seconds=60, memory=2 * 1024**3, lifetime=3)
    pool.ask([built(0), built(1)], 2)
    first = children()
    pool.ask([built(2)])
    assert children() == set()
    assert len(load_inspections(pool.ask([built(3)]))) == 1
    assert len(children()) == 1
    assert children() != first
    pool.close()


@pytest.mark.parametrize(("patience", "started"), [(60.0, 1), (0.0, 2)])
def test_another_is_started_only_where_none_is_free_for_long(
    patience: float, started: int, children: Children
) -> None:
    pool = Workers(SETUP, jobs=2, seconds=60, memory=2 * 1024**3, patience=patience)
    busy = built(0, MAP + "data:\n" + "".join(f"  key{n}: value\n" for n in range(100_000)))
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(pool.ask, [busy]) for _ in range(4)]
        assert all(len(load_inspections(one.result())) == 1 for one in asked)
    assert len(children()) == started
    pool.close()


def test_closing_ends_the_processes(children: Children) -> None:
    pool = workers()
    pool.ask([built(0)])
    assert children()
    pool.close()
    assert children() == set()
    with pytest.raises(Unreachable):
        pool.ask([built(1)])


def test_leaving_early_ends_the_processes(children: Children) -> None:
    found = Processes(RULEBOOK, jobs=1).inspect(built(n) for n in range(60))
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert children() == set()


def test_nothing_of_the_checked_folder_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "yaml.py").write_text("raise SystemExit('imported from the work tree')\n")
    monkeypatch.chdir(tmp_path)
    (found,) = Processes(RULEBOOK, jobs=1).inspect([built(0)])
    assert isinstance(found, Inspection)


def _kill_one(children: Children) -> None:
    """Ends the worker that is about to start, long before it can answer."""
    while not (found := children()):
        pass
    child = found.pop()
    os.kill(child, signal.SIGKILL)
    while child in children():
        pass


def _children() -> set[int]:
    own = os.getpid()
    answer = subprocess.run(
        ["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    )
    return set(_workers(answer.stdout, own))


def _workers(listing: str, parent: int) -> Iterator[int]:
    for line in listing.splitlines()[1:]:
        pid, ppid, words = line.split(None, 2)
        if int(ppid) == parent and "inspection.worker" in words:
            yield int(pid)
