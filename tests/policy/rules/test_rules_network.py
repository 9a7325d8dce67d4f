"""Rules about Services, what leads to them, and who watches them."""

from __future__ import annotations

import pytest
from tests.support.rules import PROD, findings, messages

from tidegate.domain.app import Environment
from tidegate.domain.finding import Severity
from tidegate.policy.rules.gateways import covers
from tidegate.policy.rules.istio import same_host, service_name

DENY, WARN = Severity.DENY, Severity.WARN


def pods(
    name: str = "web",
    labels: str = "{app: web}",
    ports: str = "[{name: http, containerPort: 8080}]",
    kind: str = "Deployment",
    more: str = "",
    annotations: str = "{}",
) -> str:
    group = {"Rollout": "argoproj.io/v1alpha1", "Job": "batch/v1"}.get(kind, "apps/v1")
    return f"""---
apiVersion: {group}
kind: {kind}
metadata: {{name: {name}, namespace: a}}
spec:
  selector: {{matchLabels: {labels}}}
  template:
    metadata: {{labels: {labels}, annotations: {annotations}}}
    spec:
      containers: [{{name: main, image: x, ports: {ports}{more}}}]
"""


def service(
    selector: str = "{app: web}",
    port: str = "{name: http, port: 80, targetPort: http}",
    name: str = "web",
    more: str = "",
    namespace: str = "a",
) -> str:
    return f"""---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}
spec: {{selector: {selector}, ports: [{port}]{more}}}
"""


def custom(kind: str, api: str, spec: str, name: str = "web", namespace: str = "a") -> str:
    metadata = f"{{name: {name}, namespace: {namespace}}}"
    return f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n"


OPAQUE = custom("InferenceService", "serving.kserve.io/v1beta1", "{predictor: {}}", "llm")


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (pods() + service(), [], []),
        (pods() + service("{app: wbe}"), [DENY], [DENY]),
        (pods() + service("{app: search}"), [DENY], [WARN]),  # its pods may be elsewhere
        (service("{app: search}"), [], []),
        (pods() + service("{}"), [], []),
        (pods() + service("{app: x}", more=", type: ExternalName, externalName: x.y"), [], []),
        (pods() + OPAQUE + service("{app: llm}"), [], []),
        (pods(kind="Rollout") + service(), [], []),
        (pods(kind="Job") + service(), [], []),
        # What running pods are given: by StatefulSets, by operators, by the program itself.
        (pods() + service("{app: web, statefulset.kubernetes.io/pod-name: web-0}"), [], []),
        (pods() + service("{app: web, role: leader}"), [], []),
        (pods() + service("{app: web, shard: '1'}"), [WARN], [WARN]),
        (pods(labels="{app: web, shard: '0'}") + service("{app: web, shard: '1'}"), [DENY], [WARN]),
        (pods(labels="{app: web, n: 1}") + service("{app: web, n: '1'}"), [], []),
    ],
)
def test_selectors_of_services(text: str, inside: list[Severity], outside: list[Severity]) -> None:
    rule = "service-selector"
    assert [v.severity for v in findings(text, rule=rule)] == inside
    assert [v.severity for v in findings(text, rule=rule, environment=None)] == outside


def placed(namespace: str, text: str) -> str:
    return text.replace(" namespace: a", f" namespace: {namespace}" if namespace else " labels: {}")


def test_the_cluster_brings_pods_along() -> None:
    for selector, count in (("{k8s-app: kube-dns}", 0), ("{app: wbe}", 1)):
        text = placed("kube-system", pods() + service(selector))
        for environment in ({}, {"environment": None}):
            assert len(findings(text, rule="service-selector", **environment)) == count


ROLE = (
    "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}, "
    "rules: [{apiGroups: [''], resources: [%s], verbs: [%s]}]}\n"
)


