"""The Prometheus operator's ServiceMonitor, PodMonitor and PrometheusRule."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places

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
_RULES: Places = {
    "spec": "list: groups",
    "spec.groups[]": "text: interval name partial_response_strategy query_offset map: labels "
    "int: limit list: rules",
    "spec.groups[].rules[]": "text: alert for keep_firing_for record map: annotations labels "
    "any: expr",
}
KINDS: Kinds = {
    ("monitoring.coreos.com", "PodMonitor"): _POD_MONITOR,
    ("monitoring.coreos.com", "PrometheusRule"): _RULES,
    ("monitoring.coreos.com", "ServiceMonitor"): _SERVICE_MONITOR,
}
