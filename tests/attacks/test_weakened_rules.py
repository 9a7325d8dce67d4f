"""Changes that would decide for themselves what is asked of them, and images that come in by
another door than the overlay's."""

from __future__ import annotations

import ssl
from argparse import Namespace
from pathlib import Path

import pytest
from tests.support.mlflow_server import mlflow_template  # noqa: F401
from tests.support.proposals import PROMOTE, Proposals

from tidegate.cli.wiring import Wiring
from tidegate.errors import InputError
from tidegate.repository.configuration import load_configuration

pytestmark = pytest.mark.xdist_group("proposals")

FOLDER = "environments/staging/shop"
OVERLAY, RECORD = f"{FOLDER}/kustomization.yaml", f"{FOLDER}/release.yaml"
BASE = "apps/shop/base/deployment.yaml"
OPEN = "apiVersion: tidegate.dev/v1\nkind: Environment\npromotesFrom: {environment: dev}\n"
PATCH = """\
patches:
  - target: {kind: Deployment}
    patch: |-
      - {op: replace, path: /spec/template/spec/containers/0/image, value: evil.example/x:1}
"""


def blocked(proposals: Proposals) -> tuple[str, str]:
    """A base on which a hold stands in the way of a promotion that was made before, and the
    promotion, brought up to date with it."""
    base = proposals.made("hold", "shop", "--env", "staging", "--reason", "stop")
    head = proposals.made(*PROMOTE)
    files = {path: proposals.show(path, head) for path in (OVERLAY, RECORD)}
    return base, proposals.commit(files, proposals.message(head), on=base)


def reasons(proposals: Proposals, head: str, base: str | None = None) -> list[tuple[str, str]]:
    answer = proposals.verify(head, base=base)
    assert (answer.code, answer.json["outcome"]) == (1, "refused"), answer.out + answer.err
    return [(item["file"], item["message"]) for item in answer.json["objections"]]


def test_the_gate_set_is_weakened_in_the_same_change(proposals: Proposals) -> None:
    first = proposals.made(*PROMOTE)
    strict = proposals.show("environments/staging/environment.yaml").replace(
        "{gate: champion}", "{gate: threshold, metric: auc, minimum: 0.99}"
    )
    base = proposals.commit({"environments/staging/environment.yaml": strict})
    files = {path: proposals.show(path, first) for path in (OVERLAY, RECORD)}
    weak = {"environments/staging/environment.yaml": OPEN}
    head = proposals.commit(files | weak, proposals.message(first), on=base)
    found = reasons(proposals, head, base)
    assert any(text.startswith("gate threshold:auc failed") for _, text in found), found
    assert any(file == "environments/staging/environment.yaml" for file, _ in found), found


def test_a_waiver_comes_with_the_change_that_needs_it(proposals: Proposals) -> None:
    base, _ = blocked(proposals)
    first = proposals.made(*PROMOTE)
    files = {path: proposals.show(path, first) for path in (OVERLAY, RECORD)}
    waiver = """\
apiVersion: tidegate.dev/v1
kind: Waivers
waivers:
  - {id: mine, gate: hold, app: shop, environment: staging, reason: quick, approvedBy: me,
     ticket: OPS-1, expires: '2099-01-01'}
"""
    head = proposals.commit(
        files | {"policies/waivers/mine.yaml": waiver}, proposals.message(first), on=base
    )
    found = reasons(proposals, head, base)
    assert any("gate hold failed" in text for _, text in found), found
    assert "policies/waivers/mine.yaml" in {file for file, _ in found}, found


def test_a_hold_is_lifted_in_the_same_change(proposals: Proposals) -> None:
    base, head = blocked(proposals)
    message = proposals.message(head) + "\n\nTidegate-Lift: staging/shop\n"
    lifted = proposals.commit({f"{FOLDER}/hold.yaml": None}, message, on=head, parents=[base])
    assert any("shop is held" in text for _, text in reasons(proposals, lifted, base))


