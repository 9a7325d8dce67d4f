"""What tidegate.yaml can allow a rendering: other places, Helm charts, programs."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.support.kustomize import TOOLS, make_app, make_kustomize, make_snapshot

from tidegate.adapters.cache import FileCache
from tidegate.domain.manifest import Broken, Built
from tidegate.domain.snapshot import EXECUTABLE, Entry, Snapshot
from tidegate.repository.closure import Closures

SHOP = "environments/prod/shop"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: from-elsewhere}\n"
FUNCTION = """\
apiVersion: example.com/v1
kind: Stamp
metadata:
  name: stamp
  annotations:
    config.kubernetes.io/function: |
      exec:
        path: ./stamp.sh
"""
PROGRAM = """\
#!/bin/sh
cat <<'END'
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: made-by-a-program}
END
"""
CHART = {
    f"{SHOP}/charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    f"{SHOP}/charts/web/values.yaml": "name: usual\n",
    f"{SHOP}/charts/web/templates/service.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: '{{ .Values.name }}'}\n"
    ),
    f"{SHOP}/values.yaml": "name: from-a-chart\n",
}
HELM = "helmCharts: [{name: web, releaseName: web, valuesFile: values.yaml}]"


def settings(*allowed: str) -> dict[str, str]:
    names = ", ".join(f"{name}: true" for name in allowed)
    text = f"apiVersion: tidegate.dev/v1\nkind: Settings\nrender: {{{names}}}\n"
    return {"tidegate.yaml": text}


def build(snapshot: Snapshot, **more: object) -> Built | Broken:
    closures = Closures(snapshot).find([SHOP])
    (built,) = make_kustomize(**more).build(snapshot, closures.values())
    return built


def text_of(built: Built | Broken) -> str:
    assert isinstance(built, Built), built
    return built.text


def program(snapshot: Snapshot, path: str) -> Snapshot:
    entry = snapshot.entries[path]
    entries = {**snapshot.entries, path: Entry(EXECUTABLE, entry.id, entry.size)}
    return Snapshot(snapshot.revision, entries, snapshot.fetch_blobs)


@pytest.mark.parametrize(
    ("name", "overlay", "key", "message"),
    [
        ("remote", "resources: [https://example.com/x.yaml]", "resources[0]", "is remote"),
        ("helm", HELM, "helmCharts", "inflates a Helm chart"),
        ("plugins", "generators: [stamp.yaml]", "generators[0]", "runs a function"),
    ],
)
def test_nothing_is_allowed_unless_it_is_said(
    name: str, overlay: str, key: str, message: str
) -> None:
    files = make_app("shop", overlay=overlay, extra={"stamp.yaml": FUNCTION}) | CHART
    files[f"{SHOP}/kustomization.yaml"] = f"namespace: prod\n{overlay}\n"
    others = [other for other in ("remote", "helm", "plugins") if other != name]
    for said in ({}, settings(), settings(*others)):
        built = build(make_snapshot(files | said))
        assert isinstance(built, Broken)
        (problem,) = built.problems
        assert (problem.file, problem.line, problem.key) == (f"{SHOP}/kustomization.yaml", 2, key)
        assert message in problem.message
        assert f"render: {{{name}: true}}" in (problem.expected or "")


@pytest.mark.parametrize("said", ["render: yes", "render: {plugins: 'true'}", "render: [plugins]"])
def test_what_is_no_true_allows_nothing(said: str) -> None:
    files = make_app("shop", overlay="generators: [stamp.yaml]", extra={"stamp.yaml": FUNCTION})
    assert isinstance(build(make_snapshot(files | {"tidegate.yaml": said})), Broken)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "service.yaml").write_text(SERVICE)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "site"))
    handler.func.log_message = lambda *words: None  # type: ignore[attr-defined]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{found.server_port}"
        found.shutdown()
        thread.join()


def test_other_places_and_they_are_asked_each_time(server: str, tmp_path: Path) -> None:
    files = make_app("shop") | settings("remote")
    key = f"{SHOP}/kustomization.yaml"
    files[key] = files[key].replace("base]", f"base, '{server}/service.yaml']")
    snapshot = make_snapshot(files)
    cache = FileCache(tmp_path / "cache")
    assert "from-elsewhere" in text_of(build(snapshot, cache=cache))
    other = SERVICE.replace("from-elsewhere", "something-else")
    (tmp_path / "site" / "service.yaml").write_text(other)
    assert "something-else" in text_of(build(snapshot, cache=cache))


def test_one_overlay_that_may_does_not_open_the_way_for_others(server: str) -> None:
    """The right is the repository's, and each overlay gets no more of it than it uses."""
    files = make_app("shop", overlay="namespace: prod") | settings("remote", "helm", "plugins")
    (closure,) = Closures(make_snapshot(files)).find([SHOP]).values()
    assert closure.needs == frozenset()


@pytest.mark.skipif(shutil.which("kustomize") is None, reason="kubectl runs no programs")
def test_programs_of_the_repository() -> None:
    extra = {"stamp.yaml": FUNCTION, "stamp.sh": PROGRAM}
    files = make_app("shop", overlay="generators: [stamp.yaml]", extra=extra)
    snapshot = program(make_snapshot(files | settings("plugins")), f"{SHOP}/stamp.sh")
    assert "made-by-a-program" in text_of(build(snapshot))


def _with_helm() -> str | None:
    path = os.pathsep.join([os.environ.get("TIDEGATE_TEST_BIN", ""), TOOLS])
    return path if shutil.which("helm", path=path) else None


@pytest.mark.skipif(_with_helm() is None, reason="there is no helm on PATH or TIDEGATE_TEST_BIN")
def test_charts_of_the_repository() -> None:
    snapshot = make_snapshot(make_app("shop", overlay=HELM) | CHART | settings("helm"))
    assert "from-a-chart" in text_of(build(snapshot, path=_with_helm()))


def test_a_chart_takes_part_with_all_its_files_and_one_that_is_gone_is_told() -> None:
    files = make_app("shop", overlay=HELM) | settings("helm")
    (closure,) = Closures(make_snapshot(files | CHART)).find([SHOP]).values()
    assert {*CHART} <= {*closure.paths}
    assert closure.needs == {"helm"}
    (broken,) = Closures(make_snapshot(files)).find([SHOP]).values()
    assert ["charts/web" in problem.message for problem in broken.problems].count(True) == 1
    remote = HELM.replace("name: web,", "name: web, repo: 'https://example.com/charts',")
    files = make_app("shop", overlay=remote, extra={"values.yaml": ""}) | settings("helm")
    (broken,) = Closures(make_snapshot(files)).find([SHOP]).values()
    assert [problem.key for problem in broken.problems] == ["helmCharts"]
    assert "is remote" in broken.problems[0].message
