"""`audit`: what came by Tidegate is proven, and what didn't is named."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from tests.bad_days.endings import end, say
from tests.support.releases import Past, digest, past  # noqa: F401

FOLDER = "environments/prod/shop"
OVERLAY, RECORD = f"{FOLDER}/kustomization.yaml", f"{FOLDER}/release.yaml"


def entries(past: Past, *arguments: str) -> list[dict[str, Any]]:  # noqa: F811
    """What was done to shop in prod, after the first commit."""
    answer = end(past, "audit", "--app", "shop", "--env", "prod", *arguments)
    assert answer.code == 0, answer.err
    found: list[dict[str, Any]] = answer.json["entries"]
    return [item for item in found if item["app"] == "shop"][1:]


def branch(past: Past, name: str) -> Path:  # noqa: F811
    """Another clone, on a branch of its own."""
    place = past.folder / name
    past.git("clone", "-q", str(past.remote), str(place), cwd=past.folder)
    past.git("checkout", "-q", "-b", name, cwd=place)
    return place


def commit(past: Past, place: Path, files: dict[str, bytes], message: str) -> None:  # noqa: F811
    past.write(files, cwd=place)
    past.git("add", "-A", cwd=place)
    past.git("commit", "-q", "-m", message, cwd=place)


def message_of(past: Past, version: str) -> str:  # noqa: F811
    """What a promotion's commit says, made on a remote that is thrown away."""
    head = past.head()
    past.ship("shop", version)
    text = past.git("log", "-1", "--format=%B", "main", cwd=past.remote)
    past.git("update-ref", "refs/heads/main", head, cwd=past.remote)
    past.git("fetch", "-q", cwd=past.folder / "other")
    past.git("reset", "-q", "--hard", "origin/main", cwd=past.folder / "other")
    return text


