"""What records and overlays say, kept under their ids: the same as without it, or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.repository.test_configuration import FILES, snapshot
from tests.support.releases import release

from tidegate.domain.release import Release
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.flows.target import Target, read_targets
from tidegate.repository.configuration import load_configuration
from tidegate.repository.readings import Readings, load_readings
from tidegate.repository.release import format_release

CONFIGURATION = load_configuration(snapshot(FILES))
APP, PROD = CONFIGURATION.apps["shop"], CONFIGURATION.environments["prod"]
OVERLAY, RECORD = (f"environments/prod/shop/{name}.yaml" for name in ("kustomization", "release"))
UPSTREAM = "environments/dev/shop/release.yaml"


def record(environment: str) -> Release:
    """A release with every field."""
    made, older = release("shop", environment, "2"), release("shop", environment, "1")
    evidence = {"gates": [{"gate": "order", "status": "passed", "measured": 0.5}], "text": "ß"}
    return replace(made, run_id=None, evidence=evidence, previous=older.as_previous())


def tree(more: Mapping[str, str] | None = None) -> Snapshot:
    """Where it was promoted; the overlay has no version."""
    files = FILES | {
        OVERLAY: "images: [{name: shop, newTag: a}]\n",
        RECORD: format_release(record("prod")).decode(),
        UPSTREAM: format_release(record("dev")).decode(),
    }
    return snapshot(files | (more or {}))


def ids(of: Snapshot) -> set[str]:
    return {entry.id for entry in of.entries.values()}


def read(of: Snapshot, readings: Readings) -> Target:
    found = read_targets(of, [APP], PROD, readings)["shop"]
    assert isinstance(found, Target)
    return found


def blind(of: Snapshot) -> Snapshot:
    """The same, of which no file can be read."""

    def refuse(ids: object) -> dict[str, bytes]:
        raise AssertionError(ids)

    return Snapshot(of.revision, of.entries, refuse)


def test_what_is_known_is_the_same_and_not_read() -> None:
    there, readings = tree(), Readings()
    fresh = read(there, readings)
    assert (fresh.champion, fresh.upstream) == (record("prod"), record("dev"))
    assert readings.grown
    again = load_readings(readings.dump(ids(there)))
    assert not again.grown
    assert read(blind(there), again) == fresh
    assert not again.grown


def test_another_content_is_read() -> None:
    there, readings = tree(), Readings()
    read(there, readings)
    changed = tree({OVERLAY: "images: [{name: shop, newTag: b}]\n"})
    assert read(changed, load_readings(readings.dump(ids(there)))).overlay.tag == "b"


def test_another_image_of_the_same_overlay_is_read() -> None:
    there, readings = (
        tree({OVERLAY: "images: [{name: shop, newTag: a}, {name: x, newTag: b}]\n"}),
        Readings(),
    )
    read(there, readings)
    found = read_targets(there, [replace(APP, image="x")], PROD, readings)["shop"]
    assert isinstance(found, Target)
    assert found.overlay.tag == "b"


def test_only_what_is_there_is_kept() -> None:
    there, readings = tree(), Readings()
    read(there, readings)
    kept = load_readings(readings.dump(ids(there) - {there.entries[RECORD].id}))
    assert not kept.has_release(there.entries[RECORD].id)
    assert kept.has_release(there.entries[UPSTREAM].id)
    assert kept.has_overlay(there.entries[OVERLAY].id, "shop")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (OVERLAY, "images: []\n"),
        (RECORD, format_release(record("prod")).decode().replace("0.5", "0.6")),
        (RECORD, format_release(record("dev")).decode()),  # copied from somewhere else
    ],
)
def test_what_is_wrong_is_wrong_each_time(path: str, text: str) -> None:
    there, readings = tree({path: text}), Readings()
    told = []
    for _ in range(2):
        error = read_targets(there, [APP], PROD, readings)["shop"]
        assert isinstance(error, ConfigurationError)
        told.append(error.problems)
        readings = load_readings(readings.dump(ids(there)))
    assert told[0] == told[1]


IMAGE = ["shop", "t", "sha256:0"]


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[]", b"3", b"{}", b"\xff", b"[" * 100_000),
        *(b'{"releases": 3, "overlays": {}}', b'{"releases": {}, "overlays": {"a": 3}}'),
        b'{"releases": {}, "overlays": {"a b": ["shop", 1, null, null]}}',
        *(
            json.dumps({"releases": {"a": item}, "overlays": {}}).encode()
            for item in (
                [],
                ["shop", "prod", "m", 1, None, IMAGE, {}, None],
                ["shop", "prod", "m", "1", None, ["shop", None, None], {}, None],
                ["shop", "prod", "m", "1", None, IMAGE, [], None],
                ["shop", "prod", "m", "1", None, IMAGE, {}, ["m", "1"]],
            )
        ),
    ],
)
def test_rubbish_is_as_good_as_nothing(data: bytes) -> None:
    assert json.loads(load_readings(data).dump(["a", "b"])) == {"releases": {}, "overlays": {}}
