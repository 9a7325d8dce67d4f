"""The Gateway API's Gateway and HTTPRoute."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places

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
    "spec.listeners[].tls": "list: certificateRefs Terminate|Passthrough: mode map: options",
    "spec.listeners[].allowedRoutes": "list: kinds map: namespaces",
    "spec.listeners[].allowedRoutes.namespaces": "All|None|Same|Selector: from map: selector",
}
KINDS: Kinds = {
    ("gateway.networking.k8s.io", "Gateway"): _K8S_GATEWAY,
    ("gateway.networking.k8s.io", "HTTPRoute"): _ROUTE,
}
