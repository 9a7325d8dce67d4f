"""`verify`: what Tidegate would write passes, and nothing else."""

from __future__ import annotations

import pytest
from tests.bad_days.endings import say
from tests.support.mlflow_server import mlflow_template  # noqa: F401
from tests.support.proposals import HOLD, PROMOTE, RELEASE, ROLLBACK, TO_PROD, Proposals

from demo.trivy_db import Advisory

pytestmark = pytest.mark.xdist_group("proposals")

FOLDER = "environments/staging/shop"
OVERLAY, RECORD = f"{FOLDER}/kustomization.yaml", f"{FOLDER}/release.yaml"


@pytest.mark.parametrize(
    ("verb", "deed", "place"),
    [
        (PROMOTE, "promoted", ("staging", "shop")),
        (ROLLBACK, "rolled_back", ("prod", "search")),
        (HOLD, "held", ("prod", "shop")),
        (RELEASE, "lifted", ("staging", "search")),
        (("hold", "--all", "--env", "prod", "--reason", "sale"), "held", ("prod", None)),
    ],
)
def test_what_a_verb_writes_is_verified(
    proposals: Proposals, verb: tuple[str, ...], deed: str, place: tuple[str, str | None]
) -> None:
    answer = proposals.verify(proposals.made(*verb))
    assert (answer.code, answer.json["outcome"]) == (0, "verified"), answer.out + answer.err
    (proven,) = answer.json["proven"]
    assert (proven["deed"], proven["environment"], proven["app"]) == (deed, *place)
    assert answer.json["objections"] == answer.json["others"] == []


def test_a_promotion_tells_how_the_gates_answer_now(proposals: Proposals) -> None:
    (proven,) = proposals.verify(proposals.made(*PROMOTE)).json["proven"]
    assert [(gate["gate"], gate["status"]) for gate in proven["gates"]] == [
        ("order", "passed"),
        ("champion:auc", "passed"),
    ]
    assert (proven["before"], proven["release"]["version"]) == ("1", "2")


def test_merges_squashes_and_merge_commits_of_a_host_are_judged_alike(
    proposals: Proposals,
) -> None:
    head = proposals.made(*PROMOTE)
    merge = proposals.commit({}, "Merge it", on=head, parents=[proposals.base, head])
    squash = proposals.commit({}, f"a title (#3)\n\n* {proposals.message(head)}\n\nmore", on=head,
                              parents=[proposals.base])  # fmt: skip
    for commit in (merge, squash):
        answer = proposals.verify(commit)
        assert (answer.code, answer.json["outcome"]) == (0, "verified"), answer.out


def test_several_deeds_in_several_places_are_one_change(proposals: Proposals) -> None:
    first = proposals.made(*PROMOTE)
    files = {path: proposals.show(path, first).encode() for path in (OVERLAY, RECORD)}
    back = proposals.made(*ROLLBACK)
    head = proposals.commit(files, proposals.message(first), on=back, parents=[back])
    answer = proposals.verify(head)
    assert answer.code == 0, answer.out
    assert {item["deed"] for item in answer.json["proven"]} == {"promoted", "rolled_back"}


def test_older_candidates_may_lie_behind_the_newest(proposals: Proposals) -> None:
    """A pull request is brought up to date by a commit on top."""
    older, newer = proposals.to_dev(0.96)[1], proposals.to_dev(0.97)[1]
    folder = "environments/dev/shop"
    paths = (f"{folder}/kustomization.yaml", f"{folder}/release.yaml")
    files = {path: proposals.show(path, newer) for path in paths}
    head = proposals.commit(files, proposals.message(newer), on=older)
    answer = proposals.verify(head)
    assert (answer.code, answer.json["commits"]) == (0, 2), answer.out
    # Where a rebase would put each of them into the history, none may.
    dev = "environments/dev/environment.yaml"
    more = "delivery: pull-request\npullRequests: {autoMerge: rebase}\n"
    base = proposals.commit({dev: proposals.show(dev) + more}, "rebase")
    answer = proposals.verify(head, base=base)
    assert answer.code == 1
    assert "gone at the end" in answer.json["objections"][0]["message"]


def test_what_passes_by_is_named(proposals: Proposals) -> None:
    owned = (
        "policies/waivers/mine.yaml",
        ".github/CODEOWNERS",
        "environments/prod/environment.yaml",
        "tooling/tidegate/cli/main.py",
        "requirements/runtime.lock",
        "ci/install",
        "action.yml",
    )
    files = dict.fromkeys([*owned, "README.md", "environments/prod/argocd/project.yaml"], "x\n")
    answer = proposals.verify(proposals.commit(files))
    assert (answer.code, answer.json["outcome"]) == (0, "nothing")
    assert {item["path"] for item in answer.json["owned"]} == {*files} - {"README.md"}
    assert set(answer.json["others"]) == set(files)


