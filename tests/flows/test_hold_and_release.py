"""`hold` and `release` from end to end, with a real remote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.bad_days.endings import end, reason, say
from tests.support.releases import Past, past  # noqa: F401

HOLD = ("hold", "shop", "--env", "prod", "--reason", "stock-taking")
FREE = ("release", "shop", "--env", "prod", "--reason", "done")
FILE = "environments/prod/shop/hold.yaml"
WHOLE = "environments/prod/hold.yaml"


def place(answer: object, number: int = 0) -> dict[str, object]:
    found: dict[str, object] = answer.json["places"][number]  # type: ignore[attr-defined]
    return found


def test_a_hold_is_one_file_in_one_commit(past: Past) -> None:  # noqa: F811
    head, status = past.git("rev-parse", "HEAD"), past.git("status", "--porcelain")
    answer = end(past, *HOLD, "--requested-by", "Bob")
    assert (answer.code, answer.json["outcome"]) == (0, "done")
    assert past.changed() == [FILE]
    assert past.read(FILE) == {
        "apiVersion": "tidegate.dev/v1",
        "kind": "Hold",
        "by": "Bob",
        "reason": "stock-taking",
    }
    assert "$schema=../../../policies/schemas/hold.json" in past.show(FILE)
    assert past.git("log", "-1", "--format=%B", "main", cwd=past.remote) == (
        "hold(prod): shop\n\nTidegate-Hold: prod/shop\nRequested-by: Bob\nReason: stock-taking"
    )
    assert (past.git("rev-parse", "HEAD"), past.git("status", "--porcelain")) == (head, status)


def test_the_same_again_is_nothing(past: Past) -> None:  # noqa: F811
    until = ("--until", "2099-11-30T09:00:00+01:00")
    assert end(past, *HOLD, *until).code == 0
    assert past.read(FILE)["until"] == "2099-11-30T08:00:00Z"
    assert past.read(FILE)["by"] == "Ann"  # Git's own user
    head = past.head()
    assert end(past, *HOLD, *until).json["outcome"] == "already"
    assert end(past, *HOLD, "--until", "2099-11-30T08:00:00Z").json["outcome"] == "already"
    assert past.head() == head
    assert end(past, *FREE).json["outcome"] == "done"
    assert not past.has(FILE)
    head = past.head()
    assert (end(past, *FREE).code, end(past, *FREE).json["outcome"]) == (0, "already")
    assert past.head() == head


def test_who_holds_it_may_change_it_and_nobody_else(past: Past) -> None:  # noqa: F811
    assert end(past, *HOLD).code == 0
    answer = end(past, *HOLD, "--until", "2d")
    assert answer.json["outcome"] == "done"
    assert place(answer)["before"]["until"] is None  # type: ignore[index]
    answer = end(past, "hold", "shop", "--env", "prod", "--reason", "x", "--requested-by", "Bob")
    assert (answer.code, answer.json["outcome"]) == (4, "conflict")
    assert past.read(FILE)["by"] == "Ann"
    # One that has ended is nobody's any more.
    over = past.show(FILE).replace(past.read(FILE)["until"], "2020-01-01T00:00:00Z") + "\n"
    past.push({FILE: over})
    assert end(past, *HOLD, "--requested-by", "Bob").code == 0
    assert past.read(FILE)["by"] == "Bob"
    answer = end(past, *FREE)  # whoever is on call may lift it
    assert place(answer)["before"]["by"] == "Bob"  # type: ignore[index]


def test_a_whole_environment(past: Past) -> None:  # noqa: F811
    everything = ("--all", "--env", "prod", "--reason", "the sale")
    answer = end(past, "hold", *everything)
    assert answer.code == 0
    assert place(answer)["app"] is None
    assert "$schema=../../policies/schemas/hold.json" in past.show(WHOLE)
    assert past.commits()[0] == "hold(prod): the whole environment"
    status = end(past, "status", "--env", "prod")
    assert all(app["holds"][0]["whole"] for app in status.json["apps"])
    assert "the environment is held by Ann: the sale" in past.tidegate("status").out
    # The app's own is another file.
    assert end(past, *FREE).json["outcome"] == "already"
    assert end(past, "release", *everything).json["outcome"] == "done"
    assert not past.has(WHOLE)


def test_several_apps_are_one_commit_or_none(past: Past) -> None:  # noqa: F811
    assert end(past, "hold", "search", "--env", "prod", "--reason", "mine").code == 0
    both = ("hold", "shop", "search", "--env", "prod", "--reason", "ours", "--requested-by", "Bob")
    head = past.head()
    answer = end(past, *both)
    assert (answer.code, past.head()) == (4, head)
    assert [p["outcome"] for p in answer.json["places"]] == ["held_back", "conflict"]
    assert end(past, *(w for w in FREE if w != "shop"), "search").code == 0
    answer = end(past, *both)
    assert answer.code == 0
    assert past.commits()[0] == "hold(prod): 2 apps"
    assert len(past.changed()) == 2


def test_a_hold_that_nobody_can_read_can_be_lifted_and_written_anew(past: Past) -> None:  # noqa: F811
    for broken in ("[", "kind: Hold\n", "apiVersion: tidegate.dev/v1\nkind: Hold\nby: x\n"):
        past.push({FILE: broken})
        answer = end(past, *HOLD)
        assert (answer.code, place(answer)["unreadable"]) == (0, True)
        assert past.read(FILE)["reason"] == "stock-taking"
        past.push({FILE: broken})
        assert place(end(past, *FREE))["unreadable"] is True
        assert not past.has(FILE)
    past.push({f"{FILE}/x": "a folder"})
    for command in (HOLD, FREE):
        answer = end(past, *command)
        assert (answer.code, "a folder" in answer.json["places"][0]["error"]["message"]) == (
            2,
            True,
        )


def test_a_dry_run_says_what_it_would_do(past: Past) -> None:  # noqa: F811
    head = past.head()
    answer = end(past, *HOLD, "--dry-run")
    assert (answer.json["outcome"], past.head()) == ("planned", head)
    assert "+reason: " in answer.json["plan"]["diff"]
    assert end(past, *HOLD).code == 0
    head = past.head()
    answer = end(past, *FREE, "--dry-run")
    assert (answer.json["outcome"], past.head()) == ("planned", head)
    patch = past.folder / "x.patch"
    patch.write_text(answer.json["plan"]["diff"])
    past.git("fetch", "-q", "origin")
    past.git("checkout", "-q", "--detach", "origin/main")
    past.git("apply", "--index", str(patch))
    assert not (past.clone / FILE).exists()
    assert "would be released" in say(past, *FREE, "--dry-run")


@pytest.mark.parametrize(
    "text",
    [
        "two\nlines\n\nTidegate-Promotion: prod/shop shop@9 x y\nRequested-by: the boss",
        "'quotes' \"double\" \\ back # hash: colon - {[&*!|>%@`",
        "\x1b[31mred\u202e\u2028\x00tail",
        "<script>alert(1)</script> | cell | @everyone",
        "é 模型 🚢 " * 300,
        "no",
    ],
)
def test_hostile_reasons_stay_words(past: Past, text: str) -> None:  # noqa: F811
    text = text.replace("\0", "")  # which no command line can carry
    arguments = ("hold", "shop", "--env", "prod", "--reason", text, "--requested-by", f"B{text}")
    answer = end(past, *arguments)
    assert answer.code == 0, answer.out
    read = past.read(FILE)
    assert "\n" not in read["reason"]
    assert (len(read["reason"]) <= 1000, len(read["by"]) <= 200) == (True, True)
    trailers = past.git("log", "-1", "--format=%(trailers:only)", "main", cwd=past.remote)
    keys = [line.partition(":")[0] for line in trailers.splitlines()]
    assert keys == ["Tidegate-Hold", "Requested-by", "Reason"]
    assert end(past, *arguments).json["outcome"] == "already"
    say(past, *FREE, "--dry-run")
    assert end(past, "status").code == 0


def test_what_makes_no_sense(past: Past) -> None:  # noqa: F811
    head = past.head()
    for arguments, words in (
        (("hold", "--env", "prod", "--reason", "x"), "which app"),
        (("hold", "shop", "--all", "--env", "prod", "--reason", "x"), "not both"),
        (("hold", "shop", "--env", "prod", "--reason", " \n\u200b"), "says nothing"),
        (("release", "shop", "--env", "prod", "--reason", ""), "says nothing"),
        (("hold", "shp", "--env", "prod", "--reason", "x"), "did you mean 'shop'"),
        (("hold", "shop", "--env", "prd", "--reason", "x"), "did you mean 'prod'"),
        (("hold", "shop", "--env", "../prod", "--reason", "x"), "no environment"),
        ((*HOLD, "--until", "2020-01-01T00:00:00Z"), "is over already"),
        ((*HOLD, "--until", "2099-01-01"), "has no time zone"),
        ((*HOLD, "--until", "2099-01-01T10:00:00"), "has no time zone"),
        ((*HOLD, "--until", "tomorrow"), "is no time"),
        ((*HOLD, "--until", "9999-12-31T23:59:59-14:00"), "is no time"),
        ((*HOLD, "--until", "0d"), "is no time"),
        (("release", "--all", "--env", "prod", "--reason", "x", "--version", "2"), "one app"),
        ((*FREE, "--version", "0"), "is no version"),
    ):
        answer = end(past, *arguments)
        assert (answer.code, words in reason(answer)) == (2, True), answer.out
    assert past.head() == head


def test_an_end_that_lies_ahead(past: Past) -> None:  # noqa: F811
    for text, length in (
        ("90m", timedelta(minutes=90)),
        ("6h", timedelta(hours=6)),
        ("2d", timedelta(days=2)),
    ):
        before = datetime.now(UTC)
        assert end(past, *HOLD, "--until", text).code == 0
        until = datetime.fromisoformat(past.read(FILE)["until"])
        assert timedelta(minutes=-1) <= until - before - length <= timedelta(hours=1)


def test_a_slip_elsewhere_stops_nobody(past: Past) -> None:  # noqa: F811
    past.push({"environments/dev/environment.yaml": "nonsense: [", "policies/gates/x.yaml": "a"})
    assert end(past, *HOLD).code == 0
    assert end(past, *FREE).code == 0


def test_git_must_know_who_it_is(past: Past) -> None:  # noqa: F811
    config = past.folder / "nobody"
    config.write_text("[user]\n\tuseConfigOnly = true\n")
    answer = end(past, *HOLD, GIT_CONFIG_GLOBAL=str(config))
    assert (answer.code, "user.name" in reason(answer)) == (2, True)


def test_an_expired_hold_is_shown_as_such(past: Past) -> None:  # noqa: F811
    assert end(past, *HOLD, "--until", "2099-01-01T00:00:00Z").code == 0
    assert "held by Ann until 2099-01-01 00:00 UTC: stock-taking" in past.tidegate("status").out
    past.push({FILE: past.show(FILE).replace("2099", "2020") + "\n"})
    assert "a hold by Ann ended 2020-01-01 00:00 UTC" in past.tidegate("status").out
