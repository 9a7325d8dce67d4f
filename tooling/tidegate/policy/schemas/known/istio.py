"""Istio's routing and its security."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places

_DESTINATION_RULE: Places = {
    "spec": "text: host list: exportTo subsets map: trafficPolicy workloadSelector",
    "spec.subsets[]": "text: name map: labels trafficPolicy",
    "spec.trafficPolicy": "map: connectionPool loadBalancer outlierDetection proxyProtocol "
    "retryBudget tls tunnel list: portLevelSettings",
    "spec.trafficPolicy.tls": "text: caCertificates caCrl clientCertificate credentialName "
    "privateKey sni DISABLE|SIMPLE|MUTUAL|ISTIO_MUTUAL: mode bool: insecureSkipVerify "
    "list: subjectAltNames",
    "spec.trafficPolicy.loadBalancer": "map: backendUtilization consistentHash localityLbSetting "
    "warmup zoneAwareLbSetting span: warmupDurationSecs "
    "UNSPECIFIED|LEAST_CONN|RANDOM|PASSTHROUGH|ROUND_ROBIN|LEAST_REQUEST: simple",
    "spec.trafficPolicy.connectionPool": "map: http tcp",
    "spec.trafficPolicy.connectionPool.tcp": "span: connectTimeout idleTimeout "
    "maxConnectionDuration int: maxConnections map: tcpKeepalive",
    "spec.trafficPolicy.connectionPool.http": "span: idleTimeout "
    "DEFAULT|DO_NOT_UPGRADE|UPGRADE: h2UpgradePolicy "
    "int: http1MaxPendingRequests http2MaxRequests maxConcurrentStreams maxRequestsPerConnection "
    "maxRetries map: http2KeepAlive bool: useClientProtocol",
    "spec.trafficPolicy.outlierDetection": "span: baseEjectionTime interval "
    "int: consecutive5xxErrors consecutiveErrors consecutiveGatewayErrors "
    "consecutiveLocalOriginFailures maxEjectionPercent minHealthPercent "
    "list: outlierDetectionHttpErrorCodes bool: splitExternalLocalOriginErrors",
}
_ISTIO_GATEWAY: Places = {
    "spec": "map: selector list: servers",
    "spec.servers[]": "text: bind defaultEndpoint name list: hosts map: port tls",
    "spec.servers[].port": "text: name protocol int: number targetPort",
    "spec.servers[].tls": "text: caCertCredentialName caCertificates caCrl credentialName "
    "maxProtocolVersion minProtocolVersion privateKey serverCertificate bool: httpsRedirect "
    "list: cipherSuites credentialNames subjectAltNames tlsCertificates verifyCertificateHash "
    "verifyCertificateSpki "
    "PASSTHROUGH|SIMPLE|MUTUAL|AUTO_PASSTHROUGH|ISTIO_MUTUAL|OPTIONAL_MUTUAL: mode",
}
_DESTINATION: Places = {
    "[].route[]": "map: destination headers int: weight",
    "[].route[].destination": "text: host subset map: port",
    "[].route[].destination.port": "int: number",
}
_VIRTUAL_SERVICE: Places = {
    "spec": "list: exportTo gateways hosts http tcp tls",
    "spec.http[]": "text: name span: timeout list: match mirrors route map: corsPolicy delegate "
    "directResponse fault headers mirror mirrorPercentage redirect retries rewrite "
    "int: mirror_percent mirrorPercent",
    "spec.http[].match[]": "text: name sourceNamespace statPrefix list: gateways "
    "map: authority headers method queryParams scheme sourceLabels uri withoutHeaders "
    "bool: ignoreUriCase int: port",
    "spec.http[].match[].uri": "text: exact prefix regex",
    "spec.http[].match[].method": "text: exact prefix regex",
    "spec.http[].match[].authority": "text: exact prefix regex",
    "spec.http[].retries": "int: attempts span: backoff perTryTimeout text: retryOn "
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
_AUTHORIZATION: Places = {
    "spec": "ALLOW|DENY|AUDIT|CUSTOM: action map: provider selector targetRef "
    "list: rules targetRefs",
    "spec.rules[]": "list: from to when",
    "spec.rules[].from[]": "map: source",
    "spec.rules[].from[].source": "list: ipBlocks namespaces notIpBlocks notNamespaces "
    "notPrincipals notRemoteIpBlocks notRequestPrincipals notServiceAccounts notTrustDomains "
    "principals remoteIpBlocks requestPrincipals serviceAccounts trustDomains",
    "spec.rules[].to[]": "map: operation",
    "spec.rules[].to[].operation": "list: hosts methods notHosts notMethods notPaths notPorts "
    "paths ports",
}
_PEERS: Places = {
    "spec": "map: mtls portLevelMtls selector",
    "spec.mtls": "UNSET|DISABLE|PERMISSIVE|STRICT: mode",
    "spec.selector": "map: matchLabels",
}
_REQUESTS: Places = {
    "spec": "list: jwtRules targetRefs map: selector targetRef",
    "spec.jwtRules[]": "list: audiences fromCookies fromHeaders fromParams outputClaimToHeaders "
    "spaceDelimitedClaims bool: forwardOriginalToken text: issuer jwks jwksUri jwks_uri "
    "outputPayloadToHeader presence timeout",
}
_ENTRY: Places = {
    "spec": "list: addresses endpoints exportTo hosts ports subjectAltNames "
    "MESH_EXTERNAL|MESH_INTERNAL: location "
    "NONE|STATIC|DNS|DNS_ROUND_ROBIN|DYNAMIC_DNS: resolution map: workloadSelector",
    "spec.ports[]": "text: name protocol int: number targetPort",
    "spec.endpoints[]": "text: address locality network serviceAccount map: labels ports "
    "int: weight",
}
KINDS: Kinds = {
    ("networking.istio.io", "DestinationRule"): _DESTINATION_RULE,
    ("networking.istio.io", "Gateway"): _ISTIO_GATEWAY,
    ("networking.istio.io", "ServiceEntry"): _ENTRY,
    ("networking.istio.io", "VirtualService"): _VIRTUAL_SERVICE,
    ("security.istio.io", "AuthorizationPolicy"): _AUTHORIZATION,
    ("security.istio.io", "PeerAuthentication"): _PEERS,
    ("security.istio.io", "RequestAuthentication"): _REQUESTS,
}
