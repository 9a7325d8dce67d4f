"""What the server takes for an image or a device, and no node has."""

from __future__ import annotations

import pytest
import yaml

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas

SCHEMAS = Schemas("1.33")


def judge(container: str) -> list[Violation]:
    kind = "apiVersion: v1, kind: Pod, metadata: {name: a}"
    data = yaml.safe_load(f"{{{kind}, spec: {{containers: [{{name: a, {container}}}]}}}}")
    return list(SCHEMAS.judge(Manifest(identify(data), data)))


@pytest.mark.parametrize(
    ("image", "is_name"),
    [
        ("nginx", True),
        ("ghcr.io/acme/server:1.4", True),
        ("localhost:5000/a/b@sha256:" + "0" * 64, True),
        ("Registry.example.com/a", True),
        ("ghcr.io/Acme/server:1.4", False),
        ("vLLM/vllm-openai:v0.9.2", False),
        ("server@sha25:" + "0" * 64, False),
        ("server@sha512:" + "0" * 128, True),
        ("Acme:5000/server", True),
        ("server:1.0+cu118", False),
        ("server:", False),
        ("server:1:2", False),
        ("server@sha256:0", False),
        ("https//ghcr.io/a", False),
        # What somebody replaces, or builds.
        ("${REGISTRY}/Server", True),
        ("ghcr.io/$(ORG)/Server", True),
        ("<your-registry>/Server", True),
        ("ko://example.com/Server", True),
    ],
)
def test_names_that_no_runtime_can_pull(image: str, is_name: bool) -> None:
    told = judge(f"image: '{image}'")
    assert [v.severity for v in told] == ([] if is_name else [Severity.WARN])
    assert all("which no runtime can pull" in v.message for v in told)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nvidia/gpu", "nvidia.com/gpu"),
        ("nvdia.com/gpu", "nvidia.com/gpu"),
        ("amd.com/gpus", ""),  # its vendor may have others
        ("nvidia.com/mig-1g.5gb", ""),
        ("example.com/fpga", ""),
        ("nvidia.com/gpu", ""),
    ],
)
def test_devices_that_no_node_has(name: str, meant: str) -> None:
    told = judge(f"image: a, resources: {{limits: {{{name}: 1}}}}")
    assert [v.severity for v in told] == ([Severity.WARN] if meant else [])
    assert all(meant in v.message for v in told)
