"""A batch of overlays renders exactly as each of them does alone, however they are written."""

from __future__ import annotations

from functools import cache

import pytest
from tests.support.kustomize import deployment, make_app, make_kustomize, make_snapshot

from tidegate.adapters.kustomize.sharing import plan_batches
from tidegate.domain.manifest import Broken
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.unavailable import Unavailable
from tidegate.repository.closure import Closures
from tidegate.repository.rendered import ORIGIN, read

pytestmark = pytest.mark.xdist_group("kustomize")  # they share what was rendered

GENERATOR = "configMapGenerator: [{name: settings, literals: [a=%s]}]"
USES_SETTINGS = ", volumes: [{name: s, configMap: {name: settings}}]"


def app(name: str, overlay: str, *, objects: str = "", **extra: str) -> dict[str, str]:
    """An overlay with objects of its own, next to its base's."""
    files = make_app(name, overlay=overlay, extra={"objects.yaml": objects, **extra})
    if objects:
        key = f"environments/prod/{name}/kustomization.yaml"
        files[key] = files[key].replace("base]", "base, objects.yaml]")
    return files


def service(name: str) -> str:
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n"


ROLES = """apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: bind}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: robot}]
"""
ROBOT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\n"
INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: door}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web}}}]}}]}
"""

# Pairs of overlays of which the one would change the other, or be confused with it.
PAIRS = {
    "plain": (app("a", "namespace: prod"), app("b", "namespace: prod")),
    "same names in different namespaces": (
        app("a", "namespace: one", objects=service("web")),
        app("b", "namespace: two", objects=service("web")),
    ),
    "same names without a namespace": (
        app("a", "", objects=service("web")),
        app("b", "", objects=service("web")),
    ),
    "a generator's name that another refers to": (
        app("a", f"namespace: prod\n{GENERATOR % 1}"),
        app("b", "namespace: prod", objects=deployment("x", extra=USES_SETTINGS)),
    ),
    "the same generator in one namespace": (
        app("a", f"namespace: prod\n{GENERATOR % 1}", objects=deployment("x", extra=USES_SETTINGS)),
        app("b", f"namespace: prod\n{GENERATOR % 2}", objects=deployment("y", extra=USES_SETTINGS)),
    ),
    "the same generator in two namespaces": (
        app("a", f"namespace: one\n{GENERATOR % 1}", objects=deployment("x", extra=USES_SETTINGS)),
        app("b", f"namespace: two\n{GENERATOR % 2}", objects=deployment("x", extra=USES_SETTINGS)),
    ),
    "a prefix on what another refers to": (
        app("a", "namespace: prod\nnamePrefix: a-", objects=service("web")),
        app("b", "namespace: prod", objects=INGRESS),
    ),
    "a prefix on a service account of another namespace": (
        app("a", "namespace: one\nnamePrefix: a-", objects=ROBOT),
        app(
            "b",
            "namespace: two",
            objects=deployment("x", extra=", serviceAccountName: robot"),
        ),
    ),
    "a prefix on an aliased name": (
        app(
            "a",
            "namespace: prod\nnamePrefix: a-",
            objects="apiVersion: v1\nkind: Service\nspec: {x: &n web}\nmetadata: {name: *n}\n",
        ),
        app("b", "namespace: prod", objects=INGRESS),
    ),
    "a reference that is written with an escape": (
        app("a", "namespace: prod\nnamePrefix: a-", objects=service("web")),
        app("b", "namespace: prod", objects=INGRESS.replace("name: web", 'name: "w\\x65b"')),
    ),
    "a reference that is broken over two lines": (
        app("a", "namespace: prod\nnamePrefix: a-", objects=service("web")),
        app("b", "namespace: prod", objects=INGRESS.replace("name: web", 'name: "w\\\n  eb"')),
    ),
    "subjects that kustomize completes": (
        app("a", "namespace: one", objects=ROBOT),
        app("b", "namespace: two", objects=ROLES),
    ),
    "a hash that is asked for": (
        app(
            "a",
            "namespace: prod",
            objects="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, annotations: "
            "{kustomize.config.k8s.io/needs-hash: 'true'}}\n",
        ),
        app("b", "namespace: prod", objects=deployment("x", extra=USES_SETTINGS)),
    ),
    "notes that look like kustomize's own": (
        app(
            "a",
            "namespace: prod",
            objects="apiVersion: v1\nkind: Service\nmetadata: {name: other, annotations: {"
            "internal.config.kubernetes.io/previousNames: web, "
            "internal.config.kubernetes.io/previousKinds: Service, "
            "internal.config.kubernetes.io/previousNamespaces: prod}}\n",
        ),
        app("b", "namespace: prod", objects=INGRESS),
    ),
    "a name that a patch changes": (
        app(
            "a",
            "namespace: prod\npatches: [{target: {kind: Service, name: web}, options: "
            "{allowNameChange: true}, "
            "patch: '{kind: Service, apiVersion: v1, metadata: {name: n}}'}]",
            objects=service("web"),
        ),
        app("b", "namespace: prod", objects=INGRESS),
    ),
    "configurations": (
        app(
            "a",
            "namespace: prod\nnamePrefix: a-\nconfigurations: [names.yaml]",
            objects=service("web"),
            **{
                "names.yaml": "nameReference: [{kind: Service, fieldSpecs: "
                "[{kind: ConfigMap, path: data/service}]}]\n"
            },
        ),
        app(
            "b",
            "namespace: prod",
            objects="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {service: web}\n",
        ),
    ),
    "variables": (
        app(
            "a",
            "namespace: prod\nvars: [{name: V, objref: {kind: Service, name: web, "
            "apiVersion: v1}}]",
            objects=service("web"),
        ),
        app(
            "b",
            "namespace: prod",
            objects=deployment("x").replace("name: model,", "name: model, command: [$(V)],"),
        ),
    ),
    "build metadata and an order of its own": (
        app("a", "namespace: prod\nbuildMetadata: [originAnnotations]"),
        app("b", "namespace: prod\nsortOptions: {order: nonsense}"),
    ),
    "an empty rendering": (
        app(
            "a",
            "namespace: prod\npatches:\n"
            "  - {target: {kind: Deployment}, patch: '{kind: D, metadata: {name: x}, "
            "$patch: delete}'}\n"
            "  - {target: {kind: Service}, patch: '{kind: S, metadata: {name: x}, "
            "$patch: delete}'}",
        ),
        app("b", "namespace: prod"),
    ),
    "lists, local objects, and block scalars with separators": (
        app(
            "a",
            "namespace: prod",
            objects="apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n"
            "  metadata: {name: m}\n  data:\n    x: |\n      a\n      ---\n      kind: Mark\n",
        ),
        app(
            "b",
            "namespace: prod",
            objects="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: l, annotations: "
            "{config.kubernetes.io/local-config: 'true'}}\n---\n# a comment\n---\n" + service("s"),
        ),
    ),
    "a custom resource with its definition, and components": (
        app(
            "a",
            "namespace: prod\ncomponents: [../../../apps/components/labels]",
            objects="apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
            "metadata: {name: things.example.com}\nspec: {group: example.com, scope: Cluster, "
            "names: {kind: Thing, plural: things}}\n",
        )
        | {
            "apps/components/labels/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/"
            "v1alpha1\nkind: Component\nnameSuffix: -c\nlabels: [{pairs: {x: z}}]\n"
        },
        app(
            "b",
            "namespace: prod",
            objects="apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\n",
        ),
    ),
    "one that is broken": (app("a", "namespace: prod"), app("b", "nonsense: 1")),
}

OVERLAYS = ["environments/prod/a", "environments/prod/b"]


def built(
    snapshot: Snapshot, overlays: list[str], *, share: bool, origins: bool = False
) -> dict[str, list[str] | None]:
    """Every object of every overlay; None for one that is broken."""
    closures = Closures(snapshot).find(overlays).values()
    found = make_kustomize(share=share, jobs=2).build(snapshot, closures, origins=origins)
    return {
        one.overlay: None
        if isinstance(one, Broken)
        else sorted(repr(manifest.data) for manifest in read(one))
        for one in found
    }


@cache
def alone(name: str, *, origins: bool = False) -> dict[str, list[str] | None]:
    """Every object of a pair's overlays, each rendered by itself."""
    first, second = PAIRS[name]
    return built(make_snapshot(first | second), OVERLAYS, share=False, origins=origins)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("order", [1, -1])
