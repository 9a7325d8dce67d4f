"""Names of objects that surely are slips of others in the overlay, wherever something is named of
which nothing is known but that: one letter more, fewer or other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.kinds import SCALABLE
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, mapping, shown, text
from tidegate.policy.rules.spelling import is_slip, nearest_name, suggestion

# What an object names, by its group and kind: the place, and the kind of what is meant. A place
# of a mapping has a `name` in it, and a `kind` where it may be of several: the first is the
# default.
_NAMED: Mapping[tuple[str, str], tuple[tuple[str, tuple[str, ...]], ...]] = {
    ("", "PersistentVolume"): (("spec.claimRef", ("PersistentVolumeClaim",)),),
    ("", "PersistentVolumeClaim"): (
        ("spec.volumeName", ("PersistentVolume",)),
        ("spec.storageClassName", ("StorageClass",)),
    ),
    ("", "ServiceAccount"): (
        ("secrets.*", ("Secret",)),
        ("imagePullSecrets.*", ("Secret",)),
    ),
    ("argoproj.io", "Application"): (("spec.project", ("AppProject",)),),
    ("autoscaling", "HorizontalPodAutoscaler"): (("spec.scaleTargetRef", ()),),
    ("cert-manager.io", "Certificate"): (("spec.issuerRef", ("Issuer", "ClusterIssuer")),),
    ("external-secrets.io", "ExternalSecret"): (
        ("spec.secretStoreRef", ("SecretStore", "ClusterSecretStore")),
    ),
    ("gateway.networking.k8s.io", "Gateway"): (
        ("spec.listeners.*.tls.certificateRefs.*", ("Secret",)),
    ),
    ("gateway.networking.k8s.io", "HTTPRoute"): (("spec.rules.*.backendRefs.*", ()),),
    ("helm.toolkit.fluxcd.io", "HelmRelease"): (
        ("spec.chart.spec.sourceRef", ()),
        ("spec.chartRef", ()),
    ),
    ("inference.networking.k8s.io", "InferencePool"): (("spec.endpointPickerRef", ("Service",)),),
    ("inference.networking.x-k8s.io", "InferenceObjective"): (
        ("spec.poolRef", ("InferencePool",)),
    ),
    ("keda.sh", "ScaledObject"): (("spec.scaleTargetRef", ()),),
    ("kueue.x-k8s.io", "ClusterQueue"): (("spec.resourceGroups.*.flavors.*", ("ResourceFlavor",)),),
    ("kueue.x-k8s.io", "LocalQueue"): (("spec.clusterQueue", ("ClusterQueue",)),),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): (("spec.sourceRef", ()),),
    ("networking.k8s.io", "Ingress"): (("spec.tls.*.secretName", ("Secret",)),),
    ("serving.kserve.io", "InferenceGraph"): (
        ("spec.nodes.*.steps.*.serviceName", ("InferenceService",)),
    ),
    ("serving.kserve.io", "InferenceService"): (
        ("spec.predictor.model.runtime", ("ServingRuntime", "ClusterServingRuntime")),
        ("spec.predictor.serviceAccountName", ("ServiceAccount",)),
        ("spec.transformer.serviceAccountName", ("ServiceAccount",)),
    ),
}
_OF_PODS = (
    ("priorityClassName", "PriorityClass"),
    ("runtimeClassName", "RuntimeClass"),
    ("resourceClaims.*.resourceClaimName", "ResourceClaim"),
    ("resourceClaims.*.resourceClaimTemplateName", "ResourceClaimTemplate"),
)
_QUEUE = "kueue.x-k8s.io/queue-name"
# Other rules look for these, and know more of them.
_KNOWN = SCALABLE | {"Service", ""}
# Where kinds that make a Secret say what it is called.
_SECRETS = (
    ("Certificate", ("spec", "secretName")),
    ("ExternalSecret", ("spec", "target", "name")),
    ("SealedSecret", ("spec", "template", "metadata", "name")),
)


class _Name(NamedTuple):
    """A name, the kinds of which one is meant, who says it, and where."""

    name: str
    kinds: tuple[str, ...]
    manifest: Manifest
    field: FieldPath
    namespace: str


def _judge(inventory: Inventory) -> Iterator[Found]:
    said = [found for found in _names(inventory) if found.name]
    times = Counter((found.name, found.kinds) for found in said)
    for found in said:
        # Who mistypes a name does it once.
        if times[found.name, found.kinds] == 1:
            near = _meant(inventory, found)
            if near:
                message = (
                    f"{title(found.manifest)} names the {found.kinds[0]} '{shown(found.name)}', "
                    f"which is not in this overlay{suggestion(near)}"
                )
                yield Found(message, found.manifest.id, found.field)


def _meant(inventory: Inventory, found: _Name) -> str | None:
    """What the name is a slip of; None where it is there, or may well be another's."""
    known: list[str] = []
    for kind in found.kinds:
        if inventory.find(kind, found.namespace, found.name):
            return None
        known += inventory.names(kind, found.namespace)
    if found.kinds == ("Secret",):
        known += inventory.once("names of Secrets to come", _secrets)
    if not known or found.name in known:
        return None
    near = nearest_name(found.name, known)
    return near if is_slip(found.name, near) else None


