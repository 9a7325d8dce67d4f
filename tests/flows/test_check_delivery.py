"""`check` of Argo CD's own objects, in each place where a repository may have them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support.checks import Checker, places, replace
from tests.support.overlays import commit, make_repository
from tests.support.rules import ROOT

from tidegate.domain.image import ImageRef
from tidegate.domain.release import Release
from tidegate.repository.release import format_release

WHOLE = "environments"
FOLDER = "environments/dev/argocd"
SET = f"{FOLDER}/applicationset.yaml"


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    """Three apps in dev, and this repository's own objects for Argo CD."""
    root = tmp_path / "repository"
    make_repository(root, 3)
    shutil.copytree(ROOT / FOLDER, root / FOLDER)
    for name in ("bootstrap.yaml", "policies.yaml", "kustomization.yaml"):
        shutil.copy(ROOT / "environments" / name, root / "environments" / name)
    for other in ("staging", "prod"):
        replace(root, "environments/kustomization.yaml", f"  - {other}/argocd\n", "")
    (root / "tidegate.yaml").write_text(
        "apiVersion: tidegate.dev/v1\nkind: Settings\ngit: {branch: main}\n"
    )
    commit(root)
    return Checker(root, tmp_path / "cache")


DIGEST = "sha256:" + "1" * 64


def release(checker: Checker, app: str = "app-00001", environment: str = "dev") -> None:
    """A release of version 1, and the same in the overlay, where there is one."""
    folder = checker.root / "environments" / environment / app
    folder.mkdir(parents=True, exist_ok=True)
    image = ImageRef("registry.example.com/shop/model", "1", DIGEST)
    made = Release(app, environment, "shop", "1", None, image, {})
    (folder / "release.yaml").write_bytes(format_release(made))
    overlay = folder / "kustomization.yaml"
    if overlay.is_file():
        label = '{includeTemplates: true, pairs: {app.kubernetes.io/version: "1"}}'
        overlay.write_text(f"{overlay.read_text()}    digest: {DIGEST}\nlabels: [{label}]\n")


def break_set(checker: Checker) -> int:
    """Makes the ApplicationSet wrong, and returns the line."""
    replace(checker.root, SET, "selfHeal: true", "selfHeal: false")
    text = (checker.root / SET).read_text()
    return text[: text.index("selfHeal: false")].count("\n") + 1


def test_what_bootstrap_applies_is_one_overlay_more(checker: Checker) -> None:
    coverage = checker()["coverage"]
    assert coverage["checked"][0] == WHOLE
    assert coverage["overlays"] == 4


def test_a_mistake_is_told_on_its_line(checker: Checker) -> None:
    line = break_set(checker)
    report = checker(code=1)
    assert places(report) == [(SET, line, "application-automated")]
    assert report["findings"][0]["overlay"] == WHOLE


def test_a_release_that_nobody_applies_is_told(checker: Checker) -> None:
    release(checker)
    checker()
    replace(checker.root, SET, "environments/dev/*/", "environments/dev/app-00000/")
    (found,) = checker(code=1)["findings"]
    assert found["rule"] == "application-missing"
    assert found["message"].startswith("no Application applies environments/dev/app-00001,")


def test_a_new_release_is_looked_at_though_nothing_else_has_changed(checker: Checker) -> None:
    replace(checker.root, SET, "environments/dev/*/", "environments/dev/app-00000/")
    checker()
    release(checker)
    checker("--changed-since", "HEAD", code=1)


def test_what_argo_cd_applies_is_looked_at_without_an_app_too(checker: Checker) -> None:
    """Its ApplicationSet asks for releases, and for nothing else."""
    source = checker.root / "environments/dev"
    for name in ("ap-00001", "only-built", "team/shop"):
        (source / name).mkdir(parents=True)
        shutil.copy(source / "app-00001/kustomization.yaml", source / name)
    replace(checker.root, "environments/dev/team/shop/kustomization.yaml", "../apps", "../../apps")
    release(checker, "ap-00001")
    release(checker, "team/shop")
    release(checker, "empty")
    replicas = '[{"op": "replace", "path": "/spec/replicas", "value": "x"}]'
    with (source / "ap-00001/kustomization.yaml").open("a") as file:
        file.write(f"patches: [{{target: {{kind: Deployment}}, patch: '{replicas}'}}]\n")
    findings = checker(code=1)["findings"]
    missing = [
        (f["file"], f["line"], f["severity"], f["environment"], f["app"])
        for f in findings
        if f["rule"] == "app-missing"
    ]
    assert missing == [
        ("environments/dev/ap-00001/release.yaml", 1, "Deny", "dev", "ap-00001"),
        ("environments/dev/empty/release.yaml", 1, "Deny", "dev", "empty"),
        ("environments/dev/only-built/kustomization.yaml", 1, "Warn", "dev", "only-built"),
        ("environments/dev/team/shop/release.yaml", 1, "Deny", "dev", "team/shop"),
    ]
    others = {(f["file"], f["rule"]) for f in findings if f["rule"] in ("schema", "render")}
    assert others == {
        ("environments/dev/ap-00001/kustomization.yaml", "schema"),
        ("environments/dev/empty", "render"),
    }
    fixes = {f["app"]: f["fix"] for f in findings if f["rule"] == "app-missing"}
    assert "did you mean 'app-00001'?" in fixes["ap-00001"]
    assert fixes["team/shop"] == "move the folder to environments/dev/"


def test_the_branch_is_that_of_the_settings(checker: Checker) -> None:
    replace(checker.root, "tidegate.yaml", "main", "releases")
    rules = {found["rule"] for found in checker(code=1)["findings"]}
    assert rules == {"application-revision"}
    replace(
        checker.root,
        "environments/bootstrap.yaml",
        "targetRevision: main",
        "targetRevision: releases",
    )
    checker()


def test_an_environment_may_stand_for_itself(checker: Checker) -> None:
    """Without a kustomization of them all, each environment's folder is looked at alone."""
    (checker.root / "environments/kustomization.yaml").unlink()
    line = break_set(checker)
    report = checker("--env", "dev", code=1)
    assert places(report) == [(SET, line, "application-automated")]
    assert report["findings"][0]["environment"] == "dev"
    assert FOLDER in report["coverage"]["checked"]


def test_a_folder_that_cannot_be_rendered_says_why(checker: Checker) -> None:
    replace(checker.root, f"{FOLDER}/kustomization.yaml", "project.yaml", "projekt.yaml")
    (found,) = checker(code=1)["findings"]
    assert found["rule"] == "render"
    assert found["file"] == f"{FOLDER}/kustomization.yaml"
