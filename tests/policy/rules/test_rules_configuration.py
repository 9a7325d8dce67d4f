"""Rules about what pods are given, and about workloads in themselves."""

from __future__ import annotations

import pytest
from tests.support.rules import findings, messages, prod

from tidegate.domain.finding import Severity

DENY, WARN = Severity.DENY, Severity.WARN


def pod(container: str = "", spec: str = "", kind: str = "Deployment", more: str = "") -> str:
    inner = f"containers: [{{name: main, image: x{container}}}]{spec}"
    if kind == "Pod":
        return f"---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{{inner}}}}}\n"
    template = f"{{metadata: {{labels: {{app: p}}}}, spec: {{{inner}}}}}"
    body = f"template: {template}, selector: {{matchLabels: {{app: p}}}}{more}"
    if kind == "CronJob":
        body = f"jobTemplate: {{spec: {{template: {template}}}}}"
    group = {"CronJob": "batch/v1", "Job": "batch/v1", "ScaledJob": "keda.sh/v1alpha1"}
    if kind == "ScaledJob":
        body = f"jobTargetRef: {{template: {template}}}"
    api = group.get(kind, "apps/v1")
    return f"---\n{{apiVersion: {api}, kind: {kind}, metadata: {{name: p}}, spec: {{{body}}}}}\n"


def thing(kind: str, name: str = "it", rest: str = "", api: str = "v1", meta: str = "") -> str:
    metadata = f"{{name: {name}{meta}}}"
    return f"---\n{{apiVersion: {api}, kind: {kind}, metadata: {metadata}{rest}}}\n"


def config(name: str = "it", data: str = "{a: b}") -> str:
    return thing("ConfigMap", name, f", data: {data}")


FROM = ", envFrom: [{configMapRef: {name: %s}}]"
OPTIONAL = ", envFrom: [{configMapRef: {name: %s, optional: true}}]"
RULE = "configmap-exists"


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job",
                                  "CronJob", "Pod", "ScaledJob"])  # fmt: skip
def test_every_kind_of_workload_is_looked_into(kind: str) -> None:
    text = pod(FROM % "setings", kind=kind) + config("settings")
    (message,) = messages(text, rule=RULE)
    assert message.endswith(
        "takes its environment from the ConfigMap 'setings', which is not in this overlay; did "
        "you mean 'settings'?"
    )
    assert findings(pod(FROM % "it", kind=kind) + config(), rule=RULE) == []


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (pod(FROM % "other") + config(), [DENY], [WARN]),
        (pod(FROM % "other"), [DENY], []),  # a folder without ConfigMaps has them elsewhere
        (pod(OPTIONAL % "other") + config(), [], []),
        (pod(FROM % "kube-root-ca.crt"), [], []),
        (pod(FROM % "other").replace("other", ""), [], []),
        (pod(", env: [{name: A, valueFrom: {configMapKeyRef: {name: x, key: a}}}]"), [DENY], []),
        (pod(spec=", volumes: [{name: v, configMap: {name: x}}]"), [DENY], []),
        (
            pod(spec=", volumes: [{name: v, projected: {sources: [{configMap: {name: x}}]}}]"),
            [DENY],
            [],
        ),
        (pod(spec=", initContainers: [{name: i, envFrom: [{configMapRef: {name: x}}]}]"),
         [DENY], []),
        # What a controller makes, or a program is told to make.
        (pod(FROM % "db-config") + thing("Database", "db", api="example.com/v1"), [], []),
        (pod(FROM % "x") + thing("Maker", "m", ", spec: {configMapName: x}", "e.com/v1"), [], []),
        (pod(FROM % "x") + thing("Maker", "m", ", spec: {configMapName: xy}", "e.com/v1"),
         [DENY], []),
        (pod(FROM % "x" + ", args: [--config-map=x]"), [], []),
        (pod(FROM % "x") + thing("HelmRelease", "h", api="helm.toolkit.fluxcd.io/v2"), [], []),
    ],
)  # fmt: skip
def test_config_maps(text: str, inside: list[Severity], outside: list[Severity]) -> None:
    assert [v.severity for v in findings(text, rule=RULE)] == inside
    assert [v.severity for v in findings(text, rule=RULE, environment=None)] == outside


