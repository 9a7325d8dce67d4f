"""Objects alone in their namespace, which mean or are meant by what is all in another one: one of
the namespaces was mistyped, or forgotten. What a Service selects, its own rule tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.autoscalers import target_of
from tidegate.policy.rules.index import Labelled
from tidegate.policy.rules.inventory import Inventory, metadata_labels
from tidegate.policy.rules.labels import Selector, selector_of
from tidegate.policy.rules.mounts import SECRET, needs
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, mapping, shown, text

_SCALERS = (
    ("HorizontalPodAutoscaler", "scaleTargetRef", ""),
    ("ScaledObject", "scaleTargetRef", "Deployment"),
    ("VerticalPodAutoscaler", "targetRef", ""),
)
_SELECTING = (
    ("PodDisruptionBudget", "selector"),
    ("NetworkPolicy", "podSelector"),
    ("PodMonitor", "selector"),
)
_MAKERS = {SECRET: ("ExternalSecret", "SealedSecret")}
# By these annotations controllers copy a Secret or a ConfigMap into other namespaces.
_COPIED = ("reflect", "replicat", "kubed", "sync", "mirror", "copy")
_FIELD = ("metadata", "namespace")
_ANYWHERE = ""


def _judge(inventory: Inventory) -> Iterator[Found]:
    if inventory.releases or len(_places(inventory)) < 2:  # a chart may bring anything
        return
    for manifest, doing, aims in _meant(inventory):
        yield from _astray(manifest, doing, aims)
    yield from _given(inventory)


def _places(inventory: Inventory) -> set[str]:
    return {manifest.id.namespace for manifest in inventory.manifests}


def _is_alone(inventory: Inventory, manifest: Manifest) -> bool:
    """Whether the overlay has no pods in the object's namespace, nor any that may be there."""
    return bool(manifest.id.namespace) and not inventory.pods_at(manifest.id.namespace)


def _alone(inventory: Inventory, kind: str) -> Iterator[Manifest]:
    return (manifest for manifest in inventory.of(kind) if _is_alone(inventory, manifest))


def _astray(manifest: Manifest, doing: str, aims: Sequence[Manifest]) -> Iterator[Found]:
    own, others = manifest.id.namespace, {aim.id.namespace for aim in aims}
    if len(others) == 1 and own not in others and "" not in others:
        message = (
            f"{title(manifest)} is in the namespace '{shown(own)}', and {title(aims[0])}, which it "
            f"{doing}, is in '{shown(others.pop())}'"
        )
        yield Found(message, manifest.id, _FIELD)


def _meant(inventory: Inventory) -> Iterator[tuple[Manifest, str, Sequence[Manifest]]]:
    """What is alone and means other objects of its own namespace: what it does with them, and all
    that are so called, wherever they are."""
    for kind, key, default in _SCALERS:
        for manifest in _alone(inventory, kind):
            target = target_of(manifest, key, default)
            if target:
                yield manifest, "scales", _called(inventory, target.kind, target.name)
    for kind, key in _SELECTING:
        for manifest in _alone(inventory, kind):
            selector = _selector(manifest, key)
            if selector:
                owners = [pods.owner for pods in inventory.select(selector, _ANYWHERE)]
                yield manifest, "selects", owners
    for manifest in _alone(inventory, "ServiceMonitor"):
        selector = _selector(manifest, "selector")
        if selector:
            services: Labelled[Manifest] = inventory.once("services by labels", _services)
            yield manifest, "scrapes", services.select(selector, _ANYWHERE)
    for manifest in _alone(inventory, "Ingress"):
        for _, rule in entries(manifest.data, "spec", "rules"):
            for _, path in entries(rule, "http", "paths"):
                name = text(at(path, "backend", "service", "name"))
                yield manifest, "sends to", _called(inventory, "Service", name)


def _selector(manifest: Manifest, key: str) -> Selector | None:
    """What it selects in its own namespace; None where that is everything, or elsewhere too."""
    selector = selector_of(at(manifest.data, "spec", key))
    elsewhere = at(manifest.data, "spec", "namespaceSelector")
    return selector if selector and selector.pairs and not elsewhere else None


def _services(inventory: Inventory) -> Labelled[Manifest]:
    return Labelled((s.id.namespace, metadata_labels(s), s) for s in inventory.of("Service"))


def _called(inventory: Inventory, kind: str, name: str) -> Sequence[Manifest]:
    return inventory.find(kind, _ANYWHERE, name)


def _given(inventory: Inventory) -> Iterator[Found]:
    """What pods are given by name, and have in another namespace than theirs."""
    told: set[int] = set()
    for owner, kind, name, doing in _asked(inventory):
        place = owner.id.namespace
        if not name or not place or inventory.find(kind, place, name):
            continue
        kinds = (kind, *_MAKERS.get(kind, ()))
        found = [one for of in kinds for one in _called(inventory, of, name)]
        for manifest in found[:1] if len(found) == 1 else ():
            apart = manifest.id.namespace != place and id(manifest) not in told
            if apart and _is_alone(inventory, manifest) and not _is_copied(manifest):
                told.add(id(manifest))
                message = (
                    f"{title(manifest)} is in the namespace '{shown(manifest.id.namespace)}', and "
                    f"{title(owner)}, which {doing} it, is in '{shown(place)}'"
                )
                yield Found(message, manifest.id, _FIELD)


def _asked(inventory: Inventory) -> Iterator[tuple[Manifest, str, str, str]]:
    """Of each thing that pods are given: who makes the pods, its kind and name, and what for."""
    for need in needs(inventory):
        yield need.pods.owner, need.kind, need.name, need.doing
    for pods in inventory.pods:
        name = text(pods.spec.get("serviceAccountName"))
        yield pods.owner, "ServiceAccount", name if name != "default" else "", "runs as"


def _is_copied(manifest: Manifest) -> bool:
    annotations = mapping(at(manifest.data, "metadata", "annotations"))
    return any(word in str(key) for key in annotations for word in _COPIED)


WRONG_NAMESPACE = Rule(
    "wrong-namespace",
    Severity.WARN,
    "configuration",
    why="Objects find each other by name in their own namespace alone.",
    fix="Put both into one namespace.",
    link="https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
    judge=_judge,
)
