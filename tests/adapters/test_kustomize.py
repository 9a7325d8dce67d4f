"""Overlays rendered by the real kustomize, before and after a promotion."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from tests.support.kustomize import (
    deployment,
    make_app,
    make_kustomize,
    make_snapshot,
    promote,
)
from tests.support.loopback import Connection, Loopback

from tidegate.domain.rendering import Rendering
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import ToolMissing

SHOP = "environments/prod/shop"


def render(
    snapshot: Snapshot, edits: dict[str, bytes] | None = None, *overlays: str, **settings: object
) -> dict[str, Rendering | Unavailable]:
    kustomize = make_kustomize(**settings)
    return dict(kustomize.render(snapshot, edits or {}, overlays or (SHOP,)))


def reason(outcome: Rendering | Unavailable) -> str:
    assert isinstance(outcome, Unavailable), outcome
    assert "tidegate-render-" not in outcome.reason
    return outcome.reason


def test_only_the_objects_that_differ_are_returned() -> None:
    snapshot = make_snapshot(make_app("shop"))
    found = render(snapshot, promote(snapshot, SHOP))[SHOP]
    assert isinstance(found, Rendering)
    assert [(o["kind"], len(found.before)) for o in found.after] == [("Deployment", 1)]
    assert found.images == {"example.com/shop:2"}
    assert found.objects == 2
    container = found.before[0]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "example.com/shop:1"


def test_nothing_differs_without_edits() -> None:
    found = render(make_snapshot(make_app("shop")))[SHOP]
    assert found == Rendering((), (), frozenset({"example.com/shop:1"}), 2)


def test_images_are_found_wherever_pods_are() -> None:
    extra = {
        "all.yaml": """
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {jobTemplate: {spec: {template: {spec: {
  initContainers: [{name: a, image: init}], containers: [{name: b, image: main}]}}}}}
---
apiVersion: example.com/v1
kind: Custom
metadata: {name: custom}
spec: {image: not-a-container, nested: [{ephemeralContainers: [{name: c, image: debug}]}]}
"""
    }
    files = make_app("shop", extra=extra)
    key = f"{SHOP}/kustomization.yaml"
    files[key] = files[key].replace("base]", "base, all.yaml]")
    snapshot = make_snapshot(files)
    found = render(snapshot, promote(snapshot, SHOP))[SHOP]
    assert isinstance(found, Rendering)
    assert found.images == {"example.com/shop:2", "init", "main", "debug"}


def test_values_survive_that_yaml_libraries_stumble_over() -> None:
    text = """apiVersion: v1
kind: ConfigMap
metadata: {name: odd}
data:
  equals: "="
  date: "2024-01-01"
  script: |
    one
    ---
    two
  tricky: |2-

      a
    ---
    apiVersion: v1
