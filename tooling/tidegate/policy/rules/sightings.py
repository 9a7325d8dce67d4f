"""Which versions of which components an overlay shows: by images that everybody knows, by labels,
and by what custom resources ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tidegate.domain.image import ImageRef
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.shapes import at, mapping, text

FRAMEWORK = "tidegate.dev/framework"
REQUIRES = "tidegate.dev/requires"
ISTIO_REVISION = "istio.io/rev"

# The ends of image names, so that mirrors are known too.
_IMAGES = {
    "istio/proxyv2": "istio",
    "istio/pilot": "istio",
    "istio/install-cni": "istio",
    "istio/ztunnel": "istio",
    "prom/prometheus": "prometheus",
    "prometheus/prometheus": "prometheus",
    "grafana/grafana": "grafana",
    "grafana/grafana-oss": "grafana",
    "grafana/grafana-enterprise": "grafana",
    "pytorch/torchserve": "torchserve",
    "tensorflow/serving": "tensorflow-serving",
    "nvidia/tritonserver": "triton",
    "vllm/vllm-openai": "vllm",
}
# Custom resources whose `spec.version` says which version they run.
_RESOURCES = {
    ("monitoring.coreos.com", "Prometheus"): "prometheus",
    ("grafana.integreatly.org", "Grafana"): "grafana",
    ("sailoperator.io", "Istio"): "istio",
}
_NAMED = re.compile(r"\s*([a-z0-9][a-z0-9_-]*?)(?:-|@|==)[vV]?([0-9][0-9A-Za-z.+_]*)\s*")
_REVISION = re.compile(r"[0-9]{1,4}(?:-[0-9]{1,4}){1,2}")


class Sighting(NamedTuple):
    """A component's version, where it is written, and how."""

    component: str
    version: str
    manifest: Manifest
    field: FieldPath
    framework: bool = False


def sightings(inventory: Inventory) -> Iterator[Sighting]:
    """Every version that the overlay shows."""
    for pods in inventory.pods:
        for container in pods.containers:
            component, version = _of_image(text(container.data.get("image")))
            if component:
                yield Sighting(component, version, pods.owner, (*container.path, "image"))
    for (group, kind), component in _RESOURCES.items():
        for manifest in inventory.of(kind, groups=frozenset({group})):
            version = text(at(manifest.data, "spec", "version"))
            yield Sighting(component, version, manifest, ("spec", "version"))
    for manifest, field, said in metadata(inventory):
        for named in text(said.get(FRAMEWORK)).split(",")[:20]:
            found = _NAMED.fullmatch(named) if len(named) < 200 else None
            if found:
                path = (*field, FRAMEWORK)
                yield Sighting(found[1], found[2], manifest, path, framework=True)
        revision = text(said.get(ISTIO_REVISION))
        if _REVISION.fullmatch(revision):
            version = revision.replace("-", ".")
            yield Sighting("istio", version, manifest, (*field, ISTIO_REVISION))


def metadata(inventory: Inventory) -> Iterator[tuple[Manifest, FieldPath, Mapping[str, object]]]:
    """Labels and annotations of workloads, of their templates, and of namespaces."""
    places: list[tuple[Manifest, FieldPath]] = [(pods.owner, ()) for pods in inventory.pods]
    places += [(pods.owner, pods.path) for pods in inventory.pods if pods.path]
    places += [(m, ()) for m in inventory.of("Namespace", "InferenceService")]
    for manifest, path in places:
        for kind in ("labels", "annotations"):
            found = mapping(at(manifest.data, *map(str, path), "metadata", kind))
            if found:
                yield manifest, (*path, "metadata", kind), found


def _of_image(text_: str) -> tuple[str, str]:
    try:
        image = ImageRef.parse(text_)
    except ValueError:
        return "", ""
    end = "/".join(image.name.split("/")[-2:])
    return (_IMAGES.get(end, ""), image.tag) if image.tag else ("", "")