def test_one_name_that_is_missing_is_said_once_for_each_workload() -> None:
    text = pod(", envFrom: [{configMapRef: {name: x}}, {configMapRef: {name: x}}]")
    assert len(findings(text, rule=RULE)) == 1


SECRET = ", env: [{name: A, valueFrom: {secretKeyRef: {name: it, key: %s}}}]"
SECRETS = ", envFrom: [{secretRef: {name: it}}]"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (pod(SECRETS), [DENY], []),
        (pod(SECRETS) + thing("Secret"), [], []),
        (pod(SECRETS) + thing("Secret", "if"), [DENY], [WARN]),
        (pod(SECRETS) + thing("ExternalSecret", api="external-secrets.io/v1"), [], []),
        (
            pod(SECRETS)
            + thing(
                "ExternalSecret", "x", ", spec: {target: {name: it}}", "external-secrets.io/v1"
            ),
            [],
            [],
        ),
        (pod(SECRETS) + thing("SealedSecret", api="bitnami.com/v1alpha1"), [], []),
        (
            pod(SECRETS)
            + thing("Certificate", "tls", ", spec: {secretName: it}", "cert-manager.io/v1"),
            [],
            [],
        ),
        # What a Certificate makes is called as it says, and may be for an Ingress alone.
        (
            pod(SECRETS)
            + pod(spec=", volumes: [{name: v, secret: {secretName: tls}}]").replace(
                "name: p}", "name: q}"
            )
            + thing("Certificate", "if", ", spec: {secretName: tls}", "cert-manager.io/v1"),
            [DENY],
            [],
        ),
        (
            pod(SECRETS)
            + thing("Certificate", "if", ", spec: {secretName: tls}", "cert-manager.io/v1")
            + thing("Ingress", "i", ", spec: {tls: [{secretName: tls}]}", "networking.k8s.io/v1"),
            [DENY],
            [],
        ),
        (
            pod(SECRETS)
            + thing("Service", "s", meta=", annotations: {x.openshift.io/secret-name: it}"),
            [],
            [],
        ),
        (pod(spec=", volumes: [{name: v, secret: {secretName: x}}]"), [DENY], []),
        (pod(spec=", volumes: [{name: v, secret: {secretName: x, optional: true}}]"), [], []),
        (pod(spec=", volumes: [{name: v, csi: {driver: secrets-store.csi.k8s.io}}]"), [], []),
        # Without it pods start all the same, if the image is public.
        (pod(spec=", imagePullSecrets: [{name: x}]"), [WARN], []),
    ],
)
def test_secrets(text: str, inside: list[Severity], outside: list[Severity]) -> None:
    rule = "secret-exists"
    assert [v.severity for v in findings(text, rule=rule)] == inside
    assert [v.severity for v in findings(text, rule=rule, environment=None)] == outside


ASKED = ", volumes: [{name: v, configMap: {name: %s, items: [{key: %s, path: x}]}}]"


@pytest.mark.parametrize(
    ("name", "key", "used", "count"),
    [
        ("app-config", "a.yaml", True, 0),
        ("app-conf", "a.yaml", True, 1),  # it has the key, and all but the name
        ("app-confgi", "a.yaml", True, 1),
        ("app-config-v2", "a.yaml", True, 0),
        ("app-config-v2", "a.yaml", False, 1),  # nobody else uses the one that is here
        ("app-conf", "b.yaml", True, 0),
        ("other", "b.yaml", False, 0),  # which doesn't have what is asked of the other
        ("other", "a.yaml", False, 1),
    ],
)
def test_keys_tell_which_configuration_was_meant(
    name: str, key: str, used: bool, count: int
) -> None:
    text = pod(spec=ASKED % (name, key)) + config("app-config", "{a.yaml: x}")
    if used:
        text += pod(spec=ASKED % ("app-config", "a.yaml")).replace("name: p", "name: q")
    found = findings(text, rule="configmap-exists", environment=None)
    assert len(found) == count


