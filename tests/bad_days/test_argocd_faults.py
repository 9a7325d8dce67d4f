"""Whatever happens between us and Argo CD: never a false "live", always an end in time.

The faults are played by a proxy in front of a small Argo CD. All waits run at once, in threads;
tests/gitops/test_faults_on_argocd.py has the same faults before a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.argocd import TOKEN, FakeArgoCd
from tests.support.argocd_answers import DIGEST, IMAGE, REVISION, Document, application
from tests.support.argocd_faults import HARMLESS, LASTING, SetUp, lost_sight, tokens, wait_behind
from tests.support.evidence import APP

from tidegate.domain.live import Goal, Live, Relation
from tidegate.domain.sync import Aim, AppEnding

RENEWED = "another-token.that-is.secret"
EARLIER = "a" * 40
OLD_IMAGE = IMAGE.replace(":4@", ":3@").replace("b" * 64, "a" * 64)
AIM = Aim(replace(APP, name="shop"), "shop", "4", Goal(REVISION, IMAGE.partition(":4")[0], DIGEST))
LABELS = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "prod"}
# How long a wait may take that never becomes live, and one that does; slow machines need more.
NEVER_SECONDS, LIVE_SECONDS = 8.0, 180.0
# What a wait may last beyond its time: a call that hangs is left alone.
GRACE_SECONDS = 60.0


def rolls_out(document: Document) -> None:
    """Our commit is synced, and the old image still runs."""
    status = document["status"]
    status["sync"] = {"status": "Synced", "revision": REVISION}
    status["operationState"]["syncResult"]["revision"] = REVISION
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    status["operationState"]["finishedAt"] = status["reconciledAt"] = now
    status["health"]["lastTransitionTime"] = now


def arrives(document: Document) -> None:
    """Our commit is synced, and our image runs."""
    rolls_out(document)
    document["status"]["summary"] = {"images": [IMAGE]}


def wait(
    set_up: SetUp, happens: Callable[[Document], None], seconds: float, healthy: float = 0.0
) -> AppEnding:
    """How a wait ends whose every call meets the fault; `happens` at each refresh."""
    with FakeArgoCd(tokens=(TOKEN, RENEWED)) as argocd:
        before = application("shop-prod", project="prod", labels=LABELS, revision=EARLIER)
        before["status"]["summary"] = {"images": [OLD_IMAGE]}
        argocd.put(before)
        argocd.on_refresh = happens
        return wait_behind(
            f"http://{argocd.server}",
            set_up,
            AIM,
            {REVISION: Relation.OURS, EARLIER: Relation.BEFORE},
            tokens(TOKEN, RENEWED),
            project="prod",
            seconds=seconds,
            healthy=healthy,
        )


@pytest.fixture(scope="module")
def endings() -> Iterator[Mapping[str, AppEnding]]:
    """How the waits end, by the fault; every one of them at the same time."""
    waits: list[tuple[str, Any]] = [
        *((name, (set_up, rolls_out, NEVER_SECONDS)) for name, set_up in LASTING.items()),
        *((f"{n}, never", (s, rolls_out, NEVER_SECONDS)) for n, s in HARMLESS.items()),
        *((name, (set_up, arrives, LIVE_SECONDS)) for name, set_up in HARMLESS.items()),
        ("lost sight", (lost_sight, arrives, NEVER_SECONDS, 3.0)),
    ]
    with ThreadPoolExecutor(len(waits)) as pool:
        running = {name: pool.submit(wait, *arguments) for name, arguments in waits}
        yield {name: future.result() for name, future in running.items()}


@pytest.mark.parametrize("fault", LASTING)
def test_what_lasts_is_never_live_and_ends_in_time(
    endings: Mapping[str, AppEnding], fault: str
) -> None:
    found = endings[fault]
    assert found.state.kind in (Live.UNKNOWN, Live.TIMED_OUT), found.state
    assert found.seconds <= NEVER_SECONDS + GRACE_SECONDS
    assert TOKEN not in str(found)
    assert RENEWED not in str(found)


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_isnt_live_is_never_told_so(endings: Mapping[str, AppEnding], fault: str) -> None:
    found = endings[f"{fault}, never"]
    assert found.state.kind in (Live.UNKNOWN, Live.TIMED_OUT), found.state
    assert found.seconds <= NEVER_SECONDS + GRACE_SECONDS


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_passes_keeps_nothing_from_being_live(
    endings: Mapping[str, AppEnding], fault: str
) -> None:
    found = endings[fault]
    assert found.state.kind is Live.LIVE, (found.state, found.seconds)


def test_health_that_nobody_confirms_any_more_is_not_live(
    endings: Mapping[str, AppEnding],
) -> None:
    """It was healthy when it was last seen, and should have stayed so for three seconds."""
    found = endings["lost sight"]
    assert found.state.kind in (Live.UNKNOWN, Live.TIMED_OUT), found.state
