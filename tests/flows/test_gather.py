"""What the gate `policy` and waivers get to see; the other evidence is held to real parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import pytest
from tests.support.evidence import APP, CANDIDATE, DEV, NOW, PROD, spec
from tests.support.snapshots import snapshot
from tests.support.waivers import waiver

from tidegate.domain.configuration import Configuration, Settings
from tidegate.domain.evidence import Evidence, PolicyEvidence
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.gate import Status
from tidegate.domain.release import OverlayState
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import ToolMissing
from tidegate.flows.gather import Case, gather
from tidegate.flows.target import Target
from tidegate.gates import judge
from tidegate.ports import Connections, Examiner

OVERLAY = "environments/prod/shop"
FILE = f"{OVERLAY}/kustomization.yaml"
CONFIGURATION = Configuration(Settings(), {APP.name: APP}, {DEV.name: DEV, PROD.name: PROD})
FOUND = PolicyEvidence((), (Violation("registry", Severity.DENY, "no"),))


@dataclass
class Outside:
    """Connections of which only one is ever asked for."""

    answer: PolicyEvidence | Unavailable | Exception
    asked: list[tuple[Mapping[str, bytes], Sequence[str]]] = field(default_factory=list)

    def examiner(self) -> Examiner:
        if isinstance(self.answer, ToolMissing):
            raise self.answer
        return self

    def examine(
        self,
        snapshot: Snapshot,
        configuration: Configuration,
        edits: Mapping[str, bytes],
        overlays: Sequence[str],
    ) -> Mapping[str, PolicyEvidence | Unavailable]:
        assert configuration is CONFIGURATION
        self.asked.append((edits, overlays))
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict.fromkeys(overlays, self.answer) if self.answer is not NOTHING else {}

    def now(self) -> datetime:
        return NOW


NOTHING = Unavailable("")


def evidence(outside: Outside, *gates: str, **more: Any) -> tuple[Case, Evidence]:
    overlay = OverlayState(CANDIDATE.image.name, "v1", None, "1")
    target = Target(APP, PROD, FILE, overlay, None, None)
    case = Case(target, CANDIDATE, tuple(map(spec, gates)), b"edited", **more)
    connections = cast(Connections, outside)
    found = gather(snapshot({FILE: "x"}), CONFIGURATION, [case], connections, lambda text: None)
    return case, found[APP.name]


def test_the_examiner_is_asked_once_about_the_edited_overlays() -> None:
    outside = Outside(FOUND)
    case, found = evidence(outside, "policy")
    assert outside.asked == [({FILE: b"edited"}, [OVERLAY])]
    assert found.findings == FOUND
    (result,) = judge(case.gates, found).results
    assert result.status is Status.FAILED


def test_nobody_is_asked_where_no_gate_needs_it() -> None:
    outside = Outside(FOUND)
    _, found = evidence(outside, "order")
    assert (outside.asked, found.findings) == ([], None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Unavailable("it can't be rendered"), "it can't be rendered"),
        (ToolMissing("no packages", hint="install them"), "no packages (install them)"),
        (NOTHING, "it was asked for, and nothing came back"),
    ],
)
def test_what_can_not_be_had_is_errored(answer: Unavailable | ToolMissing, reason: str) -> None:
    case, found = evidence(Outside(answer), "policy")
    (result,) = judge(case.gates, found).results
    assert (result.status, result.sentence) == (Status.ERRORED, reason)


def test_evidence_has_the_waivers_for_this_app_environment_and_version() -> None:
    ours = [
        waiver(id="app"),
        waiver(id="environment", apps=(), environments=("prod",)),
        waiver(id="version", apps=(), versions=("2",)),
        waiver(id="expired", expires=NOW),
    ]
    others = [
        waiver(id="other-app", apps=("search",)),
        waiver(id="other-environment", environments=("dev",)),
        waiver(id="other-version", versions=("1",)),
    ]
    _, found = evidence(Outside(FOUND), "order", waivers=(*others, *ours))
    assert found.waivers == tuple(ours)