@pytest.mark.parametrize(("key", "count"), [("token", 0), ("tls.key", 1)])
def test_a_certificate_was_not_meant_where_other_keys_are_asked(key: str, count: int) -> None:
    made = thing("Certificate", "c", ", spec: {secretName: it-cert}", "cert-manager.io/v1")
    found = findings(pod(SECRET % key) + made, rule="secret-exists", environment=None)
    assert len(found) == count


@pytest.mark.parametrize(
    ("rule", "text", "count"),
    [
        ("serviceaccount-exists", pod(spec=", serviceAccountName: x"), 1),
        ("serviceaccount-exists", pod(spec=", serviceAccount: x"), 1),
        ("serviceaccount-exists", pod(spec=", serviceAccountName: default"), 0),
        ("serviceaccount-exists", pod(), 0),
        (
            "serviceaccount-exists",
            pod(spec=", serviceAccountName: it") + thing("ServiceAccount"),
            0,
        ),
        ("pvc-exists", pod(spec=", volumes: [{persistentVolumeClaim: {claimName: x}}]"), 1),
        (
            "pvc-exists",
            pod(spec=", volumes: [{persistentVolumeClaim: {claimName: it}}]")
            + thing("PersistentVolumeClaim"),
            0,
        ),
        (
            "pvc-exists",
            pod(
                spec=", volumes: [{persistentVolumeClaim: {claimName: data-p-0}}]",
                kind="StatefulSet",
                more=", volumeClaimTemplates: [{metadata: {name: data}}]",
            ),
            0,
        ),
    ],
)
def test_accounts_and_claims(rule: str, text: str, count: int) -> None:
    assert len(findings(text, rule=rule)) == count
    assert findings(text, rule=rule, environment=None) == []


@pytest.mark.parametrize(
    ("pattern", "quiet"),
    [("Secret/it", True), ("Secret/*", True), ("Secret/*/it", True), ("Secret/i", False),
     ("ConfigMap/it", False)],
)  # fmt: skip
def test_what_the_cluster_provides(pattern: str, quiet: bool) -> None:
    found = findings(pod(SECRETS), rule="secret-exists", environment=prod(provides=(pattern,)))
    assert (found == []) is quiet


FILES = "{server.yaml: x, model.json: y}"
VOLUME = ", volumes: [{name: v, configMap: {name: it%s}}]"
MOUNT = ", volumeMounts: [{name: v, mountPath: /x, subPath: %s}]"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (pod(", env: [{valueFrom: {configMapKeyRef: {name: it, key: a}}}]") + config(), []),
        (
            pod(", env: [{valueFrom: {configMapKeyRef: {name: it, key: LOG_LEVL}}}]")
            + config(data="{LOG_LEVEL: x}"),
            ["Deployment p wants the key 'LOG_LEVL' of ConfigMap it, which does not have it; did "
             "you mean 'LOG_LEVEL'?"],
        ),
        (
            pod(", env: [{valueFrom: {configMapKeyRef: {name: it, key: x, optional: true}}}]")
            + config(),
            [],
        ),
        (pod(SECRET % "tokn") + thing("Secret", rest=", stringData: {token: x}"),
         ["Deployment p wants the key 'tokn' of Secret it, which does not have it; did you mean "
          "'token'?"]),
        # Somebody else fills it.
        (pod(SECRET % "tokn") + thing("Secret"), []),
        (pod(SECRET % "x") + thing("Secret", rest=", type: kubernetes.io/service-account-token, "
                                                  "data: {a: b}"), []),
        (pod(spec=VOLUME % ", items: [{key: server.yaml, path: s}]") + config(data=FILES), []),
        (pod(spec=VOLUME % ", items: [{key: server.yml, path: s}]") + config(data=FILES),
         ["Deployment p wants the key 'server.yml' of ConfigMap it, which does not have it; did "
          "you mean 'server.yaml'?"]),
        (pod(MOUNT % "server.yaml", VOLUME % "") + config(data=FILES), []),
        (pod(MOUNT % "server.yml", VOLUME % "") + config(data=FILES),
         ["Deployment p mounts the file 'server.yml' of ConfigMap it, which does not have it; did "
          "you mean 'server.yaml'?"]),
        (pod(MOUNT % "conf/s", VOLUME % ", items: [{key: server.yaml, path: conf/s}]")
         + config(data=FILES), []),
        (pod(MOUNT % "conf", VOLUME % ", items: [{key: server.yaml, path: conf/s}]")
         + config(data=FILES), []),
        (pod(MOUNT % "data", ", volumes: [{name: v, emptyDir: {}}]"), []),
    ],
)  # fmt: skip
def test_keys(text: str, found: list[str]) -> None:
    assert messages(text, rule="configuration-key") == found


