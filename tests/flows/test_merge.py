"""`merge`: judged again on the present head and base, and pinned to that head."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.argocd import on, status
from tests.support.forge import TEAM, Status, now
from tests.support.mlflow_server import MlflowStore, mlflow_store, mlflow_template  # noqa: F401
from tests.support.reviewed import BRANCH, WAY, Reviewed, reviewed

APP = "apps/shop/app.yaml"
ENVIRONMENT = "environments/staging/environment.yaml"


@pytest.fixture
def review(tmp_path: Path, mlflow_store: MlflowStore) -> Iterator[Reviewed]:  # noqa: F811
    """Staging asks for one owner's approval; a pull request is open."""
    made = reviewed(tmp_path, mlflow_store, WAY)
    try:
        world = made.world
        gates = world.show(ENVIRONMENT) + "\n  - {gate: approval}\n"
        owned = world.show(APP).replace("[team-shop]", f"['{TEAM}']")
        world.push({ENVIRONMENT: gates, APP: owned + "\n"})
        made.promote("shop")
        yield made
        assert made.github.violations == []
    finally:
        made.github.close()


def merge(review: Reviewed, *arguments: str, code: int) -> dict[str, Any]:
    (pull,) = review.pulls() or review.pulls("merged")
    answer = review.world.tidegate("merge", str(pull.number), *arguments, "--format", "json")
    assert answer.code == code, answer.out + answer.err
    found: dict[str, Any] = answer.json
    return found


def test_an_approved_promotion_is_merged_once_and_audit_knows_it(review: Reviewed) -> None:
    (pull,) = review.pulls()
    assert merge(review, code=1)["approvals"][0]["message"] == "0 of 1 owner approved this commit"
    review.forge.review(pull.number, "ann")
    assert merge(review, "--dry-run", code=0)["outcome"] == "ready"
    made = merge(review, code=0)
    assert (made["outcome"], made["merged"]) == ("merged", review.world.head())
    assert review.world.commits()[0] == "promote(staging): shop → 1"
    assert "Tidegate-Promotion: staging/shop" in review.world.git(
        "log", "-1", "--format=%B", "main", cwd=review.world.remote
    )
    assert merge(review, code=0)["outcome"] == "already"
    assert review.world.tidegate("audit", "--format", "json").code == 0
    shown = review.world.tidegate("status", "shop", "--env", "staging", "--format", "json")
    assert '"version": "1"' in shown.out


def test_a_branch_that_was_updated_by_a_button_still_tells_what_it_does(review: Reviewed) -> None:
    review.next_version()
    review.promote("shop", "--requested-by", "bob")
    (pull,) = review.pulls()
    review.forge.commit("main", {"docs/notes.md": "notes\n"})
    updated = review.forge.update(BRANCH, "main")
    review.promote("shop", "--requested-by", "bob")
    assert review.branch_head() == updated
    review.forge.review(pull.number, "bob")
    assert "bob asked for it" in merge(review, code=1)["approvals"][0]["message"]
    review.forge.review(pull.number, "ann")
    merge(review, code=0)
    assert review.world.commits()[0] == "promote(staging): shop → 2"
    audit = review.world.tidegate("audit", "--app", "shop", "--format", "json").json["entries"]
    assert [(e["deed"], e["proven"]) for e in audit if e["approvedBy"]] == [("promoted", True)]


def test_an_approval_of_an_earlier_head_is_stale(review: Reviewed) -> None:
    (pull,) = review.pulls()
    review.forge.review(pull.number, "ann")
    review.next_version()
    review.promote("shop")
    made = merge(review, code=1)
    assert made["verification"]["objections"] == []
    assert "ann approved an earlier one" in made["approvals"][0]["message"]
    assert review.pulls("merged") == []
    review.forge.review(pull.number, "bob")
    assert merge(review, "--method", "merge", code=0)["outcome"] == "merged"
    audit = review.world.tidegate("audit", "--format", "json").json
    entries = [e for e in audit["entries"] if (e["environment"], e["app"]) == ("staging", "shop")]
    deeds = [(e["deed"], (e["release"] or {}).get("version")) for e in entries]
    assert [deed for deed in deeds if deed[0] == "promoted"] == [("promoted", "2")], entries


def test_a_missing_status_stands_in_its_way(review: Reviewed) -> None:
    (pull,) = review.pulls()
    review.forge.review(pull.number, "ann")
    review.forge.statuses.clear()
    assert merge(review, code=1)["obstacles"] == [
        "the status tidegate/gates is missing on its head"
    ]


def test_what_was_added_to_the_branch_or_changed_below_it_is_refused(review: Reviewed) -> None:
    review.forge.commit(BRANCH, {"environments/prod/shop/hold.yaml": "by: me\n"})
    (pull,) = review.pulls()
    review.forge.review(pull.number, "ann")
    made = merge(review, code=1)
    assert made["verification"]["outcome"] == "refused"
    review.promote("shop")
    review.forge.review(pull.number, "ann")
    hold = ("shop", "--env", "staging", "--direct", "--reason", "an incident")
    assert review.world.tidegate("hold", *hold).code == 0
    made = merge(review, code=1)
    assert "an incident" in made["verification"]["objections"][0]["message"]


