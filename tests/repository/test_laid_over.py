"""What is laid over a folder by who applies it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.kustomize import make_snapshot

from tidegate.repository.appliers import delivery_files, read_appliers
from tidegate.repository.layers import find_layers

FLUX = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization"}
ARGOCD = {"apiVersion": "argoproj.io/v1alpha1"}


def flux(**spec: Any) -> str:
    return _yaml({**FLUX, "spec": spec})


def application(*sources: dict[str, Any]) -> str:
    spec = {"source": sources[0]} if len(sources) == 1 else {"sources": list(sources)}
    return _yaml({**ARGOCD, "kind": "Application", "spec": spec})


def application_set(source: dict[str, Any], **spec: Any) -> str:
    template = {"spec": {"source": source}}
    return _yaml({**ARGOCD, "kind": "ApplicationSet", "spec": {"template": template, **spec}})


def _yaml(data: dict[str, Any]) -> str:
    """A mapping of lines, as people write objects."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in data.items())


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        (flux(path="./apps/a", prune=True), []),
        (flux(path="./apps/a", images=[], patches=None), []),
        (flux(path="apps/a/", patches=[1], images=[1]), [("apps/a", ["patches", "images"])]),
        (flux(path="/apps/a", targetNamespace="x"), [("apps/a", ["targetNamespace"])]),
        (flux(components=["c"]), [("", ["components"])]),
        (flux(path="./link", namePrefix="x-"), [("apps/a", ["namePrefix"])]),
        (flux(path="./elsewhere", namePrefix="x-"), []),
        (application({"path": "apps/a"}), []),
        (application({"path": "apps/a", "kustomize": {"version": "v5"}}), []),
        (application({"path": "apps/a", "directory": {"recurse": True}}), []),
        (
            application({"path": "apps/a", "directory": {"recurse": True, "exclude": "x"}}),
            [("apps/a", ["directory.exclude"])],
        ),
        (
            application(
                {"path": "apps/a", "kustomize": {"images": ["a=b"], "commonLabels": {1: 2}}}
            ),
            [("apps/a", ["kustomize.images", "kustomize.commonLabels"])],
        ),
        (application({"chart": "x", "helm": {"values": "x"}}), []),
        (application({"ref": "v"}, {"path": "apps/a", "helm": {"x": 1}}), [("apps/a", ["helm"])]),
        (
            application_set({"path": "apps/{{name}}/x", "plugin": {"name": "x"}}),
            [("apps", ["plugin"])],
        ),
        (
            application_set({"path": "{{path}}", "kustomize": {"images": [1]}}),
            [("", ["kustomize.images"])],
        ),
        (
            application_set({"path": "apps/a"}, templatePatch="spec: {source: {}}"),
            [("apps/a", ["templatePatch"])],
        ),
        (application_set({"path": "apps/a"}, templatePatch="spec: {syncPolicy: {}}"), []),
        (application({"path": ["x"], "helm": {"x": 1}}), []),
        ("kind: Application\napiVersion: argoproj.io/v1alpha1\nspec: [1]\n", []),
        ("kind: Application\napiVersion: argoproj.io/v1alpha1\nspec: {sources: 3}\n", []),
    ],
)
def test_what_is_laid_over_a_folder_that_is_here(
    text: str, layers: list[tuple[str, list[str]]]
) -> None:
    files = {"apps/a/x.yaml": "", "clusters/a.yaml": text}
    snapshot = make_snapshot(files, links={"link": "apps/a"})
    found = find_layers(snapshot, read_appliers(snapshot, snapshot.entries))
    assert [(layer.folder, list(layer.keys)) for layer in found] == layers
    assert all(layer.file == "clusters/a.yaml" for layer in found)


def test_a_tidegate_repository_has_them_in_certain_places() -> None:
    text = application({"path": "environments/prod/a", "kustomize": {"images": ["a=b"]}})
    names = ("bootstrap.yaml", "prod/argocd/a.yaml", "prod/argocd/b/c.yaml", "prod/a/x.yaml")
    files = {f"environments/{name}": text for name in names}
    snapshot = make_snapshot(files)
    found = find_layers(snapshot, read_appliers(snapshot, delivery_files(snapshot)))
    assert [layer.file for layer in found] == [f"environments/{name}" for name in names[:3]]
