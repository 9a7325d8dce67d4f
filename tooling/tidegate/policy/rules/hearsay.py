"""Names that custom resources and programs speak of: a controller may make objects of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.kinds import is_built_in
from tidegate.policy.rules.pods import Pods
from tidegate.policy.rules.shapes import at, mapping

_LOOKED_AT = 50_000
_WORD = re.compile(r"(?:[^\W_]|-)+")
# Custom resources that name things without making them.
_NAMES_ONLY = frozenset(
    {
        *("ServiceMonitor", "PodMonitor", "VirtualService", "DestinationRule", "ScaledObject"),
        *("VerticalPodAutoscaler", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"),
        *("Gateway", "Rollout", "Route", "ScaledJob", "DeploymentConfig", "CloneSet"),
        *("PrometheusRule", "AnalysisTemplate", "ClusterAnalysisTemplate", "Probe"),
        *("AuthorizationPolicy", "PeerAuthentication", "Sidecar", "TriggerAuthentication"),
    }
)


class Hearsay:
    """Every text in custom resources, every argument of containers, every annotation of what
    leads to them."""

    def __init__(self, manifests: Iterable[Manifest], pods: Iterable[Pods]) -> None:
        texts = list(_spoken(manifests, pods))
        self._text = "\0".join(texts)
        self._words = frozenset(word for text in texts for word in _WORD.findall(text))

    def says(self, name: str) -> bool:
        """Whether the name stands in a text as a word of its own."""
        words = _WORD.findall(name)
        if not self._words.issuperset(words):
            return False
        return words == [name] or self._says(name)

    def _says(self, name: str) -> bool:
        """For names of several words, such as `a.example.com`."""
        if not name:
            return False
        return bool(re.search(rf"(?<![^\W_])(?<!-){re.escape(name)}(?![^\W_]|-)", self._text))


class Makers:
    """Custom resources whose controllers may make pods, Services and configuration, by name."""

    def __init__(self, makers: Iterable[Manifest]) -> None:
        self._names = frozenset(manifest.id.name for manifest in makers if manifest.id.name)
        self._starts = frozenset(start for name in self._names for start in _starts(name))

    def may_make(self, name: str) -> bool:
        """Whether one of them lends its name to an object: `shop-metrics` is of `shop`, and so
        is `shop` of `shop-cluster`."""
        return name in self._starts or any(start in self._names for start in _starts(name))


def _starts(name: str) -> Iterator[str]:
    """`a-b-c`, `a-b`, `a`."""
    while name:
        yield name
        name = name.rpartition("-")[0]


def texts_of(data: object) -> Iterator[str]:
    """Every text in a value, however deep; of what is enormous, the first part."""
    left = [data]
    for _ in range(_LOOKED_AT):
        if not left:
            return
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)


def _spoken(manifests: Iterable[Manifest], pods: Iterable[Pods]) -> Iterator[str]:
    for manifest in manifests:
        kind = manifest.id.kind
        if not is_built_in(manifest.id.group) and kind not in _NAMES_ONLY:
            yield from texts_of(manifest.data.get("spec"))
            yield manifest.id.name
        elif kind in ("Service", "Ingress"):
            yield from texts_of(mapping(at(manifest.data, "metadata")).get("annotations"))
    for item in pods:
        for container in item.containers:
            yield from texts_of(container.data.get("args"))
            yield from texts_of(container.data.get("command"))
