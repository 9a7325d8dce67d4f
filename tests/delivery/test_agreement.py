"""Where alias, Git and cluster disagree: a table of what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.evidence import release
from tests.support.observations import FOLDER, ORIGIN, application

from tidegate.delivery.agreement import disagreements, find_doubts, find_running
from tidegate.domain.application import ApplicationName
from tidegate.domain.release import OverlayState
from tidegate.domain.standing import Alias, Running, Sighting, Standing

NAME = "registry.example.com/shop/model"
OURS, OLD, STRANGE = (f"sha256:{digit * 64}" for digit in "abc")
VERSIONS = {OURS: "2", OLD: "1"}
RELEASE = release(version="2")
OVERLAY = OverlayState(NAME, "t", OURS, "2")
STANDING = Standing("shop", "prod", RELEASE, OVERLAY, None, None, None, None, (), (), None)
NEW, PAST, UNKNOWN = Running("2", OURS), Running("1", OLD), Running(None, STRANGE)


def sighting(
    *running: Running,
    sync: str = "Synced",
    health: str = "Healthy",
    phase: str = "Succeeded",
    destination: str = "https://one",
) -> Sighting:
    name = ApplicationName("shop-prod", "prod")
    return Sighting(name, destination, "f" * 40, sync, health, phase, running)


@pytest.mark.parametrize(
    ("images", "running"),
    [
        ([f"{NAME}:2@{OURS}"], (NEW,)),
        ([f"{NAME}:2@{OURS}", f"{NAME}:1@{OLD}"], (NEW, PAST)),
        ([f"mirror.example.com/x@{OLD}"], (PAST,)),
        ([f"{NAME}@{STRANGE}", "docker.io/envoy:v1"], (UNKNOWN,)),
        ([f"{NAME}:9"], (Running(None, None),)),
        ([NAME, f"{NAME}:8"], (Running(None, None),)),
        ([f"{NAME}-other:2", "localhost:5000/model", "", "@", ":@:"], ()),
        ([f"docker.io/envoy@{STRANGE}"], ()),
    ],
)
def test_which_images_are_the_apps(images: list[str], running: tuple[Running, ...]) -> None:
    assert find_running(images, NAME, VERSIONS) == running


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ((sighting(NEW),), []),
        ((sighting(),), []),  # scaled to zero
        ((), ["Argo CD has no Application of it"]),
        ((sighting(PAST),), ["version 1 runs"]),
        ((sighting(NEW, PAST),), ["version 1 runs beside it"]),
        ((sighting(UNKNOWN),), [f"image {STRANGE[:19]} runs"]),
        ((sighting(Running(None, None)),), ["an image without a digest runs"]),
        ((sighting(sync="OutOfSync"),), ["no pod runs it, OutOfSync"]),
        ((sighting(NEW, sync="OutOfSync"),), ["OutOfSync"]),
        ((sighting(NEW, sync=""),), ["not compared with Git"]),
        ((sighting(NEW, health="Degraded"),), ["Degraded"]),
        ((sighting(NEW, health=""),), ["health not known"]),
        ((sighting(NEW, phase="Failed"),), ["the last sync: Failed"]),
        ((replace(sighting(NEW), doubts=("it follows a tag",)),), ["it follows a tag"]),
        (
            (
                replace(sighting(PAST), doubts=("it follows a tag",)),
                sighting(NEW, destination="two"),
            ),
            ["on https://one: it follows a tag", "version 1 runs on https://one"],
        ),
        ((sighting(NEW), sighting(PAST, destination="two")), ["version 1 runs on two"]),
        ((sighting(*[PAST] * 4, UNKNOWN),), ["version 1 and version 1 and version 1 … runs"]),
    ],
)
def test_what_runs(seen: tuple[Sighting, ...], words: list[str]) -> None:
    assert list(disagreements(replace(STANDING, sightings=seen))) == words


def test_what_casts_doubt_on_an_application() -> None:
    assert find_doubts(application(), FOLDER, ORIGIN) == ()
    wrong = application(deleting=True, target_revision="v1", skipped=True)
    deleted, stray, skipped = find_doubts(wrong, FOLDER, ORIGIN)
    assert ("deleted" in deleted, "v1" in stray, "skip-reconcile" in skipped) == (True,) * 3


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("2", []),
        ("1", ["the alias shop-prod names version 1"]),
        (None, []),  # nobody saw it live
    ],
)
def test_what_the_alias_names(version: str | None, words: list[str]) -> None:
    assert list(disagreements(replace(STANDING, alias=Alias("shop-prod", version)))) == words


def test_an_alias_is_missing_once_it_is_live() -> None:
    without = replace(STANDING, alias=Alias("shop-prod", None))
    seen = replace(without, sightings=(sighting(NEW),))
    assert disagreements(seen) == ("the registry has no alias shop-prod",)
    rolling = replace(without, sightings=(sighting(NEW, PAST),))
    assert disagreements(rolling) == ("version 1 runs beside it",)
    assert disagreements(replace(without, sightings=())) == ("Argo CD has no Application of it",)


def test_what_nobody_looked_at_or_promoted_disagrees_with_nothing() -> None:
    assert disagreements(STANDING) == ()
    never = replace(STANDING, release=None, alias=Alias("shop-prod", "1"), sightings=())
    assert disagreements(never) == ()