@pytest.mark.parametrize(
    ("selector", "role", "count"),
    [
        ("{example.com/engine: a}", ROLE % ("pods", "create"), 0),
        ("{example.com/engine: a}", ROLE % ("'*'", "'*'"), 0),
        ("{example.com/engine: a}", ROLE % ("pods", "get"), 1),
        ("{example.com/engine: a}", ROLE % ("services", "create"), 1),
        ("{example.com/engine: a}", "", 1),
        ("{app: wbe}", ROLE % ("pods", "create"), 1),
    ],
)
def test_an_operator_makes_pods_with_labels_of_its_own(
    selector: str, role: str, count: int
) -> None:
    text = pods() + custom("Service", "v1", f"{{selector: {selector}}}") + role
    assert len(findings(text, rule="service-selector", environment=None)) == count
    assert len(findings(text, rule="service-selector")) == 1


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}", 0),
        ("{matchExpressions: [{key: app, operator: DoesNotExist}]}", 0),
        ("{matchExpressions: [{key: app, operator: In, values: [wbe]}]}", 1),
        ("{matchLabels: {app: wbe}, matchExpressions: [{key: a, operator: DoesNotExist}]}", 1),
    ],
)
def test_a_policy_for_all_pods_but_a_few_is_for_whoever_comes(selector: str, count: int) -> None:
    text = pods() + custom("NetworkPolicy", "networking.k8s.io/v1", f"{{podSelector: {selector}}}")
    assert len(findings(text, rule="networkpolicy-target")) == count


POLICY = (
    "---\n{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, "
    "metadata: {name: a, namespace: %s}, spec: {selector: {matchLabels: {app: %s}}}}\n"
)


@pytest.mark.parametrize(
    ("namespace", "app", "count"),
    [("a", "web", 0), ("a", "wbe", 1), ("b", "wbe", 0), ("istio-system", "wbe", 0)],
)
def test_policies_of_the_mesh_guard_pods(namespace: str, app: str, count: int) -> None:
    text = pods() + placed("istio-system", pods(labels="{app: istiod}")) + POLICY % (namespace, app)
    for environment in ({}, {"environment": None}):
        assert len(findings(text, rule="networkpolicy-target", **environment)) == count


def guard(port: str, selector: str = "{matchLabels: {app: web}}", way: str = "ingress") -> str:
    spec = f"{{podSelector: {selector}, {way}: [{{}}, {{ports: [{{port: 1}}, {port}]}}]}}"
    return custom("NetworkPolicy", "networking.k8s.io/v1", spec)


LACKING = "NetworkPolicy web opens the TCP port '%s', which Deployment web %s"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (guard("{port: http}"), []),
        (guard("{protocol: UDP}"), []),
        (guard("{port: htp}"), [LACKING % ("htp", "does not have; did you mean 'http'?")]),
        (guard("{port: grpc}"), [LACKING % ("grpc", "does not have; it has 'http', 'dns'")]),
        (guard("{port: dns, protocol: UDP}"), []),
        (guard("{port: dns}"), [LACKING % ("dns", "has as UDP")]),
        (guard("{port: http-envoy-prom}"), []),
        (guard("{port: '${PORT}'}"), []),
        # Pods that may be anywhere, or that nobody can see.
        (guard("{port: htp}", way="egress"), []),
        (guard("{port: htp}", "{}"), []),
        (guard("{port: htp}", "{matchLabels: {app: other}}"), []),
        (guard("{port: htp}") + OPAQUE, []),
        (guard("{port: htp}") + pods("more", ports="[{name: htp, containerPort: 1}]"), []),
        (guard("{port: htp}") + pods("more", ports="'${PORTS}'"), []),
    ],
)
def test_ports_that_a_network_policy_opens(text: str, found: list[str]) -> None:
    ports = "[{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}]"
    for environment in ({}, {"environment": None}):
        judged = findings(pods(ports=ports) + text, rule="networkpolicy-port", **environment)
        assert [v.severity for v in judged] == [WARN] * len(found)
        assert [v.message.replace(" and ", ", ") for v in judged] == found
        assert all(v.field == ("spec", "ingress", 1, "ports", 1, "port") for v in judged)


