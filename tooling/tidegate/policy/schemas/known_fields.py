"""The fields of well-known custom resources, at the places where people mistype them most.

At each place all names are there that any served version has, by type; what is below a place
that isn't here is nobody's business. `any` is a number or text. A path's `[]` is each item of a
list. They are those of Argo CD 3, Argo Rollouts 1, cert-manager 1, external-secrets 1 and 2,
Gateway API 1 (its experimental channel too), Istio 1, KEDA 2, KServe 0 and the Prometheus
operator 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

Places = Mapping[str, str]

_SOURCE = (
    "text: chart name path ref repoURL tagPrefix targetRevision "
    "map: directory helm kustomize plugin"
)
_HELM = (
    "list: apiVersions fileParameters parameters valueFiles "
    "bool: ignoreMissingValueFiles passCredentials skipCrds skipSchemaValidation skipTests "
    "text: kubeVersion namespace releaseName values version map: valuesObject"
)
_APPLICATION_SPEC: Places = {
    "": "map: destination source sourceHydrator syncPolicy list: ignoreDifferences info sources "
    "text: project int: revisionHistoryLimit",
    ".source": _SOURCE,
    ".sources[]": _SOURCE,
    ".source.helm": _HELM,
    ".sources[].helm": _HELM,
    ".source.directory": "bool: disableExtensionFilter recurse text: exclude include map: jsonnet",
    ".destination": "text: name namespace server",
    ".syncPolicy": "map: automated managedNamespaceMetadata retry list: syncOptions",
    ".syncPolicy.automated": "bool: allowEmpty enabled prune selfHeal",
    ".syncPolicy.retry": "map: backoff int: limit bool: refresh",
    ".syncPolicy.retry.backoff": "text: duration maxDuration int: factor",
}
_ANALYSIS = "map: analysisRunMetadata list: args dryRun measurementRetention templates"
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
    "spec.strategy.blueGreen": "text: activeService previewService bool: autoPromotionEnabled "
    "map: activeMetadata antiAffinity postPromotionAnalysis prePromotionAnalysis previewMetadata "
    "int: abortScaleDownDelaySeconds autoPromotionSeconds previewReplicaCount "
    "scaleDownDelayRevisionLimit scaleDownDelaySeconds any: maxUnavailable",
    "spec.workloadRef": "text: apiVersion kind name scaleDown",
}
_CERTIFICATE: Places = {
    "spec": "text: commonName literalSubject secretName signatureAlgorithm span: duration "
    "renewBefore int: renewBeforePercentage revisionHistoryLimit bool: encodeUsagesInRequest isCA "
    "list: additionalOutputFormats dnsNames emailAddresses ipAddresses otherNames uris usages "
    "map: issuerRef keystores nameConstraints privateKey secretTemplate subject",
    "spec.issuerRef": "text: group kind name",
    "spec.privateKey": "text: algorithm encoding rotationPolicy int: size",
}
_REMOTE = (
    "text: conversionStrategy decodingStrategy key metadataPolicy nullBytePolicy property version "
    "map: decryptingStrategy"
)
_EXTERNAL_SECRET: Places = {
    "spec": "list: data dataFrom span: refreshInterval text: refreshPolicy "
    "map: secretStoreRef target",
    "spec.data[]": "text: secretKey map: remoteRef sourceRef",
    "spec.data[].remoteRef": _REMOTE,
    "spec.dataFrom[].extract": _REMOTE,
    "spec.secretStoreRef": "text: kind name",
    "spec.target": "text: creationPolicy deletionPolicy name bool: immutable "
    "map: manifest template",
}
_ROUTE: Places = {
    "spec": "list: hostnames parentRefs rules text: useDefaultGateways",
    "spec.parentRefs[]": "text: group kind name namespace sectionName int: port",
    "spec.rules[]": "list: backendRefs filters matches text: name "
    "map: retry sessionPersistence timeouts",
    "spec.rules[].matches[]": "list: headers queryParams text: method map: path",
    "spec.rules[].matches[].path": "text: type value",
    "spec.rules[].backendRefs[]": "list: filters text: group kind name namespace int: port weight",
    "spec.rules[].filters[]": "text: type map: cors extensionRef externalAuth "
    "requestHeaderModifier requestMirror requestRedirect responseHeaderModifier urlRewrite",
    "spec.rules[].timeouts": "text: backendRequest request",
}
_K8S_GATEWAY: Places = {
    "spec": "list: addresses listeners map: allowedListeners infrastructure tls "
    "text: defaultScope gatewayClassName",
    "spec.listeners[]": "map: allowedRoutes tls text: hostname name protocol int: port",
    "spec.listeners[].tls": "list: certificateRefs text: mode map: options",
    "spec.listeners[].allowedRoutes": "list: kinds map: namespaces",
}
_TRIGGERS: Places = {
    "spec.triggers[]": "map: authenticationRef metadata text: metricType name type "
    "bool: useCachedMetrics",
    "spec.triggers[].authenticationRef": "text: kind name",
}
_SCALED_OBJECT: Places = {
    "spec": "map: advanced fallback scaleTargetRef list: triggers int: cooldownPeriod "
    "idleReplicaCount initialCooldownPeriod maxReplicaCount minReplicaCount pollingInterval",
    "spec.scaleTargetRef": "text: apiVersion envSourceContainerName kind name",
    "spec.fallback": "text: behavior int: failureThreshold replicas",
    "spec.advanced": "map: horizontalPodAutoscalerConfig scalingModifiers "
    "bool: restoreToOriginalReplicaCount",
    "spec.advanced.horizontalPodAutoscalerConfig": "map: behavior text: name",
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
_SCRAPED = (
    "map: attachMetadata namespaceSelector selector list: podTargetLabels scrapeProtocols "
    "text: bodySizeLimit fallbackScrapeProtocol jobLabel scrapeClass selectorMechanism "
    "bool: convertClassicHistogramsToNHCB scrapeClassicHistograms scrapeNativeHistograms "
    "int: keepDroppedTargets labelLimit labelNameLengthLimit labelValueLengthLimit "
    "nativeHistogramBucketLimit sampleLimit targetLimit any: nativeHistogramMinBucketFactor"
)
_ENDPOINT = (
    "text: interval noProxy path port proxyUrl scheme scrapeTimeout any: targetPort "
    "map: authorization basicAuth bearerTokenSecret oauth2 params proxyConnectHeader tlsConfig "
    "bool: enableHttp2 filterRunning followRedirects honorLabels honorTimestamps "
    "proxyFromEnvironment trackTimestampsStaleness list: metricRelabelings relabelings"
)
_SELECTORS: Places = {
    "spec.selector": "list: matchExpressions map: matchLabels",
    "spec.namespaceSelector": "bool: any list: matchNames",
}
_SERVICE_MONITOR: Places = {
    "spec": f"{_SCRAPED} list: endpoints targetLabels text: serviceDiscoveryRole",
    "spec.endpoints[]": f"{_ENDPOINT} text: bearerTokenFile",
    **_SELECTORS,
}
_POD_MONITOR: Places = {
    "spec": f"{_SCRAPED} list: podMetricsEndpoints",
    "spec.podMetricsEndpoints[]": f"{_ENDPOINT} int: portNumber",
    **_SELECTORS,
}
_DESTINATION_RULE: Places = {
    "spec": "text: host list: exportTo subsets map: trafficPolicy workloadSelector",
    "spec.subsets[]": "text: name map: labels trafficPolicy",
    "spec.trafficPolicy": "map: connectionPool loadBalancer outlierDetection proxyProtocol "
    "retryBudget tls tunnel list: portLevelSettings",
    "spec.trafficPolicy.tls": "text: caCertificates caCrl clientCertificate credentialName mode "
    "privateKey sni bool: insecureSkipVerify list: subjectAltNames",
    "spec.trafficPolicy.loadBalancer": "map: backendUtilization consistentHash localityLbSetting "
    "warmup zoneAwareLbSetting text: simple warmupDurationSecs",
    "spec.trafficPolicy.connectionPool": "map: http tcp",
    "spec.trafficPolicy.connectionPool.tcp": "text: connectTimeout idleTimeout "
    "maxConnectionDuration int: maxConnections map: tcpKeepalive",
    "spec.trafficPolicy.connectionPool.http": "text: h2UpgradePolicy idleTimeout "
    "int: http1MaxPendingRequests http2MaxRequests maxConcurrentStreams maxRequestsPerConnection "
    "maxRetries map: http2KeepAlive bool: useClientProtocol",
    "spec.trafficPolicy.outlierDetection": "text: baseEjectionTime interval "
    "int: consecutive5xxErrors consecutiveErrors consecutiveGatewayErrors "
    "consecutiveLocalOriginFailures maxEjectionPercent minHealthPercent "
    "list: outlierDetectionHttpErrorCodes bool: splitExternalLocalOriginErrors",
}
_ISTIO_GATEWAY: Places = {
    "spec": "map: selector list: servers",
    "spec.servers[]": "text: bind defaultEndpoint name list: hosts map: port tls",
    "spec.servers[].port": "text: name protocol int: number targetPort",
}
_DESTINATION: Places = {
    "[].route[]": "map: destination headers int: weight",
    "[].route[].destination": "text: host subset map: port",
    "[].route[].destination.port": "int: number",
}
_VIRTUAL_SERVICE: Places = {
    "spec": "list: exportTo gateways hosts http tcp tls",
    "spec.http[]": "text: name timeout list: match mirrors route map: corsPolicy delegate "
    "directResponse fault headers mirror mirrorPercentage redirect retries rewrite "
    "int: mirror_percent mirrorPercent",
    "spec.http[].match[]": "text: name sourceNamespace statPrefix list: gateways "
    "map: authority headers method queryParams scheme sourceLabels uri withoutHeaders "
    "bool: ignoreUriCase int: port",
    "spec.http[].retries": "int: attempts text: backoff perTryTimeout retryOn "
    "bool: retryIgnorePreviousHosts retryRemoteLocalities",
    "spec.http[].fault": "map: abort delay",
    "spec.tcp[]": "list: match route",
    "spec.tls[]": "list: match route",
    **{
        f"spec.{part}{at}": names
        for part in ("http", "tcp", "tls")
        for at, names in _DESTINATION.items()
    },
}
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
    "text: scaleMetric scaleMetricType list: storageUris"
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
    **{f"spec.predictor.{runtime}": _MODEL for runtime in _RUNTIMES.split()},
}
_KNOWN: Mapping[tuple[str, str], Places] = {
    ("argoproj.io", "Application"): {
        f"spec{place}": names for place, names in _APPLICATION_SPEC.items()
    },
    ("argoproj.io", "ApplicationSet"): {
        "spec": "list: generators goTemplateOptions ignoreApplicationDifferences "
        "bool: applyNestedSelectors goTemplate map: preservedFields strategy syncPolicy template "
        "text: templatePatch",
        "spec.syncPolicy": "text: applicationsSync bool: preserveResourcesOnDeletion",
        "spec.template": "map: metadata spec",
        **{f"spec.template.spec{place}": names for place, names in _APPLICATION_SPEC.items()},
    },
    ("argoproj.io", "Rollout"): _ROLLOUT,
    ("cert-manager.io", "Certificate"): _CERTIFICATE,
    ("external-secrets.io", "ExternalSecret"): _EXTERNAL_SECRET,
    ("gateway.networking.k8s.io", "Gateway"): _K8S_GATEWAY,
    ("gateway.networking.k8s.io", "HTTPRoute"): _ROUTE,
    ("keda.sh", "ScaledJob"): _SCALED_JOB,
    ("keda.sh", "ScaledObject"): _SCALED_OBJECT,
    ("monitoring.coreos.com", "PodMonitor"): _POD_MONITOR,
    ("monitoring.coreos.com", "ServiceMonitor"): _SERVICE_MONITOR,
    ("networking.istio.io", "DestinationRule"): _DESTINATION_RULE,
    ("networking.istio.io", "Gateway"): _ISTIO_GATEWAY,
    ("networking.istio.io", "VirtualService"): _VIRTUAL_SERVICE,
    ("serving.kserve.io", "InferenceService"): _INFERENCE_SERVICE,
}


@cache
def known_fields(group: str, kind: str) -> Mapping[str, Mapping[str, str]]:
    """Of each known place in objects of a kind, such as `spec.http[].route[]`, all names of
    fields, each with its type; nothing for a kind that isn't known."""
    places = _KNOWN.get((group, kind), {})
    return {place: _by_name(names) for place, names in places.items()}


def _by_name(names: str) -> dict[str, str]:
    found, type_ = {}, ""
    for word in names.split():
        if word.endswith(":"):
            type_ = word[:-1]
        else:
            found[word] = type_
    return found
