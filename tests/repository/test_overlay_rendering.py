"""The real kustomize agrees: an edited overlay renders the pinned image and the version."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tidegate.errors import ConfigurationError
from tidegate.repository.overlay import edit_overlay

SAMPLES = Path(__file__).parents[1] / "repos" / "overlays"
DIGEST = "sha256:" + "2" * 64
LABEL = "app.kubernetes.io/version"
WORKLOADS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: recommender, namespace: shop}
spec:
  selector: {matchLabels: {app: recommender}}
  template:
    metadata: {labels: {app: recommender}}
    spec: {containers: [{name: model, image: "recommender:0"}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: shop}
spec:
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: model, image: recommender}]}
  volumeClaimTemplates:
  - metadata: {name: data, labels: {app: store}}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: recommender, namespace: shop}
spec: {selector: {app: recommender}}
"""


def _kustomize() -> list[str] | None:
    beside = str(Path(sys.executable).parent)
    for name, verb in (("kustomize", "build"), ("kubectl", "kustomize")):
        found = shutil.which(name) or shutil.which(name, path=beside)
        if found:
            return [found, verb]
    return None


KUSTOMIZE = _kustomize()
pytestmark = pytest.mark.skipif(KUSTOMIZE is None, reason="neither kustomize nor kubectl is here")


def render(folder: Path, overlay: bytes) -> dict[str, Any]:
    """What kustomize makes of the workloads with that overlay, by kind."""
    assert KUSTOMIZE is not None
    content = overlay.decode().replace("../../../apps/recommender/base", "workloads.yaml")
    if "resources:" not in content:
        content = content.replace("images:", "resources: [workloads.yaml]\nimages:", 1)
    (folder / "workloads.yaml").write_text(WORKLOADS, "utf-8")
    (folder / "kustomization.yaml").write_bytes(content.encode())
    done = subprocess.run([*KUSTOMIZE, folder], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return {item["kind"]: item for item in yaml.safe_load_all(done.stdout)}


@pytest.mark.parametrize("name", ["ordinary", "compact", "flow", "nulls", "digest-only"])
def test_an_edited_overlay_renders_the_pinned_image(name: str, tmp_path: Path) -> None:
    before = (SAMPLES / f"{name}.yaml").read_bytes()
    after = edit_overlay("k", before, "recommender", tag="1.4.0", digest=DIGEST, version="4")
    objects = render(tmp_path, after)
    for kind in ("Deployment", "StatefulSet"):
        (container,) = objects[kind]["spec"]["template"]["spec"]["containers"]
        assert container["image"].endswith(f"recommender:1.4.0@{DIGEST}")
        assert objects[kind]["metadata"]["labels"][LABEL] == "4"


def test_the_label_that_is_printed_to_paste_reaches_pods_and_nothing_immutable(
    tmp_path: Path,
) -> None:
    bare = "images:\n- name: recommender\n"
    with pytest.raises(ConfigurationError) as caught:
        edit_overlay("k", bare.encode(), "recommender", tag="1.4.0", digest=DIGEST, version="4")
    pasted = bare + caught.value.problems[0].message.partition("add:\n")[2] + "\n"
    edited = edit_overlay(
        "k", pasted.encode(), "recommender", tag="1.4.0", digest=DIGEST, version="4"
    )
    objects = render(tmp_path, edited)
    for kind in ("Deployment", "StatefulSet"):
        spec = objects[kind]["spec"]
        assert spec["template"]["metadata"]["labels"][LABEL] == "4"
        assert LABEL not in spec["selector"]["matchLabels"]
    (claim,) = objects["StatefulSet"]["spec"]["volumeClaimTemplates"]
    assert claim["metadata"]["labels"] == {"app": "store"}
    assert objects["Service"]["spec"]["selector"] == {"app": "recommender"}
