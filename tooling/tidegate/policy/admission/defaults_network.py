"""What the API server adds to Services, Ingresses and NetworkPolicies."""

from __future__ import annotations

from tidegate.policy.admission.defaults_pod import Fields, fill, mapping, mappings


def complete_service(data: Fields) -> None:
    """Completes a Service in place. Addresses are the cluster's to give, and stay away."""
    spec = data.setdefault("spec", {})
    if not isinstance(spec, dict):
        return
    kind = spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["sessionAffinity"] == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})
    for port in mappings(spec, "ports"):
        port.setdefault("protocol", "TCP")
        if port.get("targetPort") in (None, 0, "") and "port" in port:
            port["targetPort"] = port["port"]
    if kind != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
        if spec.get("clusterIP") == "None":
            spec.setdefault("clusterIPs", ["None"])
    if kind in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if not mapping(spec, "selector"):
        spec.pop("selector", None)
    data["status"] = {"loadBalancer": {}}


def complete_ingress(data: Fields) -> None:
    """Completes an Ingress in place."""
    data["status"] = {"loadBalancer": {}}


def complete_policy(data: Fields) -> None:
    """Completes a NetworkPolicy in place."""
    spec = data.setdefault("spec", {})
    if not isinstance(spec, dict):
        return
    spec.setdefault("podSelector", {})
    if "policyTypes" not in spec:
        spec["policyTypes"] = ["Ingress", *(["Egress"] if "egress" in spec else [])]
    for key in ("ingress", "egress"):
        for rule in mappings(spec, key):
            for port in mappings(rule, "ports"):
                fill(port, {"protocol": "TCP"})
