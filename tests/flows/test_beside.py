"""What lies around overlays, in files that nobody renders: each mistake on its own line."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.support.overlays import APP, ENVIRONMENT
from tests.support.releases import release
from tests.support.snapshots import snapshot

from tidegate.domain.changes import Changes
from tidegate.domain.finding import Finding
from tidegate.flows.beside import judge_beside, judge_holds
from tidegate.repository.changes import affected
from tidegate.repository.closure import Closures
from tidegate.repository.configuration import load_configuration
from tidegate.repository.discovery import discover
from tidegate.repository.known import Known
from tidegate.repository.readings import Readings
from tidegate.repository.release import format_release

DEV, SHOP = "environments/dev", "environments/dev/shop"
RELEASE = format_release(release("shop", "dev", "1")).decode()
HOLD = "apiVersion: tidegate.dev/v1\nkind: Hold\nby: ada\nreason: slow\n"
BLOCKS = (
    "apiVersion: tidegate.dev/v1\nkind: Blocks\nblocks:\n"
    "  - {model: shop, version: '1', by: ada, reason: slow, since: 2026-01-02T03:04:05Z}\n"
)
FILES = {
    "apps/shop/app.yaml": APP,
    f"{DEV}/environment.yaml": ENVIRONMENT,
    f"{DEV}/argocd/project.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n",
    f"{DEV}/argocd/set.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\n",
    f"{SHOP}/kustomization.yaml": "resources: []\n",
    f"{SHOP}/release.yaml": RELEASE,
    f"{SHOP}/hold.yaml": HOLD,
    f"{SHOP}/blocks.yaml": BLOCKS,
    f"{DEV}/hold.yaml": HOLD,
}


def judge(more: Mapping[str, str], known: Known | None = None) -> list[Finding]:
    here = snapshot({**FILES, **more})
    targets = discover(here, Closures(here))
    configuration = load_configuration(here)
    known, readings = known or Known(), Readings()
    return [
        *judge_beside(here, configuration, targets, known, readings),
        *judge_holds(here, configuration.environments),
    ]


def test_what_is_sound_is_passed() -> None:
    assert judge({}) == []


@pytest.mark.parametrize(
    ("path", "text", "line", "said"),
    [
        (f"{SHOP}/release.yaml", "a: [", 2, "is not valid YAML"),
        (f"{SHOP}/release.yaml", RELEASE.replace("name: ", "nam: "), 7, "model: lacks 'name'"),
        (f"{SHOP}/release.yaml", RELEASE.replace('"shop"', '"cart"'), 1, "is the release of cart"),
        (f"{SHOP}/release.yaml", RELEASE.replace("passed", "failed"), 15, "digest"),
        (f"{SHOP}/hold.yaml", HOLD + "untill: x\n", 5, "untill: is not a known key"),
        (f"{SHOP}/hold.yaml", HOLD + "until: tomorrow\n", 5, "until: is no time with a zone"),
        (f"{DEV}/hold.yaml", HOLD.replace("by: ada\n", ""), 1, "lacks 'by'"),
        (f"{SHOP}/blocks.yaml", BLOCKS.replace("'1'", "1"), 4, "blocks[0].version: is 1"),
        (f"{SHOP}/blocks.yaml", BLOCKS.replace("since: 2", "since: x"), 4, "blocks[0].since"),
    ],
)
def test_a_record_that_cannot_be_read(path: str, text: str, line: int, said: str) -> None:
    found = judge({path: text})[0]
    assert (found.violation.rule, found.where.file, found.environment) == ("record", path, "dev")
    assert said in found.violation.message
    assert found.where.line == line
    assert found.blocks


def test_only_what_is_sound_is_not_read_again() -> None:
    known = Known()
    judge({f"{SHOP}/hold.yaml": "a: ["}, known)
    assert len(known.sound) == 2
    assert [f.where.file for f in judge({f"{SHOP}/hold.yaml": "a: ["}, known)]
    # The same bytes in another place are another app's record.
    copy = {"apps/cart/app.yaml": APP, f"{DEV}/cart/release.yaml": RELEASE}
    assert [f.where.file for f in judge(copy, known)] == [f"{DEV}/cart/release.yaml"]


@pytest.mark.parametrize(
    "path",
    [
        f"{SHOP}/.argocd-source.yaml",
        f"{SHOP}/.argocd-source-shop-dev.yaml",
        f"{SHOP}/Chart.yaml",
        f"{SHOP}/zChart.yaml",
        f"{DEV}/argocd/.argocd-source.yaml",
    ],
)
def test_what_argo_cd_would_apply_instead(path: str) -> None:
    (found,) = judge({path: "kustomize: {images: ['x=y']}\n"})
    assert (found.violation.rule, found.where.file, found.where.line) == (
        "argocd-override",
        path,
        1,
    )
    assert found.blocks


@pytest.mark.parametrize(
    "path", [f"{SHOP}/charts/web/Chart.yaml", f"{SHOP}/Chart.yml", "apps/shop/base/Chart.yaml"]
)
def test_what_argo_cd_does_not_heed(path: str) -> None:
    assert judge({path: "name: web\n"}) == []


@pytest.mark.parametrize(
    "name", ["hold.yaml", "blocks.yaml", "release.yaml", ".argocd-source.yaml", "Chart.yaml"]
)
def test_a_change_of_each_concerns_its_overlay(name: str) -> None:
    here = snapshot(FILES)
    closures = Closures(here)
    every = discover(here, closures)
    found = affected(here, closures, every, Changes(frozenset([f"{SHOP}/{name}"])))
    assert SHOP in [target.path for target in found]
