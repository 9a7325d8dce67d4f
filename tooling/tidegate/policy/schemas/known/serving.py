"""KServe's services and runtimes, Knative's Service, Seldon's deployments, and what Ray makes."""

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
_RUNTIME: Places = {
    "spec": "bool: disabled hostIPC multiModel int: replicas map: affinity annotations "
    "builtInAdapter labels nodeSelector storageHelper workerSpec list: containers "
    "imagePullSecrets protocolVersions resourceClaims supportedModelFormats tolerations volumes "
    "text: grpcDataEndpoint grpcEndpoint httpDataEndpoint schedulerName",
    "spec.supportedModelFormats[]": "text: name version bool: autoSelect int: priority",
}
_WORKLOAD = (
    "int: replicas map: annotations kvCacheOffloading labels parallelism rolloutStrategy scaling "
    "template worker"
)
_LLM: Places = {
    "spec": f"{_WORKLOAD} model prefill router storageInitializer tracing list: baseRefs",
    "spec.model": "text: criticality name uri map: confidential lora",
    "spec.prefill": _WORKLOAD,
    "spec.parallelism": "int: data dataLocal dataRPCPort pipeline tensor bool: expert",
    "spec.router": "map: gateway ingress route scheduler",
}
_SELDON: Places = {
    "spec": "text: name oauth_key oauth_secret protocol serverType transport int: replicas "
    "map: annotations list: predictors",
    "spec.predictors[]": "text: name int: progressDeadlineSeconds replicas traffic bool: shadow "
    "map: annotations engineResources explainer graph labels ssl svcOrchSpec list: componentSpecs",
    "spec.predictors[].graph": "text: envSecretRefName implementation modelUri name "
    "serviceAccountName storageInitializerImage type list: children methods parameters "
    "map: endpoint logger",
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
    ".autoscalerOptions": "Default|Aggressive|Conservative: upscalingMode int: idleTimeoutSeconds "
    "text: image imagePullPolicy version list: args command env envFrom volumeMounts "
    "map: resources securityContext",
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
    ("serving.kserve.io", "LLMInferenceService"): _LLM,
    ("serving.kserve.io", "ServingRuntime"): _RUNTIME,
    ("serving.kserve.io", "ClusterServingRuntime"): _RUNTIME,
    ("machinelearning.seldon.io", "SeldonDeployment"): _SELDON,
}
