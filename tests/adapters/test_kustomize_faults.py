"""Where what kustomize complains of was written."""

from __future__ import annotations

import pytest
from tests.support.kustomize import make_app, make_kustomize, make_snapshot

from tidegate.domain.manifest import Broken
from tidegate.repository.closure import Closures
from tidegate.repository.faults import locate_fault

SHOP = "environments/prod/shop"
OVERLAY = f"{SHOP}/kustomization.yaml"
BASE = "apps/shop/base"
SOUND = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"
PATCH = "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - {op: remove, path: /spec/no}"
JSON = (
    "patches:\n- target: {kind: Deployment}\n  patch: |-\n"
    "    - op: add\n      path: /spec/no/where\n      value: 1"
)
UNNAMED = f"{SOUND}---\nkind: A\nmetadata:\n  name: "
PORTS = "kind: PeerAuthentication\nmetadata: {name: x}\nspec:\n portLevelMtls:\n"
LITERAL = "configMapGenerator[0].literals[0]"


@pytest.mark.parametrize(
    ("overlay", "files", "place"),
    [
        ("namespace: x\nnonsense: 1", {}, (OVERLAY, 4, "nonsense")),
        ("namespace: [a]", {}, (OVERLAY, 3, "namespace")),
        (PATCH, {}, (OVERLAY, 6, "")),
        ("patches: [{path: p.yaml}]", {"p.yaml": "a: b: c\n"}, (f"{SHOP}/p.yaml", 1, "")),
        (
            "patches: [{path: p.yaml}]",
            {"p.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: other}\n"},
            (f"{SHOP}/p.yaml", 3, ""),
        ),
        ("commonAnnotations:\n  a: b\n  c: 1", {}, (OVERLAY, 5, "commonAnnotations.c")),
        ("replicas:\n- {name: x, count: '3'}", {}, (OVERLAY, 4, "replicas[0].count")),
        ("replicas:\n- {name: nobody, count: 3}", {}, (OVERLAY, 4, "replicas[0].name")),
        ("patches:\n- a.yaml", {"a.yaml": SOUND}, (OVERLAY, 4, "patches[0]")),
        (
            "components:\n- c",
            {"c/kustomization.yaml": "resources: []"},
            (OVERLAY, 4, "components[0]"),
        ),
        ("configMapGenerator:\n- name: a\n  literals: [A]", {}, (OVERLAY, 5, LITERAL)),
        (
            "configMapGenerator:\n- name: a\n  literal: [A=1]",
            {},
            (OVERLAY, 5, "configMapGenerator[0].literal"),
        ),
        (
            "patches:\n- target: {kind: Deployment, apiVersion: apps/v1}\n  patch: '[]'",
            {},
            (OVERLAY, 4, "patches[0].target.apiVersion"),
        ),
        (JSON.replace("- op: add", "- op: ad"), {}, (OVERLAY, 6, "")),
        (JSON, {}, (OVERLAY, 7, "")),
        (
            "patches:\n- {target: {kind: Deployment}, path: j.yaml}",
            {"j.yaml": "- op: add\n  value: 1\n  path: /spec/no/where\n"},
            (f"{SHOP}/j.yaml", 3, ""),
        ),
        (
            "replacements: [{source: {kind: Secret, name: x}, targets: [{select: {kind: Service}, "
            "fieldPaths: [spec]}]}]",
            {},
            (OVERLAY, 3, "replacements[0].source.name"),
        ),
        (
            "replacements:\n- source: {kind: Service, name: shop}\n"
            "  targets:\n  - select: {kind: Service}\n    fieldPaths:\n    - spec.no.where",
            {},
            (OVERLAY, 8, "replacements[0].targets[0].fieldPaths[0]"),
        ),
        (
            "replacements:\n- source:\n    kind: Service\n    fieldPath: spec.nowhere\n"
            "  targets:\n  - select: {kind: Service}\n    fieldPaths: [spec.clusterIP]",
            {},
            (OVERLAY, 6, "replacements[0].source.fieldPath"),
        ),
        (
            "configMapGenerator:\n- name: a\n  literals: [A=1]\n- name: b\n  behavior: merge",
            {},
            (OVERLAY, 6, "configMapGenerator[1].name"),
        ),
        (
            "patches:\n- patch: |-\n    kind: Service\n    metadata:\n      name: a\n     b: c",
            {},
            (OVERLAY, 8, "patches[0].patch"),
        ),
        (
            "patches:\n- target:\n    name: a(\n  patch: '- {op: remove, path: /a}'",
            {},
            (OVERLAY, 5, "patches[0].target.name"),
        ),
        (
            "configMapGenerator:\n- name: a\n  literals:\n  - A: 1",
            {},
            (OVERLAY, 6, LITERAL),
        ),
        (
            "secretGenerator:\n- name: a\n  env: [a]",
            {"a": "A=1"},
            (OVERLAY, 5, "secretGenerator[0].env"),
        ),
        (
            "patches: [{path: p.yaml}]",
            {"p.yaml": "kind: Service\nmetadata:\n  name: a\n spec: {}\n"},
            (f"{SHOP}/p.yaml", 4, ""),
        ),
        ("patches:\n- patch: '[{op: remove}]'", {}, (OVERLAY, 4, "patches[0].patch")),
        (PATCH.replace("/spec/no", "/spec/template/x"), {}, (OVERLAY, 6, "")),
        (
            "configMapGenerator: [{name: m, files: [a/x, b/x]}]",
            {"a/x": "", "b/x": ""},
            (OVERLAY, 3, "configMapGenerator"),
        ),
        (
            "generators:\n- g.yaml",
            {"g.yaml": "apiVersion: a.io/v1\nkind: Unheard\nmetadata: {name: g}\n"},
            (OVERLAY, 4, "generators[0]"),
        ),
        (
            "configurations: [c.yaml]",
            {"c.yaml": "nameReference:\n- kind: Secret\n  apiGroup: x\n"},
            (f"{SHOP}/c.yaml", 3, ""),
        ),
    ],
)
def test_in_the_overlay(overlay: str, files: dict[str, str], place: tuple[str, int, str]) -> None:
    assert fault(make_app("shop", overlay=overlay, extra=files)) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("kind: Service\nmetadata: {name: x\nspec: 1: 2\n", (f"{BASE}/service.yaml", 3, "")),
        (
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n  name: y\n",
            (f"{BASE}/service.yaml", 5, ""),
        ),
        ("metadata: {name: x}\n", (f"{BASE}/service.yaml", 1, "kind")),
        ("kind: ''\nmetadata: {name: x}\n", (f"{BASE}/service.yaml", 1, "kind")),
        (f"{SOUND}---\n# x\n\nmetadata: {{name: x}}\n", (f"{BASE}/service.yaml", 7, "kind")),
        ("kind: Service\napiVersion: v1\n", (f"{BASE}/service.yaml", 1, "metadata.name")),
        (f"{SOUND}---\nkind: A\nmetadata:\n  x: y\n", (f"{BASE}/service.yaml", 6, "metadata.name")),
        (f'{UNNAMED}""\n', (f"{BASE}/service.yaml", 7, "metadata.name")),
        (f"{UNNAMED}[a]\n", (f"{BASE}/service.yaml", 7, "metadata.name")),
        (f"{SOUND}---\n{PORTS}  8080: {{}}\n", (f"{BASE}/service.yaml", 9, "")),
        (f"{SOUND}---\n{PORTS}  yes: {{1.5: a, '3': b}}\n", (f"{BASE}/service.yaml", 9, "")),
        (f"{SOUND}data:\n a: !!bool maybe\n", (f"{BASE}/service.yaml", 5, "")),
        (f"{SOUND}data:\n a: b\n c: !!int 3.5\n", (f"{BASE}/service.yaml", 6, "")),
        (f"{SOUND}---\n- a\n", (f"{BASE}/service.yaml", 5, "")),
        ("hello\n", (f"{BASE}/service.yaml", 1, "")),
    ],
)
def test_in_the_base(text: str, place: tuple[str, int, str]) -> None:
    assert fault(make_app("shop") | {f"{BASE}/service.yaml": text}) == place


