"""KServe's InferenceService, Knative's Service, and Ray's clusters, jobs and services."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places, below

_POD = (
    "int: activeDeadlineSeconds priority terminationGracePeriodSeconds "
    "bool: automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers "
    "setHostnameAsFQDN shareProcessNamespace map: affinity dnsConfig nodeSelector os overhead "
    "resources securityContext list: containers hostAliases imagePullSecrets initContainers "
    "readinessGates resourceClaims schedulingGates tolerations topologySpreadConstraints volumes "
    "text: dnsPolicy hostname hostnameOverride nodeName preemptionPolicy priorityClassName "
    "restartPolicy runtimeClassName schedulerName serviceAccount serviceAccountName subdomain"
)
_COMPONENT = (
    f"{_POD} map: annotations autoScaling batcher deploymentStrategy labels logger "
    "int: canaryTrafficPercent containerConcurrency maxReplicas minReplicas scaleTarget timeout "
    "cpu|memory|concurrency|rps: scaleMetric text: scaleMetricType list: storageUris"
)
_RUNTIMES = "huggingface lightgbm onnx paddle pmml pytorch sklearn tensorflow triton xgboost"
_MODEL = (
    "list: args command env envFrom ports resizePolicy restartPolicyRules volumeDevices "
    "volumeMounts text: image imagePullPolicy name protocolVersion restartPolicy runtimeVersion "
    "storageUri terminationMessagePath terminationMessagePolicy workingDir map: confidential "
    "lifecycle livenessProbe readinessProbe resources securityContext startupProbe storage "
    "bool: stdin stdinOnce tty"
)
_INFERENCE_SERVICE: Places = {
    "spec": "map: explainer predictor transformer list: canary",
    "spec.predictor": f"{_COMPONENT} text: name storageContainerName map: model workerSpec "
    f"{_RUNTIMES}",
    "spec.transformer": _COMPONENT,
    "spec.predictor.model": f"{_MODEL} map: modelFormat text: runtime",
    "spec.predictor.model.modelFormat": "text: name version",
    **{
        f"spec.predictor.{runtime}": f"{_MODEL} text: modelClassName"
        for runtime in _RUNTIMES.split()
    },
}
_REVISION: Places = {
    "spec": "map: template list: traffic",
    "spec.template": "map: metadata spec",
    "spec.template.spec": "map: affinity dnsConfig nodeSelector securityContext "
    "bool: automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID "
    "shareProcessNamespace int: containerConcurrency idleTimeoutSeconds "
    "responseStartTimeoutSeconds timeoutSeconds list: containers hostAliases imagePullSecrets "
    "initContainers tolerations topologySpreadConstraints volumes text: dnsPolicy "
    "priorityClassName runtimeClassName schedulerName serviceAccountName",
    "spec.traffic[]": "text: configurationName revisionName tag url bool: latestRevision "
    "int: percent",
}
_RAY: Places = {
    "": "map: authOptions autoscalerOptions gcsFaultToleranceOptions headGroupSpec "
    "headServiceAnnotations historyServerOptions networkPolicy tlsOptions upgradeStrategy "
    "bool: enableInTreeAutoscaling suspend text: managedBy rayVersion list: workerGroupSpecs",
    ".headGroupSpec": "bool: enableIngress map: headService ingressOptions labels "
    "resources template texts: rayStartParams text: serviceType",
    ".workerGroupSpecs[]": "text: groupName int: idleTimeoutSeconds maxReplicas minReplicas "
    "numOfHosts priority replicas map: labels resources scaleStrategy template "
    "texts: rayStartParams bool: suspend",
}
KINDS: Kinds = {
    ("ray.io", "RayCluster"): below("spec", _RAY),
    ("ray.io", "RayJob"): {
        "spec": "int: activeDeadlineSeconds backoffLimit preRunningDeadlineSeconds "
        "ttlSecondsAfterFinished map: clusterSelector deletionStrategy metadata rayClusterSpec "
        "submitterConfig submitterPodTemplate text: entrypoint entrypointResources jobId "
        "managedBy runtimeEnvYAML submissionMode any: entrypointNumCpus entrypointNumGpus "
        "bool: shutdownAfterJobFinishes suspend free: deletionPolicy",
        **below("spec.rayClusterSpec", _RAY),
    },
    ("ray.io", "RayService"): {
        "spec": "int: deploymentUnhealthySecondThreshold rayClusterDeletionDelaySeconds "
        "serviceUnhealthySecondThreshold bool: excludeHeadPodFromServeSvc suspend "
        "text: managedBy serveConfigV2 map: rayClusterConfig serveService upgradeStrategy",
        **below("spec.rayClusterConfig", _RAY),
    },
    ("serving.knative.dev", "Service"): _REVISION,
    ("serving.kserve.io", "InferenceService"): _INFERENCE_SERVICE,
}