LONELY = service().replace(", namespace: a", "")


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (pods() + LONELY, [], ["and the pods that it selects are in 'a'"]),
        (placed("", pods()) + service(), [], ["the namespace 'a', and the pods that it selects"]),
        # Each names another one.
        (placed("b", pods()) + service(), [], ["and the pods that it selects are in 'b'"]),
        (placed("b", pods()) + placed("c", pods()) + service(), [], []),
        # Both say it, or neither, or the namespace is where the other lands.
        (pods() + service(), [], []),
        (placed("", pods()) + LONELY, [], []),
        (placed("default", pods()) + LONELY, [], []),
        # The same labels in several namespaces, pods that a controller makes, and no selector.
        (pods() + placed("b", pods()) + LONELY, [], []),
        (pods() + OPAQUE + LONELY, [], []),
        (pods() + LONELY.replace("{app: web}, ports", "{}, ports"), [], []),
    ],
)
def test_a_service_and_its_pods_in_one_namespace(
    text: str, inside: list[str], outside: list[str]
) -> None:
    rule = "service-selector"
    assert messages(text, rule=rule) == inside
    found = findings(text, rule=rule, environment=None)
    assert [v.severity for v in found] == [WARN] * len(outside)
    assert all(words in v.message for words, v in zip(outside, found, strict=True))


@pytest.mark.parametrize(
    ("selector", "words", "key"),
    [
        ("{app: wbe}", "did you mean app=web?", ("app",)),
        ("{ap: web}", "did you mean app=web?", ("ap",)),
        ("{name: web}", "did you mean app=web?", ("name",)),
        ("{app: search}", "no pod of this overlay has that label", ()),
        ("{app: search, tier: x}", "no pod of this overlay has these labels", ()),
    ],
)
def test_what_was_meant_by_a_selector(selector: str, words: str, key: tuple[str, ...]) -> None:
    (found,) = findings(pods() + service(selector), rule="service-selector")
    assert found.message.endswith(words)
    assert found.field == ("spec", "selector", *key)


HTTP = "{name: http, containerPort: 8080}"


@pytest.mark.parametrize(
    ("port", "ports", "found"),
    [
        ("{port: 80, targetPort: http}", f"[{HTTP}]", []),
        (
            "{port: 80, targetPort: htp}",
            f"[{HTTP}]",
            ["Service web sends to the TCP port 'htp', which Deployment web does not have; did "
             "you mean 'http'?"],
        ),
        (
            "{port: 80, targetPort: http, protocol: UDP}",
            f"[{HTTP}]",
            ["Service web sends to the UDP port 'http', which Deployment web has as TCP"],
        ),
        (
            "{port: 80, targetPort: telemetry}",
            f"[{HTTP}, {{name: probes, containerPort: 8081}}]",
            ["Service web sends to the TCP port 'telemetry', which Deployment web does not have; "
             "it has 'http' and 'probes'"],
        ),
        ("{port: 80, targetPort: '8080'}", f"[{HTTP}]", []),
        ("{port: 80, targetPort: 8080}", f"[{HTTP}]", []),
        ("{port: 8080}", f"[{HTTP}]", []),
        (
            "{port: 80, targetPort: 8000}",
            f"[{HTTP}]",
            ["Service web sends to port 8000, and Deployment web declares 8080"],
        ),
        ("{port: 80}", f"[{HTTP}]", ["Service web sends to port 80, and Deployment web declares "
                                     "8080"]),
        # Containers need not declare ports, and need not declare all of them.
        ("{port: 80, targetPort: 8000}", "[]", []),
        ("{port: 80, targetPort: 8080}, {name: b, port: 90, targetPort: 9000}", f"[{HTTP}]", []),
        ("{port: 15090, targetPort: http-envoy-prom}", f"[{HTTP}]", []),
        ("{name: http-metrics, port: 9090}", f"[{HTTP}]", []),
    ],
)  # fmt: skip
def test_ports_of_services(port: str, ports: str, found: list[str]) -> None:
    assert messages(pods(ports=ports) + service(port=port), rule="service-port") == found


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("containers: [{name: main,", "containers: {main: {"),
        ("containers:", "contianers:"),
        (f"[{HTTP}]", "{http: 8080}"),
        ("[{name: main", "[[], {name: main"),
    ],
)
def test_of_containers_that_nobody_can_read_no_ports_are_missed(right: str, wrong: str) -> None:
    """Their own mistake is told, and what would follow from it isn't."""
    text = pods(ports=f"[{HTTP}]")
    broken = text.replace(right, wrong)
    if wrong.endswith("{main: {"):
        broken = broken.replace("}]}]", "}]}}")
    others = service(port="{port: 80, targetPort: htp}") + monitor("{port: htp}", kind="Pod")
    rules = {"service-port", "podmonitor-target"}
    assert {found.rule for found in findings(text + others)} >= rules
    assert {found.rule for found in findings(broken + others)} & rules == set()


