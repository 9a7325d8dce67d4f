"""What is left to look at of overlays that can't be rendered."""

from __future__ import annotations

import pytest
from tests.support.kustomize import make_snapshot

from tidegate.repository.closure import Closures
from tidegate.repository.parts import find_parts
from tidegate.repository.targets import Part, Target

FILES = {
    "all/kustomization.yaml": "resources: [../sound, ../far, ../component]\n",
    "sound/kustomization.yaml": "resources: [a.yaml]\n",
    "sound/a.yaml": "a",
    "far/kustomization.yaml": "resources: ['https://example.com/x.yaml', b.yaml, deep]\n",
    "far/b.yaml": "b",
    "far/deep/kustomization.yaml": "configMapGenerator: [{name: c, files: [c.yaml]}]\n",
    "far/deep/c.yaml": "c",
    "component/kustomization.yaml": "kind: Component\nresources: [d.yaml]\n"
    "patches: [{path: p.yaml}]\n",
    "component/d.yaml": "d",
    "component/p.yaml": "p",
}
ALONE = Part(alone=True)


def parts(files: dict[str, str], *broken: str, seen: tuple[str, ...] = ()) -> list[Target]:
    snapshot = make_snapshot(files)
    closures = Closures(snapshot)
    closures.find(broken)
    return find_parts(snapshot, closures, broken, seen)


def test_folders_that_can_be_rendered_and_files_of_those_that_cant() -> None:
    assert parts(FILES, "all") == [
        Target("component/d.yaml", plain=True, part=Part(alone=True, unfinished=True)),
        Target("far/b.yaml", plain=True, part=ALONE),
        Target("far/deep", part=ALONE._replace(alone=False)),
        Target("sound"),
    ]


@pytest.mark.parametrize(
    ("above", "part"),
    [
        ("namespace: x", Part(alone=True, namespaced=True)),
        ("patches: []", Part(alone=True, unfinished=True)),
        ("Images: []", Part(alone=True, unfinished=True)),
        ("labels: []", Part(alone=True)),
        ("kind: Kustomization", Part()),
    ],
)
def test_what_is_done_around_a_folder_counts_for_all_of_it(above: str, part: Part) -> None:
    files = FILES | {"all/kustomization.yaml": f"resources: [../far, ../sound]\n{above}\n"}
    assert [(target.path, target.part) for target in parts(files, "all")] == [
        ("far/b.yaml", part._replace(alone=True)),
        ("far/deep", part),
        ("sound", part),
    ]
    # Of two that include it, each may change it.
    files["also/kustomization.yaml"] = "namePrefix: a\nresources: [../far]\n"
    (file, *_) = parts(files, "all", "also")
    assert file.part == part._replace(alone=True)


def test_what_was_seen_is_not_looked_at_again() -> None:
    found = parts(FILES, "all", seen=("sound", "far/b.yaml"))
    assert [target.path for target in found] == ["component/d.yaml", "far/deep"]


def test_circles_and_folders_that_are_not_there_have_no_parts() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a, ../none, b.yaml]\n",
        "b/b.yaml": "b",
    }
    assert [target.path for target in parts(files, "a")] == ["b/b.yaml"]


def test_templates_are_no_parts() -> None:
    remote = "resources: ['https://example.com/x.yaml', a.yaml, template.yaml]\n"
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '${NAME}'}\n"
    files = {"o/kustomization.yaml": remote, "o/a.yaml": text, "o/template.yaml": text}
    assert [target.path for target in parts(files, "o")] == ["o/a.yaml"]