def _secrets(inventory: Inventory) -> list[str]:
    """Names of Secrets that controllers will make."""
    return [
        name
        for kind, path in _SECRETS
        for manifest in inventory.of(kind)
        if (name := text(at(manifest.data, *path)))
    ]


def _names(inventory: Inventory) -> Iterator[_Name]:
    # Of this repository's own Applications there are rules.
    delivered = inventory.context.delivery is not None
    for manifest in inventory.manifests if not delivered else ():
        for place, kinds in _NAMED.get((manifest.id.group, manifest.id.kind), ()):
            for value, field in _at(manifest.data, place):
                yield from _named(manifest, value, field, kinds)
    of_pods = [(place, kind) for place, kind in _OF_PODS if kind in inventory.kinds]
    for pods in inventory.pods if of_pods else ():
        for place, kind in of_pods:
            for value, field in _at(pods.spec, place):
                where = (*pods.spec_path, *field)
                yield _Name(text(value), (kind,), pods.owner, where, pods.owner.id.namespace)
    for manifest in inventory.manifests if "LocalQueue" in inventory.kinds else ():
        queue = text(mapping(at(manifest.data, "metadata", "labels")).get(_QUEUE))
        place = manifest.id.namespace
        yield _Name(queue, ("LocalQueue",), manifest, ("metadata", "labels", _QUEUE), place)


def _named(
    manifest: Manifest, value: object, field: FieldPath, kinds: tuple[str, ...]
) -> Iterator[_Name]:
    place = manifest.id.namespace
    if not isinstance(value, dict):
        yield _Name(text(value), kinds, manifest, field, place)
        return
    kind = text(value.get("kind"))
    if not kinds and kind in _KNOWN:
        return
    meant = (kind,) if kind else kinds[:1]
    namespace = text(value.get("namespace")) or place
    yield _Name(text(value.get("name")), meant, manifest, (*field, "name"), namespace)


def _at(data: Any, place: str) -> Iterator[tuple[Any, FieldPath]]:
    """Each value at a place, whose `*` is each item of a list or mapping."""
    found: list[tuple[Any, FieldPath]] = [(data, ())]
    for step in place.split("."):
        found = [below for value, path in found for below in _below(value, path, step)]
    return iter(found)


def _below(value: Any, path: FieldPath, step: str) -> Iterator[tuple[Any, FieldPath]]:
    if step != "*":
        if isinstance(value, dict) and step in value:
            yield value[step], (*path, step)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield item, (*path, index)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield item, (*path, key)


MISTYPED_NAME = Rule(
    "mistyped-name",
    Severity.WARN,
    "configuration",
    why="What is named and isn't there is waited for, and mostly nobody says so.",
    fix="Name the object as it is rendered.",
    link="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
    judge=_judge,
)