def test_promotions_holds_and_rollbacks_are_proven(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    why = ("--env", "prod", "--reason", "answers are slow", "--requested-by", "Bob")
    assert past.tidegate("rollback", "shop", *why).code == 0
    assert past.tidegate("release", "shop", *why, "--version", "2").code == 0
    assert past.tidegate("hold", "shop", *why).code == 0
    found = entries(past)
    assert [(e["deed"], e["proven"], e["remarks"]) for e in found] == [
        ("promoted", True, []),
        ("promoted", True, []),
        ("rolled_back", True, []),
        ("lifted", True, []),
        ("held", True, []),
    ]
    assert [(e["before"], e["release"] and e["release"]["version"]) for e in found[:3]] == [
        (None, "1"),
        ("1", "2"),
        ("2", "1"),
    ]
    assert found[1]["gates"] == [{"gate": "order", "status": "passed", "waivers": []}]
    assert found[1]["evidence"].startswith("sha256:")
    assert (found[2]["requestedBy"], found[2]["reason"]) == ("Bob", "answers are slow")
    assert end(past, "audit").json["byHand"] == 6  # the overlays of the first commit


def test_hands_are_named(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    agreed = "more\n\nApproved-by: boss\nRequested-by: boss\nPull-request: https://x/1\n"
    past.push({OVERLAY: past.show(OVERLAY) + "\nreplicas: []\n"}, agreed)
    past.push({OVERLAY: past.show(OVERLAY).replace(digest("1"), digest("7")) + "\n"}, "hot fix")
    past.push({RECORD: None}, "away with it")
    past.push({f"{FOLDER}/hold.yaml": "by: me\n"}, "held by hand")
    past.push(dict.fromkeys((OVERLAY, f"{FOLDER}/hold.yaml")), "gone")
    _, *found = entries(past)
    assert {e["deed"] for e in found} == {"edited", "held"}
    assert not any(e["proven"] for e in found)
    claimed = [found[0][key] for key in ("approvedBy", "requestedBy", "pullRequest")]
    assert claimed == [[], None, None]
    remarks = ["; ".join(e["remarks"]) for e in found]
    assert remarks[0] == "the overlay names the same image and version"
    assert f"@{digest('1')} (version 1) → " in remarks[1]
    assert digest("7") in remarks[1]
    assert remarks[2].startswith("release.yaml was removed")
    assert "doesn't say that Tidegate wrote it" in remarks[3]
    assert remarks[4] == "the app was taken out of the environment"


@pytest.mark.parametrize("forged", ["overlay", "record", "more", "trailer", "damaged"])
def test_a_forged_promotion_is_not_proven(past: Past, forged: str) -> None:  # noqa: F811
    past.ship("shop", "1")
    message = message_of(past, "2")
    files: dict[str, bytes] = past.files("shop", "2")
    if forged == "overlay":
        files[OVERLAY] = files[OVERLAY].replace(digest("2").encode(), digest("7").encode())
    elif forged == "record":
        files[RECORD] += b"# a remark\n"
    elif forged == "more":
        files[f"{FOLDER}/patch.yaml"] = b"{}\n"
    elif forged == "trailer":
        message = message.replace("prod/shop", "prod/search")
    else:
        files[RECORD] = files[RECORD].replace(b"passed", b"failed")
    past.push(files, message)
    *_, last = entries(past)
    assert not last["proven"]
    expected = {
        "overlay": "the overlay is not what Tidegate makes of the one before",
        "record": "release.yaml is not written as Tidegate writes it",
        "more": f"also changes {FOLDER}/patch.yaml",
        "trailer": "release.yaml was written, and the commit names no promotion of it",
        "damaged": "release.yaml was left damaged",
    }
    assert last["remarks"][0] == expected[forged]


def test_a_rollback_to_what_never_ran_is_not_proven(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    message = message_of(past, "3").replace("Promotion", "Rollback").rstrip()
    past.push(past.files("shop", "3"), f"{message} from shop@2 {digest('2')}\n")
    *_, last = entries(past)
    assert (last["deed"], last["proven"]) == ("rolled_back", False)
    assert last["remarks"] == ["release.yaml is no record of what ran here before"]


def test_a_merge_carries_what_its_commits_say(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    message = message_of(past, "2")
    place = branch(past, "promote-shop")
    commit(past, place, past.files("shop", "2"), f"{message.rstrip()}\nRequested-by: Bob\n")
    past.push({"README.md": "hello\n"}, "something else")
    past.git("fetch", "-q", str(place), "promote-shop", cwd=past.folder / "other")
    subject = "Merge pull request #12 from acme/promote-shop\n\nApproved-by: Eve\n"
    past.git("merge", "-q", "--no-ff", "FETCH_HEAD", "-m", subject, cwd=past.folder / "other")
    past.git("push", "-q", "origin", "HEAD:main", cwd=past.folder / "other")
    *_, last = entries(past)
    assert (last["deed"], last["proven"], last["release"]["version"]) == ("promoted", True, "2")
    assert (last["requestedBy"], last["approvedBy"]) == ("Bob", ["Eve"])
    assert last["pullRequest"] == "#12"
    (newest, *_) = end(past, "history", "shop").json["changes"]
    assert (newest["byHand"], newest["requestedBy"]) == (False, "Bob")


def test_a_squash_keeps_its_trailers_in_the_middle(past: Past) -> None:  # noqa: F811
    message = message_of(past, "1")
    text = f"Promote shop (#7)\n\n* {message}\n* tidy up\n\nCo-authored-by: Eve <eve@example.com>\n"
    past.push(past.files("shop", "1"), text)
    (only,) = entries(past)
    assert (only["deed"], only["proven"], only["pullRequest"]) == ("promoted", True, "#7")


def test_of_a_squash_the_last_words_count(past: Past) -> None:  # noqa: F811
    """Providers list the commits that they melt from the oldest on."""
    message = message_of(past, "1")
    older = "Reason: the first try\nRequested-by: Ann\n"
    text = (
        f"Promote shop (#7)\n\n* another\n\n{older}\n* {message}\nReason: now\nRequested-by: Bob\n"
    )
    past.push(past.files("shop", "1"), text)
    (only,) = entries(past)
    assert (only["proven"], only["reason"], only["requestedBy"]) == (True, "now", "Bob")


def test_an_edit_hidden_in_a_merge_is_seen(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    message = message_of(past, "2")
    place = branch(past, "evil")
    commit(past, place, past.files("shop", "2"), message)
    past.push({"README.md": "hello\n"}, "something else")
    other = past.folder / "other"
    past.git("fetch", "-q", str(place), "evil", cwd=other)
    past.git("merge", "-q", "--no-ff", "--no-commit", "FETCH_HEAD", cwd=other)
    hidden = (other / OVERLAY).read_text().replace(digest("2"), digest("7"))
    past.write({OVERLAY: hidden}, cwd=other)
    past.git("commit", "-q", "-a", "-m", "Merge branch 'evil'", cwd=other)
    past.git("push", "-q", "origin", "HEAD:main", cwd=other)
    *_, last = entries(past)
    assert not last["proven"]
    assert last["remarks"] == ["the overlay is not what Tidegate makes of the one before"]


def test_what_decides_is_listed_too(past: Past) -> None:  # noqa: F811
    past.push({"policies/gates/loose.yaml": "gates: []\n"}, "loosen the gates (#3)")
    last = end(past, "audit").json["entries"][-1]
    assert (last["deed"], last["environment"], last["app"]) == ("settings", None, None)
    assert (last["paths"], last["pullRequest"]) == (["policies/gates/loose.yaml"], "#3")
    path = "environments/prod/environment.yaml"
    past.push({path: past.show(path) + "\n# no change\n"}, "remark")
    last = end(past, "audit", "--app", "shop", "--env", "prod").json["entries"][-1]
    assert (last["deed"], last["environment"], last["paths"]) == ("settings", "prod", [path])
    assert end(past, "audit", "--env", "dev").json["entries"][-1]["environment"] != "prod"


def test_the_scope(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    assert entries(past, "--until", "2000-01-01") == []
    assert end(past, "audit", "--since", "2000-01-01T00:00:00+01:00").json["entries"]
    assert end(past, "audit", "--since", "1h", "--env", "prod").json["entries"]
    for arguments, words in (
        (("--since", "yesterday"), "is no time"),
        (("--since", "2026-01-01T10:00"), "has no time zone"),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "not after"),
        (("--app", "shp"), "did you mean 'shop'?"),
        (("--env", "prd"), "did you mean 'prod'?"),
    ):
        answer = past.tidegate("audit", *arguments)
        assert answer.code == 2
        assert words in answer.err


def test_every_form_says_it_and_nothing_breaks_out(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    evil = '=HYPERLINK("http://evil.example") | <img src=x> @everyone \u202e'
    past.push({OVERLAY: past.show(OVERLAY) + "\n# x\n"}, evil)
    said = say(past, "audit", formats=["text", "markdown"])
    assert "did not come by Tidegate" in said
    markdown = past.tidegate("audit", "--format", "markdown").out
    assert "<img" not in markdown.replace("\\<img", "")
    assert "@everyone" not in markdown
    rows = list(csv.DictReader(io.StringIO(past.tidegate("audit", "--format", "csv").out)))
    assert rows[-1]["reason"].startswith("'=HYPERLINK")
    assert (rows[-2]["deed"], rows[-2]["to"], rows[-2]["proven"]) == ("promoted", "1", "yes")
    assert rows[-2]["digest"] == digest("1")
