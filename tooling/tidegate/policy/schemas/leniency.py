"""Fields that Kubernetes' own schemas call required, and that its API server does not ask for.

In Go such a field is one without `omitempty`, whose zero value is as good as any other: a header
without a value, a priority of 0, a network policy for every pod. Each was left out of an object
that a real server (1.36) accepts, and it accepted what was left; the others on this list lost
their `required` in a later version of the schemas, for the same reason.
"""

from __future__ import annotations

# By the end of the definition's name, from its group on.
_NOT_ASKED = {
    "apiextensions.v1.CustomResourceDefinitionVersion": {"served", "storage"},
    "apps.v1.ControllerRevision": {"revision", "data"},
    "apps.v1.StatefulSetSpec": {"serviceName"},
    "authentication.v1.TokenRequest": {"spec"},
    "authentication.v1.TokenRequestSpec": {"audiences"},
    "batch.v1.PodFailurePolicy": {"rules"},
    "batch.v1.PodFailurePolicyOnPodConditionsPattern": {"status"},
    "batch.v1.PodFailurePolicyRule": {"onPodConditions"},
    "core.v1.ClusterTrustBundleProjection": {"path"},  # dropped, unless the server is told not to
    "core.v1.Event": {"metadata", "involvedObject"},
    "core.v1.HTTPHeader": {"value"},
    "core.v1.ISCSIPersistentVolumeSource": {"lun"},
    "core.v1.ISCSIVolumeSource": {"lun"},
    "core.v1.LimitRangeSpec": {"limits"},
    "core.v1.PreferredSchedulingTerm": {"preference"},
    "core.v1.ScaleIOPersistentVolumeSource": {"secretRef"},
    "core.v1.ScaleIOVolumeSource": {"secretRef"},
    "core.v1.SleepAction": {"seconds"},
    "core.v1.Sysctl": {"value"},
    "core.v1.TypedLocalObjectReference": {"kind", "name"},
    "discovery.v1.EndpointSlice": {"endpoints"},
    "discovery.v1.ForNode": {"name"},
    "discovery.v1.ForZone": {"name"},
    "flowcontrol.v1.LimitedPriorityLevelConfiguration": {"limitResponse"},
    "networking.v1.NetworkPolicySpec": {"podSelector"},
    "rbac.v1.RoleRef": {"apiGroup"},
    "resource.v1.DeviceClass": {"spec"},
    "resource.v1.DeviceCapacity": {"value"},
    "resource.v1.ResourceClaim": {"spec"},
    "resource.v1.ResourceClaimTemplate": {"spec"},
    "resource.v1.ResourceClaimTemplateSpec": {"spec"},
    "resource.v1.ResourcePool": {"generation"},
    "scheduling.v1.PriorityClass": {"value"},
    "storage.v1.CSIDriver": {"spec"},
    "storage.v1.CSINode": {"spec"},
    "storage.v1.TokenRequest": {"audience"},
}


def asked(definition: str, required: list[str]) -> list[str]:
    """Those of a definition's required fields that the server asks for."""
    kind = ".".join(definition.rsplit(".", 3)[-3:])
    silent = _NOT_ASKED.get(kind)
    return [name for name in required if name not in silent] if silent else required
