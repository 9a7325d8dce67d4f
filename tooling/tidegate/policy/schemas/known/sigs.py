"""What Kubernetes' own interest groups keep beside it: the inference extension's InferencePool,
LeaderWorkerSet, JobSet and the VerticalPodAutoscaler."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places

_POOL: Places = {
    "spec": "text: appProtocol map: endpointPickerRef selector list: targetPorts",
    "spec.selector": "texts: matchLabels",
    "spec.targetPorts[]": "int: number",
    "spec.endpointPickerRef": "text: group kind name FailOpen|FailClose: failureMode map: port",
    "spec.endpointPickerRef.port": "int: number",
}
_LEADERS: Places = {
    "spec": "map: leaderWorkerTemplate networkConfig rolloutStrategy int: replicas "
    "LeaderCreated|LeaderReady: startupPolicy",
    "spec.rolloutStrategy": "text: type map: rollingUpdateConfiguration",
    "spec.rolloutStrategy.rollingUpdateConfiguration": "any: maxSurge maxUnavailable "
    "int: partition",
    "spec.leaderWorkerTemplate": "map: leaderTemplate persistentVolumeClaimRetentionPolicy "
    "subGroupPolicy workerTemplate list: volumeClaimTemplates int: size "
    "Default|RecreateGroupOnPodRestart|RecreateGroupAfterStart|None: restartPolicy",
    "spec.networkConfig": "Shared|UniquePerReplica: subdomainPolicy",
}
_JOBS: Places = {
    "spec": "map: coordinator failurePolicy network startupPolicy successPolicy bool: suspend "
    "int: ttlSecondsAfterFinished text: managedBy list: replicatedJobs volumeClaimPolicies",
    "spec.network": "bool: enableDNSHostnames publishNotReadyAddresses text: subdomain",
    "spec.replicatedJobs[]": "text: groupName name int: replicas map: template list: dependsOn",
}
_VERTICAL: Places = {
    "spec": "map: resourcePolicy startupBoost targetRef updatePolicy list: recommenders",
    "spec.targetRef": "text: apiVersion kind name",
    "spec.updatePolicy": "Off|Initial|Recreate|Auto|InPlaceOrRecreate|InPlace: updateMode "
    "int: evictAfterOOMSeconds minReplicas list: evictionRequirements",
    "spec.resourcePolicy": "list: containerPolicies",
    "spec.resourcePolicy.containerPolicies[]": "text: containerName Auto|Off: mode "
    "map: maxAllowed minAllowed startupBoost list: controlledResources "
    "RequestsAndLimits|RequestsOnly: controlledValues "
    "free: oomBumpUpRatio oomMinBumpUp pruningGracePeriodSeconds",
}
KINDS: Kinds = {
    ("autoscaling.k8s.io", "VerticalPodAutoscaler"): _VERTICAL,
    ("inference.networking.k8s.io", "InferencePool"): _POOL,
    ("jobset.x-k8s.io", "JobSet"): _JOBS,
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): _LEADERS,
}