def test_a_batch_equals_single_renderings(name: str, order: int) -> None:
    first, second = PAIRS[name]
    assert built(make_snapshot(first | second), OVERLAYS[::order], share=True) == alone(name)


def test_all_of_them_at_once() -> None:
    """Every pair's overlays in one call, so that each meets many strangers."""
    files: dict[str, str] = {}
    expected: dict[str, list[str] | None] = {}
    for number, (name, pair) in enumerate(PAIRS.items()):
        for path, text in (pair[0] | pair[1]).items():
            files[path.replace("environments/prod/", f"environments/p{number}/")] = text
        for overlay, objects in alone(name).items():
            expected[overlay.replace("prod", f"p{number}")] = objects
    assert built(make_snapshot(files), list(expected), share=True) == expected


def test_ordinary_overlays_do_share() -> None:
    files: dict[str, str] = {}
    for number in range(60):
        files |= make_app(f"app-{number:02d}", overlay="namespace: prod\nnamePrefix: prod-")
    for number in range(60):
        files |= make_app(f"gen-{number:02d}", overlay=f"namespace: n{number}\n{GENERATOR % 1}")
    snapshot = make_snapshot(files)
    overlays = sorted({p.rpartition("/")[0] for p in files if p.startswith("environments/")})
    batches = list(plan_batches(snapshot, Closures(snapshot).find(overlays).values()))
    assert sorted(overlay for batch in batches for overlay in batch) == overlays
    assert len(batches) <= 8


def test_no_single_failure_is_lost_in_a_large_batch() -> None:
    files: dict[str, str] = {}
    for number in range(30):
        files |= make_app(f"app{number:02d}", overlay="namespace: prod")
    files["environments/prod/app13/kustomization.yaml"] = "nonsense: 1\n"
    snapshot = make_snapshot(files)
    overlays = [f"environments/prod/app{number:02d}" for number in range(30)]
    found = make_kustomize().render(snapshot, {}, overlays)
    broken = [overlay for overlay, one in found.items() if isinstance(one, Unavailable)]
    assert broken == ["environments/prod/app13"]


@pytest.mark.parametrize("name", PAIRS)
def test_built_with_origins_they_are_the_same_objects(name: str) -> None:
    """Together and alone, whatever annotations come and go on the way."""
    first, second = PAIRS[name]
    together = built(make_snapshot(first | second), OVERLAYS, share=True, origins=True)
    assert together == alone(name, origins=True)
    assert _counted(together) == _counted(alone(name))
    assert ORIGIN not in repr(together)


def _counted(found: dict[str, list[str] | None]) -> dict[str, int | None]:
    return {
        overlay: None if objects is None else len(objects) for overlay, objects in found.items()
    }
