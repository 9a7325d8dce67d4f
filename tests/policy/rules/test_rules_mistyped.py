"""Names that surely are slips of others in the overlay."""

from __future__ import annotations

import pytest
from tests.support.rules import findings

from tidegate.domain.finding import Severity

OBJECTS = """
{apiVersion: v1, kind: PersistentVolume, metadata: {name: models}}
---
{apiVersion: inference.networking.k8s.io/v1, kind: InferencePool, metadata: {name: llama},
 spec: {endpointPickerRef: {name: picker}}}
---
{apiVersion: v1, kind: Service, metadata: {name: picker}}
---
{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, metadata: {name: fleet}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: web}, spec: {secretName: edge}}
---
{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: training}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: serving}}
---
"""
ROUTE = (
    "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: "
    "{rules: [{backendRefs: [{group: a.io, kind: InferencePool, name: %s}]}]}}"
)
CLAIM = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {volumeName: %s}}"
FLUX = (
    "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {name: a}, spec: "
    "{sourceRef: {kind: GitRepository, name: %s}}}"
)
INGRESS = (
    "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: "
    "{tls: [{secretName: %s}]}}"
)
JOB = (
    "{apiVersion: batch/v1, kind: Job, metadata: {name: a, labels: {kueue.x-k8s.io/queue-name: %s}}"
    ", spec: {template: {spec: {containers: []}}}}"
)
POD = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {priorityClassName: %s}}"


def told(text: str) -> list[tuple[str, str]]:
    found = findings(OBJECTS + text, rule="mistyped-name", environment=None)
    assert all(v.severity is Severity.WARN for v in found)
    return [(".".join(map(str, v.field)), v.message.partition(" names ")[2]) for v in found]


@pytest.mark.parametrize(
    ("text", "right", "wrong", "field", "kind"),
    [
        (ROUTE, "llama", "lama", "spec.rules.0.backendRefs.0.name", "InferencePool"),
        (CLAIM, "models", "model", "spec.volumeName", "PersistentVolume"),
        (FLUX, "fleet", "fleat", "spec.sourceRef.name", "GitRepository"),
        (INGRESS, "edge", "egde", "spec.tls.0.secretName", "Secret"),
        (JOB, "training", "trainig", "metadata.labels.kueue.x-k8s.io/queue-name", "LocalQueue"),
        (POD, "serving", "servng", "spec.priorityClassName", "PriorityClass"),
    ],
)
def test_a_slip_is_told_and_nothing_else(
    text: str, right: str, wrong: str, field: str, kind: str
) -> None:
    assert told(text % right) == []
    assert told(text % "other") == []
    said = f"the {kind} '{wrong}', which is not in this overlay; did you mean '{right}'?"
    assert told(text % wrong) == [(field, said)]


def test_what_two_say_is_somebody_elses() -> None:
    pods = POD.replace("name: a", "name: b") % "servng"
    assert told(f"{POD % 'servng'}\n---\n{pods}") == []


def test_of_what_shape_it_may_be() -> None:
    for odd in ("{rules: 1}", "{rules: [{backendRefs: [1, {kind: [a], name: {}}]}]}", "[]"):
        head = "apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}"
        assert told(f"{{{head}, spec: {odd}}}") == []
