"""A check as workflow commands: our own, well escaped, and no more than GitHub shows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import findings as samples
from tests.support import reports
from tests.support.reports import HOSTILE

from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Severity
from tidegate.report import github
from tidegate.report.annotations import SHOWN

COMMAND = re.compile(r"::(error|warning|notice)((?: [a-z]+=[^,:\n]*(?:,[a-z]+=[^,:\n]*)*)?)::(.*)")
SMALL = """\
::error file=environments/prod/shop/kustomization.yaml,line=12,col=5,title=image-digest::the image \
'shop:1' has no digest%0ADeployment shop-prod/shop spec.template.spec.containers[0].image in \
environments/prod/shop%0A→ add the digest
::warning file=apps/shop/base/deployment.yaml,line=20,col=11,title=probes::the container has no \
readiness probe%0ADeployment shop-prod/shop spec.template.spec.containers[0] in \
environments/prod/shop and environments/staging/shop
::notice file=environments/prod/shop/kustomization.yaml,title=record::the overlay has no \
release.yaml%0Ain environments/prod/shop
::group::1 finding waived
- environments/prod/shop/kustomization.yaml:14:5 waived replicas the image 'shop:1' has no digest \
in environments/prod/shop waived by Ann until the end of 2026-03-31 UTC; \
waiver shop-latest (OPS-12): registry moves
::endgroup::
note: the cache was unreadable
The check fails: 1 error, 2 warnings, 1 note, 1 waived in 2 overlays.
Checked 3 overlays with 12 objects against Kubernetes 1.32, 1.33 and 42 rules: 2 from the cache, \
1 rendered; no schema for ServiceMonitor (2), Rollout (1); 2 files of objects not read, for no \
kustomization lists them.
"""


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What the runner makes of the lines, once for its new form and once for its old one."""
    found = []
    for line in text.split("\n"):
        assert "##[" not in line
        assert "\r" not in line
        if not line.lstrip().startswith("::"):
            continue
        if line.startswith("::group::") or line == "::endgroup::":
            continue
        match = COMMAND.fullmatch(line)
        assert match, line
        pairs = [pair.partition("=") for pair in match[2].strip().split(",") if pair]
        found.append((match[1], {k: unescape(v) for k, _, v in pairs}, unescape(match[3])))
    return found


def unescape(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_a_small_report() -> None:
    assert github.check(samples.small()) == SMALL


def test_nothing_to_complain_of() -> None:
    assert github.check(CheckReport((), Coverage())).startswith("The check passes: nothing was ")


@pytest.mark.parametrize(
    ("severity", "kind"),
    [(Severity.DENY, "error"), (Severity.WARN, "warning"), (Severity.AUDIT, "notice")],
)
def test_no_more_than_github_shows(severity: Severity, kind: str) -> None:
    text = github.check(samples.many(25, severity))
    found = commands(text)
    assert len([1 for name, *_ in found if name == kind]) == SHOWN
    name, properties, message = found[-1]
    assert name == "notice"
    assert properties == {"title": "tidegate check"}
    left = 25 - len([1 for *_, p, _ in found if "file" in p])
    assert message.startswith(f"{left} {'note' if kind == 'notice' else kind}s more in the log")
    assert f"::group::{left} findings not annotated\n- environments/prod/app" in text


def test_the_log_is_bounded() -> None:
    text = github.check(samples.many(10_000))
    assert text.count("\n") < github.LISTED + 30
    assert f"- and {10_000 - 10 - github.LISTED} more\n" in text
    assert "The check fails: 10000 errors in 10000 overlays." in text


def contained(text: str) -> None:
    shown = github.check(samples.hostile(text))
    found = commands(shown)
    assert [name for name, *_ in found] == ["error", "error", "warning", "notice"]
    for _, properties, _ in found:
        assert set(properties) <= {"file", "line", "col", "title"}
    plain = github.check(samples.hostile("plain"))
    assert [line.partition(" ")[0][:9] for line in shown.split("\n") if line.startswith("::")] == [
        line.partition(" ")[0][:9] for line in plain.split("\n") if line.startswith("::")
    ]
    told = commands(github.verification(reports.verification(text)))
    assert [name for name, *_ in told] == ["error", "error", "notice"]


ATTACKS = [
    "::set-env name=PATH::x",
    "\n::error::x",
    "\r::stop-commands::x",
    "%0A::error::x",
    "x,line=1::error::y",
    "##[add-path]x",
    "\u2028::error::x",
    "\x85::error::x",
    "# #[x]##\u200b[error]x",
]


@pytest.mark.parametrize("text", [*HOSTILE, *ATTACKS])
def test_nothing_from_outside_is_a_command(text: str) -> None:
    contained(text)


@given(st.text(max_size=40) | st.text(":#[],%=\r\n 0AD", max_size=20))
def test_no_text_is_a_command(text: str) -> None:
    contained(text or "x")


def test_percent_signs_come_back() -> None:
    (*_, message), *_ = commands(github.check(samples.hostile("100%, 5%0A: x")))
    assert "100%, 5%0A: x" in message