def external(spec: str = "", data: str = "{secretKey: token}", name: str = "it") -> str:
    rest = f", spec: {{data: [{data}]{spec}}}"
    return thing("ExternalSecret", name, rest, "external-secrets.io/v1")


IN_VOLUME = ", volumes: [{name: v, secret: {secretName: it, items: [{key: tokn, path: t}]}}]"
LACKING = (
    "Deployment p wants the key 'tokn' of Secret it, which ExternalSecret %s makes without it; "
    "did you mean 'token'?"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (pod(SECRET % "token") + external(), []),
        (pod(SECRET % "tokn") + external(), [LACKING % "it"]),
        (pod(SECRET % "tokn") + external(", target: {name: it}", name="x"), [LACKING % "x"]),
        (pod(spec=IN_VOLUME) + external(), [LACKING % "it"]),
        (pod(SECRET % "'tokn', optional: true") + external(), []),
        # The store or a template decides on the keys, or nobody does yet.
        (pod(SECRET % "tokn") + external(", dataFrom: [{extract: {key: a}}]"), []),
        (pod(SECRET % "tokn") + external(", target: {template: {data: {tokn: x}}}"), []),
        (pod(SECRET % "tokn") + external(data="{secretKey: '${KEY}'}"), []),
        (pod(SECRET % "tokn") + external(data="{secretKey: token}, null"), []),
        (pod(SECRET % "tokn") + external(data=""), []),
        # Somebody else fills the Secret too.
        (pod(SECRET % "tokn") + external(", target: {creationPolicy: Merge}"), []),
        (pod(SECRET % "tokn") + external() + external(", target: {name: it}", name="x"), []),
        (pod(SECRET % "tokn") + external() + thing("Secret"), []),
        (pod(SECRET % "tokn" + ", args: [--secret=it]") + external(), []),
        (pod(SECRET % "tokn") + external() + thing("Maker", "it", api="e.com/v1"), []),
        (pod(SECRET % "tokn") + external()
         + thing("HelmRelease", "h", api="helm.toolkit.fluxcd.io/v2"), []),
    ],
)  # fmt: skip
def test_keys_that_an_external_secret_makes(text: str, found: list[str]) -> None:
    judged = findings(text, rule="configuration-key")
    assert [v.message for v in judged] == found
    assert all(v.severity is DENY for v in judged)
    outside = findings(text, rule="configuration-key", environment=None)
    assert [(v.message, v.severity) for v in outside] == [(message, WARN) for message in found]


PORTS = ", ports: [{name: http, containerPort: 8080}]"