def test_an_undeclared_number_is_a_warning_everywhere() -> None:
    text = pods() + service(port="{port: 80, targetPort: 8000}")
    for environment in (PROD, None):
        (found,) = findings(text, rule="service-port", environment=environment)
        assert found.severity is WARN
        assert found.field == ("spec", "ports", 0, "targetPort")


def ingress(backend: str, more: str = "") -> str:
    rule = f"{{http: {{paths: [{{path: /, pathType: Prefix, backend: {backend}}}]}}}}"
    return custom("Ingress", "networking.k8s.io/v1", f"{{rules: [{rule}]{more}}}")


def route(backend: str, kind: str = "HTTPRoute") -> str:
    return custom(
        kind, "gateway.networking.k8s.io/v1", f"{{rules: [{{backendRefs: [{backend}]}}]}}"
    )


@pytest.mark.parametrize(
    ("text", "rule", "found"),
    [
        (ingress("{service: {name: web, port: {number: 80}}}"), "ingress-backend", []),
        (ingress("{service: {name: web, port: {name: http}}}"), "ingress-backend", []),
        (
            ingress("{service: {name: web, port: {name: https}}}"),
            "ingress-backend",
            ["Ingress web sends to the port 'https', which Service web does not have; did you "
             "mean 'http'?"],
        ),
        (
            ingress("{service: {name: web, port: {number: 8080}}}"),
            "ingress-backend",
            ["Ingress web sends to port 8080, and Service web has 80"],
        ),
        (
            ingress("{service: {name: wbe, port: {number: 80}}}"),
            "ingress-backend",
            ["Ingress web sends to the Service 'wbe', which is not in this overlay; did you mean "
             "'web'?"],
        ),
        (
            ingress("{serviceName: web, servicePort: htp}"),
            "ingress-backend",
            ["Ingress web sends to the port 'htp', which Service web does not have; did you mean "
             "'http'?"],
        ),
        (ingress("{service: {name: ssl-redirect, port: {name: use-annotation}}}"),
         "ingress-backend", []),
        (ingress("{resource: {kind: StorageBucket, name: x}}"), "ingress-backend", []),
        (route("{name: web, port: 80}"), "route-backend", []),
        (route("{name: web, port: 81}"), "route-backend",
         ["HTTPRoute web sends to port 81, and Service web has 80"]),
        (route("{name: wbe, port: 80}", "GRPCRoute"), "route-backend",
         ["GRPCRoute web sends to the Service 'wbe', which is not in this overlay; did you mean "
          "'web'?"]),
        (route("{name: x, namespace: b, port: 80}"), "route-backend", []),
        (route("{name: x, kind: ServiceImport, group: multicluster.x-k8s.io}"),
         "route-backend", []),
        (
            custom("Route", "route.openshift.io/v1",
                   "{to: {kind: Service, name: web}, port: {targetPort: web}}"),
            "route-backend",
            ["Route web sends to the port 'web', which Service web does not have; did you mean "
             "'http'?"],
        ),
        (custom("Route", "serving.knative.dev/v1", "{to: {name: x}}"), "route-backend", []),
        (custom("Ingress", "networking.internal.knative.dev/v1alpha1",
                "{rules: [{http: {paths: [{backend: {serviceName: x}}]}}]}"),
         "ingress-backend", []),
    ],
)  # fmt: skip
def test_backends(text: str, rule: str, found: list[str]) -> None:
    assert messages(pods() + service() + text, rule=rule) == found


def virtual(routes: str, more: str = "") -> str:
    spec = f"{{hosts: [web], http: [{{route: [{routes}]}}]{more}}}"
    return custom("VirtualService", "networking.istio.io/v1", spec)