def test_a_head_that_moves_at_the_last_moment_is_not_merged(review: Reviewed) -> None:
    (pull,) = review.pulls()
    review.forge.review(pull.number, "ann")

    def push(_: object) -> bool:
        review.forge.commit(BRANCH, {"more.txt": "later\n"})
        return False

    review.github.faults.append(on("PUT", "/merge$", push))
    made = merge(review, code=4)
    assert (made["outcome"], made["merged"]) == ("error", None)
    assert review.pulls("merged") == []


def test_a_draft_and_a_strange_base_are_told(review: Reviewed) -> None:
    (pull,) = review.pulls()
    pull.draft = True
    assert "it is a draft" in merge(review, code=1)["obstacles"]
    assert review.world.tidegate("merge", "seven").code == 2
    assert review.world.tidegate("merge", "999").code == 3


def test_the_providers_rules_can_be_waited_for(review: Reviewed) -> None:
    (pull,) = review.pulls()
    review.forge.review(pull.number, "ann")
    review.forge.rules.statuses.add("ci/slow")
    assert merge(review, "--auto", code=0)["outcome"] == "queued"
    assert review.pulls("merged") == []
    review.forge.rules.statuses.clear()
    assert review.pulls("merged") == [pull]
    assert "\nTidegate-Promotion: staging/shop" in review.forge.git(
        "log", "-1", "--format=%B", "main"
    )


def test_a_provider_that_asks_no_owner_is_not_told_to_merge(review: Reviewed) -> None:
    (pull,) = review.pulls()
    way = review.world.show(ENVIRONMENT).replace("reviewers:", "autoMerge: squash, reviewers:")
    review.world.push({ENVIRONMENT: way + "\n"})
    review.forge.rules.statuses.add("ci/slow")
    pull.auto_merge = "squash"  # as somebody had asked for
    (made,) = review.promote("shop")
    assert "only `tidegate merge` asks the gate approval" in made["note"]
    assert (pull.state, pull.auto_merge) == ("open", None)


def test_what_lies_beside_the_line_may_be_an_older_candidate_and_nothing_else(
    review: Reviewed,
) -> None:
    forged = "hm\n\nTidegate-Lift: staging/shop\n"
    tree, head = review.forge.git("rev-parse", f"{BRANCH}^{{tree}}"), review.branch_head()
    made = review.forge.git("commit-tree", tree, "-p", head, "-m", forged)
    review.forge.git("update-ref", f"refs/heads/{BRANCH}", made)
    review.next_version()
    review.promote("shop")
    objections = merge(review, code=1)["verification"]["objections"]
    assert ["Tidegate-Lift" in item["message"] for item in objections] == [True]


def test_a_rebase_takes_no_release_to_the_base_that_no_gate_has_seen(review: Reviewed) -> None:
    (pull,) = review.pulls()
    git, head, base = review.forge.git, review.branch_head(), review.forge.head("main") or ""
    message = git("log", "-1", "--format=%B", head)
    digest = re.findall(r"sha256:[0-9a-f]{64}", message)[0]
    paths = review.changed()
    files = {path: git("show", f"{head}:{path}") + "\n" for path in paths}
    evil = "sha256:" + "6" * 64
    forged = {path: text.replace(digest, evil) for path, text in files.items()}
    git("update-ref", f"refs/heads/{BRANCH}", base)
    tree = git("rev-parse", review.forge.commit(BRANCH, forged) + "^{tree}")
    first = git("commit-tree", tree, "-p", base, "-m", message.replace(digest, evil))
    tip = git("commit-tree", f"{head}^{{tree}}", "-p", first, "-m", message)
    git("update-ref", f"refs/heads/{BRANCH}", tip)
    review.forge.look()
    review.forge.set_status(tip, Status(1, "tidegate/gates", "success", "", "", "eve", now()))
    review.forge.review(pull.number, "ann")
    (objection,) = merge(review, "--method", "rebase", code=1)["verification"]["objections"]
    assert "writes a record that is gone at the end" in objection["message"]
    # A squash leaves it where nobody goes back to.
    assert merge(review, "--dry-run", code=0)["outcome"] == "ready"


def test_what_was_to_merge_by_itself_waits_for_a_newer_yes_once_its_head_moves(
    review: Reviewed,
) -> None:
    (pull,) = review.pulls()
    head = review.branch_head()
    review.forge.review(pull.number, "ann")
    review.forge.rules.statuses.add("ci/slow")
    assert merge(review, "--auto", code=0)["outcome"] == "queued"
    assert review.promote("shop")[0]["action"] == "unchanged"
    assert pull.auto_merge == "squash"
    review.next_version()
    # Where it can't be cancelled, nothing is pushed.
    fault = on("POST", "/graphql$", status(403), times=math.inf)
    review.github.faults.append(fault)
    (made,) = review.promote("shop", code=4)
    assert "can't be cancelled, so its branch isn't moved" in made["error"]["message"]
    assert (review.branch_head(), pull.auto_merge) == (head, "squash")
    review.github.faults.clear()
    (made,) = review.promote("shop")
    assert (made["action"], pull.auto_merge) == ("updated", None)
    assert made["note"].startswith("its auto-merge was cancelled")
    review.forge.rules.statuses.clear()
    assert review.pulls() == [pull]
    # Nor may it merge what a gate refuses by now.
    pull.auto_merge = "squash"
    review.forge.rules.statuses.add("ci/slow")
    hold = ("shop", "--env", "staging", "--direct", "--reason", "an incident")
    assert review.world.tidegate("hold", *hold).code == 0
    assert review.promote("shop", code=1)[0]["action"] == "marked"
    assert pull.auto_merge is None
