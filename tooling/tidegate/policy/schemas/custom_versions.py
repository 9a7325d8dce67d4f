"""Versions, groups and kinds of well-known custom resources that there aren't."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.known_fields import known_kinds
from tidegate.policy.schemas.rules import CUSTOM_FIELD
from tidegate.policy.schemas.words import choice, nearest, shown

_SIMILAR = 0.85
_WORD = re.compile(r"[A-Z]")
# Of each group, the versions that its known kinds have had.
_VERSIONS: Mapping[str, tuple[str, ...]] = {
    "argoproj.io": ("v1alpha1",),
    "autoscaling.k8s.io": ("v1", "v1beta2", "v1beta1"),
    "cert-manager.io": ("v1", "v1beta1", "v1alpha3", "v1alpha2"),
    "external-secrets.io": ("v1", "v1beta1", "v1alpha1"),
    "gateway.networking.k8s.io": ("v1", "v1beta1", "v1alpha2", "v1alpha1"),
    "helm.toolkit.fluxcd.io": ("v2", "v2beta2", "v2beta1"),
    "inference.networking.k8s.io": ("v1",),
    "jobset.x-k8s.io": ("v1alpha2", "v1alpha1"),
    "keda.sh": ("v1alpha1",),
    "kubeflow.org": ("v1", "v1beta2", "v1beta1"),
    "kustomize.toolkit.fluxcd.io": ("v1", "v1beta2", "v1beta1"),
    "leaderworkerset.x-k8s.io": ("v1",),
    "machinelearning.seldon.io": ("v1", "v1alpha3", "v1alpha2"),
    "monitoring.coreos.com": ("v1",),
    "networking.istio.io": ("v1", "v1beta1", "v1alpha3"),
    "ray.io": ("v1", "v1alpha1"),
    "security.istio.io": ("v1", "v1beta1"),
    "serving.knative.dev": ("v1", "v1beta1", "v1alpha1"),
    "serving.kserve.io": ("v1beta1", "v1alpha2"),
}
# Kinds that have had others.
_OWN_VERSIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("serving.kserve.io", "ClusterServingRuntime"): ("v1alpha1",),
    ("serving.kserve.io", "LLMInferenceService"): ("v1alpha2", "v1alpha1"),
    ("serving.kserve.io", "ServingRuntime"): ("v1alpha1",),
}
# Where kinds of groups that are no more have gone.
_MOVED = {
    "certmanager.k8s.io": "cert-manager.io",
    "keda.k8s.io": "keda.sh",
    "serving.kubeflow.org": "serving.kserve.io",
}


def judge_custom_version(manifest: Manifest) -> Iterator[Flaw]:
    """A warning where an object asks for what no version of its project has, or had."""
    group, kind = manifest.id.group, manifest.id.kind
    version = manifest.id.api_version.rpartition("/")[2]
    kinds = known_kinds(group)
    if group in _MOVED and kind in known_kinds(_MOVED[group]):
        message = f"is {shown(manifest.id.api_version)}; the group is called {_MOVED[group]} now"
        yield _flaw("apiVersion", message)
    elif kind in kinds:
        versions = _OWN_VERSIONS.get((group, kind)) or _VERSIONS[group]
        if version not in versions:
            known = choice([f"{group}/{name}" for name in versions])
            said = f"is {shown(manifest.id.api_version)}, which {kind} doesn't have"
            yield _flaw("apiVersion", f"{said}; expected {known}")
    elif kinds:
        meant = nearest(kind, kinds, similar=_SIMILAR)
        # Of as many words: an LLMInferenceService is a kind of its own.
        if meant and len(_WORD.findall(kind)) == len(_WORD.findall(meant)):
            yield _flaw("kind", f"is {shown(kind)}, which isn't known; did you mean '{meant}'?")


def _flaw(field: str, message: str) -> Flaw:
    return Flaw((field,), message, None, CUSTOM_FIELD, Severity.WARN)
