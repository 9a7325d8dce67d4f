"""Gate `window`: what it says, and files whose windows can't be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.support.evidence import ask, evidence, spec
from tests.support.gitops import sample_files
from tests.support.releases import Past, past  # noqa: F401
from tests.support.snapshots import snapshot

from tidegate.domain.gate import GateResult, Status
from tidegate.errors import ConfigurationError
from tidegate.repository.configuration import load_configuration

FREEZE = {
    "kind": "deny", "schedule": "0 18 * * fri", "duration": "62h", "timeZone": "Europe/Berlin",
    "description": "nobody is in on weekends",
}  # fmt: skip
OFFICE = {"kind": "allow", "schedule": "0 9 * * mon-fri", "duration": "8h"}


def judge(now: datetime, *windows: dict[str, Any]) -> GateResult:
    return ask(spec("window", windows=list(windows)), evidence(now=now))


def test_it_is_open_outside_of_freezes_and_inside_of_what_is_allowed() -> None:
    thursday = datetime(2026, 4, 30, 12, tzinfo=UTC)
    for windows in (
        [FREEZE],
        [OFFICE],
        [FREEZE, OFFICE],
        [OFFICE, {**OFFICE, "schedule": "0 2 * * *"}],
    ):
        result = judge(thursday, *windows)
        assert (result.status, result.sentence) == (Status.PASSED, "prod is open to promotions now")


def test_a_freeze_says_why_and_until_when() -> None:
    saturday = datetime(2026, 5, 2, 12, tzinfo=UTC)
    result = judge(saturday, FREEZE)
    assert result.status is Status.FAILED
    assert result.sentence == (
        "prod is frozen: nobody is in on weekends; it opens Mon 2026-05-04 06:00 UTC"
    )
    assert result.limit == "2026-05-04T06:00:00+00:00"
    # What is allowed only opens it later.
    assert "opens Mon 2026-05-04 09:00 UTC" in judge(saturday, FREEZE, OFFICE).sentence
    nameless = {key: value for key, value in FREEZE.items() if key != "description"}
    assert judge(saturday, nameless).sentence == "prod is frozen; it opens Mon 2026-05-04 06:00 UTC"


def test_outside_of_what_is_allowed() -> None:
    night = datetime(2026, 4, 30, 20, tzinfo=UTC)
    result = judge(night, OFFICE)
    assert (result.status, result.sentence) == (
        Status.FAILED,
        "prod is outside of its allowed windows; it opens Fri 2026-05-01 09:00 UTC",
    )
    elsewhere = night.astimezone(timezone(timedelta(hours=9)))
    assert judge(elsewhere, OFFICE).sentence == result.sentence


def test_a_freeze_without_an_end_in_sight() -> None:
    result = judge(datetime(2026, 4, 30, tzinfo=UTC), {**FREEZE, "schedule": "* * * * *"})
    assert (result.status, result.limit) == (Status.FAILED, None)
    assert result.sentence.endswith("it has no opening in sight")


def test_settings_that_slipped_through_are_no_pass() -> None:
    result = judge(datetime(2026, 4, 30, tzinfo=UTC), {**FREEZE, "schedule": "no"})
    assert result.status is Status.ERRORED


WRONG = [
    ({"schedule": "0 25 * * *"}, "windows[0].schedule", "'25' in its hour field, at character 3"),
    ({"schedule": "@daily"}, "windows[0].schedule", "takes no such names"),
    ({"duration": "2d"}, "windows[0].duration", "is no duration"),
    ({"duration": "0s"}, "windows[0].duration", "the window never is"),
    ({"timeZone": "Europe/Berln"}, "windows[0].timeZone", "no time zone"),
    ({"timeZone": "../../../etc/passwd"}, "windows[0].timeZone", "no time zone"),
    ({"timeZone": "/etc/localtime"}, "windows[0].timeZone", "no time zone"),
    ({"timeZone": "Europe"}, "windows[0].timeZone", "no time zone"),
    ({"kind": "forbid"}, "windows[0].kind", "expected one of allow, deny"),
    ({"schedul": "0 1 * * *"}, "windows[0].schedul", "did you mean 'schedule'"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "key", "words"), WRONG)
@pytest.mark.parametrize("path", ["environments/prod/environment.yaml", "apps/shop/app.yaml"])
def test_what_cannot_be_read_is_refused_with_its_place(
    path: str, change: dict[str, str], key: str, words: str
) -> None:
    files = sample_files(["shop"])
    window = {"kind": "deny", "schedule": "0 1 * * *", "duration": "1h"} | change
    written = "".join(f"        {name}: '{value}'\n" for name, value in window.items())
    gates = "" if "gates:" in files[path] else "gates:\n"
    files[path] += f"{gates}  - gate: window\n    windows:\n      -\n{written}"
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(snapshot(files))
    (problem,) = caught.value.problems
    assert problem.key.endswith(key)
    assert words in str(problem)
    lines = files[path].splitlines()
    assert next(iter(change)) in lines[problem.line - 1]


def test_no_window_stops_a_rollback(past: Past) -> None:  # noqa: F811
    path = "environments/prod/environment.yaml"
    past.push(
        {
            path: past.show(path)
            + "\n  - gate: window\n    windows:\n"
            + "      - {kind: deny, schedule: '* * * * *', duration: 1h, description: for ever}\n"
        }
    )
    past.ship("shop", "1")
    past.ship("shop", "2")
    answer = past.tidegate("rollback", "shop", "--env", "prod", "--reason", "x", "--format", "json")
    assert answer.code == 0, answer.out
    assert "gate window" in answer.json["apps"][0]["unverified"]
    assert past.runs("shop")[0] == "1"
