"""A waiver comes, or goes, between judging and pushing."""

from __future__ import annotations

from tests.bad_days.endings import end, reason
from tests.bad_days.test_races import prepare, push_in_between
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401
from tests.support.waivers import FILE, entry, in_days, waivers_file

PROMOTE = ("promote", "shop", "--to", "dev")


def worse(world: World) -> None:  # noqa: F811
    world.register("shop", metrics={"auc": 0.9}, alias="candidate")
    assert end(world, *PROMOTE).code == 0
    world.push({FILE: waivers_file(entry(expires=in_days(10)))})
    world.register("shop", metrics={"auc": 0.88}, alias="candidate")


def test_a_waiver_that_goes_meanwhile_counts_no_more(world: World) -> None:  # noqa: F811
    worse(world)
    push_in_between(world, prepare(world, {FILE: None}))
    answer = end(world, *PROMOTE)
    assert (answer.code, answer.gates("shop")["champion:auc"]) == (1, "failed")
    assert world.commits()[0] == "theirs"


def test_a_waiver_that_breaks_meanwhile_lets_nothing_pass(world: World) -> None:  # noqa: F811
    worse(world)
    broken = waivers_file(entry(expires=in_days(10)), entry(expires="2026-02-30"))
    push_in_between(world, prepare(world, {FILE: broken}))
    answer = end(world, *PROMOTE)
    assert answer.code == 2
    assert "no day or time that exists" in answer.json["error"]["message"]
    assert world.commits()[0] == "theirs"


def test_a_waiver_for_others_that_comes_meanwhile_costs_a_judgement_and_no_more(
    world: World,  # noqa: F811
) -> None:
    worse(world)
    more = entry(id="w-2", apps=["search"], expires=in_days(10))
    file = "policies/waivers/search.yaml"
    push_in_between(world, prepare(world, {file: waivers_file(more)}))
    answer = end(world, *PROMOTE)
    assert answer.code == 0, reason(answer)
    assert answer.gates("shop")["champion:auc"] == "waived"
    assert world.commits()[:2] == ["promote(dev): shop 1 → 2", "theirs"]
