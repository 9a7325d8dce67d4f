"""`check` of overlays that can't be rendered: what of them can be seen is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.checks import Checker, places
from tests.support.overlays import commit, write

REMOTE = "resources:\n- https://example.com/x.yaml\n- a.yaml\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n"
WRONG = SERVICE + "  selector: {app: b}\n  prots: []\n  ports: [{port: '80'}]\n"
BINDING = (
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
    "subjects:\n- {kind: ServiceAccount, name: default}\n"
)


def check(root: Path, *words: str, code: int = 1) -> dict[str, Any]:
    return Checker(root, root.parent / "cache")(*words, code=code)


def test_files_of_an_overlay_that_takes_some_from_elsewhere(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    write(tmp_path, "plain/o/kustomization.yaml", REMOTE)
    write(tmp_path, "plain/o/a.yaml", WRONG)
    report = check(root)
    assert places(report) == [
        ("o/a.yaml", 6, "schema"),
        ("o/a.yaml", 7, "schema"),
        ("o/kustomization.yaml", 2, "render"),
    ]
    assert report["coverage"]["checked"] == ["o", "o/a.yaml"]
    assert report["coverage"]["notes"] == [
        "1 part of overlays that can't be rendered, looked at without the rest: o/a.yaml"
    ]
    commit(root)
    assert check(root, "--changed-since", "HEAD", code=0)["findings"] == []
    write(tmp_path, "plain/o/a.yaml", WRONG + "# changed\n")
    assert places(check(root, "--changed-since", "HEAD")) == places(report)
    commit(root)
    write(tmp_path, "plain/o/kustomization.yaml", REMOTE + "namePrefix: a-\n")
    (found,) = check(root, "--changed-since", "HEAD")["findings"]
    assert found["rule"] == "render"


def test_what_the_overlay_would_have_mended_is_not_said(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    patches = f"{REMOTE}namespace: x\npatches: [{{path: p.yaml}}]\n"
    write(tmp_path, "plain/o/kustomization.yaml", patches)
    write(tmp_path, "plain/o/p.yaml", SERVICE + "  ports: [{port: 80}]\n")
    write(tmp_path, "plain/o/a.yaml", f"{WRONG}---\n{BINDING}")
    unknown, unrendered = ("o/a.yaml", 6, "schema"), ("o/kustomization.yaml", 2, "render")
    assert places(check(root)) == [unknown, unrendered]
    account = ("o/a.yaml", 14, "syntax")
    for more, told in (("namespace: x\n", False), ("", True)):
        write(tmp_path, "plain/o/kustomization.yaml", REMOTE + more)
        assert (account in places(check(root))) is told


def test_folders_that_only_gather_hide_nothing(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    write(tmp_path, "plain/all/kustomization.yaml", "resources: [../far, ../near]\n")
    write(tmp_path, "plain/far/kustomization.yaml", REMOTE)
    write(tmp_path, "plain/far/a.yaml", SERVICE + "  ports: [{port: 80}]\n")
    write(tmp_path, "plain/near/kustomization.yaml", "resources: [b.yaml, c.yaml]\n")
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\n"
    write(tmp_path, "plain/near/c.yaml", f"{pod}spec: {{containers: [{{name: c, image: x}}]}}\n")
    write(tmp_path, "plain/near/b.yaml", SERVICE + "  selector: {app: b}\n  ports: [{port: 80}]\n")
    assert places(check(root)) == [
        ("far/kustomization.yaml", 2, "render"),
        ("near/b.yaml", 5, "service-selector"),
    ]


def test_parts_that_cant_be_rendered_have_parts(tmp_path: Path) -> None:
    # The renderer itself refuses the inner folder; nothing that is read before does.
    root = tmp_path / "plain"
    write(tmp_path, "plain/o/kustomization.yaml", "resources: ['https://example.com/x', ../in]\n")
    write(tmp_path, "plain/in/kustomization.yaml", "resources: [a.yaml]\nnonsense: 1\n")
    write(tmp_path, "plain/in/a.yaml", WRONG)
    assert places(check(root)) == [
        ("in/a.yaml", 6, "schema"),
        ("in/a.yaml", 7, "schema"),
        ("in/kustomization.yaml", 2, "render"),
        ("o/kustomization.yaml", 1, "render"),
    ]


def test_why_a_part_cant_be_rendered_is_told_once(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    write(tmp_path, "plain/o/kustomization.yaml", "resources: ['https://example.com/x', ../mid]\n")
    write(tmp_path, "plain/mid/kustomization.yaml", "resources: [../in]\n")
    write(tmp_path, "plain/in/kustomization.yaml", "resources: []\nnonsense: 1\n")
    assert places(check(root)) == [
        ("in/kustomization.yaml", 2, "render"),
        ("o/kustomization.yaml", 1, "render"),
    ]


def test_what_another_overlay_includes_is_told_once(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    for folder, more in (("sound", ""), ("far", "- https://example.com/x.yaml\n")):
        write(tmp_path, f"plain/{folder}/kustomization.yaml", f"resources:\n- ../base\n{more}")
    write(tmp_path, "plain/base/kustomization.yaml", "resources: [a.yaml]\n")
    write(tmp_path, "plain/base/a.yaml", WRONG)
    report = check(root)
    assert report["coverage"]["checked"] == ["far", "sound"]
    assert places(report)[:2] == [("base/a.yaml", 6, "schema"), ("base/a.yaml", 7, "schema")]


def test_flux_reads_files_outside_of_a_folder(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    write(tmp_path, "plain/o/kustomization.yaml", "resources: [../a.yaml]\n")
    write(tmp_path, "plain/a.yaml", WRONG)
    outside = ("o/kustomization.yaml", 1, "render")
    wrong = [("a.yaml", 6, "schema"), ("a.yaml", 7, "schema")]
    report = check(root)
    assert places(report) == [*wrong, outside]
    assert report["findings"][-1]["severity"] == "Deny"
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
    write(tmp_path, "plain/flux.yaml", f"{flux}metadata: {{name: o}}\nspec: {{path: ./o}}\n")
    report = check(root)
    assert places(report) == [*wrong, outside]
    assert report["findings"][-1]["severity"] == "Audit"
