"""KEDA's ScaledObject, ScaledJob and TriggerAuthentication."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places

_TRIGGERS: Places = {
    "spec.triggers[]": "map: authenticationRef metadata text: name type "
    "bool: useCachedMetrics AverageValue|Utilization|Value: metricType",
    "spec.triggers[].authenticationRef": "text: kind name",
}
_SCALING = (
    "int: stabilizationWindowSeconds list: policies Max|Min|Disabled: selectPolicy any: tolerance"
)
_POLICY = "Pods|Percent: type int: periodSeconds value"
_BEHAVIOR = "spec.advanced.horizontalPodAutoscalerConfig.behavior"
_SCALED_OBJECT: Places = {
    "spec": "map: advanced fallback scaleTargetRef list: triggers int: cooldownPeriod "
    "idleReplicaCount initialCooldownPeriod maxReplicaCount minReplicaCount pollingInterval",
    "spec.scaleTargetRef": "text: apiVersion envSourceContainerName kind name",
    "spec.fallback": "text: behavior int: failureThreshold replicas",
    "spec.advanced": "map: horizontalPodAutoscalerConfig scalingModifiers "
    "bool: restoreToOriginalReplicaCount",
    "spec.advanced.horizontalPodAutoscalerConfig": "map: behavior text: name",
    _BEHAVIOR: "map: scaleDown scaleUp",
    **{f"{_BEHAVIOR}.{way}": _SCALING for way in ("scaleDown", "scaleUp")},
    **{f"{_BEHAVIOR}.{way}.policies[]": _POLICY for way in ("scaleDown", "scaleUp")},
    **_TRIGGERS,
}
_SCALED_JOB: Places = {
    "spec": "map: jobTargetRef rollout scalingStrategy list: triggers text: envSourceContainerName "
    "rolloutStrategy int: failedJobsHistoryLimit maxReplicaCount minReplicaCount pollingInterval "
    "successfulJobsHistoryLimit",
    "spec.scalingStrategy": "text: customScalingRunningJobPercentage multipleScalersCalculation "
    "strategy int: customScalingQueueLengthDeduction list: pendingPodConditions",
    **_TRIGGERS,
}
_AUTHENTICATION: Places = {
    "spec": "map: awsSecretManager azureKeyVault gcpSecretManager hashiCorpVault oauth2 "
    "podIdentity list: boundServiceAccountToken configMapTargetRef env secretTargetRef "
    "text: filePath",
    "spec.secretTargetRef[]": "text: key name parameter",
    "spec.podIdentity": "text: externalID identityAuthorityHost identityId identityOwner "
    "identityTenantId provider roleArn",
}
KINDS: Kinds = {
    ("keda.sh", "ScaledJob"): _SCALED_JOB,
    ("keda.sh", "ScaledObject"): _SCALED_OBJECT,
    ("keda.sh", "TriggerAuthentication"): _AUTHENTICATION,
    ("keda.sh", "ClusterTriggerAuthentication"): _AUTHENTICATION,
}
