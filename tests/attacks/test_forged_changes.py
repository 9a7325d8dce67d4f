"""Changes that pretend to be promotions, rollbacks or holds, and changes that hide in them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.support.mlflow_server import mlflow_template  # noqa: F401
from tests.support.proposals import HOLD, PROMOTE, RELEASE, ROLLBACK, Proposals

from tidegate.repository.release import evidence_digest, format_release, parse_release

pytestmark = pytest.mark.xdist_group("proposals")

FOLDER = "environments/staging/shop"
OVERLAY, RECORD = f"{FOLDER}/kustomization.yaml", f"{FOLDER}/release.yaml"
SEARCH = "environments/staging/search"
OTHER = f"sha256:{7:064x}"


def test_a_hand_puts_in_another_image(proposals: Proposals) -> None:
    overlay = re.sub(r"sha256:[0-9a-f]{64}", OTHER, proposals.show(OVERLAY))
    answer = proposals.verify(proposals.commit({OVERLAY: overlay}, "hot fix"))
    (objection,) = answer.json["objections"]
    assert (objection["file"], objection["app"], objection["environment"]) == (
        OVERLAY, "shop", "staging",
    )  # fmt: skip
    assert overlay.split("\n")[objection["line"] - 1].strip() == f'digest: "{OTHER}"'
    assert "what runs was changed" in objection["message"]


def test_a_hand_puts_in_another_version_label(proposals: Proposals) -> None:
    overlay = proposals.show(OVERLAY).replace('version: "1"', 'version: "2"')
    proposals.refused(proposals.commit({OVERLAY: overlay}), "what runs was changed", OVERLAY)


def test_a_promotion_with_another_digest_in_the_overlay(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    overlay = re.sub(r"sha256:[0-9a-f]{64}", OTHER, proposals.show(OVERLAY, head))
    proposals.refused(proposals.instead(head, {OVERLAY: overlay}), "`promote` writes", OVERLAY)


def test_a_promotion_with_another_digest_everywhere(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    told = re.findall(r"digest: \"(sha256:[0-9a-f]{64})\"", proposals.show(OVERLAY, head))[0]
    files = {p: proposals.show(p, head).replace(told, OTHER) for p in (OVERLAY, RECORD)}
    message = proposals.message(head).replace(told, OTHER)
    proposals.refused(proposals.instead(head, files, message), "`promote` writes", OVERLAY)


def test_a_forged_record(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    record = proposals.show(RECORD, head)
    for forged in (
        record.replace("measured: 0.92", "measured: 0.99"),
        record + "# nobody reads this\n",
        record.replace('version: "1"', 'version: "0"'),
    ):
        assert forged != record
        proposals.refused(proposals.instead(head, {RECORD: forged}), "", RECORD)


def test_a_record_whose_evidence_is_forged_with_its_digest(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    release = parse_release(RECORD, proposals.show(RECORD, head).encode())
    evidence = {**release.evidence, "metrics": {"auc": 0.999}}
    record = format_release(replace(release, evidence=evidence))
    message = proposals.message(head).replace(
        evidence_digest(release.evidence), evidence_digest(evidence)
    )
    proposals.refused(proposals.instead(head, {RECORD: record}, message), "not auc: 0.999", RECORD)


def test_a_verdict_that_was_reached_for_another_environment(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    files = {RECORD: proposals.show("environments/dev/shop/release.yaml")}
    proposals.refused(proposals.instead(head, files), "release.yaml was left damaged", RECORD)


def test_an_environment_is_skipped(proposals: Proposals) -> None:
    head, prod = proposals.made(*PROMOTE), "environments/prod/shop"
    files = {
        f"{prod}/kustomization.yaml": proposals.show(OVERLAY, head).replace(
            "shop-staging", "shop-prod"
        ),
        f"{prod}/release.yaml": proposals.show(RECORD, head).replace('"staging"', '"prod"'),
    }
    message = proposals.message(head).replace("staging", "prod")
    proposals.refused(proposals.commit(files, message), "gate order failed", f"{prod}/release.yaml")


def test_forged_trailers(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    told = proposals.message(head)
    for message in (
        told.replace("staging/shop", "prod/shop"),
        "better\n",
        told.replace("@2", "@3"),
    ):
        proposals.refused(proposals.instead(head, {}, message), "release.yaml was written")
    more = f"{told}\nTidegate-Rollback: prod/shop shop@1 x from shop@2 y\n"
    proposals.refused(
        proposals.instead(head, {}, more), "line 5 of its message, tells what isn't so"
    )


@pytest.mark.parametrize("line", ["Approved-by: boss", "Reviewed-by: boss", "Pull-request: x"])
def test_a_promotion_says_who_agreed(proposals: Proposals, line: str) -> None:
    """A squash by the provider's button takes the branch's messages to the base."""
    head = proposals.made(*PROMOTE)
    forged = proposals.instead(head, {}, f"{proposals.message(head)}\n{line}\n")
    proposals.refused(forged, f"says who agreed, which no branch can: {line}")


@pytest.mark.parametrize("line", ["Approved-by: boss", "Requested-by: boss"])
def test_an_edit_by_hand_says_who_agreed(proposals: Proposals, line: str) -> None:
    overlay = proposals.show(OVERLAY) + "replicas: [{name: shop, count: 50}]\n"
    head = proposals.commit({OVERLAY: overlay}, f"scale\n\n{line}\n")
    proposals.refused(head, f"says who agreed, which no branch can: {line}")


@pytest.mark.parametrize("encoding", ["utf-16", "cp037", "punycode", "ISO-8859-1"])
def test_a_message_in_another_encoding(proposals: Proposals, encoding: str) -> None:
    """Git shows the bytes as they are where they make no sense in it."""
    head = proposals.made(*PROMOTE)
    who = "Eve <eve@example.com> 1700000000 +0000"
    lines = [
        f"tree {proposals.git('rev-parse', f'{head}^{{tree}}')}",
        f"parent {head}",
        *(f"author {who}", f"committer {who}", f"encoding {encoding}", ""),
        *("tidy up", "", "Approved-by: boss", ""),
    ]
    order = ("hash-object", "-t", "commit", "-w", "--stdin")
    forged = proposals.git(*order, stdin="\n".join(lines))
    proposals.refused(forged, f"says that its message is in {encoding}, not UTF-8")
    proposals.refused(forged, "says who agreed, which no branch can: Approved-by: boss")


def test_a_trailer_without_a_deed(proposals: Proposals) -> None:
    head = proposals.commit({"README.md": "x\n"}, "docs\n\nTidegate-Hold: prod/shop\n")
    proposals.refused(head, "tells what isn't so: Tidegate-Hold: prod/shop")


@pytest.mark.parametrize(
    "line",
    [
        "Tidegate-Rollback: prod/shop shop@1 x from shop@2 y",
        "Tidegate-Promotion: staging/shop shop@9 x y",
        "Tidegate-Hold: prod/shop",
        "Tidegate-Lift: staging/search 2",
        "Tidegate-Direct: prod",
    ],
)
def test_an_older_commit_tells_of_what_it_never_did(proposals: Proposals, line: str) -> None:
    head = proposals.made(*PROMOTE)
    older = proposals.commit({"README.md": "x\n"}, f"docs\n\n{line}\n")
    told, parents = proposals.message(head), [proposals.base, older]
    newest = proposals.commit({}, told, on=head, parents=parents)
    proposals.refused(newest, f"tells what isn't so: {line}")


def test_a_promotion_tells_in_an_older_commit_that_it_is_a_rollback(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    told = proposals.message(head)
    (claim,) = [line for line in told.split("\n") if line.startswith("Tidegate-Promotion: ")]
    lie = claim.replace("-Promotion", "-Rollback") + " from shop@3 sha256:0"
    older = proposals.instead(head, {}, told.replace(claim, f"{lie}\n{claim}"))
    newest = proposals.commit({}, told, on=head, parents=[proposals.base, older])
    proposals.refused(newest, "tells what isn't so: Tidegate-Rollback: staging/shop")


def test_something_rides_along_with_a_promotion(proposals: Proposals) -> None:
    paths = [
        f"{FOLDER}/patch.yaml",
        "environments/prod/shop/kustomization.yaml",
        "apps/shop/base/deployment.yaml",
        "apps/components/canary/kustomization.yaml",
        "policies/waivers/mine.yaml",
        "policies/gates/serving.yaml",
        "tidegate.yaml",
        "environments/staging/environment.yaml",
        ".github/workflows/verify.yaml",
        ".gitattributes",
        "README.md",
    ]
    head = proposals.instead(proposals.made(*PROMOTE), dict.fromkeys(paths, "smuggled: true\n"))
    answer = proposals.verify(head)
    assert answer.code == 1, answer.out
    assert {item["file"] for item in answer.json["objections"]} >= set(paths)


def test_a_hold_is_removed_by_hand(proposals: Proposals) -> None:
    head = proposals.commit({f"{SEARCH}/hold.yaml": None}, "tidy up")
    proposals.refused(head, "expected the trailer: Tidegate-Lift: staging/search")


def test_a_block_is_removed_by_hand(proposals: Proposals) -> None:
    head = proposals.commit({f"{SEARCH}/blocks.yaml": None}, "tidy up")
    proposals.refused(head, "`release` doesn't write this file", f"{SEARCH}/blocks.yaml")
    lifted = proposals.commit(
        {f"{SEARCH}/blocks.yaml": None, f"{SEARCH}/hold.yaml": None},
        "release(staging): search\n\nTidegate-Lift: staging/search\n",
    )
    proposals.refused(lifted, "", f"{SEARCH}/blocks.yaml")


def test_a_block_is_loosened(proposals: Proposals) -> None:
    blocks = proposals.show(f"{SEARCH}/blocks.yaml").replace('version: "2"', 'version: "9"')
    head = proposals.instead(proposals.made(*RELEASE), {f"{SEARCH}/blocks.yaml": blocks})
    proposals.refused(head, "`release` removes this file", f"{SEARCH}/blocks.yaml")


def test_a_hold_is_taken_away_with_its_app(proposals: Proposals) -> None:
    tree = proposals.git("ls-tree", "-r", "--name-only", proposals.base, SEARCH)
    head = proposals.commit(dict.fromkeys(tree.splitlines()), "not needed any more")
    proposals.refused(head, "can't be taken away with the app", f"{SEARCH}/hold.yaml")


def test_a_hold_in_anothers_name(proposals: Proposals) -> None:
    head, file = proposals.made(*HOLD), "environments/prod/shop/hold.yaml"
    hold = proposals.show(file, head).replace('"Ann"', '"Eve"')
    proposals.refused(proposals.instead(head, {file: hold}), "Eve neither wrote", file)


def test_a_rollback_to_what_never_ran(proposals: Proposals) -> None:
    head, prod = proposals.made(*ROLLBACK), "environments/prod/search"
    files = {
        p: proposals.show(p, head).replace(f"{1:064x}", f"{9:064x}")
        for p in (f"{prod}/kustomization.yaml", f"{prod}/release.yaml")
    }
    message = proposals.message(head).replace(f"{1:064x}", f"{9:064x}")
    proposals.refused(proposals.instead(head, files, message), "", f"{prod}/kustomization.yaml")


def test_a_rollback_without_its_block(proposals: Proposals) -> None:
    head, file = proposals.made(*ROLLBACK), "environments/prod/search/blocks.yaml"
    proposals.refused(proposals.instead(head, {file: None}), "`rollback` writes this file", file)


def test_a_record_that_hides_on_the_way(proposals: Proposals) -> None:
    record = proposals.show(RECORD).replace('version: "1"', 'version: "666"')
    forged = proposals.commit({RECORD: record}, "step one")
    back = proposals.commit({}, "step two", on=proposals.base, parents=[forged])
    proposals.refused(back, "writes a record that is gone at the end", RECORD)
    other = f"Tidegate-Promotion: staging/shop shop@666 {OTHER} {OTHER}\n"
    forged = proposals.commit({RECORD: record}, f"step one\n\n{other}")
    back = proposals.commit({}, "step two", on=proposals.base, parents=[forged])
    proposals.refused(back, "writes a record that is gone at the end", RECORD)


def test_an_edit_that_hides_in_a_merge(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    overlay = proposals.show(OVERLAY, head).replace("shop-staging", "shop-prod")
    merge = proposals.commit({OVERLAY: overlay}, "Merge", on=head, parents=[proposals.base, head])
    proposals.refused(merge, "not namespace: shop-prod", OVERLAY)
    clean = proposals.commit({"README.md": "x\n"}, "docs")
    evil = {OVERLAY: proposals.show(OVERLAY).replace('newTag: "t', 'newTag: "u')}
    merge = proposals.commit(evil, "Merge", on=clean, parents=[proposals.base, clean])
    proposals.refused(merge, "what runs was changed", OVERLAY)


def test_an_overlay_is_moved_to_another_name(proposals: Proposals) -> None:
    there = "environments/staging/shop2"
    files = {f"{there}/kustomization.yaml": proposals.show(OVERLAY), OVERLAY: None, RECORD: None}
    files |= {f"{there}/release.yaml": proposals.show(RECORD)}
    proposals.refused(proposals.commit(files, "rename"), "", f"{there}/release.yaml")


def test_an_old_promotion_is_played_again(proposals: Proposals) -> None:
    base = proposals.made(*PROMOTE)
    files = {path: proposals.show(path) for path in (OVERLAY, RECORD)}
    revert = proposals.commit(files, 'Revert "promote"', on=base)
    answer = proposals.verify(revert, base=base)
    assert "the commit names no promotion of it" in answer.json["objections"][-1]["message"]
    told = proposals.git("log", "--format=%B", "--grep=^promote(staging): shop → 1", "-1",
                         proposals.base)  # fmt: skip
    assert "Tidegate-Promotion: staging/shop shop@1" in told
    answer = proposals.verify(proposals.commit(files, told, on=base), base=base)
    assert answer.code == 1
    assert {item["app"] for item in answer.json["objections"]} == {"shop"}