def test_a_key_that_stands_twice_below_what_a_component_patches() -> None:
    component = "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches:\n"
    component += "- {target: {kind: Service}, patch: '- {op: add, path: /spec/a, value: 1}'}\n"
    app = make_app("shop", overlay="components: [c]", extra={"c/kustomization.yaml": component})
    twice = "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n  name: y\n"
    assert fault(app | {f"{BASE}/service.yaml": twice}) == (f"{BASE}/service.yaml", 5, "")


def fault(files: dict[str, str]) -> tuple[str, int, str]:
    snapshot = make_snapshot(files)
    closures = Closures(snapshot).find([SHOP])
    (broken,) = make_kustomize().build(snapshot, closures.values())
    assert isinstance(broken, Broken), broken
    (problem,) = broken.problems
    return problem.file, problem.line, problem.key


def test_an_object_without_a_kind_is_told_in_few_words() -> None:
    snapshot = make_snapshot(make_app("shop") | {f"{BASE}/service.yaml": "metadata: {name: x}\n"})
    (broken,) = make_kustomize().build(snapshot, Closures(snapshot).find([SHOP]).values())
    assert isinstance(broken, Broken)
    said = "kind: is missing; expected what the object is, such as Deployment"
    assert str(broken.problems[0]) == f"{BASE}/service.yaml:1:1: {said}"


