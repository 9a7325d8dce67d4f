"""Rubbish where Tidegate's own files and trailers are expected: refused, and never a crash."""

from __future__ import annotations

import pytest
from tests.support.mlflow_server import mlflow_template  # noqa: F401
from tests.support.proposals import PROMOTE, Proposals

pytestmark = pytest.mark.xdist_group("proposals")

FOLDER = "environments/staging/shop"
OWN = [f"{FOLDER}/{name}.yaml" for name in ("release", "hold", "blocks", "kustomization")]
RUBBISH = {
    "empty": b"",
    "nothing": b"null\n",
    "list": b"[]\n",
    "binary": b"\xff\xfe\x00\x01",
    "alias": b"a: &a\n  b: *a\n",
    "twice": b"kind: Hold\nkind: Blocks\n",
    "deep": b"[" * 200 + b"]" * 200,
    "kinds": b"apiVersion: tidegate.dev/v1\nkind: Release\napp: 7\nmodel: []\n",
}
TRAILERS = """\
Tidegate-Promotion: staging/shop
Tidegate-Promotion: staging/shop shop@ sha256: x
Tidegate-Promotion: //// @@@ from from
Tidegate-Rollback: staging/shop shop@1 x from %zz@%zz
Tidegate-Hold:
Tidegate-Hold: staging/shop/more
Tidegate-Lift: staging/shop 0 -1 \u2028
Tidegate-Lift: staging
"""


@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_in_the_place_of_our_files(proposals: Proposals, kind: str) -> None:
    rubbish = dict.fromkeys(OWN, RUBBISH[kind])
    for message in ("rubbish", proposals.message(proposals.made(*PROMOTE))):
        answer = proposals.verify(proposals.commit(rubbish, message))
        assert answer.code == 1, answer.out
        assert {f"{FOLDER}/release.yaml"} <= {o["file"] for o in answer.json["objections"]}


@pytest.mark.parametrize("file", ["hold", "blocks"])
def test_a_hold_or_a_block_that_is_rubbish(proposals: Proposals, file: str) -> None:
    told = "x\n\nTidegate-Hold: staging/shop\nReason: x\n"
    for rubbish in RUBBISH.values():
        answer = proposals.verify(proposals.commit({f"{FOLDER}/{file}.yaml": rubbish}, told))
        assert answer.code == 1, answer.out


def test_trailers_that_are_rubbish(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    for message in (TRAILERS, f"{proposals.message(head)}\n{TRAILERS}"):
        for commit in (
            proposals.commit({"x": "y\n"}, message),
            proposals.instead(head, {}, message),
        ):
            answer = proposals.verify(commit)
            assert answer.code == 1, answer.out
