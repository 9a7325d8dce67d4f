"""A check as Markdown: the verdict first, our own elements only, and small enough to be posted."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.support import findings as samples
from tests.support.reports import HOSTILE

from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Severity
from tidegate.report.check import markdown

READER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
SMALL = """\
### ❌ The check fails: 1 error, 2 warnings, 1 note, 1 waived in 2 overlays.

| | where | rule | finding |
|---|---|---|---|
| ⚠️ | `apps/shop/base/deployment.yaml:20:11` | `probes` | the container has no readiness probe<br>\
`Deployment shop-prod/shop spec.template.spec.containers[0]` in environments\\/prod\\/shop and \
environments\\/staging\\/shop |
| ❌ | `environments/prod/shop/kustomization.yaml:12:5` | `image-digest` | \
the image \\'shop\\:1\\' has no digest<br>\
`Deployment shop-prod/shop spec.template.spec.containers[0].image` \
in environments\\/prod\\/shop<br>\
→ add the digest |
| ℹ️ | `environments/prod/shop/kustomization.yaml` | `record` | \
the overlay has no release\\.yaml<br>in environments\\/prod\\/shop |

<details><summary>1 waived</summary>

| | where | rule | finding |
|---|---|---|---|
| ➖ | `environments/prod/shop/kustomization.yaml:14:5` | `replicas` | \
the image \\'shop\\:1\\' has no digest<br>\
`Deployment shop-prod/shop spec.template.spec.containers[0].image` \
in environments\\/prod\\/shop<br>\
waived by Ann until the end of 2026\\-03\\-31 UTC; waiver shop\\-latest \\(OPS\\-12\\)\\: \
registry moves |

</details>

> the cache was unreadable

Checked 3 overlays with 12 objects against Kubernetes 1\\.32, 1\\.33 and 42 rules\\: \
2 from the cache, 1 rendered; no schema for ServiceMonitor \\(2\\), Rollout \\(1\\); 2 files of \
objects not read, for no kustomization lists them\\.
"""


class Page(HTMLParser):
    """The elements that a browser makes of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(READER.render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")


def test_a_small_report() -> None:
    assert markdown.check(samples.small()) == SMALL


def test_nothing_to_complain_of() -> None:
    assert markdown.check(CheckReport((), Coverage(overlays=1, cached=1))) == (
        "### ✅ The check passes: nothing was found.\n\n"
        "Checked 1 overlay with 0 objects\\: 1 from the cache, 0 rendered\\.\n"
    )


def contained(text: str) -> None:
    page = Page(markdown.check(samples.hostile(text)))
    plain = Page(markdown.check(samples.hostile("plain")))
    assert set(page.tags) <= {*plain.tags, "code"}
    for tag in ("h3", "table", "tr", "td", "details", "summary"):
        assert page.tags.count(tag) == plain.tags.count(tag), tag
    assert page.attributes == []


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_breaks_out(text: str) -> None:
    contained(text)


@given(st.text(max_size=40) | st.text("|\\`*_[]()<>!#@&-~: ax1\n", max_size=30))
def test_no_text_breaks_out(text: str) -> None:
    contained(text or "x")


def test_the_severest_are_seen_the_others_folded() -> None:
    notes, errors = samples.many(40, Severity.AUDIT), samples.many(5)
    shown = markdown.check(CheckReport((*notes.findings, *errors.findings), notes.coverage))
    opened, _, folded = shown.partition("<details>")
    assert opened.count("| ❌ |") == 5
    assert opened.count("| ℹ️ |") == 15
    assert folded.startswith("<summary>25 more</summary>")
    assert folded.count("| ℹ️ |") == 25


def test_a_comment_is_never_too_long() -> None:
    shown = markdown.check(samples.many(10_000))
    assert len(shown) < 65_000
    assert "The check fails: 10000 errors in 10000 overlays." in shown
    left = 10_000 - shown.count("| ❌ |")
    assert f"Not shown, for want of room: {left} errors." in shown
