"""The variant of docs/going-live.md for several clusters, as it stands there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import apiserver
from tests.support.checks import Checker
from tests.support.gitops_files import ROOT, Place, look_for_releases, monitor_kind, release

pytestmark = pytest.mark.xdist_group("argocd")

PAGE = ROOT / "docs" / "going-live.md"
CLUSTERS = ("eu", "us")


def apply_variant(root: Path) -> None:
    """Applies the page's difference to a copy of the files."""
    (difference,) = re.findall(r"^```diff\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    command = ["git", "apply", "--unidiff-zero", "-"]
    subprocess.run(command, cwd=root, input=difference, text=True, check=True)


def test_the_variant_passes_the_check(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for folder in ("apps", "environments", "policies"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "tidegate.yaml", root)
    folder = root / "environments/prod/digits"
    (folder / "release.yaml").write_text("# that it is there is all that counts\n")
    apply_variant(root)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    report = Checker(root, tmp_path / "cache")(str(root / "environments/prod/argocd"))
    assert report["findings"] == []
    assert report["coverage"]["checked"] == ["environments"]


@pytest.fixture(scope="module")
def clusters(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The address of each cluster: one is where Argo CD runs, the other has no controllers."""
    with apiserver.start(tmp_path_factory.mktemp("us")) as other:
        crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        other.client.post(crds, content=json.dumps(monitor_kind())).raise_for_status()
        addresses = dict(zip(CLUSTERS, (place.stack.kubernetes.url, other.url), strict=True))
        config = {"bearerToken": other.token, "tlsClientConfig": {"insecure": True}}
        for name, address in addresses.items():
            place.stack.apply(
                {
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": {
                        "name": f"cluster-{name}",
                        "namespace": "argocd",
                        "labels": {
                            "argocd.argoproj.io/secret-type": "cluster",
                            "tidegate.dev/environment": "prod",
                        },
                    },
                    "stringData": {
                        "name": name,
                        "server": address,
                        "config": json.dumps(config),
                    },
                }
            )
        yield addresses


def test_each_cluster_has_an_application_of_each_release(
    place: Place, clusters: dict[str, str]
) -> None:
    clone = place.remote.clone
    apply_variant(clone)
    project = clone / "environments/prod/argocd/project.yaml"
    text = project.read_text("utf-8")
    for name, address in clusters.items():
        text = text.replace(f"https://prod-{name}.example.com", address)
    project.write_text(text, "utf-8")
    release(place.remote, "digits", "prod", "3")
    place.settles("tidegate", place.remote.commit("prod has two clusters"))
    look_for_releases(place.stack, "prod")
    names = {f"digits-prod-{name}" for name in clusters}
    place.stack.wait_for(lambda: names <= place.names())
    for name, address in clusters.items():
        application = f"digits-prod-{name}"
        place.stack.wait_for(lambda name=application: place.status(name)[0] == "Synced")
        found = place.stack.application(application)
        assert found["spec"]["destination"] == {"server": address, "namespace": "digits-prod"}
        assert found["metadata"]["labels"]["tidegate.dev/cluster"] == name
