"""The faults of tests/bad_days/test_argocd_faults.py before a real Argo CD with real pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pytest
import yaml
from tests.support.argocd_faults import HARMLESS, LASTING, SetUp, tokens, wait_behind
from tests.support.argocd_stack import Stack
from tests.support.evidence import APP
from tests.support.fault_proxy import fault_proxy
from tests.support.live_shop import NEVER_READY, Shop, open_shop, outcome, record
from tests.support.mlflow_server import MlflowStore, copy_store, mlflow_template  # noqa: F401

from tidegate.domain.live import Goal, Live, Relation
from tidegate.domain.sync import Aim, AppEnding

pytestmark = pytest.mark.xdist_group("argocd")

T = TypeVar("T")

NEVER_SECONDS, LIVE_SECONDS, GRACE_SECONDS = 25.0, 180.0, 30.0


@dataclass(frozen=True)
class Seen:
    """How a wait ended, and what ran at that moment, as the cluster itself has it."""

    ending: AppEnding
    runs: frozenset[str]


@pytest.fixture(scope="module")
def shop(
    argocd_stack: Stack,
    tmp_path_factory: pytest.TempPathFactory,
    mlflow_template: Path,  # noqa: F811
) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("faults")
    with open_shop(argocd_stack, folder, copy_store(mlflow_template, folder)) as made:
        made.promote()
        assert made.wait().code == 0
        yield made


def run_all(shop: Shop, faults: Mapping[str, SetUp], seconds: float) -> Mapping[str, Seen]:
    """All of them at once, for what was promoted last."""
    head = shop.world.head()
    image = yaml.safe_load(shop.world.show("environments/dev/shop/release.yaml"))["image"]
    aim = Aim(replace(APP, name="shop"), "shop", "1", Goal(head, image["name"], image["digest"]))
    before = shop.world.git("rev-list", f"{head}~1", cwd=shop.world.remote).split()
    relations = {head: Relation.OURS, **dict.fromkeys(before, Relation.BEFORE)}

    other = shop.issue_token()[1]

    def wait(set_up: SetUp) -> Seen:
        token = tokens(shop.stack.token, other)
        ending = wait_behind(
            shop.stack.url,
            set_up,
            aim,
            relations,
            token,
            environment="dev",
            project=shop.name,
            seconds=seconds,
            healthy=2.0,
        )
        return Seen(ending, frozenset(shop.images()))

    with ThreadPoolExecutor(len(faults)) as pool:
        running = {name: pool.submit(wait, set_up) for name, set_up in faults.items()}
        return {name: future.result() for name, future in running.items()}


def batched(items: Iterable[T], number: int) -> Iterator[list[T]]:
    """A few at a time: refreshes of one Application by very many at once get lost."""
    left = iter(items)
    while batch := list(islice(left, number)):
        yield batch


@pytest.fixture(scope="module")
def stuck(shop: Shop) -> Mapping[str, Seen]:
    """The promoted image never gets ready, and the one before it runs on."""
    shop.promote(NEVER_READY)
    return run_all(shop, {**LASTING, **HARMLESS}, NEVER_SECONDS)


@pytest.mark.parametrize("fault", [*LASTING, *HARMLESS])
def test_what_never_gets_ready_is_never_live_and_ends_in_time(
    stuck: Mapping[str, Seen], fault: str
) -> None:
    found = stuck[fault].ending
    assert found.state.kind in (Live.UNKNOWN, Live.TIMED_OUT, Live.DEGRADED), found.state
    assert found.seconds <= NEVER_SECONDS + GRACE_SECONDS


def test_what_passes_keeps_nothing_from_being_live(shop: Shop, stuck: Mapping[str, Seen]) -> None:
    assert stuck
    for faults in batched(HARMLESS.items(), 5):
        shop.promote()
        wanted = {record(shop)}
        for fault, found in run_all(shop, dict(faults), LIVE_SECONDS).items():
            assert found.ending.state.kind is Live.LIVE, (fault, found.ending.state)
            assert found.runs == wanted, fault


def test_a_token_that_is_taken_away_meanwhile(shop: Shop, tmp_path: Path) -> None:
    """The file has another one by then, and the command goes on with that."""
    file = tmp_path / "token"
    issued, token = shop.issue_token()
    file.write_text(token)
    with fault_proxy(shop.stack.url) as proxy:
        where = {"ARGOCD_SERVER": proxy.server, "TIDEGATE_ARGOCD_TOKEN_FILE": str(file)}
        shop.promote()
        waiting = shop.spawn_wait("--healthy-for", "10", "--timeout", "120", **where)
        shop.stack.wait_for(lambda: any("/stream/" in r.path for r in proxy.requests))
        file.write_text(shop.issue_token()[1])
        shop.revoke_token(issued)
        proxy.cut()
        out, err = waiting.communicate(timeout=180)
    assert waiting.returncode == 0, out + err
    assert token not in out + err
    assert shop.images() == {record(shop)}


@pytest.mark.parametrize("fault", ["nobody listens", "slow", "401", "502 with HTML"])
def test_a_command_ends_in_time_and_says_why(shop: Shop, fault: str) -> None:
    with fault_proxy(shop.stack.url) as proxy:
        LASTING[fault](proxy)
        answer = shop.wait("--timeout", "10", **{**shop.environ, "ARGOCD_SERVER": proxy.server})
    assert (answer.code, outcome(answer)) == (3, "unknown"), answer.out + answer.err
    assert shop.stack.token not in answer.out + answer.err
