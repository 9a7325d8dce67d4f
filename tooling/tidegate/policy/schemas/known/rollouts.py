"""Argo Rollouts' Rollout and AnalysisTemplate."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places

_ANALYSIS = "map: analysisRunMetadata list: args dryRun measurementRetention templates"
_ISTIO_ROUTES = "text: name list: routes tcpRoutes tlsRoutes"
_ROLLOUT: Places = {
    "spec": "map: analysis rollbackWindow selector strategy template workloadRef "
    "int: minReadySeconds progressDeadlineSeconds replicas revisionHistoryLimit "
    "bool: paused progressDeadlineAbort text: restartAt",
    "spec.strategy": "map: blueGreen canary",
    "spec.strategy.canary": "text: canaryService stableService list: steps "
    "map: analysis antiAffinity canaryMetadata pingPong replicaProgressThreshold stableMetadata "
    "trafficRouting int: abortScaleDownDelaySeconds minPodsPerReplicaSet "
    "scaleDownDelayRevisionLimit scaleDownDelaySeconds bool: dynamicStableScale "
    "any: maxSurge maxUnavailable",
    "spec.strategy.canary.steps[]": "map: analysis experiment pause plugin setCanaryScale "
    "setHeaderRoute setMirrorRoute int: setWeight",
    "spec.strategy.canary.steps[].pause": "any: duration",
    "spec.strategy.canary.steps[].analysis": _ANALYSIS,
    "spec.strategy.canary.analysis": f"{_ANALYSIS} int: startingStep",
    "spec.strategy.canary.trafficRouting": "map: alb ambassador apisix appMesh istio nginx plugins "
    "smi traefik list: managedRoutes int: maxTrafficWeight",
    "spec.strategy.canary.steps[].setCanaryScale": "bool: matchTrafficWeight int: replicas weight",
    "spec.strategy.canary.trafficRouting.istio": "map: destinationRule virtualService "
    "list: virtualServices",
    "spec.strategy.canary.trafficRouting.istio.virtualService": _ISTIO_ROUTES,
    "spec.strategy.canary.trafficRouting.istio.virtualServices[]": _ISTIO_ROUTES,
    "spec.strategy.canary.trafficRouting.istio.destinationRule": "list: additionalSubsetNames "
    "text: canarySubsetName name stableSubsetName",
    "spec.strategy.canary.trafficRouting.nginx": "map: additionalIngressAnnotations "
    "canaryIngressAnnotations text: annotationPrefix stableIngress list: stableIngresses",
    "spec.strategy.canary.trafficRouting.alb": "text: annotationPrefix ingress rootService "
    "list: ingresses int: servicePort map: stickinessConfig",
    "spec.strategy.blueGreen.prePromotionAnalysis": _ANALYSIS,
    "spec.strategy.blueGreen.postPromotionAnalysis": _ANALYSIS,
    "spec.strategy.blueGreen": "text: activeService previewService bool: autoPromotionEnabled "
    "map: activeMetadata antiAffinity postPromotionAnalysis prePromotionAnalysis previewMetadata "
    "int: abortScaleDownDelaySeconds autoPromotionSeconds previewReplicaCount "
    "scaleDownDelayRevisionLimit scaleDownDelaySeconds any: maxUnavailable",
    "spec.workloadRef": "text: apiVersion kind name scaleDown",
}
_ANALYSIS_TEMPLATE: Places = {
    "spec": "list: args dryRun measurementRetention metrics templates",
    "spec.args[]": "text: name value map: valueFrom",
    "spec.metrics[]": "any: consecutiveErrorLimit consecutiveSuccessLimit count failureLimit "
    "inconclusiveLimit text: failureCondition name successCondition span: initialDelay interval "
    "map: provider",
    "spec.metrics[].provider": "map: cloudWatch datadog graphite influxdb job kayenta newRelic "
    "plugin prometheus skywalking wavefront web",
    "spec.metrics[].provider.prometheus": "text: address query map: authentication rangeQuery "
    "list: headers bool: insecure int: timeout",
}
KINDS: Kinds = {
    ("argoproj.io", "Rollout"): _ROLLOUT,
    ("argoproj.io", "AnalysisTemplate"): _ANALYSIS_TEMPLATE,
    ("argoproj.io", "ClusterAnalysisTemplate"): _ANALYSIS_TEMPLATE,
}
