"""Every field of the files for Argo CD is one that Argo CD's own kinds have: a real API server
with those kinds says so."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.support import apiserver, processes
from tests.support.apiserver import ApiServer
from tests.support.argocd_stack import installation
from tests.support.gitops import BINARIES
from tests.support.rules import ROOT

pytestmark = pytest.mark.xdist_group("argocd")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server with Argo CD's kinds and its namespace."""
    crds = installation.kinds_folder()
    reason = processes.missing("etcd", "kube-apiserver", "openssl")
    if reason or crds is None:
        pytest.skip(reason or "Argo CD's CRDs are not in TIDEGATE_TEST_BIN")
    with apiserver.start(tmp_path_factory.mktemp("kinds")) as running:
        for kind in installation.kinds(crds):
            assert running.send(kind, dry_run=False).accepted
        argocd = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}}
        assert running.send(argocd, dry_run=False).accepted
        for kind in installation.kinds(crds):
            installation.wait_until_served(running, kind)
        yield running


def objects() -> list[Any]:
    """What the Application `tidegate` applies."""
    command = [str(BINARIES / "kubectl"), "kustomize", str(ROOT / "environments")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(answer.stdout))


def test_every_object_is_accepted_with_every_field(server: ApiServer) -> None:
    found = objects()
    assert len(found) == 9
    for item in found:
        assert server.dry_run(item, "argocd") == (201, ""), item["metadata"]["name"]


def test_a_field_that_is_misspelt_is_refused(server: ApiServer) -> None:
    for item in objects():
        if item["kind"] == "ApplicationSet":
            wrong = copy.deepcopy(item)
            automated = wrong["spec"]["template"]["spec"]["syncPolicy"]["automated"]
            automated["selfheal"] = automated.pop("selfHeal")
            status, message = server.dry_run(wrong, "argocd")
            assert status == 400
            assert "selfheal" in message