@pytest.mark.parametrize(
    ("container", "found"),
    [
        (PORTS + ", readinessProbe: {httpGet: {port: http}}", []),
        (PORTS + ", readinessProbe: {httpGet: {port: 1234}}",
         ["Deployment p has a readinessProbe on port 1234, and its container main declares 8080"]),
        (", ports: [{name: a, containerPort: 80}, {name: b, containerPort: 80}],"
         " readinessProbe: {httpGet: {port: 1234}}",
         ["Deployment p has a readinessProbe on port 1234, and its container main declares 80"]),
        (", readinessProbe: {httpGet: {port: 1234}}", []),
        (", ports: [{containerPort: '80'}], readinessProbe: {httpGet: {port: 80}}", []),
        (PORTS + ", readinessProbe: {httpGet: {port: 8081}}", []),
        (PORTS + ", args: [--health=:1234], readinessProbe: {httpGet: {port: 1234}}", []),
        (PORTS + ", env: [{name: P, value: '1234'}], livenessProbe: {httpGet: {port: '1234'}}", []),
        (PORTS + ", env: [{name: P, value: '12345'}], livenessProbe: {tcpSocket: {port: 1234}}",
         ["Deployment p has a livenessProbe on port 1234, and its container main declares 8080"]),
        (PORTS + ", readinessProbe: {httpGet: {port: '8080'}}", []),
        (PORTS + ", livenessProbe: {tcpSocket: {port: htp}}",
         ["Deployment p has a livenessProbe on the port 'htp', which its container main does not "
          "have; did you mean 'http'?"]),
        (PORTS + ", lifecycle: {preStop: {httpGet: {port: admin}}}",
         ["Deployment p has a preStop hook on the port 'admin', which its container main does not "
          "have; did you mean 'http'?"]),
        (", startupProbe: {httpGet: {port: http}}",
         ["Deployment p has a startupProbe on the port 'http', which its container main does not "
          "have"]),
        (", startupProbe: {grpc: {port: 5}}", []),
    ],
)  # fmt: skip
def test_probes(container: str, found: list[str]) -> None:
    assert messages(pod(container), rule="probe-port") == found


def test_a_probe_may_be_on_a_port_of_a_sidecar_or_of_a_config_map() -> None:
    probe = pod(PORTS + ", readinessProbe: {httpGet: {port: 1234}}")
    (found,) = findings(probe, rule="probe-port")
    assert found.severity is WARN
    sidecar = "containers: [{name: other, image: x, ports: [{containerPort: 1234}]}, "
    assert not findings(probe.replace("containers: [", sidecar), rule="probe-port")
    told = config("it", "{application.properties: 'server.port = 1234'}")
    assert not findings(probe + told, rule="probe-port")


@pytest.mark.parametrize(("port", "count"), [(8080, 0), (8181, 0), (8282, 1)])
def test_a_probe_may_be_on_a_port_that_the_program_is_known_to_have(port: int, count: int) -> None:
    dns = "image: 'registry.example:5000/dns/coredns:1.12@sha256:0'"
    text = pod(f", ports: [{{containerPort: 53}}], readinessProbe: {{httpGet: {{port: {port}}}}}")
    assert len(findings(text.replace("image: x", dns), rule="probe-port")) == count


def test_a_probe_is_of_its_own_container() -> None:
    text = pod(", readinessProbe: {httpGet: {port: http}}").replace(
        "containers: [", f"containers: [{{name: other, image: x{PORTS}}}, "
    )
    (found,) = findings(text, rule="probe-port")
    assert found.field == (
        *("spec", "template", "spec", "containers", 1, "readinessProbe", "httpGet", "port"),
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (pod(", volumeMounts: [{name: v}]", ", volumes: [{name: v, emptyDir: {}}]"), 0),
        (pod(", volumeMounts: [{name: w}]", ", volumes: [{name: v, emptyDir: {}}]"), 1),
        (pod(", volumeMounts: [{name: v}]"), 1),
        (
            pod(
                ", volumeMounts: [{name: data}]",
                kind="StatefulSet",
                more=", volumeClaimTemplates: [{metadata: {name: data}}]",
            ),
            0,
        ),
    ],
)
def test_mounts(text: str, count: int) -> None:
    assert len(findings(text, rule="volume-mount")) == count
    assert len(findings(text, rule="volume-mount", environment=None)) == count


SPREAD = ", topologySpreadConstraints: [{topologyKey: z, labelSelector: {matchLabels: {app: %s}}}]"
AWAY = (
    ", affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
    "[{topologyKey: z, labelSelector: {matchLabels: {app: %s}}}]}}"
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (pod(spec=SPREAD % "p"), 0),
        (pod(spec=SPREAD % "q"), 1),
        (pod(spec=SPREAD % "q") + pod().replace("name: p", "name: q").replace("app: p", "app: q"),
         0),
        (pod(spec=AWAY % "p"), 0),
        (pod(spec=AWAY % "noisy-neighbour"), 0),  # which lives elsewhere
        (pod(spec=AWAY % "web").replace("app: p", "app: web-client"), 0),
        (pod(spec=AWAY % "recomender").replace("app: p", "app: recommender"), 1),
        (pod(spec=", topologySpreadConstraints: [{topologyKey: z}]"), 0),
    ],
)  # fmt: skip
def test_spreading(text: str, count: int) -> None:
    assert len(findings(text, rule="spread-selector")) == count


