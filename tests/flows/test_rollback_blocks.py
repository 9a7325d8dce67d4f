"""What a rollback blocks and holds, and how it is lifted again."""

from __future__ import annotations

import json

import pytest
import yaml
from tests.bad_days.endings import end, reason
from tests.support.releases import Past, digest, past  # noqa: F401
from tests.support.rollbacks import BACK, BLOCKS, HOLD, RECORD, app, back, edit_by_hand


def test_to_a_named_version(past: Past) -> None:  # noqa: F811
    for version in ("1", "2", "3"):
        past.ship("shop", version)
    assert back(past, "--to", "v1").code == 0
    assert past.runs("shop") == ("1", digest("1"), "1")
    assert back(past, "--to", "1", why="something else").json["outcome"] == "already"
    head = past.head()
    answer = back(past, "--to", "3")
    assert (answer.code, answer.json["outcome"], past.head()) == (1, "blocked", head)
    assert "tidegate release shop --env prod --version 3" in str(app(answer)["notes"])
    answer = back(past, "--to", "9")
    assert (answer.code, "never released" in reason(answer)) == (2, True)
    assert "released there: 1, 3, 2" in reason(answer)
    assert back(past, "--to", "2").code == 0
    free = ("release", "shop", "--env", "prod", "--version", "3", "--reason", "it was the store")
    answer = end(past, *free)
    assert [b["version"] for b in answer.json["places"][0]["lifted"]] == ["3"]
    assert past.changed() == [BLOCKS, HOLD]
    assert back(past, "--to", "3").code == 0
    assert [b["version"] for b in past.read(BLOCKS)["blocks"]] == ["1", "2"]


def test_the_last_block_takes_its_file_along(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    assert back(past).code == 0
    free = ("release", "shop", "--env", "prod", "--version", "2", "--reason", "x")
    assert end(past, *free).code == 0
    assert (past.has(BLOCKS), past.has(HOLD)) == (False, False)
    assert end(past, *free).json["outcome"] == "already"


@pytest.mark.parametrize("label", ["", "7-hotfix"])
def test_what_has_no_version_is_not_blocked(past: Past, label: str) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    edit_by_hand(past, label)
    answer = back(past)
    assert answer.code == 0, answer.out
    assert app(answer)["block"] is None
    assert "nothing is blocked" in str(app(answer)["notes"])
    assert not past.has(BLOCKS)


def test_another_image_of_the_same_version(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    past.ship("shop", "2", image_digest=digest("99"))
    answer = back(past)
    assert answer.code == 0, answer.out
    assert past.runs("shop") == ("2", digest("2"), "2")
    (block,) = past.read(BLOCKS)["blocks"]
    assert (block["version"], block["digest"]) == ("2", digest("99"))
    assert back(past, why="the model itself").code == 0
    assert past.runs("shop")[0] == "1"
    assert "digest" not in past.read(BLOCKS)["blocks"][1]


def test_a_release_of_another_model_is_blocked_under_its_own_name(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    record = yaml.safe_load(past.files("shop", "2")[RECORD])
    assert record["model"]["name"] == "shop"
    files = past.files("shop", "2")
    files[RECORD] = files[RECORD].replace(b'name: "shop"', b'name: "shop-v2"', 1)
    past.push(files, "a new model")
    assert back(past).code == 0
    assert past.read(BLOCKS)["blocks"][0]["model"] == "shop-v2"


def test_damaged_blocks_stop_everything_that_reads_them(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    assert back(past).code == 0
    past.push({BLOCKS: past.show(BLOCKS).replace("since: ", "sinse: ") + "\n"})
    for command in (BACK, ("release", "shop", "--env", "prod", "--version", "2", "--reason", "x")):
        answer = end(past, *command)
        assert (answer.code, "sinse" in json.dumps(answer.json)) == (2, True)
    answer = end(past, "status", "shop", "--env", "prod")
    assert "sinse" in answer.json["apps"][0]["problem"]


def test_an_old_hold_with_an_end_becomes_one_without(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    held = ("hold", "shop", "--env", "prod", "--reason", "watching", "--until", "2d")
    assert end(past, *held, "--requested-by", "Bob").code == 0
    assert back(past).code == 0  # a hold stops no rollback
    assert past.read(HOLD)["reason"] == "rolled back from version 2 to 1: slow"