def test_a_key_that_is_a_number_is_told_in_few_words() -> None:
    ports = {f"{BASE}/service.yaml": f"apiVersion: a.io/v1\n{PORTS}  8080: {{mode: STRICT}}\n"}
    (broken,) = build(make_app("shop") | ports)
    said = 'is no text, and kustomize takes nothing else for a key; expected "8080"'
    assert [str(p) for p in broken.problems] == [f"{BASE}/service.yaml:6:3: 8080 {said}"]
    message = "map[string]interface {}{}: json: unsupported type: map[interface {}]interface {}"
    problem = locate_fault(make_snapshot(make_app("shop")), SHOP, message)
    said = "a key is no text, and kustomize takes nothing else for one; expected keys in quotes"
    assert str(problem) == f"{OVERLAY}:1:1: {said}"


@pytest.mark.parametrize("again", ["d", "./d", "../x/d/"])
def test_what_is_listed_twice_is_told_on_its_second_entry(again: str) -> None:
    files = {
        f"{SHOP}/kustomization.yaml": "resources:\n- ../x\n",
        "environments/prod/x/kustomization.yaml": f"resources:\n- d\n# twice\n- {again}\n",
        "environments/prod/x/d/kustomization.yaml": "resources: [m.yaml]\n",
        "environments/prod/x/d/m.yaml": SOUND,
    }
    (broken,) = build(files)
    said = f"{again!r} is listed twice; the first is on line 2; expected each file and folder once"
    place = "environments/prod/x/kustomization.yaml:4:3: resources[1]"
    assert [str(problem) for problem in broken.problems] == [f"{place}: {said}"]


def build(files: dict[str, str]) -> list[Broken]:
    snapshot = make_snapshot(files)
    found = make_kustomize().build(snapshot, Closures(snapshot).find([SHOP]).values())
    return [one for one in found if isinstance(one, Broken)]


def test_what_is_no_yaml_is_told_in_few_words() -> None:
    text = f"{SOUND}spec:\n\tports: []\n"
    snapshot = make_snapshot(make_app("shop") | {f"{BASE}/service.yaml": text})
    (broken,) = make_kustomize().build(snapshot, Closures(snapshot).find([SHOP]).values())
    assert isinstance(broken, Broken)
    (problem,) = broken.problems
    assert problem.message.startswith("is not valid YAML: found ")
    assert "accumulating" not in problem.message


def test_a_renderer_says_nothing_twice_and_counts_no_lines() -> None:
    start = "accumulating resources: accumulating resources from 'm.yaml': "
    problem = locate_fault(make_snapshot(make_app("shop")), SHOP, f"{start}yaml: line 15: a tab")
    said = "can't be rendered: accumulating resources from 'm.yaml': yaml: a tab"
    assert problem.message == said


def test_a_file_outside_the_folder_is_told_as_such() -> None:
    files = make_app("shop", overlay="configurations: [../c.yaml]")
    snapshot = make_snapshot(files | {"environments/prod/c.yaml": "nameReference: []\n"})
    (broken,) = make_kustomize().build(snapshot, Closures(snapshot).find([SHOP]).values())
    assert isinstance(broken, Broken)
    (problem,) = broken.problems
    assert (problem.file, problem.line, problem.key) == (OVERLAY, 3, "configurations[0]")
    assert problem.message == "'../c.yaml' lies outside the kustomization's own folder"


def test_a_kustomization_of_nothing_is_told_in_few_words() -> None:
    files = make_app("shop") | {
        f"{SHOP}/kustomization.yaml": "resources: [more]\n",
        f"{SHOP}/more/kustomization.yaml": "kind: Kustomization\n",
    }
    (broken,) = build(files)
    (problem,) = broken.problems
    said = "lists nothing, which kustomize refuses to render; expected an entry under `resources`"
    assert str(problem) == f"{SHOP}/more/kustomization.yaml:1:1: {said}"


def test_what_a_renderer_warned_of_is_no_reason() -> None:
    message = "2026/11/29 02:48:37 vars that were never replaced: x\nError: field 'y' not found"
    problem = locate_fault(make_snapshot(make_app("shop")), SHOP, message)
    assert problem.message == "can't be rendered: field 'y' not found"


def test_what_is_said_is_the_same_at_any_time() -> None:
    snapshot = make_snapshot(make_app("shop"))
    problem = locate_fault(snapshot, SHOP, "2026/11/29 02:48:37 vars that were never replaced")
    assert problem.message == "can't be rendered: vars that were never replaced"


@pytest.mark.parametrize(
    "message",
    [
        "",
        "recursed accumulation of path '../../../etc': from '/etc/passwd' yaml: line 3: x",
        "from '../../../../../x' in File: ../../../../../y",
        "yaml: line 99999999999999999999: in File: kustomization.yaml",
        'unknown field ""',
        'yaml: unmarshal errors: line 3: mapping key "a" already defined at line 2',
        "x" * 100_000,
    ],
)
def test_odd_messages_lead_no_further_than_the_overlay(message: str) -> None:
    problem = locate_fault(make_snapshot(make_app("shop")), SHOP, message)
    assert problem.file == OVERLAY
    nothing = locate_fault(make_snapshot({"a": ""}), SHOP, message)
    assert nothing.file == SHOP