def rule_for(host: str, subsets: str = "[{name: v1, labels: {version: v1}}]") -> str:
    spec = f"{{host: {host}, subsets: {subsets}}}"
    return custom("DestinationRule", "networking.istio.io/v1", spec)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (virtual("{destination: {host: web}}"), []),
        (virtual("{destination: {host: web.a.svc.cluster.local, port: {number: 80}}}"), []),
        (virtual("{destination: {host: wbe}}"), [
            "VirtualService web sends to the Service 'wbe', which is not in this overlay; did you "
            "mean 'web'?"]),
        (virtual("{destination: {host: wbe.a.svc}}"), [
            "VirtualService web sends to the Service 'wbe', which is not in this overlay; did you "
            "mean 'web'?"]),
        (virtual("{destination: {host: web, port: {number: 8080}}}"), [
            "VirtualService web sends to port 8080, and Service web has 80"]),
        # Another namespace's, or outside of the mesh.
        (virtual("{destination: {host: wbe.b.svc.cluster.local}}"), []),
        (virtual("{destination: {host: api.example.com}}"), []),
        (virtual("{destination: {host: api}}")
         + custom("ServiceEntry", "networking.istio.io/v1", "{hosts: [api]}"), []),
        (rule_for("wbe"), [
            "DestinationRule web sends to the Service 'wbe', which is not in this overlay; did "
            "you mean 'web'?"]),
        (rule_for("'*.local'"), []),
    ],
)  # fmt: skip
def test_destinations(text: str, found: list[str]) -> None:
    assert messages(pods() + service() + text, rule="istio-destination") == found


@pytest.mark.parametrize(
    ("weights", "total"),
    [((90, 10), None), ((100, 0), None), ((50, 50), None), ((90, 20), 110), ((1, 1), 2),
     ((None, None), 0), ((None, 100), None), ((50,), None), ((33, 33, 34), None)],
)  # fmt: skip
def test_weights(weights: tuple[int | None, ...], total: int | None) -> None:
    parts = [
        "{destination: {host: web}" + ("" if w is None else f", weight: {w}") + "}" for w in weights
    ]
    found = findings(pods() + service() + virtual(", ".join(parts)), rule="istio-weights")
    assert [f" {total} of 100 " in violation.message for violation in found] == (
        [] if total is None else [True]
    )


SUBSET = virtual("{destination: {host: web, subset: v1}}")
V1 = "{app: web, version: v1}"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (SUBSET + rule_for("web"), [], []),
        (SUBSET + rule_for("web.a.svc.cluster.local"), [], []),
        (SUBSET + rule_for("'*.a.svc.cluster.local'"), [], []),
        (SUBSET + rule_for("web", "[{name: v2}]"), [DENY], [DENY]),
        (SUBSET + rule_for("other"), [DENY], [WARN]),
        (SUBSET, [DENY], []),
        (virtual("{destination: {host: web.b.svc.cluster.local, subset: v1}}"), [], []),
    ],
)
def test_subsets(text: str, inside: list[Severity], outside: list[Severity]) -> None:
    rule = "istio-subset"
    text = pods(labels=V1) + service() + text
    assert [v.severity for v in findings(text, rule=rule)] == inside
    assert [v.severity for v in findings(text, rule=rule, environment=None)] == outside


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (pods(labels=V1) + rule_for("web"), 0),
        (pods(labels="{app: web, version: v2}") + rule_for("web"), 1),
        (pods(labels="{app: web, version: v2}") + rule_for("other"), 0),
        (pods(labels="{app: web}", kind="Rollout") + rule_for("web"), 0),
        (pods() + OPAQUE + rule_for("web"), 0),
    ],
)
def test_labels_of_subsets(text: str, count: int) -> None:
    assert len(findings(service() + text, rule="istio-subset-labels")) == count


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("web", "web"), ("web.a.svc.cluster.local", "web"), ("web.a.svc", "web"), ("web.a", "web"),
        ("web.b", None), ("web.b.svc.cluster.local", None), ("example.com", None), ("*", None),
        ("", None), (".", None),
    ],
)  # fmt: skip
def test_the_service_of_a_host(host: str, name: str | None) -> None:
    assert service_name(host, "a") == name


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("web", "web.a", True), ("web", "web.a.svc.cluster.local", True), ("web", "web.b", False),
        ("web", "*.svc.cluster.local", True), ("web", "*", True), ("x.com", "*.com", True),
    ],
)  # fmt: skip
def test_one_host_written_in_several_ways(first: str, second: str, same: bool) -> None:
    assert same_host(first, second, "a") is same