def test_another_registry_is_named_in_the_same_change(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    settings = proposals.show("tidegate.yaml").replace("mlflow.db", "evil.db")
    own = proposals.instead(head, {"tidegate.yaml": settings})
    (found,) = reasons(proposals, own)
    assert found == ("tidegate.yaml", "is changed together with what Tidegate writes")
    assert not list(proposals.world.folder.glob("evil.db*"))


def test_the_checked_out_files_have_no_say(proposals: Proposals) -> None:
    """The check runs in a checkout of the very change."""
    base, head = blocked(proposals)
    place = proposals.world.folder / "checkout"
    proposals.git("worktree", "add", "-q", "--detach", str(place), head)
    (place / "environments/staging/environment.yaml").write_text(OPEN)
    (place / FOLDER / "hold.yaml").unlink()
    (place / "tidegate.yaml").write_text(
        "apiVersion: tidegate.dev/v1\nkind: Settings\ngit: {branch: evil}\n"
    )
    answer = proposals.world.tidegate(
        "verify", "--base", base, "--head", head, "--format", "json", root=place
    )
    assert answer.code == 1
    assert "shop is held" in answer.json["objections"][0]["message"]


def test_another_authority_vouches_for_argo_cd(proposals: Proposals) -> None:
    """Whoever is between could answer in Argo CD's name."""
    known = Path(ssl.get_default_verify_paths().cafile or "/none").read_text("ascii", "ignore")
    said = "\nargocd: {server: argocd.example.com, caFile: environments/ca.pem}\n"
    settings = proposals.show("tidegate.yaml") + said
    base = proposals.commit({"tidegate.yaml": settings, "environments/ca.pem": known})
    head = proposals.commit({"environments/ca.pem": "my own\n"}, on=base)
    place = proposals.world.folder / "vouched"
    proposals.git("worktree", "add", "-q", "--detach", str(place), head)
    arguments = Namespace(root=str(place), remote=None, branch=None, timeout=60.0)
    wiring = Wiring(arguments, proposals.world.environ | {"ARGOCD_AUTH_TOKEN": "a token"})
    planes = [
        load_configuration(wiring.repository.snapshot(commit)).control_plane("dev")
        for commit in (base, head)
    ]
    assert wiring.applications(planes[0]).place == "Argo CD at https://argocd.example.com"
    with pytest.raises(InputError, match="no certificate authorities"):
        wiring.applications(planes[1])


@pytest.mark.parametrize("path", [OVERLAY, "apps/shop/base/kustomization.yaml"])
def test_a_patch_puts_in_another_image(proposals: Proposals, path: str) -> None:
    head = proposals.commit({path: proposals.show(path) + PATCH})
    proposals.refused(head, "staging/shop: Deployment shop-staging/shop would run evil", path)


def test_a_component_puts_in_another_image(proposals: Proposals) -> None:
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    overlay = proposals.show(OVERLAY) + "components: [../../../apps/components/gpu]\n"
    files = {"apps/components/gpu/kustomization.yaml": component + PATCH, OVERLAY: overlay}
    component_file = "apps/components/gpu/kustomization.yaml"
    proposals.refused(proposals.commit(files), "would run evil.example/x:1", component_file)


def test_a_component_that_was_missed_puts_in_another_image(proposals: Proposals) -> None:
    """The overlay of the base can't be rendered, and what it lacks comes with the change."""
    component = "apps/components/late/kustomization.yaml"
    overlay = proposals.show(OVERLAY) + "components: [../../../apps/components/late]\n"
    base = proposals.commit({OVERLAY: overlay}, "too early")
    kind = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    head = proposals.commit({component: kind + PATCH}, on=base)
    assert any("nothing would run" in text for _, text in reasons(proposals, head, base))


def test_the_base_names_another_repository(proposals: Proposals) -> None:
    deployment = proposals.show(BASE).replace("registry.example.com/shop", "evil.example/shop")
    proposals.refused(proposals.commit({BASE: deployment}), "would run evil.example/shop/shop")


def test_the_model_no_longer_runs(proposals: Proposals) -> None:
    away = PATCH.replace("/template/spec/containers/0/image, value: evil.example/x:1", "/template")
    away = away.replace("op: replace", "op: remove")
    head = proposals.commit({OVERLAY: proposals.show(OVERLAY) + away})
    proposals.refused(head, "any more")


def test_a_remote_resource_is_pulled_in(proposals: Proposals) -> None:
    overlay = proposals.show(OVERLAY).replace(
        "resources:\n", "resources:\n  - https://evil.example/x.yaml\n"
    )
    proposals.refused(proposals.commit({OVERLAY: overlay}), "can't be rendered any more")


def test_a_plugin_is_allowed_and_run_in_the_same_change(proposals: Proposals) -> None:
    marker = proposals.world.folder / "pwned"
    function = """\
apiVersion: example.com/v1
kind: Evil
metadata:
  name: evil
  annotations: {config.kubernetes.io/function: "exec: {path: ./evil.sh}"}
"""
    files = {
        "tidegate.yaml": proposals.show("tidegate.yaml")
        + "render: {plugins: true, remote: true}\n",
        f"{FOLDER}/evil.yaml": function,
        OVERLAY: proposals.show(OVERLAY) + "generators: [evil.yaml]\n",
        f"{FOLDER}/evil.sh": f"#!/bin/sh\ntouch {marker}\n",
    }
    head = proposals.commit(files, mode="100755")
    proposals.refused(head, "can't be rendered any more")
    assert not marker.exists()


@pytest.mark.parametrize(
    "path",
    [
        f"{FOLDER}/.argocd-source.yaml",
        f"{FOLDER}/.argocd-source-shop-staging.yaml",
        f"{FOLDER}/Chart.yaml",
        f"{FOLDER}/zChart.yaml",
        "environments/Chart.yaml",
        "environments/.argocd-source.yaml",
        "environments/staging/argocd/Chart.yaml",
    ],
)
def test_argo_cd_is_told_to_apply_something_else(proposals: Proposals, path: str) -> None:
    override = "kustomize: {images: ['registry.example.com/shop/shop:other']}\n"
    head = proposals.commit({path: override})
    proposals.refused(head, "makes Argo CD apply something else", path)
