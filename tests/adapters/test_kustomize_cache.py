"""Renderings that are kept: the same as fresh ones, whatever happens to the cache."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.adapters.test_kustomize_batch import OVERLAYS, PAIRS
from tests.support.kustomize import make_app, make_kustomize, make_snapshot, promote

from tidegate.adapters.cache import FileCache
from tidegate.domain.manifest import Broken, Built
from tidegate.domain.rendering import Rendering
from tidegate.domain.snapshot import EXECUTABLE, Entry, Snapshot
from tidegate.domain.unavailable import Unavailable
from tidegate.ports import Cache
from tidegate.repository.closure import Closures

SHOP = "environments/prod/shop"


class Counting:
    """A cache that counts what it has."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self.found = 0
        self.put_in = 0

    def get(self, key: str) -> bytes | None:
        data = self._cache.get(key)
        self.found += data is not None
        return data

    def put(self, key: str, data: bytes) -> None:
        self.put_in += 1
        self._cache.put(key, data)


@pytest.fixture
def cache(tmp_path: Path) -> Counting:
    return Counting(FileCache(tmp_path / "cache"))


def build(
    snapshot: Snapshot, overlays: list[str], cache: Cache, *, origins: bool = False
) -> dict[str, Built | Broken]:
    closures = Closures(snapshot).find(overlays).values()
    found = make_kustomize(cache=cache).build(snapshot, closures, origins=origins)
    return {one.overlay: one for one in found}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("origins", [False, True])
def test_kept_renderings_are_the_fresh_ones(name: str, origins: bool, cache: Counting) -> None:
    snapshot = make_snapshot(PAIRS[name][0] | PAIRS[name][1])
    fresh = build(snapshot, OVERLAYS, cache, origins=origins)
    assert cache.found == 0
    assert build(snapshot, OVERLAYS, cache, origins=origins) == fresh
    assert cache.found == sum(isinstance(one, Built) for one in fresh.values())


@pytest.mark.parametrize("name", ["plain", "an empty rendering", "one that is broken"])
def test_kept_pairs_are_the_fresh_ones(name: str, cache: Counting) -> None:
    snapshot = make_snapshot(PAIRS[name][0] | PAIRS[name][1])
    fresh = make_kustomize(cache=cache).render(snapshot, {}, OVERLAYS)
    assert cache.found == 0
    assert make_kustomize(cache=cache).render(snapshot, {}, OVERLAYS) == fresh


def test_nothing_is_started_for_what_is_kept(cache: Counting, tmp_path: Path) -> None:
    kustomize = tmp_path / "kustomize"
    kustomize.write_text(
        f"#!/bin/sh\necho x >> {tmp_path}/calls\necho 'kind: A\nmetadata: {{name: a}}'\n"
    )
    kustomize.chmod(0o755)
    snapshot = make_snapshot(make_app("shop"))
    closures = Closures(snapshot).find([SHOP]).values()
    for _ in range(3):
        renderer = make_kustomize(path=f"{tmp_path}:/usr/bin:/bin", cache=cache)
        (built,) = renderer.build(snapshot, closures)
        assert isinstance(built, Built)
    assert (tmp_path / "calls").read_text() == "x\n"


def test_another_binary_is_asked_anew(cache: Counting, tmp_path: Path) -> None:
    snapshot = make_snapshot(make_app("shop"))
    closures = Closures(snapshot).find([SHOP]).values()
    texts = []
    for version in ("first", "second one"):
        kustomize = tmp_path / "kustomize"
        kustomize.write_text(f"#!/bin/sh\necho 'kind: {version}'\n")
        kustomize.chmod(0o755)
        renderer = make_kustomize(path=f"{tmp_path}:/usr/bin:/bin", cache=cache)
        (built,) = renderer.build(snapshot, closures)
        assert isinstance(built, Built)
        texts.append(built.text)
    assert texts == ["kind: first\n", "kind: second one\n"]


FILES = make_app(
    "shop",
    overlay="namespace: prod\ncomponents: [../../../apps/components/c]\n"
    "patches: [{path: patch.yaml}]\nconfigMapGenerator: [{name: m, files: [input.txt]}]",
    extra={
        "patch.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {type: A}\n",
        "input.txt": "one",
    },
) | {
    "apps/components/c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\n"
    "kind: Component\nlabels: [{pairs: {c: one}}]\n"
}


@pytest.mark.parametrize("path", FILES)
def test_every_file_that_takes_part_counts(path: str, cache: Counting) -> None:
    build(make_snapshot(FILES), [SHOP], cache)
    changed = make_snapshot(FILES | {path: FILES[path] + "# more\n"})
    build(changed, [SHOP], cache)
    assert (cache.found, cache.put_in) == (0, 2)
    build(make_snapshot(FILES | {"apps/other/base/x.yaml": "a"}), [SHOP], cache)
    assert cache.found == 1


def test_a_mode_counts(cache: Counting) -> None:
    snapshot = make_snapshot(FILES)
    build(snapshot, [SHOP], cache)
    path = f"{SHOP}/patch.yaml"
    entry = snapshot.entries[path]
    other = {**snapshot.entries, path: Entry(EXECUTABLE, entry.id, entry.size)}
    build(Snapshot("2" * 40, other, snapshot.fetch_blobs), [SHOP], cache)
    assert (cache.found, cache.put_in) == (0, 2)


def test_failures_are_not_kept(cache: Counting) -> None:
    files = make_app("shop", overlay="nonsense: 1")
    assert isinstance(build(make_snapshot(files), [SHOP], cache)[SHOP], Broken)
    assert cache.put_in == 0


def test_rubbish_in_the_cache_is_rendered_anew(cache: Counting, tmp_path: Path) -> None:
    snapshot = make_snapshot(FILES)
    fresh = build(snapshot, [SHOP], cache)
    for file in (tmp_path / "cache").rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    assert build(snapshot, [SHOP], cache) == fresh
    assert cache.found == 0


def test_a_promotion_finds_what_the_last_one_rendered(cache: Counting) -> None:
    snapshot = make_snapshot(make_app("shop"))
    edits = promote(snapshot, SHOP)
    first = make_kustomize(cache=cache, place="here").render(snapshot, edits, [SHOP])
    assert isinstance(first[SHOP], Rendering)
    second = make_kustomize(cache=cache, place="here").render(snapshot, edits, [SHOP])
    assert second == first
    assert cache.found == 3  # before, after, and what is known of the files
    broken = make_kustomize(cache=cache).render(
        snapshot, {f"{SHOP}/kustomization.yaml": b"nonsense: 1\n"}, [SHOP]
    )
    assert isinstance(broken[SHOP], Unavailable)
