"""The files for Argo CD, on a real Argo CD: one apply starts everything, and then Git decides."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from tests.support.gitops_files import (
    ARGOCD,
    DIGEST,
    DIGITS,
    EVIDENCE,
    RECOMMENDER,
    WELL,
    Place,
    ask_for_releases,
    look_for_releases,
    release,
)

from tidegate.cli.main import main

pytestmark = pytest.mark.xdist_group("argocd")


def test_one_apply_makes_an_application_of_each_release_and_of_nothing_else(place: Place) -> None:
    assert place.names() == {"tidegate", "tidegate-policies", DIGITS, RECOMMENDER}
    for name in ("tidegate", "tidegate-policies"):
        place.stack.wait_for(lambda name=name: place.status(name) == WELL)


def test_an_application_says_what_it_is(place: Place) -> None:
    found = place.stack.application(DIGITS)
    metadata, spec = found["metadata"], found["spec"]
    assert metadata["labels"] == {
        "tidegate.dev/app": "digits",
        "tidegate.dev/environment": "dev",
    }
    links = {k: v for k, v in metadata["annotations"].items() if k.startswith("link.argocd")}
    assert links == {
        "link.argocd.argoproj.io/model": (
            "https://mlflow.example.com/#/models/digits%20by%20hand/versions/1"
        ),
        "link.argocd.argoproj.io/commit": (
            "https://github.com/example/models/commits/HEAD/environments/dev/digits/release.yaml"
        ),
    }
    assert spec["info"] == [
        {"name": "Model", "value": "digits by hand, version 1"},
        {"name": "Evidence", "value": EVIDENCE},
    ]
    assert spec["source"] == {
        "repoURL": place.remote.url,
        "targetRevision": "main",
        "path": "environments/dev/digits",
    }
    assert spec["project"] == "dev"


def test_what_our_applicationset_made_is_live(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its repository, branch and folder are what Git says of them."""
    settings = "apiVersion: tidegate.dev/v1\nkind: Settings\nargocd: {plainText: true}\n"
    place.remote.push({"tidegate.yaml": settings})
    monkeypatch.setenv("ARGOCD_SERVER", place.stack.url.removeprefix("http://"))
    monkeypatch.setenv("ARGOCD_AUTH_TOKEN", place.stack.token)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    words = ("wait", "digits", "--env", "dev", "--healthy-for", "1", "--format", "json")
    code = main(["--root", str(place.remote.clone), *words])
    said = capsys.readouterr()
    assert "apps" in said.out, said.out + said.err
    (app,) = json.loads(said.out)["apps"]
    assert app["outcome"] == "live", app
    assert code == 0, said.err


def test_its_namespace_is_known_to_the_policies(place: Place) -> None:
    for name, environment, level in (
        (DIGITS, "dev", "baseline"),
        (RECOMMENDER, "staging", "restricted"),
    ):
        labels = place.stack.get("v1", "Namespace", name)["metadata"]["labels"]
        assert labels["tidegate.dev/environment"] == environment
        assert labels["pod-security.kubernetes.io/enforce"] == level
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "refused"},
        "spec": {"externalIPs": ["192.0.2.1"], "ports": [{"port": 80}]},
    }
    status, message = place.stack.kubernetes.dry_run(service, DIGITS)
    assert status == 422
    assert "ValidatingAdmissionPolicy 'external-ips'" in message


def test_pods_are_seen_in_the_tree(place: Place) -> None:
    tree = place.stack.api("GET", f"applications/{DIGITS}/resource-tree")
    assert {"Deployment", "ReplicaSet", "Pod"} <= {node["kind"] for node in tree["nodes"]}
    images = {image for node in tree["nodes"] for image in node.get("images", ())}
    assert f"registry.example.com/ml/digits:v1@{DIGEST}" in images


def test_what_hands_change_is_undone(place: Place) -> None:
    change = {"metadata": {"labels": {"app.kubernetes.io/part-of": "somebody-s-own"}}}
    place.stack.patch("apps/v1", "Deployment", "digits", DIGITS, change)

    def is_back() -> bool:
        labels = place.deployment("digits", "dev")["metadata"]["labels"]
        return labels["app.kubernetes.io/part-of"] == "mail-room"

    place.stack.application(DIGITS)
    place.stack.wait_for(is_back)


def test_what_git_drops_is_removed(place: Place) -> None:
    extra = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {a: b}\n"
    folder = "environments/dev/digits"
    overlay = (place.remote.clone / folder / "kustomization.yaml").read_text("utf-8")
    more = overlay.replace("resources:\n", "resources:\n- extra.yaml\n")
    files = {f"{folder}/extra.yaml": extra, f"{folder}/kustomization.yaml": more}
    place.settles(DIGITS, place.remote.push(files))
    assert place.stack.get("v1", "ConfigMap", "extra", DIGITS)
    files = {f"{folder}/extra.yaml": None, f"{folder}/kustomization.yaml": overlay}
    place.settles(DIGITS, place.remote.push(files))
    assert place.stack.get("v1", "ConfigMap", "extra", DIGITS) is None