@pytest.mark.parametrize(
    ("pattern", "host", "covered"),
    [
        ("*", "a.b", True), ("*.b", "a.b", True), ("*.b", "b", False), ("a.b", "*.b", True),
        ("a.b", "A.B", True), ("a.b", "a.c", False), ("*.c", "a.b", False),
    ],
)  # fmt: skip
def test_hosts_of_gateways(pattern: str, host: str, covered: bool) -> None:
    assert covers(pattern, host) is covered


GATEWAY = custom(
    "Gateway", "networking.istio.io/v1", "{servers: [{hosts: [a/shop.example.com]}]}", "shop"
)


@pytest.mark.parametrize(
    ("gateways", "hosts", "found"),
    [
        ("[shop]", "[shop.example.com]", []),
        ("[a/shop]", "[shop.example.com]", []),
        ("[shop]", "[shp.example.com]", ["gateway-host"]),
        ("[shop, mesh]", "[web]", []),
        ("[istio-system/public]", "[x.example.com]", []),
        ("[shp]", "[x.example.com]", ["gateway-reference"]),
        ("[mesh]", "[web]", []),
    ],
)
def test_gateways(gateways: str, hosts: str, found: list[str]) -> None:
    spec = f"{{hosts: {hosts}, gateways: {gateways}}}"
    text = GATEWAY + custom("VirtualService", "networking.istio.io/v1", spec)
    assert [v.rule for v in findings(text)] == found


def test_a_gateway_of_the_platform_is_not_missed() -> None:
    spec = "{hosts: [x.example.com], gateways: [public]}"
    assert findings(custom("VirtualService", "networking.istio.io/v1", spec)) == []


def monitor(
    endpoint: str = "{port: http}",
    labels: str = "{app: web}",
    more: str = "",
    kind: str = "Service",
) -> str:
    key = "endpoints" if kind == "Service" else "podMetricsEndpoints"
    spec = f"{{selector: {{matchLabels: {labels}}}, {key}: [{endpoint}]{more}}}"
    return custom(f"{kind}Monitor", "monitoring.coreos.com/v1", spec)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (monitor(), []),
        (monitor("{port: htp}"), [
            "ServiceMonitor web scrapes the port 'htp', which Service web does not have; did you "
            "mean 'http'?"]),
        (monitor("{targetPort: 9090}"), []),
        (monitor(labels="{app: wbe}"), [
            "ServiceMonitor web scrapes Services with app=wbe, and none of this overlay has it; "
            "did you mean app=web?"]),
        (monitor(labels="{app: wbe}", more=", namespaceSelector: {any: true}"), []),
        (monitor(labels="{app: wbe}", more=", namespaceSelector: {matchNames: [b]}"), []),
        (monitor(kind="Pod"), []),
        (monitor("{port: htp}", kind="Pod"), [
            "PodMonitor web scrapes the port 'htp', which Deployment web does not have; did you "
            "mean 'http'?"]),
        (monitor(labels="{app: wbe}", kind="Pod"), [
            "PodMonitor web scrapes pods with app=wbe, and no pod of this overlay has that label; "
            "did you mean app=web?"]),
        (monitor("{port: http-envoy-prom}", kind="Pod"), []),
    ],
)  # fmt: skip
def test_monitors(text: str, found: list[str]) -> None:
    every = findings(pods() + service() + text, environment=Environment("dev", "c", None))
    assert [v.message for v in every] == found
    assert len(findings(pods() + service() + text, environment=None)) == len(found)


def test_a_folder_of_monitors_alone_watches_what_is_elsewhere() -> None:
    assert findings(monitor() + monitor(kind="Pod"), environment=None) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (pods() + service(), 1),
        (pods(annotations="{prometheus.io/scrape: 'true'}") + service(), 0),
        (pods() + service() + monitor(), 0),
        (pods() + service() + monitor(kind="Pod"), 0),
        (pods() + service() + monitor(labels="{app: other}"), 1),
        (pods(), 0),  # nobody asks it anything
        (pods(kind="Job") + service(), 0),
    ],
)
def test_what_serves_in_prod_is_watched(text: str, count: int) -> None:
    assert len(findings(text, rule="monitoring-missing")) == count
    assert findings(text, rule="monitoring-missing", environment=None) == []
    dev = Environment("dev", "candidate", None)
    assert findings(text, rule="monitoring-missing", environment=dev) == []


