"""A project's sync windows, matched and judged without Argo CD's API as that judges them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.argocd_answers import application

from tidegate.adapters.argocd.cluster.windows import windows
from tidegate.domain.application import SyncWindows
from tidegate.errors import OutsideError

# A Sunday.
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
NIGHT = {"schedule": "0 22 * * *", "duration": "1h"}
MIDDAY = {"schedule": "0 11 * * *", "duration": "2h"}
EVERY = {"applications": ["*"]}


def judge(*found: dict[str, Any], now: datetime = NOON) -> SyncWindows:
    project = {"spec": {"syncWindows": list(found)}}
    return windows(project, application("shop-dev"), now)


@pytest.mark.parametrize(
    ("found", "may_sync"),
    [
        ([], True),
        ([{"kind": "deny", **NIGHT}], True),
        ([{"kind": "deny", **MIDDAY}], False),
        ([{"kind": "deny", **MIDDAY, "manualSync": True}], True),
        ([{"kind": "deny", **MIDDAY, "manualSync": True}, {"kind": "deny", **MIDDAY}], False),
        ([{"kind": "allow", **MIDDAY}], True),
        ([{"kind": "allow", **NIGHT}], False),
        ([{"kind": "allow", **NIGHT, "manualSync": True}], True),
        ([{"kind": "allow", **NIGHT, "manualSync": True}, {"kind": "allow", **NIGHT}], False),
        ([{"kind": "allow", **NIGHT}, {"kind": "allow", **MIDDAY}], True),
        ([{"kind": "allow", **MIDDAY}, {"kind": "deny", **MIDDAY}], False),
        ([{"kind": "deny", "schedule": "0 12 * * *", "duration": "1m"}], False),
        ([{"kind": "deny", "schedule": "0 12 * * 0", "duration": "1h"}], False),
        ([{"kind": "deny", "schedule": "0 12 * * 1-6", "duration": "1h"}], True),
        ([{"kind": "deny", "schedule": "0 13 * * *", "duration": "1h",
           "timeZone": "Europe/Berlin"}], False),
    ],
)  # fmt: skip
def test_whether_a_sync_may_begin(found: list[dict[str, Any]], may_sync: bool) -> None:
    judged = judge(*({**window, **EVERY} for window in found))
    assert judged.may_sync is may_sync
    assert len(judged.assigned) == len(found)
    assert set(judged.active) <= set(judged.assigned)


@pytest.mark.parametrize(
    ("said", "applies"),
    [
        ({"applications": ["shop-dev"]}, True),
        ({"applications": ["shop-*", "x"]}, True),
        ({"applications": ["shop-???"]}, True),
        ({"applications": ["{search,shop}-{dev,prod}"]}, True),
        ({"applications": ["{search,ship}-dev"]}, False),
        ({"applications": ["[!a-r]hop-dev"]}, True),
        ({"applications": ["SHOP-*"]}, False),
        ({"applications": ["["]}, False),
        ({"applications": ["{" * 60 + "a,b" + "}" * 60]}, False),
        ({"applications": ["{a,b}" * 60]}, False),
        ({"namespaces": ["shop-dev"]}, True),
        ({"clusters": ["https://kubernetes.default.svc"]}, True),
        ({"clusters": ["https://*"]}, True),
        ({"clusters": ["in-cluster"]}, False),
        ({"applications": ["other"], "namespaces": ["shop-dev"]}, True),
        ({"applications": ["other"], "namespaces": ["shop-dev"], "andOperator": True}, False),
        ({"applications": ["shop-*"], "namespaces": ["shop-dev"], "andOperator": True}, True),
        ({}, False),
        ({"andOperator": True}, False),
    ],
)
def test_which_windows_are_an_applications(said: dict[str, Any], applies: bool) -> None:
    judged = judge({"kind": "deny", **MIDDAY, **said})
    assert bool(judged.assigned) is applies
    assert judged.may_sync is not applies


@pytest.mark.parametrize(
    "wrong",
    [
        {"schedule": "whenever"},
        {"schedule": "@daily"},
        {"duration": "soon"},
        {"timeZone": "Mars/Olympus"},
        {"schedule": None},
    ],
)
def test_a_window_that_cannot_be_read_is_nobodys_permission(wrong: dict[str, Any]) -> None:
    with pytest.raises(OutsideError, match="sync window") as caught:
        judge({"kind": "allow", **MIDDAY, **EVERY, **wrong})
    assert caught.value.message.isprintable()
