"""What `ports.Applications` promises, asked of Argo CD's API and of the cluster's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.argocd_real_world import RealWorld, given_world, stack_world
from tests.support.argocd_worlds import LABELS, FakeWorld, fake_world

from tidegate.domain.application import (
    ApplicationEvent,
    ApplicationName,
    Change,
    Refusal,
    ResourceName,
    SyncRefused,
    SyncRequest,
)
from tidegate.errors import NotFound

World = FakeWorld | RealWorld

_WAYS = ("api", "kubernetes")
# One stack for all tests that want one.
_REAL = pytest.mark.xdist_group("argocd")


@pytest.fixture(
    params=[
        *(pytest.param(("fake", way), id=f"fake-{way}") for way in _WAYS),
        *(pytest.param(("real", way), id=f"real-{way}", marks=_REAL) for way in _WAYS),
        pytest.param(("given", "api"), id="given-api"),
    ]
)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    kind, way = request.param
    if kind == "fake":
        with fake_world(way, tmp_path) as found:
            yield found
        return
    if kind == "given":
        with given_world(tmp_path) as given:
            yield given
        return
    with stack_world(way, request.getfixturevalue("argocd_stack")) as real:
        yield real


def following(events: Iterator[ApplicationEvent | None], name: ApplicationName) -> Any:
    """The next event of an Application."""
    ends = time.monotonic() + 60
    for event in events:
        if event is not None and event.application.name == name:
            return event
        assert time.monotonic() < ends, "nothing came"
    raise AssertionError("a watch never ends by itself")


def test_an_application_is_shown_whole(world: World) -> None:
    shop = world.applications.get(world.shop)
    assert shop.name == world.shop
    assert (shop.sync, shop.health.status) == ("Synced", "Healthy")
    assert len(shop.revision) == 40
    assert shop.automated
    assert not shop.requested
    assert not shop.deleting
    assert shop.operation is not None
    assert (shop.operation.phase, shop.operation.revision) == ("Succeeded", shop.revision)
    assert shop.operation.finished is not None
    assert shop.reconciled is not None
    assert shop.labels == LABELS
    assert shop.images
    deployment = ResourceName("apps", "Deployment", shop.name.name, "shop")
    assert deployment in {state.resource for state in shop.resources}


def test_what_parts_it_from_git_is_seen(world: World) -> None:
    shop = world.applications.get(world.shop)
    assert (shop.overrides, shop.hydrated, shop.skipped) == ((), False, False)
    world.lay_over()
    assert world.applications.get(world.shop).overrides == ("directory",)
    world.hydrate()
    world.skip()
    (listed,) = world.applications.list(project=world.shop.project)
    told = following(world.applications.watch(project=world.shop.project), world.shop)
    for seen in (world.applications.get(world.shop), listed, told.application):
        assert (seen.hydrated, seen.skipped) == (True, True)


def test_a_list_is_by_project_and_by_labels(world: World) -> None:
    project, extra = world.shop.project, f"{world.shop.name}-extra"
    world.add(extra)
    shop = world.applications.get(world.shop)
    by_project = world.applications.list(project=project)
    assert [a.name.name for a in by_project] == [world.shop.name, extra]
    (listed,) = world.applications.list(project=project, selector=LABELS)
    for name in ("name", "revision", "sync", "health", "images", "labels", "paths", "automated"):
        assert getattr(listed, name) == getattr(shop, name)
    assert listed.operation is not None
    assert listed.operation.phase == "Succeeded"
    assert world.applications.list(project=project, selector={"a": "b"}) == []
    assert world.applications.list(project="nobody") == []


def test_a_refresh_looks_again(world: World) -> None:
    before = world.applications.get(world.shop).reconciled
    after = world.applications.get(world.shop, refresh=True).reconciled
    assert before is not None
    assert after is not None
    assert after >= before


@pytest.mark.parametrize("name", ["nobody", "../shop-dev", "shop-dev/sync", "Shop", "", "x" * 300])
def test_what_is_not_there_is_not_found(world: World, name: str) -> None:
    missing = ApplicationName(name, world.shop.project)
    applications = world.applications
    for ask in (applications.get, applications.pods, applications.managed, applications.windows,
                applications.events, applications.terminate):  # fmt: skip
        with pytest.raises(NotFound) as caught:
            ask(missing)
        assert caught.value.message.isprintable()
    with pytest.raises(NotFound):
        applications.sync(missing, SyncRequest())


def test_an_application_of_another_project_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.applications.get(ApplicationName(world.shop.name, world.other_project))


def test_a_sync_keeps_what_was_written_on_it(world: World) -> None:
    begun = world.applications.sync(world.shop, SyncRequest(info={"tidegate": "nonce <b>"}))
    assert not isinstance(begun, SyncRefused)
    assert begun.requested
    ends = time.monotonic() + 60
    while (shop := world.applications.get(world.shop)).requested:
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert shop.operation is not None
    assert shop.operation.info == {"tidegate": "nonce <b>"}
    assert not shop.operation.automated


def test_a_second_sync_is_refused_and_can_be_ended(world: World) -> None:
    world.applications.terminate(world.shop)
    world.occupy()
    refused = world.applications.sync(world.shop, SyncRequest())
    assert isinstance(refused, SyncRefused)
    assert refused.why is Refusal.BUSY
    world.applications.terminate(world.shop)
    shop = world.applications.get(world.shop)
    assert shop.operation is not None
    assert shop.operation.phase in ("Terminating", "Failed")


def test_a_window_of_the_project_is_shown(world: World) -> None:
    assert world.applications.windows(world.shop).assigned == ()
    world.deny()
    windows = world.applications.windows(world.shop)
    assert [(w.kind, w.duration) for w in windows.assigned] == [("deny", "1h")]
    assert windows.active == windows.assigned
    assert not windows.may_sync
    refused = world.applications.sync(world.shop, SyncRequest())
    assert isinstance(refused, SyncRefused)
    assert refused.why is Refusal.WINDOW


def test_pods_are_those_below(world: World) -> None:
    pods = world.applications.pods(world.shop)
    assert [(p.reason, p.ready, p.containers) for p in pods] == [("Running", 1, 1)] * 2
    assert {p.images for p in pods} == {(world.image,)}
    assert {p.health.status for p in pods} == {"Healthy"}
    assert {p.owner.kind for p in pods if p.owner} == {"ReplicaSet"}
    assert len({p.uid for p in pods} - {""}) == 2
    for pod in pods:
        world.applications.events(world.shop, pod)


def test_managed_objects_are_shown_live(world: World) -> None:
    (found,) = [
        m for m in world.applications.managed(world.shop) if m.resource.kind == "Deployment"
    ]
    assert found.live is not None
    assert found.live["metadata"]["name"] == "shop"
    assert (found.wanted is not None) is (world.way == "api")


def test_what_we_may_is_told(world: World) -> None:
    assert world.applications.may("get", world.shop.project)
    assert world.applications.may("sync", world.shop.project)


def test_a_place_is_an_address_without_credentials(world: World) -> None:
    assert "://127.0.0.1:" in world.applications.place
    assert world.applications.version() or world.way == "kubernetes"


def test_a_watch_tells_each_change_once(world: World) -> None:
    events = world.applications.watch(project=world.shop.project)
    first = following(events, world.shop)
    assert first.change is Change.ADDED
    # A real controller may reconcile between the two looks.
    looked = replace(world.applications.get(world.shop), reconciled=None, deployed=None)
    assert replace(first.application, reconciled=None, deployed=None) == looked
    world.change()
    changed = following(events, world.shop)
    assert changed.change is Change.MODIFIED
    new = ApplicationName(f"{world.shop.name}-new", world.shop.project)
    world.add(new.name)
    assert following(events, new).change is Change.ADDED
    world.remove(new.name)
    seen = following(events, new)
    while seen.change is Change.MODIFIED:  # while it is taken down
        seen = following(events, new)
    assert seen.change is Change.DELETED


def test_a_watch_by_labels_tells_of_no_others(world: World) -> None:
    events = world.applications.watch(project=world.shop.project, selector=LABELS)
    assert following(events, world.shop).change is Change.ADDED
    world.add(f"{world.shop.name}-new")
    world.change()
    for event in events:
        if event is not None:
            assert event.application.name == world.shop
            break


def test_a_watch_that_is_cut_goes_on(world: World) -> None:
    gone = ApplicationName(f"{world.shop.name}-gone", world.shop.project)
    world.add(gone.name)
    events = world.applications.watch(project=world.shop.project)
    assert following(events, gone).change is Change.ADDED
    world.lose(gone.name)
    seen = following(events, gone)
    while seen.change is Change.MODIFIED:  # while it is taken down
        seen = following(events, gone)
    assert seen.change is Change.DELETED