def test_nothing_is_nothing(proposals: Proposals) -> None:
    answer = proposals.verify(proposals.base)
    assert (answer.code, answer.json["outcome"], answer.json["commits"]) == (0, "nothing", 0)


def test_a_hand_may_change_how_but_not_what_runs(proposals: Proposals) -> None:
    more = proposals.show(OVERLAY) + "replicas: [{name: shop, count: 7}]\n"
    answer = proposals.verify(proposals.commit({OVERLAY: more}))
    assert (answer.code, answer.json["others"]) == (0, [OVERLAY]), answer.out


WORK = """\
replicas: [{name: shop, count: 3}]
configMapGenerator: [{name: settings, literals: [A=b]}]
patches:
  - target: {kind: Deployment, name: shop}
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0
        value: {name: proxy, image: example.com/proxy:1}
      - op: add
        path: /spec/template/spec/containers/1/resources
        value: {limits: {memory: 1Gi}}
      - {op: add, path: /spec/template/spec/containers/1/env, value: [{name: A, value: b}]}
"""
BESIDE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  selector: {matchLabels: {app: cache}}
  template:
    metadata: {labels: {app: cache}}
    spec: {containers: [{name: cache, image: 'example.com/cache:1'}]}
---
apiVersion: v1
kind: Service
metadata: {name: renamed}
spec: {selector: {app: shop}}
"""


def test_people_may_work_on_a_workload(proposals: Proposals) -> None:
    """A sidecar before it, resources, variables, replicas, a ConfigMap, and a workload and a
    Service that have nothing to do with it."""
    overlay = proposals.show(OVERLAY).replace("resources:\n", "resources:\n  - more.yaml\n")
    files = {OVERLAY: overlay + WORK, OVERLAY.replace("kustomization", "more"): BESIDE}
    answer = proposals.verify(proposals.commit(files))
    assert (answer.code, answer.json["outcome"]) == (0, "nothing"), answer.out


def test_an_app_that_never_ran_may_be_written_and_one_taken_away(proposals: Proposals) -> None:
    overlay = proposals.show(OVERLAY).replace("shop", "fresh")
    new = proposals.commit({"environments/staging/fresh/kustomization.yaml": overlay})
    gone = proposals.commit(dict.fromkeys((OVERLAY, RECORD)))
    for head in (new, gone):
        answer = proposals.verify(head)
        assert (answer.code, answer.json["outcome"]) == (0, "nothing"), answer.out
    assert [item["path"] for item in answer.json["owned"]] == [RECORD]


def test_a_branch_behind_its_base_is_judged_against_the_base_of_now(
    proposals: Proposals,
) -> None:
    head = proposals.made(*PROMOTE)
    other = proposals.commit({"README.md": "news\n"}, "elsewhere")
    answer = proposals.verify(head, base=other)
    assert (answer.code, answer.json["outcome"], answer.json["base"]) == (0, "verified", other)
    hold = ("hold", "shop", "--env", "staging", "--reason", "stop")
    answer = proposals.verify(head, base=proposals.made(*hold, base=other))
    assert answer.code == 1
    assert "shop is held by Ann: stop" in answer.json["objections"][0]["message"]
    edited = proposals.commit({OVERLAY: proposals.show(OVERLAY) + "# mine\n"}, "hand", on=other)
    (objection,) = proposals.verify(head, base=edited).json["objections"]
    assert objection["file"] == OVERLAY
    assert "was changed on the base too" in objection["message"]


def test_what_is_proposed_is_told_in_every_form(proposals: Proposals) -> None:
    head = proposals.instead(proposals.made(*PROMOTE), {"README.md": "x\n"})
    words = ("verify", "--base", proposals.base, "--head", head)
    said = say(proposals.world, *words, formats=["text", "markdown", "github"])
    assert said.count("README.md") == 3
    assert said.count("Refused") == 3
    assert "::error file=README.md,line=1,title=tidegate verify::is changed together" in said


def test_names_that_stand_for_nothing_are_bad_input(proposals: Proposals) -> None:
    for name in ("nowhere", "--upload-pack=touch pwned", "^main", "", "a..b"):
        answer = proposals.verify(name)
        assert (answer.code, answer.json["kind"]) == (2, "ErrorReport"), answer.out


def test_a_scan_with_a_newer_database_may_tell_more(proposals: Proposals) -> None:
    base = proposals.made(*PROMOTE)
    head = proposals.made(*TO_PROD, base=base)
    with proposals.known(Advisory("CVE-2026-2", "numpy", "LOW", ("<9",), ("9",))):
        answer = proposals.verify(head, base=base)
    assert answer.code == 0, answer.out