"""
    files = make_app("shop", extra={"odd.yaml": text})
    key = f"{SHOP}/kustomization.yaml"
    files[key] = files[key].replace("base]", "base, odd.yaml]")
    edits = {key: files[key].replace("prod", "next").encode()}
    found = render(make_snapshot(files), edits)[SHOP]
    assert isinstance(found, Rendering)
    assert found.objects == 3
    odd = next(o for o in found.after if o["kind"] == "ConfigMap")
    assert odd["data"]["script"] == "one\n---\ntwo\n"
    assert (odd["data"]["equals"], odd["data"]["date"]) == ("=", "2024-01-01")
    assert "---" in odd["data"]["tricky"]


def test_a_broken_overlay_gets_its_own_error_and_the_others_their_renderings() -> None:
    names = [f"app{number}" for number in range(9)]
    files: dict[str, str] = {}
    for name in names:
        files |= make_app(name)
    files["apps/app4/base/deployment.yaml"] = "kind: [unclosed\n"
    files["environments/prod/app7/kustomization.yaml"] += "patches: [{path: gone.yaml}]\n"
    overlays = [f"environments/prod/{name}" for name in names]
    found = render(make_snapshot(files), {}, *overlays)
    assert list(found) == overlays
    broken = {path for path, outcome in found.items() if isinstance(outcome, Unavailable)}
    assert broken == {"environments/prod/app4", "environments/prod/app7"}
    assert "deployment.yaml" in reason(found["environments/prod/app4"])
    assert "kustomization.yaml:4:12: patches[0].path: 'gone.yaml' does not exist" in reason(
        found["environments/prod/app7"]
    )


def test_errors_name_the_repositorys_own_paths() -> None:
    files = make_app("shop", overlay="unknownField: 1")
    text = reason(render(make_snapshot(files))[SHOP])
    assert SHOP in text
    assert "unknownField" in text


def test_an_error_after_the_promotion_says_so() -> None:
    edits = {f"{SHOP}/kustomization.yaml": b"resources: [gone.yaml]\n"}
    text = reason(render(make_snapshot(make_app("shop")), edits)[SHOP])
    assert "can't be rendered after the promotion" in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        ("", "is empty"),
        ("[a, list]\n", "is not a mapping"),
        ("#" * 5_000_000, "larger than 4 MiB"),
        ("resources: ['https://example.com/x']\n", "is remote"),
        ("resources: [../../../../../etc/passwd]\n", "leads out of the repository"),
    ],
)
def test_hostile_overlays(content: str | None, message: str) -> None:
    files = {"README.md": "hello"} if content is None else {f"{SHOP}/kustomization.yaml": content}
    assert message in reason(render(make_snapshot(files))[SHOP])


def test_a_link_out_of_the_repository_is_never_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(deployment("secret"))
    for target in (str(secret), os.path.relpath(secret, "/tmp/x/before/environments/prod/shop")):
        files = make_app("shop", overlay="patchesStrategicMerge: [link.yaml]")
        snapshot = make_snapshot(files, links={f"{SHOP}/link.yaml": target})
        assert "symbolic link whose target" in reason(render(snapshot)[SHOP])


def test_links_inside_the_repository_render() -> None:
    files = make_app("shop")
    files["shared/base/kustomization.yaml"] = "resources: [d.yaml]\n"
    files["shared/base/d.yaml"] = deployment("shared")
    key = f"{SHOP}/kustomization.yaml"
    files[key] = files[key].replace("base]", "base, ../../../linked]")
    found = render(make_snapshot(files, links={"linked": "shared/base"}))[SHOP]
    assert isinstance(found, Rendering)
    assert found.objects == 3


@pytest.mark.parametrize(
    "name", ["a b", "ü🚀", "new\nline", "quo\"te'", "$(touch x)", "-dash", "%2e"]
)
def test_odd_names_of_folders(name: str) -> None:
    files = {
        path.replace("environments/prod/shop", f"environments/prod/{name}"): text
        for path, text in make_app("shop").items()
    }
    overlay = f"environments/prod/{name}"
    files |= make_app("other")
    found = render(make_snapshot(files), {}, overlay, "environments/prod/other")
    assert isinstance(found[overlay], Rendering)
    assert isinstance(found["environments/prod/other"], Rendering)


def test_a_deep_object_is_an_answer_and_no_crash() -> None:
    deep = f"apiVersion: v1\nkind: X\nmetadata: {{name: deep}}\nspec: {'[' * 9000}{']' * 9000}\n"
    files = make_app("shop", extra={"deep.yaml": deep})
    key = f"{SHOP}/kustomization.yaml"
    files[key] = files[key].replace("base]", "base, deep.yaml]")
    edits = {key: files[key].replace("prod", "next").encode()}
    outcome = render(make_snapshot(files), edits)[SHOP]
    assert "levels deep" in reason(outcome)


def tool(folder: Path, script: str) -> str:
    """A PATH on which `kustomize` is this script."""
    binary = folder / "kustomize"
    binary.write_text(f"#!{sys.executable}\nimport os, sys, time\n{script}\n")
    binary.chmod(0o755)
    return str(folder)


def test_a_hanging_kustomize_is_ended(tmp_path: Path) -> None:
    found = render(
        make_snapshot(make_app("shop")), path=tool(tmp_path, "time.sleep(600)"), timeout=1
    )
    assert "did not finish within 1 s" in reason(found[SHOP])


def test_a_killed_kustomize_and_rubbish_are_reported(tmp_path: Path) -> None:
    snapshot = make_snapshot(make_app("shop"))
    killed = tool(tmp_path, "os.kill(os.getpid(), 9)")
    assert "was killed by SIGKILL" in reason(render(snapshot, path=killed)[SHOP])
    rubbish = tool(tmp_path, "print('- a\\n- b')\nif 'after' in sys.argv[2]: print('- c')")
    assert "not an object" in reason(render(snapshot, path=rubbish)[SHOP])
    binary = tool(tmp_path, "os.write(1, bytes([255]))")
    assert "not UTF-8" in reason(render(snapshot, path=binary)[SHOP])


def test_the_renderer_sees_little_of_us_and_cannot_reach_out(tmp_path: Path) -> None:
    script = """
