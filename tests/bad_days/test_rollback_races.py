"""Somebody else pushes while you roll back, hold or release; and power cuts at every step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.bad_days.endings import end, reason
from tests.bad_days.stops import Stop, kill, wait_for_the_end
from tests.bad_days.test_interruption import at_client_hook, at_fetch, at_server_hook
from tests.bad_days.test_races import prepare, prepare_promotion, push_in_between
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401
from tests.support.releases import Past, digest, past  # noqa: F401

BACK = ("rollback", "shop", "--env", "prod", "--reason", "slow")
FOLDER = "environments/prod/shop"


@pytest.fixture
def shipped(past: Past) -> Past:  # noqa: F811
    """Versions 1, 2 and 3 have been in prod."""
    for version in ("1", "2", "3"):
        past.ship("shop", version)
    return past


def test_an_unrelated_commit_costs_a_second_push(shipped: Past) -> None:
    push_in_between(shipped, prepare(shipped, {"README.md": "hello"}))
    answer = end(shipped, "-v", *BACK)
    assert answer.code == 0, answer.out
    assert "others were faster" in answer.err
    assert shipped.commits()[:2] == ["rollback(prod): shop 3 → 2", "theirs"]
    assert shipped.show("README.md") == "hello"
    assert shipped.runs("shop")[0] == "2"


def test_a_promotion_meanwhile_is_never_undone_unseen(shipped: Past) -> None:
    push_in_between(shipped, prepare(shipped, dict(shipped.files("shop", "4"))))
    answer = end(shipped, *BACK)
    assert (answer.code, answer.json["outcome"]) == (4, "conflict")
    assert "runs version 4 now" in reason(answer)
    assert shipped.commits()[0] == "theirs"
    assert end(shipped, *BACK).code == 0  # on purpose, after a look
    assert shipped.runs("shop") == ("3", digest("3"), "3")


def test_the_same_rollback_by_two_people_is_one(shipped: Past) -> None:
    push_in_between(shipped, prepare_promotion(shipped, *BACK))
    answer = end(shipped, *BACK[:-1], "also slow")
    assert (answer.code, answer.json["outcome"]) == (0, "already")
    assert shipped.commits()[0] == "rollback(prod): shop 3 → 2"
    assert shipped.runs("shop")[0] == "2"


def test_an_edit_of_the_overlay_meanwhile_is_kept(shipped: Past) -> None:
    overlay = shipped.show(f"{FOLDER}/kustomization.yaml") + "\nnamePrefix: x-\n"
    push_in_between(shipped, prepare(shipped, {f"{FOLDER}/kustomization.yaml": overlay}))
    assert end(shipped, *BACK).code == 0
    assert shipped.read(f"{FOLDER}/kustomization.yaml")["namePrefix"] == "x-"
    assert shipped.runs("shop")[0] == "2"


def test_another_hold_meanwhile_is_a_conflict(past: Past) -> None:  # noqa: F811
    hold = ("hold", "shop", "--env", "prod", "--reason")
    push_in_between(past, prepare_promotion(past, *hold, "theirs", "--requested-by", "Bob"))
    answer = end(past, *hold, "ours")
    assert (answer.code, "held by Bob" in answer.out) == (4, True)
    assert past.read(f"{FOLDER}/hold.yaml")["by"] == "Bob"


def test_a_hold_that_somebody_lifts_meanwhile_is_lifted_once(past: Past) -> None:  # noqa: F811
    free = ("release", "shop", "--env", "prod", "--reason", "done")
    assert end(past, "hold", "shop", "--env", "prod", "--reason", "x").code == 0
    push_in_between(past, prepare_promotion(past, *free))
    answer = end(past, *free)
    assert (answer.code, answer.json["outcome"]) == (0, "already")
    assert [subject for subject in past.commits() if subject.startswith("release")] == [
        "release(prod): shop"
    ]


def test_a_block_meanwhile_counts_for_promote(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    block = (
        "apiVersion: tidegate.dev/v1\nkind: Blocks\nblocks:\n- model: shop\n  version: '1'\n"
        "  by: Ann\n  reason: it leaks\n  since: 2026-01-01T00:00:00Z\n"
    ).replace("2026-01-01T00:00:00Z", "'2026-01-01T00:00:00Z'")
    push_in_between(world, prepare(world, {"environments/dev/shop/blocks.yaml": block}))
    answer = end(world, "promote", "shop", "--to", "dev")
    assert (answer.code, answer.gates("shop")["block"]) == (1, "failed")
    assert "it leaks" in reason(answer)
    assert "tidegate release shop --env dev --version 1" in reason(answer)
    free = ("release", "shop", "--env", "dev", "--version", "1", "--reason", "mended")
    assert end(world, *free).code == 0
    assert end(world, "promote", "shop", "--to", "dev").code == 0


STOPS: dict[str, Callable[[World, Stop], None]] = {
    "fetch": at_fetch,
    "pre-push": at_client_hook,
    "pre-receive": at_server_hook("pre-receive"),
    "post-receive": at_server_hook("post-receive"),
}


@pytest.mark.parametrize("where", STOPS)
@pytest.mark.parametrize("whole", [True, False], ids=["power-cut", "kill"])
def test_the_same_command_after_a_crash_goes_back_once(
    shipped: Past, where: str, whole: bool
) -> None:
    stop = Stop.make(shipped)
    STOPS[where](shipped, stop)
    process = shipped.spawn(*BACK)
    stop.wait(process)
    kill(process, shipped, whole=whole)
    stop.release()
    wait_for_the_end(shipped)
    for _ in range(2):
        answer = end(shipped, *BACK)
        assert answer.code == 0, answer.out
    assert shipped.runs("shop")[0] == "2"
    done = [subject for subject in shipped.commits() if subject.startswith("rollback")]
    assert done == ["rollback(prod): shop 3 → 2"]
    assert not shipped.git("status", "--porcelain")
    shipped.git("fsck", "--strict", cwd=shipped.remote)
