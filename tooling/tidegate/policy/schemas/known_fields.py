"""Which fields an object of a well-known custom kind has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from tidegate.policy.schemas.known import (
    argocd,
    flux,
    gateway_api,
    istio,
    keda,
    monitoring,
    rollouts,
    secrets,
    serving,
    sigs,
    training,
)
from tidegate.policy.schemas.known.places import Kinds

_KNOWN: Kinds = {
    **argocd.KINDS,
    **flux.KINDS,
    **gateway_api.KINDS,
    **istio.KINDS,
    **keda.KINDS,
    **monitoring.KINDS,
    **rollouts.KINDS,
    **secrets.KINDS,
    **serving.KINDS,
    **sigs.KINDS,
    **training.KINDS,
}
# Versions that have other names than those that followed.
_OLDER = frozenset(
    {
        "autoscaling.k8s.io/v1beta1",
        "autoscaling.k8s.io/v1beta2",
        "cert-manager.io/v1alpha2",
        "cert-manager.io/v1alpha3",
        "cert-manager.io/v1beta1",
        "external-secrets.io/v1alpha1",
        "gateway.networking.k8s.io/v1alpha1",
        "gateway.networking.k8s.io/v1alpha2",
        "helm.toolkit.fluxcd.io/v2beta1",
        "helm.toolkit.fluxcd.io/v2beta2",
        "kubeflow.org/v1beta1",
        "kubeflow.org/v1beta2",
        "kustomize.toolkit.fluxcd.io/v1beta1",
        "kustomize.toolkit.fluxcd.io/v1beta2",
        "machinelearning.seldon.io/v1alpha2",
        "machinelearning.seldon.io/v1alpha3",
        "ray.io/v1alpha1",
        "serving.knative.dev/v1alpha1",
        "serving.knative.dev/v1beta1",
        "serving.kserve.io/v1alpha2",
    }
)


@cache
def known_fields(group: str, kind: str) -> Mapping[str, Mapping[str, str]]:
    """Of each known place in objects of a kind, such as `spec.http[].route[]`, all names of
    fields, each with its type; nothing for a kind that isn't known."""
    places = _KNOWN.get((group, kind), {})
    return {place: _by_name(names) for place, names in places.items()}


@cache
def known_kinds(group: str) -> frozenset[str]:
    """The kinds of a group that something is known of."""
    return frozenset(kind for own, kind in _KNOWN if own == group)


def knows_all(api_version: str) -> bool:
    """Whether a version has no other names than those that are known."""
    return api_version not in _OLDER


def _by_name(names: str) -> dict[str, str]:
    found, type_ = {}, ""
    for word in names.split():
        if word.endswith(":"):
            type_ = word[:-1]
        else:
            found[word] = type_
    return found