def test_a_release_makes_an_application_and_a_newer_one_its_links(place: Place) -> None:
    release(place.remote, "digits", "staging", "1")
    head = place.remote.commit("promote digits to staging")
    look_for_releases(place.stack, "staging")
    place.stack.wait_for(lambda: "digits-staging" in place.names())
    place.settles("digits-staging", head)
    release(place.remote, "digits", "staging", "2")
    head = place.remote.commit("and again")
    look_for_releases(place.stack, "staging")
    place.settles("digits-staging", head)

    def links_to_it() -> bool:
        annotations = place.stack.application("digits-staging")["metadata"]["annotations"]
        return str(annotations["link.argocd.argoproj.io/model"]).endswith("/versions/2")

    place.stack.wait_for(links_to_it)


def test_a_release_that_lacks_a_key_changes_nothing(place: Place) -> None:
    path = "environments/staging/recommender/release.yaml"
    whole = (place.remote.clone / path).read_text("utf-8")
    before = place.names()
    place.remote.push({path: "kind: Release\n"})
    ask_for_releases(place.stack, "staging")

    def says_so() -> bool:
        found = place.stack.get(ARGOCD, "ApplicationSet", "staging", "argocd")
        conditions = found.get("status", {}).get("conditions", ())
        return any("map has no entry for key" in c.get("message", "") for c in conditions)

    place.stack.wait_for(says_so)
    assert place.names() == before
    place.remote.push({path: whole})
    look_for_releases(place.stack, "staging")


def test_a_folder_that_is_deleted_by_mistake_deletes_nothing(place: Place) -> None:
    place.remote.push({"environments/staging/recommender": None}, "oh")
    look_for_releases(place.stack, "staging")

    def misses_its_path() -> bool:
        conditions = place.stack.application(RECOMMENDER)["status"].get("conditions", ())
        return any("app path does not exist" in c["message"] for c in conditions)

    place.stack.wait_for(misses_its_path)
    assert RECOMMENDER in place.names()
    assert place.deployment("recommender", "staging")
    place.remote.git("revert", "--no-edit", "HEAD")
    place.remote.git("push", "-q", "origin", "HEAD:main")
    place.settles(RECOMMENDER, place.remote.git("rev-parse", "HEAD"), healthy=False)


def test_an_app_is_taken_out_for_good(place: Place) -> None:
    """As docs/going-live.md has it: first the folder, then the Application with what it applied."""
    place.remote.push({"environments/staging/digits": None}, "take digits out of staging")
    look_for_releases(place.stack, "staging")
    place.stack.api("DELETE", "applications/digits-staging", params={"cascade": "true"})
    place.stack.wait_for(lambda: "digits-staging" not in place.names())
    place.stack.wait_for(lambda: place.deployment("digits", "staging") is None)
    look_for_releases(place.stack, "staging")
    assert "digits-staging" not in place.names()


def test_the_pipeline_s_token_looks_and_asks_for_a_sync(place: Place) -> None:
    token = place.stack.project_token("dev", "pipeline")

    def ask(method: str, path: str, body: Any = None) -> int:
        with httpx.Client(trust_env=False, timeout=60) as client:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            url = f"{place.stack.url}/api/v1/{path}"
            return client.request(method, url, headers=headers, json=body).status_code

    assert ask("GET", f"applications/{DIGITS}?project=dev") == 200
    assert ask("POST", f"applications/{DIGITS}/sync", {"project": "dev"}) == 200
    assert ask("GET", f"applications/{RECOMMENDER}?project=staging") == 403
    assert ask("DELETE", f"applications/{DIGITS}?project=dev") == 403
    patch = {"patch": "{}", "patchType": "merge", "project": "dev"}
    assert ask("PATCH", f"applications/{DIGITS}", patch) == 403


def test_an_app_has_nothing_of_the_whole_cluster_or_of_another_namespace(place: Place) -> None:
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: mine}\n"
    path = "environments/dev/digits/kustomization.yaml"
    overlay = (place.remote.clone / path).read_text("utf-8")
    more = overlay.replace("resources:\n", "resources:\n- role.yaml\n")
    place.remote.push({"environments/dev/digits/role.yaml": role, path: more})

    def is_refused() -> bool:
        status = place.stack.application(DIGITS)["status"]
        text = str(status.get("operationState", {}).get("syncResult", {}))
        return "ClusterRole is not permitted in project dev" in text

    place.stack.wait_for(is_refused)
    assert place.stack.get("rbac.authorization.k8s.io/v1", "ClusterRole", "mine") is None
    # A newer commit takes the place of the one that is being tried again.
    files = {"environments/dev/digits/role.yaml": None, path: overlay}
    place.settles(DIGITS, place.remote.push(files))
