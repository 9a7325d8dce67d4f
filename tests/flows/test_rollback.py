"""`rollback` from end to end, with a real remote and nothing else that answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.bad_days.endings import end, reason, say
from tests.support.gitops import Answer, sample_files
from tests.support.releases import Past, digest, make_past, past  # noqa: F401

from tidegate.repository.schemas import schema

BACK = ("rollback", "shop", "--env", "prod", "--reason", "answers are slow")
FOLDER = "environments/prod/shop"
OVERLAY, RECORD = f"{FOLDER}/kustomization.yaml", f"{FOLDER}/release.yaml"
BLOCKS, HOLD = f"{FOLDER}/blocks.yaml", f"{FOLDER}/hold.yaml"


def app(answer: Answer, number: int = 0) -> dict[str, object]:
    found: dict[str, object] = answer.json["apps"][number]
    return found


def back(past: Past, *arguments: str, why: str = "slow") -> Answer:  # noqa: F811
    return end(past, "rollback", "shop", "--env", "prod", "--reason", why, *arguments)


def edit_by_hand(past: Past, label: str) -> None:  # noqa: F811
    """The overlay of version 2 gets another digest and label, and its record doesn't."""
    overlay = past.show(OVERLAY).replace(digest("2"), digest("7"))
    past.push({OVERLAY: overlay.replace('version: "2"', f'version: "{label}"') + "\n"}, "hot fix")


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


def test_the_same_command_again_does_nothing_and_another_whygoes_on(past: Past) -> None:  # noqa: F811
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


def test_no_release_before(past: Past) -> None:  # noqa: F811
    answer = back(past)
    assert (answer.code, "no release before" in reason(answer)) == (2, True)
    past.ship("shop", "1")
    head = past.head()
    answer = back(past)
    assert (answer.code, "no release before" in reason(answer), past.head()) == (2, True, head)
    answer = back(past, "--to", "2")
    assert (answer.code, "released there: 1" in reason(answer)) == (2, True)