def test_a_workload_that_does_not_select_its_own_pods() -> None:
    text = pod().replace("matchLabels: {app: p}", "matchLabels: {app: p, tier: x}")
    (found,) = findings(text, rule="workload-selector")
    assert found.message == (
        "Deployment p selects pods with app=p, tier=x, which its own template does not have"
    )
    assert found.field == ("spec", "selector", "matchLabels", "tier")


@pytest.mark.parametrize(
    ("subject", "count"),
    [("{kind: ServiceAccount, name: it}", 0), ("{kind: ServiceAccount, name: ti}", 1),
     ("{kind: ServiceAccount, name: x, namespace: other}", 0), ("{kind: User, name: x}", 0),
     ("{kind: ServiceAccount, name: it, namespace: models}", 0),
     ("{kind: ServiceAccount, name: it, namespace: modles}", 1),
     ("{kind: ServiceAccount, name: x, namespace: modles}", 0),
     ("{kind: ServiceAccount, name: it, namespace: models-2}", 0)],
)  # fmt: skip
def test_subjects(subject: str, count: int) -> None:
    accounts = (thing("ServiceAccount", meta=f", namespace: {place}") for place in ("a", "models"))
    text = "".join(accounts) + thing(
        "RoleBinding",
        "b",
        f", roleRef: {{kind: ClusterRole, name: view}}, subjects: [{subject}]",
        "rbac.authorization.k8s.io/v1",
        ", namespace: a",
    )
    assert len(findings(text, rule="rolebinding-subject")) == count


@pytest.mark.parametrize(
    ("reference", "inside"),
    [("{kind: Role, name: it}", []), ("{kind: Role, name: ti}", [DENY]),
     ("{kind: ClusterRole, name: view}", []), ("{kind: ClusterRole, name: 'system:x'}", []),
     ("{kind: ClusterRole, name: platform}", [WARN])],
)  # fmt: skip
def test_roles(reference: str, inside: list[Severity]) -> None:
    api = "rbac.authorization.k8s.io/v1"
    text = thing("Role", api=api) + thing("ClusterRole", "own", api=api)
    text += thing("RoleBinding", "b", f", roleRef: {reference}", api)
    assert [v.severity for v in findings(text, rule="rolebinding-role")] == inside


ROLLOUT = """---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: p}
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
  strategy:
    canary:
      stableService: stable
      trafficRouting: {istio: {virtualService: {name: route}}}
      steps:
        - analysis: {templates: [{templateName: success}, {templateName: x, clusterScope: true}]}
"""


def test_rollouts() -> None:
    text = ROLLOUT % "p" + pod() + thing("Service", "stable")
    text += thing("VirtualService", "route", api="networking.istio.io/v1")
    text += thing("AnalysisTemplate", "success", api="argoproj.io/v1alpha1")
    assert findings(text, rule="rollout-reference") == []
    found = findings(ROLLOUT % "q" + pod(), rule="rollout-reference")
    assert [v.field[-1] for v in found] == ["name", "stableService", "name", "templateName"]
    (alone,) = findings(ROLLOUT % "q" + pod(), rule="rollout-reference", environment=None)
    assert (alone.severity, alone.field) == (WARN, ("spec", "workloadRef", "name"))


ANALYSIS = (
    "---\n{apiVersion: argoproj.io/v1alpha1, kind: AnalysisTemplate, metadata: {name: %s}, "
    "spec: {args: [%s]}}\n"
)
ANALYSED = (
    "---\n{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: r}, spec: {strategy: "
    "{canary: {steps: [{analysis: {templates: [{templateName: a}, {templateName: b}], %s}}]}}}}\n"
)


