"""Going back, as the tests of `rollback` do it: prod's `shop`, its files, and what was answered."""

from __future__ import annotations

from tests.bad_days.endings import end
from tests.support.gitops import Answer
from tests.support.releases import Past, digest

BACK = ("rollback", "shop", "--env", "prod", "--reason", "answers are slow")
FOLDER = "environments/prod/shop"
OVERLAY, RECORD = f"{FOLDER}/kustomization.yaml", f"{FOLDER}/release.yaml"
BLOCKS, HOLD = f"{FOLDER}/blocks.yaml", f"{FOLDER}/hold.yaml"


def app(answer: Answer, number: int = 0) -> dict[str, object]:
    """One app's part of the answer."""
    found: dict[str, object] = answer.json["apps"][number]
    return found


def back(past: Past, *arguments: str, why: str = "slow") -> Answer:
    """Rolls `shop` back in prod."""
    return end(past, "rollback", "shop", "--env", "prod", "--reason", why, *arguments)


def edit_by_hand(past: Past, label: str) -> None:
    """The overlay of version 2 gets another digest and label, and its record doesn't."""
    overlay = past.show(OVERLAY).replace(digest("2"), digest("7"))
    past.push({OVERLAY: overlay.replace('version: "2"', f'version: "{label}"') + "\n"}, "hot fix")