def test_a_port_that_the_program_is_told_needs_no_declaration() -> None:
    text = pods(ports="[{containerPort: 9443}]", more=", args: ['--bind-address=:8443']")
    assert messages(text + service(port="{name: https, port: 8443}"), rule="service-port") == []
    assert messages(text + service(port="{name: https, port: 8444}"), rule="service-port") != []


EXPERIMENT = """---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: a}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: x, ports: [{name: http, containerPort: 8080}]}]}
  strategy:
    canary:
      trafficRouting: {istio: {virtualService: {name: web, routes: [primary]}}}
      steps:
        - experiment:
            templates:
              - {name: preview, specRef: canary, metadata: {labels: {app: web-preview}}}
"""


def test_a_service_may_lead_to_the_pods_of_an_experiment() -> None:
    preview = service("{app: web-preview}", name="preview")
    for rule in ("service-selector", "service-port"):
        assert messages(EXPERIMENT + preview, rule=rule) == []
    other = service("{app: web-previw}", name="preview")
    assert messages(EXPERIMENT + other, rule="service-selector") != []


def test_a_rollout_gives_weights_to_routes_that_are_there() -> None:
    routes = custom("VirtualService", "networking.istio.io/v1", "{http: [{name: %s}]}")
    assert messages(EXPERIMENT + routes % "primary", rule="rollout-reference") == []
    (found,) = findings(EXPERIMENT + routes % "primry", rule="rollout-reference")
    assert found.message == (
        "Rollout web gives weights to the route 'primary', which VirtualService web does not "
        "have; did you mean 'primry'?"
    )
    assert found.field[-2:] == ("routes", 0)


LISTENERS = custom(
    "Gateway",
    "gateway.networking.k8s.io/v1",
    "{listeners: [{name: http, port: 80}, {name: https, port: 443}]}",
    "shop",
)


@pytest.mark.parametrize(
    ("parent", "found"),
    [
        ("{name: shop, sectionName: https}", []),
        ("{name: shop}", []),
        ("{name: shop, sectionName: httpss}", ["httpss"]),
        ("{name: shop, sectionName: web}", ["web"]),
        # Somebody else's Gateway, and what isn't one.
        ("{name: shop, namespace: infra, sectionName: web}", []),
        ("{name: shop, kind: ListenerSet, sectionName: web}", []),
    ],
)
def test_listeners_that_routes_name(parent: str, found: list[str]) -> None:
    text = custom("HTTPRoute", "gateway.networking.k8s.io/v1", f"{{parentRefs: [{parent}]}}")
    told = messages(LISTENERS + text, rule="gateway-reference")
    assert [message.split("'")[1] for message in told] == found


@pytest.mark.parametrize(
    ("hosts", "rules", "found"),
    [
        ("[shop.example.com]", ["shop.example.com"], []),
        ("[shop.exmaple.com]", ["shop.example.com"], ["shop.example.com"]),
        # A wildcard, another host, and one beside a rule that has its certificate.
        ("['*.example.com']", ["shop.example.com"], []),
        ("[other.example.com]", ["shop.example.com"], []),
        ("[web1.example.com]", ["web2.example.com"], []),
        ("[shop.example.com, shops.example.com]", ["shop.example.com"], []),
    ],
)
def test_hosts_with_certificates(hosts: str, rules: list[str], found: list[str]) -> None:
    written = ", ".join(f"{{host: {host}}}" for host in rules)
    text = custom(
        "Ingress", "networking.k8s.io/v1", f"{{tls: [{{hosts: {hosts}}}], rules: [{written}]}}"
    )
    told = findings(text, rule="ingress-backend")
    assert [(v.message.split("'")[-2], v.severity) for v in told] == [
        (host, WARN) for host in found
    ]
    assert all(v.field == ("spec", "tls", 0, "hosts", 0) for v in told)