@pytest.mark.parametrize(
    ("given", "asked", "found"),
    [
        ("args: [{name: service, value: x}]", "{name: service}", ""),
        ("args: []", "{name: service, value: x}", ""),
        ("args: []", "{name: shared}", ""),
        ("args: [{name: servce, value: x}]", "{name: service}", "; it gives 'servce'"),
        ("x: 1", "{name: service}", "no argument 'service', which has no value of its own"),
    ],
)
def test_arguments_of_an_analysis(given: str, asked: str, found: str) -> None:
    text = ANALYSIS % ("a", asked) + ANALYSIS % ("b", "{name: shared, value: y}")
    told = findings(ANALYSED % given + text, rule="rollout-reference")
    assert [v.severity for v in told] == ([DENY] if found else [])
    assert all(v.message.endswith(found) for v in told)


VOLUME = "---\n{apiVersion: v1, kind: PersistentVolume, metadata: {name: v}, spec: {%s}}\n"
BOUND = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c, namespace: n}, spec: %s}"


@pytest.mark.parametrize(
    ("volume", "claim", "field"),
    [
        ("accessModes: [ReadOnlyMany]", "accessModes: [ReadWriteMany]", "accessModes"),
        ("capacity: {storage: 1Gi}", "resources: {requests: {storage: 2Gi}}", "storage"),
        ("storageClassName: nfs", "storageClassName: fast", "storageClassName"),
        ("a: b", "storageClassName: fast", "storageClassName"),
        ("claimRef: {name: other, namespace: n}", "a: b", "volumeName"),
        ("claimRef: {name: c, namespace: m}", "a: b", "volumeName"),
        ("accessModes: [ReadOnlyMany, ReadWriteMany]", "accessModes: [ReadWriteMany]", ""),
        ("capacity: {storage: 2Gi}", "resources: {requests: {storage: 2048Mi}}", ""),
        ("storageClassName: ''", "a: b", ""),
        ("claimRef: {name: c, namespace: n}, storageClassName: ''", "storageClassName: ''", ""),
        ("capacity: 1, accessModes: 1, claimRef: 1", "accessModes: {}, resources: 1", ""),
    ],
)
def test_claims_of_a_volume(volume: str, claim: str, field: str) -> None:
    text = BOUND % f"{{volumeName: v, {claim}}}"
    found = findings(text + "\n" + VOLUME % volume, rule="claim-volume")
    assert [v.field[-1] for v in found] == ([field] if field else [])
    assert findings(text, rule="claim-volume") == []


def role(kind: str, name: str) -> str:
    return thing(kind, name, api="rbac.authorization.k8s.io/v1")


def binding(kind: str, name: str, own: str = "b") -> str:
    reference = f", roleRef: {{kind: {kind}, name: {name}}}"
    return thing("RoleBinding", own, reference, "rbac.authorization.k8s.io/v1")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (role("Role", "it") + binding("ClusterRole", "it"), ["Role"]),
        (role("ClusterRole", "it") + binding("Role", "it"), ["ClusterRole"]),
        (role("ClusterRole", "it") + binding("ClusterRole", "it"), []),
        (role("Role", "it") + role("ClusterRole", "it") + binding("ClusterRole", "it"), []),
        # Kubernetes' own, and one that lies elsewhere while the other is given too.
        (role("Role", "view") + binding("ClusterRole", "view"), []),
        (role("Role", "system:x") + binding("ClusterRole", "'system:x'"), []),
        (role("Role", "it") + binding("Role", "it") + binding("ClusterRole", "it", "c"), []),
    ],
)
def test_a_role_that_is_there_as_the_other_kind(text: str, found: list[str]) -> None:
    told = findings(text, rule="rolebinding-role", environment=None)
    assert [(v.field, v.severity) for v in told] == [(("roleRef", "kind"), DENY)] * len(found)
    ends = [
        v.message.endswith(f"did you mean the {kind} of that name?")
        for v, kind in zip(told, found, strict=True)
    ]
    assert all(ends)
