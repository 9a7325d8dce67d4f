"""Which overlays a change concerns: those that use what changed, and no others."""

from __future__ import annotations

import pytest
from tests.support.kustomize import make_app, make_snapshot

from tidegate.domain.changes import Changes
from tidegate.domain.snapshot import Snapshot
from tidegate.repository.changes import affected
from tidegate.repository.closure import Closures
from tidegate.repository.discovery import discover

_OVERLAY = (
    "namespace: prod\ncomponents: [../../../apps/components/c]\n"
    "patches: [{path: patch.yaml}]\nconfigMapGenerator: [{name: m, files: [key=input.txt]}]"
)
FILES = {
    "tidegate.yaml": "apiVersion: tidegate.dev/v1\nkind: Settings\n",
    "environments/prod/environment.yaml": "kind: Environment\n",
    "apps/a/app.yaml": "kind: App\n",
    "apps/b/app.yaml": "kind: App\n",
    "apps/a/base/README.md": "nothing\n",
    "apps/components/c/kustomization.yaml": "kind: Component\n",
    **make_app("a", overlay=_OVERLAY, extra={"patch.yaml": "{}", "input.txt": "x", "old.yaml": ""}),
    **make_app("b"),
}
A, B = "environments/prod/a", "environments/prod/b"


def find(
    files: dict[str, str], changed: set[str], links: dict[str, str] | None = None
) -> list[str]:
    snapshot: Snapshot = make_snapshot(files, links=links)
    closures = Closures(snapshot)
    targets = discover(snapshot, closures)
    changes = Changes(frozenset(changed))
    return [target.path for target in affected(snapshot, closures, targets, changes)]


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("apps/a/base/deployment.yaml", [A]),
        ("apps/a/base/kustomization.yaml", [A]),
        ("apps/a/base/README.md", []),
        ("apps/components/c/kustomization.yaml", [A]),
        (f"{A}/kustomization.yaml", [A]),
        (f"{A}/patch.yaml", [A]),
        (f"{A}/input.txt", [A]),
        (f"{A}/old.yaml", []),
        (f"{A}/release.yaml", [A]),
        ("apps/b/app.yaml", [B]),
        ("environments/prod/environment.yaml", [A, B]),
        ("tidegate.yaml", [A, B]),
        ("policies/admission/x.yaml", [A, B]),
        ("docs/x.md", []),
    ],
)
def test_what_uses_a_changed_file(path: str, concerned: list[str]) -> None:
    assert find(FILES, {path}) == concerned


@pytest.mark.parametrize(
    "path",
    [
        "apps/a/base/deployment.yaml",
        "apps/a/base/kustomization.yaml",
        "apps/components/c/kustomization.yaml",
        f"{A}/patch.yaml",
        f"{A}/input.txt",
    ],
)
def test_what_used_a_file_that_is_gone(path: str) -> None:
    files = {name: text for name, text in FILES.items() if name != path}
    assert find(files, {path}) == [A]


def test_a_whole_folder_that_is_gone() -> None:
    gone = {name for name in FILES if name.startswith("apps/a/base/")}
    assert find({k: v for k, v in FILES.items() if k not in gone}, gone) == [A]


def test_a_second_kustomization_file_breaks_its_folder() -> None:
    path = "apps/a/base/Kustomization"
    assert find({**FILES, path: "{}"}, {path}) == [A]


def test_a_link_on_the_way_counts_whether_it_leads_somewhere_or_not() -> None:
    files = {name: text for name, text in FILES.items() if name != f"{A}/patch.yaml"}
    for target in ("input.txt", "nowhere.txt", "/outside"):
        assert find(files, {f"{A}/patch.yaml"}, {f"{A}/patch.yaml": target}) == [A]


OTHERS = {
    "tidegate.yaml": f"{FILES['tidegate.yaml']}render: {{helm: true, plugins: true}}\n",
    "one/kustomization.yaml": "resources: [../base]\ncomponents: [../c]\n"
    "patches: [{path: p.yaml}]\nhelmCharts: [{name: c}]\ngenerators: [g.yaml]\n",
    "one/p.yaml": "{}",
    "one/g.yaml": "annotations: {config.kubernetes.io/function: 'exec: {path: ./run}'}\n",
    "one/charts/c/Chart.yaml": "name: c\n",
    "base/x.txt": "",
    "c/kustomization.yaml": "kind: Component\n",
}


@pytest.mark.parametrize(
    ("changed", "more", "links"),
    [
        ("shared.yaml", {}, {"base/kustomization.yaml": "../shared.yaml"}),
        ("one/p.yaml", {"one/p.yaml/x": ""}, {}),
        ("c/kustomization.yaml", {"c": ""}, {}),
        ("one/charts/c/templates/x.yaml", {}, {}),
        ("one/run", {}, {}),
    ],
)
def test_what_has_gone_or_become_something_else_breaks_what_refers_to_it(
    changed: str, more: dict[str, str], links: dict[str, str]
) -> None:
    files = {name: text for name, text in OTHERS.items() if name != changed}
    if more:
        files.pop(next(iter(more)).rpartition("/")[0], None)
    assert find({**files, **more}, {changed}, links) == ["one"]
    assert find({**files, **more}, {"elsewhere"}, links) == []


def test_a_folder_that_became_a_submodule() -> None:
    snapshot = make_snapshot({"one/kustomization.yaml": "resources: [../b]\n"}, submodules=("b",))
    closures = Closures(snapshot)
    changes = Changes(frozenset(["b", "b/kustomization.yaml"]))
    (target,) = affected(snapshot, closures, discover(snapshot, closures), changes)
    assert target.path == "one"


def test_elsewhere_overlays_and_plain_files() -> None:
    plain = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"
    files = {
        "base/kustomization.yaml": "resources: [x.yaml]\n",
        "base/x.yaml": plain,
        "one/kustomization.yaml": "resources: [../base]\n",
        "two/kustomization.yaml": "resources: [y.yaml]\n",
        "two/y.yaml": plain,
        "plain/z.yaml": plain,
    }
    assert find(files, {"base/x.yaml"}) == ["one"]
    assert find(files, {"plain/z.yaml"}) == ["plain/z.yaml"]
    assert find(files, {"two/y.yaml", "two/README"}) == ["two"]
