"""A check in text: places to click, the severest first to be kept, and true counts."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace

import pytest
from tests.support import findings as samples
from tests.support.reports import HOSTILE

from tidegate.cli.terminal import Terminal
from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Severity
from tidegate.domain.location import Location
from tidegate.report.check import text as report

ANSI = re.compile(r"\x1b\[[0-9;]*m")
SMALL = """\
apps/shop/base/deployment.yaml:20:11  warning  probes  the container has no readiness probe
    Deployment shop-prod/shop spec.template.spec.containers[0] in environments/prod/shop and \
environments/staging/shop

environments/prod/shop/kustomization.yaml:12:5  error  image-digest  the image 'shop:1' has no \
digest
    Deployment shop-prod/shop spec.template.spec.containers[0].image in environments/prod/shop
    → add the digest
environments/prod/shop/kustomization.yaml:14:5  waived  replicas  the image 'shop:1' has no digest
    Deployment shop-prod/shop spec.template.spec.containers[0].image in environments/prod/shop
    waived by Ann until the end of 2026-03-31 UTC; waiver shop-latest (OPS-12): registry moves
environments/prod/shop/kustomization.yaml  note  record  the overlay has no release.yaml
    in environments/prod/shop

note: the cache was unreadable
The check fails: 1 error, 2 warnings, 1 note, 1 waived in 2 overlays.
Checked 3 overlays with 12 objects against Kubernetes 1.32, 1.33 and 42 rules: 2 from the cache, \
1 rendered; no schema for ServiceMonitor (2), Rollout (1); 2 files of objects not read, for no \
kustomization lists them.
"""
CLEAN = """\
The check passes: nothing was found.
Checked 1 overlay with 1 object: 0 from the cache, 1 rendered.
"""


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def show(made: CheckReport, out: io.StringIO | None = None, **options: bool) -> str:
    out = out or io.StringIO()
    terminal = Terminal(out, io.StringIO(), {"TERM": "xterm-256color"})
    terminal.show(report.check(made, **options))
    return out.getvalue()


def test_a_small_report() -> None:
    assert show(samples.small()) == SMALL


def test_nothing_to_complain_of() -> None:
    assert show(CheckReport((), Coverage(overlays=1, objects=1, rendered=1))) == CLEAN


def test_a_file_left_out_is_counted() -> None:
    shown = show(CheckReport((), Coverage(unlisted=1)))
    assert "rendered; 1 file of objects not read, for no kustomization lists it.\n" in shown


def test_an_overlay_that_is_the_root_has_a_name() -> None:
    found = (samples.replace(samples.finding(), overlay=""),)
    assert "containers[0].image in .\n" in show(CheckReport(found, Coverage()))


def test_verbose_adds_the_links() -> None:
    shown = show(samples.small(), verbose=True)
    assert "    https://kubernetes.io/docs/concepts/containers/images/\n" in shown


def test_many_findings_are_counted_and_the_severest_shown() -> None:
    notes, errors = samples.many(300, Severity.AUDIT), samples.many(5)
    made = CheckReport((*notes.findings, *errors.findings), notes.coverage)
    shown = show(made)
    assert shown.count("  error  ") == 5
    assert shown.count("  note  ") == 195
    assert "… and 105 more: 105 notes (-v shows all)\n" in shown
    assert "The check fails: 5 errors, 300 notes in 300 overlays." in shown
    assert show(made, verbose=True).count("  note  ") == 300


def test_one_mistake_of_a_base_is_shown_once() -> None:
    found = tuple(
        samples.replace(one, where=samples.Location("apps/base.yaml", 3, 1))
        for one in samples.many(1_000).findings
    )
    shown = show(CheckReport(found, Coverage()))
    assert shown.count("  error  ") == 1
    assert "in 1000 overlays: environments/prod/app00000, environments/prod/app00001, " in shown
    assert "1000 errors in 1000 overlays" in shown


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("verbose", [True, False])
def test_nothing_from_outside_moves_the_cursor_or_ends_a_line(text: str, verbose: bool) -> None:
    made = samples.hostile(text)
    plain = show(made, verbose=verbose)
    for line in plain.split("\n"):
        assert line == line.rstrip()
        assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in line)
    lines = show(samples.hostile("plain"), verbose=verbose).count("\n")
    assert lines - 5 <= plain.count("\n") <= lines
    coloured = show(made, Screen(), verbose=verbose)
    assert ANSI.search(coloured)
    assert "\x1b" not in ANSI.sub("", coloured)


def test_no_line_is_a_command_to_the_runner_of_a_pipeline() -> None:
    plain = samples.finding()
    thing = replace(plain.violation, object=samples.DEPLOYMENT._replace(kind="::stop-commands::x"))
    found = replace(plain, violation=thing, where=Location("::error file=x::y.yaml", 1, 1))
    text = show(CheckReport((found,), samples.COVERAGE))
    assert r"\u003a:error file=x::y.yaml:1:1" in text
    assert r"    \u003a:stop-commands::x shop-prod/shop" in text


def test_what_could_not_be_rendered_is_not_counted_as_if_it_were() -> None:
    shown = show(CheckReport((), Coverage(overlays=4, objects=1, rendered=1, cached=2)))
    assert "2 from the cache, 1 rendered, 1 could not be." in shown
