"""Whatever the sources are, there is an answer, and it is a file of the repository."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.kustomize import make_snapshot

from tidegate.domain.location import Location
from tidegate.domain.manifest import FieldPath, Manifest, identify
from tidegate.repository.closure import Closures
from tidegate.repository.provenance import Locator
from tidegate.repository.provenance.selector import Selector, Target
from tidegate.repository.provenance.steps import Reading

DATA: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "replicas": 2,
        "template": {"spec": {"containers": [{"name": "web", "image": "a:1", "args": ["x"]}]}},
    },
}
FIELDS: list[FieldPath] = [
    (),
    ("spec",),
    ("spec", "replicas"),
    ("spec", "template", "spec", "containers", 0, "image"),
    ("spec", "template", "spec", "containers", 0, "args", 0),
    ("spec", "template", "spec", "containers", 0, "readinessProbe", "exec"),
    ("spec", "template", "spec", "containers", 7, "name"),
    ("spec", "replicas", "x", 3),
    ("metadata", "name"),
    ("metadata", 0),
    (0, "x"),
    ("", "\0", "~1"),
]
GOOD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n"
BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
)
DOCUMENTS = {
    "empty": "",
    "text": "just text",
    "numbers": "1",
    "list": "- a\n- b\n",
    "tab": "spec:\n\treplicas: 2\n",
    "nul": GOOD + "x: \0\n",
    "no text": b"\xff\xfe\x00\xd8",
    "latin": b"kind: \xe9\n",
    "UTF-16": GOOD.encode("utf-16"),
    "BOM, CRLF": "\ufeff" + GOOD.replace("\n", "\r\n"),
    "cut": GOOD + "x: [",
    "late mistake": GOOD + "---\n}{",
    "deep": GOOD + "x: " + "[" * 5_000 + "]" * 5_000,
    "deep block": GOOD + "".join(" " * n + "a:\n" for n in range(300)),
    "itself": "&a\nkind: Deployment\nmetadata: *a\nspec: *a\nname: web\nreplicas: *a\n",
    "merges itself": "kind: Deployment\nmetadata: {name: web}\nspec: &a\n  <<: [*a, *a, *a]\n",
    "list of itself": "&a\nkind: List\nitems: [*a, *a, *a]\n",
    "unknown alias": "kind: *a\nmetadata: *b\n*c : *d\n",
    "bomb": GOOD + BOMB,
    "bomb in the way": BOMB + GOOD.replace("{replicas: 2}", "{replicas: *a39, template: *a39}"),
    "odd keys": "? [a]\n: b\n? {c: d}\n: e\nkind: Deployment\nmetadata: {? [name] : web}\n",
    "tags": "!!python/object:os.system {kind: !!binary x}\n",
    "twice": GOOD + "kind: Deployment\nspec: {replicas: 2}\n",
    "many documents": "---\n" * 5_000 + GOOD,
    "large": GOOD + "x: |\n" + "  y\n" * 1_500_000,
    "wide": GOOD + "x: [" + "a, " * 100_000 + "a]\n",
}
KUSTOMIZATIONS = {
    "plain": "resources: [object.yaml]\n",
    "itself": "resources: [object.yaml, ., ../overlay]\ncomponents: [.]\n",
    "types": "resources: {a: b}\npatches: x\nimages: [1, [], {}]\nlabels: [x, {pairs: [x]}]\n",
    "more types": "patches: [{path: [x], target: y}, {patch: {a: b}}, {path: object.yaml}]\n"
    "replicas: [{name: web}, {count: 1}]\nnamePrefix: {a: b}\nnamespace: [x]\n"
    "replacements: [x, {targets: [x, {select: y, fieldPaths: z, reject: [1]}]}]\n"
    "configMapGenerator: [x, {name: web, literals: x, files: {a: b}, envs: [nowhere]}]\n",
    "outside": "resources: [object.yaml, ../../etc/passwd, /etc/passwd, '\\0', https://a.b/c]\n"
    "patches: [{path: ../../../etc/passwd}]\n",
    "a link": "resources: [loop, object.yaml]\npatches: [{path: loop}]\n",
    "regexes": "resources: [object.yaml]\npatches:\n"
    "  - {target: {kind: '(a+)+$', name: '(.*)*(.*)*x'}, patch: 'spec: {replicas: 2}'}\n"
    "  - {target: {kind: '[', labelSelector: 'a in (b'}, patch: 'spec: {replicas: 2}'}\n",
    "patches": "resources: [object.yaml]\npatches:\n"
    "  - {target: {}, patch: '[{op: add, path: /spec/replicas, value: 2}, {op: x}, 1, {x: 2}]'}\n"
    "  - {target: {}, patch: '[{op: remove, path: /spec}, {op: add, path: \"\", value: {}}]'}\n"
    "  - {target: {}, patch: '[{op: copy, from: /a, path: /spec/replicas}]'}\n"
    "  - {target: {}, patch: '[{op: replace, path: /spec/template/spec/containers/"
    + "9" * 5_000
    + "/image, value: 2}]'}\n",
    "not YAML": "}{",
    "a list": "- resources\n",
    "aliases": "resources: &a [object.yaml, *a]\npatches: &b [*b, {patch: *b, target: *b}]\n",
}


class Files:
    """A Snapshot of a few files, and answers that are always places in it."""

    def __init__(self, overlay: str, document: str | bytes, **more: Any) -> None:
        files = {
            "overlay/kustomization.yaml": overlay,
            "overlay/object.yaml": document,
            "overlay/patch.yaml": document,
        }
        self.snapshot = make_snapshot(files, **more)
        self.locator = Locator(self.snapshot, Closures(self.snapshot))

    def answer(self, field: FieldPath, origin: str | None, data: Any = None) -> Location:
        data = DATA if data is None else data
        manifest = Manifest(identify(data), data, origin)
        where = self.locator.find("overlay", manifest, field)
        assert self.locator.find("overlay", manifest, field) is where
        assert self.snapshot.is_file(where.file)
        assert where.line >= 1
        assert where.column >= 1
        return where


@pytest.mark.parametrize("name", DOCUMENTS)
def test_any_document(name: str) -> None:
    overlay = "resources: [object.yaml]\npatches: [{path: patch.yaml}]\n"
    files = Files(overlay, DOCUMENTS[name])
    for field in FIELDS:
        for origin in ("overlay/object.yaml", None, "../../etc/passwd", "overlay", "nowhere"):
            files.answer(field, origin)


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_any_kustomization(name: str) -> None:
    links = {"overlay/loop": "loop", "overlay/far": "../../../etc/passwd"}
    files = Files(KUSTOMIZATIONS[name], GOOD, links=links)
    for field in FIELDS:
        for origin in ("overlay/object.yaml", None, "overlay/kustomization.yaml", "overlay/loop"):
            files.answer(field, origin)


@pytest.mark.parametrize("name", ["BOM, CRLF", "UTF-16", "late mistake", "bomb", "deep", "cut"])
def test_what_is_sound_before_the_mistake_is_found(name: str) -> None:
    files = Files("resources: [object.yaml]\n", DOCUMENTS[name])
    where = files.answer(("spec", "replicas"), "overlay/object.yaml")
    assert where == Location("overlay/object.yaml", 4, 8)


def test_what_is_too_large_is_named_alone() -> None:
    files = Files("resources: [object.yaml]\n", GOOD + "#" * (5 * 1024 * 1024))
    where = files.answer(("spec", "replicas"), "overlay/object.yaml")
    assert where == Location("overlay/object.yaml", 1, 1)


def test_nothing_at_all() -> None:
    snapshot = make_snapshot({})
    manifest = Manifest(identify({}), {}, "a")
    locator = Locator(snapshot, Closures(snapshot))
    assert locator.locate("nowhere", manifest, ("a",)) == Location("nowhere", 1, 1)
    assert locator.locate("nowhere", None, ()) == Location("nowhere", 1, 1)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("web", True),
        ("we", False),
        ("w.b", True),
        ("^web$", True),
        ("web|other", True),
        (".*", True),
        ("other.*", False),
        ("(web)", True),
        ("we[a-c]", True),
        ("(a+)+$", True),  # may take for ever: not asked
        ("(.*)(.*)(.*)(.*)(.*)x", True),
        ("(((((((web", True),
        ("[", True),
        ("w" * 1_000, False),
        ("?" * 1_000, True),
    ],
)
def test_patterns(pattern: str, matches: bool) -> None:
    target = Target(identify(DATA), DATA, ("web",), Reading(DATA))
    assert Selector(name=pattern).selects(target) is matches


PIECES = st.sampled_from([*KUSTOMIZATIONS.values(), GOOD, BOMB])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)
PARTS = st.sampled_from(["spec", "metadata", "name", "containers", "template", 0, 1, -1])


@settings(deadline=None)
@given(
    kustomization=st.lists(PIECES, max_size=3),
    text=st.lists(PIECES | st.text(max_size=30), max_size=3),
    cut=st.integers(0, 400),
    data=st.dictionaries(st.sampled_from(["kind", "metadata", "spec"]), VALUES) | st.just(DATA),
    field=st.lists(PARTS | st.text(max_size=3), max_size=6),
)
def test_any_mixture(
    kustomization: list[str],
    text: list[str],
    cut: int,
    data: dict[str, Any],
    field: list[str | int],
) -> None:
    document = "\n---\n".join(text).encode("utf-8", "surrogatepass")[cut:]
    files = Files("".join(kustomization), document)
    for origin in ("overlay/object.yaml", None):
        files.answer(tuple(field), origin, data)