def test_squash_merges_and_commits_by_hand_count_by_what_they_left(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1", message="Merge pull request #1")
    past.git("checkout", "-q", "-b", "side", cwd=past.folder / "other")
    past.write(dict(past.files("shop", "2")), cwd=past.folder / "other")
    past.git("commit", "-qam", "on a side branch", cwd=past.folder / "other")
    past.git("checkout", "-q", "master", cwd=past.folder / "other", check=False)
    past.git("checkout", "-q", "main", cwd=past.folder / "other", check=False)
    past.ship("shop", "3", message="squashed (#2)")
    past.git("merge", "-q", "-s", "ours", "side", "-m", "merge", cwd=past.folder / "other")
    past.git("push", "-q", "origin", "HEAD:main", cwd=past.folder / "other")
    past.ship("shop", "4", message="by hand")
    assert back(past).code == 0  # version 2 never was on the first-parent line
    assert past.runs("shop")[0] == "3"
    assert back(past, why="again").code == 0
    assert past.runs("shop")[0] == "1"


def test_an_overlay_that_was_edited_by_hand_goes_back_to_its_record(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    overlay = (
        past.show(OVERLAY).replace(digest("2"), digest("7")).replace('version: "2"', 'version: "7"')
    )
    past.push({OVERLAY: overlay + "\n"}, "hot fix")
    answer = back(past)
    assert answer.code == 0, answer.out
    assert past.runs("shop") == ("2", digest("2"), "2")
    assert "edited by hand" in str(app(answer)["notes"])
    assert [b["version"] for b in past.read(BLOCKS)["blocks"]] == ["7"]
    assert back(past, why="2 as well").code == 0
    assert past.runs("shop")[0] == "1"


@pytest.mark.parametrize("label", ["", "7-hotfix"])
def test_what_has_no_version_is_not_blocked(past: Past, label: str) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    overlay = (
        past.show(OVERLAY)
        .replace(digest("2"), digest("7"))
        .replace('version: "2"', f'version: "{label}"')
    )
    past.push({OVERLAY: overlay + "\n"}, "hot fix")
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


def test_an_overlay_that_was_renamed(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    new = f"{FOLDER}/kustomization.yml"
    past.push({OVERLAY: None, new: past.show(OVERLAY) + "\n"}, "renamed")
    past.ship("shop", "2")
    answer = back(past)
    assert answer.code == 0, answer.out
    assert (past.runs("shop")[0], past.has(OVERLAY)) == ("1", False)
    assert new in past.changed()


def test_a_damaged_record_is_passed_over_and_named(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    commit = past.push({RECORD: past.show(RECORD).replace("run-2", "run-x") + "z: 1\n"}, "oops")
    files = past.files("shop", "3")
    past.push(files, "promote(prod): shop → 3")
    answer = back(past, "--dry-run")
    assert app(answer)["to"]["version"] == "2"  # type: ignore[index]
    assert commit[:10] in str(app(answer)["notes"])
    # At the head itself: then what is there is written anew.
    past.push({RECORD: "[\n"}, "oops again")
    answer = back(past)
    assert answer.code == 0, answer.out
    assert "can't be read" in str(app(answer)["notes"])
    assert past.runs("shop")[0] == "2"
    assert [b["version"] for b in past.read(BLOCKS)["blocks"]] == ["3"]


def test_a_record_that_its_overlay_never_agreed_with_was_never_released(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.push({RECORD: past.files("shop", "5")[RECORD]}, "only the record")
    past.ship("shop", "2")
    answer = back(past, "--dry-run")
    assert app(answer)["to"]["version"] == "1"  # type: ignore[index]
    assert "disagreed" in str(app(answer)["notes"])
    answer = back(past, "--to", "5")
    assert (answer.code, "disagreed" in reason(answer)) == (2, True)


def test_another_repository_is_not_written_by_a_rollback(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    moved = past.show(OVERLAY).replace(
        "- name: registry.example.com/shop/shop\n",
        "- name: registry.example.com/shop/shop\n    newName: mirror.example.com/shop\n",
    )
    past.push({OVERLAY: moved + "\n"})
    head = past.head()
    answer = back(past, "--to", "1")
    assert (answer.code, past.head()) == (2, head)
    assert "mirror.example.com/shop" in reason(answer)


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


def test_an_old_hold_with_an_end_becomes_one_without(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    held = ("hold", "shop", "--env", "prod", "--reason", "watching", "--until", "2d")
    assert end(past, *held, "--requested-by", "Bob").code == 0
    assert back(past).code == 0  # a hold stops no rollback
    assert past.read(HOLD)["reason"] == "rolled back from version 2 to 1: slow"


def test_a_shallow_clone_is_deepened(past: Past) -> None:  # noqa: F811
    for version in ("1", "2"):
        past.ship("shop", version)
    url = f"file://{past.remote}"
    shallow = past.folder / "shallow"
    past.git("clone", "-q", "--depth", "1", url, str(shallow), cwd=past.folder)
    answer = end(past, *BACK, root=shallow)
    assert answer.code == 0, answer.out
    assert past.runs("shop")[0] == "1"


def test_history_that_the_remote_itself_lacks_is_named(past: Past) -> None:  # noqa: F811
    for version in ("1", "2"):
        past.ship("shop", version)
    cut = past.folder / "cut.git"
    past.git(
        "clone", "-q", "--bare", "--depth", "1", f"file://{past.remote}", str(cut), cwd=past.folder
    )
    shallow = past.folder / "shallow"
    past.git("clone", "-q", "--depth", "1", f"file://{cut}", str(shallow), cwd=past.folder)
    answer = end(past, *BACK, root=shallow)
    assert answer.code == 3
    assert "shallow" in reason(answer)
    assert "--depth" in reason(answer)


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


def test_a_release_of_another_model_is_blocked_under_its_own_name(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    record = yaml.safe_load(past.files("shop", "2")[RECORD])
    assert record["model"]["name"] == "shop"
    files = past.files("shop", "2")
    files[RECORD] = files[RECORD].replace(b'name: "shop"', b'name: "shop-v2"', 1)
    past.push(files, "a new model")
    assert back(past).code == 0
    assert past.read(BLOCKS)["blocks"][0]["model"] == "shop-v2"


@pytest.mark.parametrize("why", ["a\nTidegate-Rollback: prod/search x", "`|<b>\x1b[0m", "é" * 2000])
def test_hostile_reasons(past: Past, why: str) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    say(past, "rollback", "shop", "--env", "prod", "--reason", why, "--dry-run")
    assert back(past, why=why).code == 0
    trailers = past.git("log", "-1", "--format=%(trailers:only)", "main", cwd=past.remote)
    keys = [line.partition(":")[0] for line in trailers.splitlines()]
    assert keys == ["Tidegate-Rollback", "Reason"]
    assert back(past, why=why).json["outcome"] == "already"
    assert end(past, "status").code == 0
