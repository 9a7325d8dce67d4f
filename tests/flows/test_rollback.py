"""`rollback` from end to end, with a real remote and nothing else that answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.bad_days.endings import end, reason, say
from tests.support.gitops import sample_files
from tests.support.releases import Past, digest, make_past, past  # noqa: F401
from tests.support.rollbacks import BACK, BLOCKS, HOLD, OVERLAY, RECORD, app, back

from tidegate.repository.schemas import schema


def test_exactly_what_ran_before_runs_again_and_nothing_else_changes(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    record = past.show(RECORD)
    past.ship("shop", "2")
    later = past.show(OVERLAY) + "\nreplicas:\n  - {name: shop, count: 7}  # for the sale\n"
    past.push({OVERLAY: later}, "more replicas")
    head, status = past.git("rev-parse", "HEAD"), past.git("status", "--porcelain")
    answer = end(past, *BACK, "--requested-by", "Bob")
    assert (answer.code, answer.json["outcome"]) == (0, "done"), answer.out
    assert past.changed() == sorted([BLOCKS, HOLD, OVERLAY, RECORD])
    assert past.runs("shop") == ("1", digest("1"), "1")
    assert past.show(RECORD) == record  # the very bytes
    before = later.replace('"v2"', '"v1"').replace(digest("2"), digest("1"))
    expected = before.replace('version: "2"', 'version: "1"').rstrip("\n")
    assert past.show(OVERLAY) == expected
    blocks = past.read(BLOCKS)
    assert not list(Draft202012Validator(schema("blocks")).iter_errors(blocks))
    (block,) = blocks["blocks"]
    assert (block["model"], block["version"], block["by"]) == ("shop", "2", "Bob")
    assert block["reason"] == "answers are slow"
    hold = past.read(HOLD)
    assert (hold["by"], hold["reason"], hold.get("until")) == (
        "Bob", "rolled back from version 2 to 1: answers are slow", None,
    )  # fmt: skip
    message = past.git("log", "-1", "--format=%B", "main", cwd=past.remote)
    assert message.startswith("rollback(prod): shop 2 → 1\n\nTidegate-Rollback: prod/shop shop@1 ")
    assert f" from shop@2 {digest('2')}\n" in message
    assert message.endswith("Requested-by: Bob\nReason: answers are slow")
    assert (past.git("rev-parse", "HEAD"), past.git("status", "--porcelain")) == (head, status)


def test_it_says_what_it_did_not_verify(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    unverified = app(end(past, *BACK, "--dry-run"))["unverified"]
    assert unverified == [
        *("gate order", "gate champion:auc", "gate scan"),
        f"whether registry.example.com/shop/shop:v1@{digest('1')} is still there",
    ]
    assert "not verified: gate order" in say(past, *BACK, "--dry-run")


def test_a_slip_elsewhere_stops_nobody(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    past.push(
        {
            "environments/prod/environment.yaml": "gates: [",
            "apps/shop/app.yaml": past.show("apps/shop/app.yaml") + "\nnonsense: 1\n",
            "apps/search/app.yaml": "[",
            "tidegate.yaml": "what: is this",
            HOLD: "[",
        }
    )
    answer = end(past, *BACK)
    assert answer.code == 0, answer.out
    assert "can't be read" in str(app(answer)["unverified"])
    assert past.runs("shop") == ("1", digest("1"), "1")
    assert past.read(HOLD)["by"] == "Ann"


def test_the_same_command_again_does_nothing_and_another_reason_goes_on(past: Past) -> None:  # noqa: F811
    for version in ("1", "2", "3"):
        past.ship("shop", version)
    assert back(past).code == 0
    head = past.head()
    answer = back(past)
    assert (answer.code, answer.json["outcome"], past.head()) == (0, "already", head)
    assert "another --reason" in str(app(answer)["notes"])
    assert back(past, why="2 is no better").code == 0
    assert past.runs("shop") == ("1", digest("1"), "1")
    assert [b["version"] for b in past.read(BLOCKS)["blocks"]] == ["3", "2"]
    assert past.read(HOLD)["reason"] == "rolled back from version 3 to 2: slow"  # it stays
    head = past.head()
    answer = back(past, why="1 is bad too")
    assert (answer.code, past.head()) == (2, head)
    assert "no release before this one" in reason(answer)
    assert "version 3 was passed over: it is blocked" in reason(answer)


def test_several_apps_go_back_together_or_not_at_all(past: Past) -> None:  # noqa: F811
    for name in ("shop", "search"):
        past.ship(name, "1")
    past.ship("shop", "2")
    both = ("rollback", "shop", "search", "--env", "prod", "--reason", "all is slow")
    head = past.head()
    answer = end(past, *both)
    assert (answer.code, past.head()) == (2, head)
    assert [a["outcome"] for a in answer.json["apps"]] == ["held_back", "error"]
    past.ship("search", "2")
    assert end(past, *both).code == 0
    assert past.commits()[0] == "rollback(prod): 2 apps"
    assert (past.runs("shop")[0], past.runs("search")[0]) == ("1", "1")


def test_fifty_apps_at_once(tmp_path: Path) -> None:
    names = [f"app-{number}" for number in range(50)]
    past = make_past(tmp_path, sample_files(names))  # noqa: F811
    for version in ("1", "2"):
        past.push({k: v for name in names for k, v in past.files(name, version).items()})
    answer = end(past, "rollback", *names, "--env", "prod", "--reason", "the feature store")
    assert answer.code == 0, answer.out
    assert past.commits()[0] == "rollback(prod): 50 apps"
    assert {past.runs(name)[0] for name in names} == {"1"}
    assert len(past.changed()) == 200


def test_nothing_but_git_is_started(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    git = shutil.which("git")
    assert git
    tools = past.folder / "git-alone"
    tools.mkdir()
    (tools / "git").symlink_to(git)
    answer = end(past, *BACK, PATH=str(tools))
    assert answer.code == 0, answer.out


def test_history_and_status_tell_of_it(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    assert end(past, *BACK).code == 0
    changes = end(past, "history", "shop", "--env", "prod").json["changes"]
    assert [(c["rolledBackFrom"], c["byHand"]) for c in changes] == [
        ("2", False), (None, False), (None, False),
    ]  # fmt: skip
    assert changes[0]["reason"] == "answers are slow"
    text = past.tidegate("history", "shop", "--env", "prod").out
    assert "2 → 1" in text
    assert "rolled back: answers are slow" in text
    (standing,) = end(past, "status", "shop", "--env", "prod").json["apps"]
    assert standing["blocks"][0]["version"] == "2"
    assert standing["holds"][0]["active"] is True
    text = past.tidegate("status", "shop", "--env", "prod").out
    assert "version 2 is blocked by Ann: answers are slow" in text
    assert "held by Ann: rolled back from version 2 to 1" in text


@pytest.mark.parametrize("why", ["a\nTidegate-Rollback: prod/search x", "`|<b>\x1b[0m", "é" * 2000])
def test_hostile_reasons(past: Past, why: str) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    words = ("rollback", "shop", "--env", "prod", "--reason", why, "--dry-run")
    say(past, *words, formats=("text", "markdown"))
    assert back(past, why=why).code == 0
    trailers = past.git("log", "-1", "--format=%(trailers:only)", "main", cwd=past.remote)
    keys = [line.partition(":")[0] for line in trailers.splitlines()]
    assert keys == ["Tidegate-Rollback", "Reason"]
    assert back(past, why=why).json["outcome"] == "already"
    assert end(past, "status").code == 0
