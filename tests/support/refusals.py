"""What an API server refuses beyond its schemas: each rule with an object that breaks it and a twin
that keeps it, as `refusals.txt` lists them.

A line is: what is described, its text with `%s` for a value, the value that is refused, the one
that is taken, and the field that is told. Text and field begin where `HEADS` has its own `%s`; a
key that is written twice counts as it is written last.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_OBJECT = "{apiVersion: %s, kind: %s, metadata: {name: a}, %%s}"
_LABELS = "metadata: {name: a, labels: {%s}}"
_ONE = "containers: [{name: c, image: x}]"
_POD = "spec: {" + _ONE + ", %s}"
_TEMPLATE = "template: {metadata: {labels: {a: b}}, " + _POD + "}"
_JOB = "spec: {template: {spec: {restartPolicy: Never, " + _ONE + "}}}"
_OWNER = "spec: {selector: {matchLabels: {a: b}}, %s}"
_CLAIM = "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, "
_SCALED = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, maxReplicas: 3"
_DEFINED = (
    "group: a.io, scope: Cluster, names: {kind: B, plural: bs}, versions: [{name: v1, served: "
    "true, storage: true, schema: {openAPIV3Schema: {type: object}}}]"
)
_ADMISSION = "admissionregistration.k8s.io/v1"
_REQUESTS = "apiGroups: [a], apiVersions: [v1], operations: [CREATE], resources: [b]"
_HOOK = (
    "{name: a.b.io, sideEffects: None, admissionReviewVersions: [v1], "
    "clientConfig: {url: 'https://a.io'}, %s}"
)
_CHECK = (
    f"matchConstraints: {{resourceRules: [{{{_REQUESTS}}}]}}, validations: [{{expression: 'true'}}]"
)
_MUTATION = (
    f"reinvocationPolicy: Never, matchConstraints: {{resourceRules: [{{{_REQUESTS}}}]}}, "
    "mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: 'Object{}'}}]"
)
_SERVED = (
    "group: a.io, version: v1, groupPriorityMinimum: 1, versionPriority: 1, "
    "insecureSkipTLSVerify: true, service: {namespace: a, name: b}"
)
# Of each: its version and kind, what is around the text, and where in it the text stands.
HEADS = {
    "Pod": ("v1", "Pod", _POD, "spec"),
    "Container": (
        "v1",
        "Pod",
        "spec: {containers: [{name: c, image: x, %s}]}",
        "spec.containers.0",
    ),
    "Template": ("apps/v1", "Deployment", _OWNER % _TEMPLATE, "spec.template.spec"),
    **{
        kind: ("apps/v1", kind, _OWNER % (_TEMPLATE % "" + ", %s"), "spec")
        for kind in ("Deployment", "StatefulSet", "DaemonSet")
    },
    "Job": (
        *("batch/v1", "Job"),
        *(_JOB.replace("}}}", "}}, %s}"), "spec"),
    ),
    **{
        kind: (version, kind, "spec: {" + body + "%s}", "spec")
        for version, kind, body in (
            ("v1", "Service", "selector: {a: b}, "),
            ("v1", "ResourceQuota", ""),
            ("v1", "LimitRange", ""),
            ("v1", "PersistentVolume", ""),
            ("v1", "PersistentVolumeClaim", _CLAIM),
            ("autoscaling/v2", "HorizontalPodAutoscaler", f"{_SCALED}, "),
            ("coordination.k8s.io/v1", "Lease", ""),
            ("networking.k8s.io/v1", "Ingress", ""),
            ("networking.k8s.io/v1", "IngressClass", ""),
            ("networking.k8s.io/v1", "NetworkPolicy", "podSelector: {}, "),
            ("policy/v1", "PodDisruptionBudget", ""),
        )
    },
    "CronJob": (
        *("batch/v1", "CronJob"),
        *(f"spec: {{schedule: '@daily', jobTemplate: {{{_JOB}}}, %s}}", "spec"),
    ),
    "Definition": (
        *("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        *(f"metadata: {{name: bs.a.io}}, spec: {{{_DEFINED}, %s}}", "spec"),
    ),
    "Namespace": ("v1", "Namespace", _LABELS, "metadata.labels"),
    "Metadata": ("v1", "ConfigMap", "metadata: {name: a, %s}", "metadata"),
    "JobMetadata": ("batch/v1", "Job", f"metadata: {{%s}}, {_JOB}", "metadata"),
    "Webhook": (_ADMISSION, "ValidatingWebhookConfiguration", f"webhooks: [{_HOOK}]", "webhooks.0"),
    "AdmissionPolicy": (_ADMISSION, "ValidatingAdmissionPolicy", f"spec: {{{_CHECK}, %s}}", "spec"),
    "PolicyBinding": (
        *(_ADMISSION, "ValidatingAdmissionPolicyBinding"),
        *("spec: {policyName: a, validationActions: [Deny], %s}", "spec"),
    ),
    "MutatingPolicy": (
        *(_ADMISSION, "MutatingAdmissionPolicy"),
        *(f"spec: {{{_MUTATION}, %s}}", "spec"),
    ),
    "MutatingBinding": (_ADMISSION, "MutatingAdmissionPolicyBinding", "spec: {%s}", "spec"),
    "APIService": (
        *("apiregistration.k8s.io/v1", "APIService"),
        *(f"metadata: {{name: v1.a.io}}, spec: {{{_SERVED}, %s}}", "spec"),
    ),
    "CSIDriver": ("storage.k8s.io/v1", "CSIDriver", "spec: {%s}", "spec"),
    "VolumeAttributesClass": ("storage.k8s.io/v1", "VolumeAttributesClass", "%s", ""),
    "ResourceClaim": (
        "resource.k8s.io/v1",
        "ResourceClaim",
        "spec: {devices: {%s}}",
        "spec.devices",
    ),
    "Request": (
        *("resource.k8s.io/v1", "ResourceClaim"),
        *("spec: {devices: {requests: [%s]}}", "spec.devices.requests.0"),
    ),
    "ClaimTemplate": ("resource.k8s.io/v1", "ResourceClaimTemplate", "spec: {%s}", "spec"),
    "DeviceClass": ("resource.k8s.io/v1", "DeviceClass", "spec: {%s}", "spec"),
    "NamedAPIService": ("apiregistration.k8s.io/v1", "APIService", "%s", ""),
    "WholeNamespace": ("v1", "Namespace", "%s", ""),
    "ServiceCIDR": ("networking.k8s.io/v1", "ServiceCIDR", "spec: {%s}", "spec"),
    "FlowSchema": (
        *("flowcontrol.apiserver.k8s.io/v1", "FlowSchema"),
        *("spec: {priorityLevelConfiguration: {name: a}, rules: [%s]}", "spec.rules.0"),
    ),
    "PriorityLevel": (
        *("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration"),
        *("spec: {type: Limited, limited: {%s}}", "spec.limited"),
    ),
    "Endpoints": ("v1", "Endpoints", "subsets: [%s]", "subsets.0"),
    "EndpointSlice": ("discovery.k8s.io/v1", "EndpointSlice", "%s", ""),
    "StorageClass": ("storage.k8s.io/v1", "StorageClass", "provisioner: a.io, %s", ""),
    "ClusterRole": ("rbac.authorization.k8s.io/v1", "ClusterRole", "rules: [], %s", ""),
    "RoleBinding": ("rbac.authorization.k8s.io/v1", "RoleBinding", "%s", ""),
    "Whole": ("v1", "Pod", "%s", ""),
    "WholeJob": ("batch/v1", "Job", "%s", ""),
    "SshSecret": ("v1", "Secret", "type: kubernetes.io/ssh-auth, %s", ""),
    "WholePod": ("v1", "Pod", "%s, spec: {" + _ONE + "}", ""),
    "RuntimeClass": ("node.k8s.io/v1", "RuntimeClass", "%s", ""),
}
CASES = Path(__file__).with_suffix(".txt")


class Refusal(NamedTuple):
    """An object that the server refuses for one field, and its twin that it takes."""

    refused: dict[str, Any]
    accepted: dict[str, Any]
    field: str


def refusals() -> Iterator[Refusal]:
    """All cases as whole objects."""
    for line in CASES.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            what, text, bad, good, field = (cell.strip() for cell in line.split("|"))
            version, kind, body, place = HEADS[what]
            whole = _OBJECT % (version, kind) % (body % text)
            objects = [yaml.safe_load(whole % value) for value in (bad, good)]
            yield Refusal(*objects, ".".join(step for step in (place, field) if step))