print('apiVersion: v1\\nkind: X\\nmetadata: {name: x}\\ndata:')
for name, value in sorted(os.environ.items()): print(f'  {name}: {value!r}')
print('  mode:', oct(os.stat(os.path.dirname(os.environ['HOME'])).st_mode & 0o777)[2:])
print('  variant:', sys.argv[2].split('/')[-4])
"""
    os.environ["TIDEGATE_TEST_SECRET"] = "hunter2"
    try:
        path = tool(tmp_path, script)
        found = render(make_snapshot(make_app("shop")), path=path, env={"EXTRA": "1"})[SHOP]
    finally:
        del os.environ["TIDEGATE_TEST_SECRET"]
    assert isinstance(found, Rendering)
    data = found.after[0]["data"]
    assert "TIDEGATE_TEST_SECRET" not in data
    assert data["GIT_ALLOW_PROTOCOL"] == "none"
    assert data["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert data["SSL_CERT_FILE"] == data["SSL_CERT_DIR"] == "/dev/null"
    assert data["EXTRA"] == "1"
    assert data["mode"] == 700
    assert not Path(data["HOME"]).parent.exists()


PATCH = """
transformers:
  - |-
    apiVersion: builtin
    kind: PatchTransformer
    metadata: {name: patch}
    path: URL
    target: {kind: Deployment}
"""
GENERATOR = """
generators:
  - |-
    apiVersion: builtin
    kind: ConfigMapGenerator
    metadata: {name: generated}
    files: [a=URL]
"""


class _Counting(Connection):
    asked_for: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked_for.append(self.path)
        self.reply(200, b"{}", "application/json")


@pytest.mark.parametrize("plugin", [PATCH, GENERATOR])
def test_what_a_plugin_that_is_built_in_names_is_not_fetched(plugin: str) -> None:
    """Not from this very machine either, about which Go asks no proxy."""
    asked: list[str] = []
    server = Loopback(_Counting, asked_for=asked)
    try:
        url = f"http://{server.server}/x"
        files = make_app("shop", overlay=plugin.replace("URL", url))
        said = reason(render(make_snapshot(files))[SHOP])
    finally:
        server.close()
    assert f'Get "{url}": nothing is fetched for a rendering' in said
    assert asked == []


def test_files_outside_the_closure_are_not_there_and_ours_are_only_ours(tmp_path: Path) -> None:
    script = """
print('apiVersion: v1\\nkind: X\\nmetadata: {name: x}\\ndata:')
print('  variant:', sys.argv[2].split('/')[-4])
for folder, _, names in os.walk('.'):
    for name in names: print('  ' + os.path.join(folder, name) + ': 1')
"""
    files = make_app("shop", extra={"release.yaml": "a: b\n", "secret.txt": "x"})
    found = render(make_snapshot(files), path=tool(tmp_path, script))[SHOP]
    assert isinstance(found, Rendering)
    names = {Path(name).name for name in found.after[0]["data"]} - {"variant"}
    assert names == {"kustomization.yaml", "deployment.yaml", "service.yaml"}


def test_without_kustomize_and_kubectl_the_hint_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing) as caught:
        render(make_snapshot(make_app("shop")), path=str(tmp_path))
    assert "install kustomize" in (caught.value.hint or "")


def test_memory_is_limited(tmp_path: Path) -> None:
    if not Path("/usr/bin/prlimit").exists():
        pytest.skip("needs prlimit")
    path = tool(tmp_path, "bytearray(600 * 1024**2)\nprint('a: b')")
    found = render(make_snapshot(make_app("shop")), path=path, memory=400 * 1024**2)
    assert "MemoryError" in reason(found[SHOP])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_rendering_leaves_no_more_than_temporary_files(
    tmp_path: Path, number: signal.Signals
) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    path = tool(tmp_path, f"open({str(started)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    script = (
        "from tests.adapters.test_kustomize import *\n"
        f"render(make_snapshot(make_app('shop')), path={path!r}, jobs=1)"
    )
    root = Path(__file__).parents[2]
    env = os.environ | {
        "TMPDIR": str(temporary),
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "tooling")]),
    }
    child = subprocess.Popen(
        [sys.executable, "-c", script], env=env, cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    hanging = int(started.read_text())  # blocks until the tool runs
    child.send_signal(number)
    assert child.wait(30) != 0
    if number == signal.SIGINT:
        assert list(temporary.iterdir()) == []
        with pytest.raises(ProcessLookupError):
            os.kill(hanging, 0)
    else:
        os.kill(hanging, signal.SIGKILL)
        assert all(p.name.startswith("tidegate-render-") for p in temporary.iterdir())
