"""Every rule explains itself, and has an example that passes and one that fails, of which every
message and field is known."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.rules import EXAMPLES, ROOT, example

from tidegate.policy.outline import RULE_NAMES, comparable
from tidegate.policy.rules import RULES, examples, judge_overlays
from tidegate.policy.rules.examples import check_examples, run_example
from tidegate.repository.schemas import schema

_CONTAINER = ("spec", "template", "spec", "containers", 0)
# What the failing example of each rule says of itself.
EXPECTED: dict[str, list[tuple[str, str, tuple[str | int, ...]]]] = {
    "autoscaler-target": [
        (
            "Deny",
            "HorizontalPodAutoscaler recommender scales the Deployment 'recomender', "
            "which is not in this overlay; did you mean 'recommender'?",
            ("spec", "scaleTargetRef", "name"),
        ),
    ],
    "autoscaler-metric-object": [
        (
            "Deny",
            "HorizontalPodAutoscaler recommender measures the Service "
            "'recommender-v1', which is not in this overlay; did you mean "
            "'recommender'?",
            ("spec", "metrics", 0, "object", "describedObject", "name"),
        ),
    ],
    "keda-authentication": [
        (
            "Deny",
            "ScaledObject recommender uses the TriggerAuthentication 'promtheus', "
            "which is not in this overlay; did you mean 'prometheus'?",
            ("spec", "triggers", 0, "authenticationRef", "name"),
        ),
    ],
    "autoscaler-conflict": [
        (
            "Deny",
            "ScaledObject recommender scales Deployment recommender, and so does "
            "HorizontalPodAutoscaler recommender",
            ("spec", "scaleTargetRef", "name"),
        ),
    ],
    "autoscaler-vpa-conflict": [
        (
            "Deny",
            "VerticalPodAutoscaler recommender sets the cpu of Deployment "
            "recommender, on which HorizontalPodAutoscaler recommender scales it",
            ("spec", "targetRef", "name"),
        ),
    ],
    "autoscaler-replicas": [
        (
            "Deny",
            "Deployment recommender sets replicas to 3, but HorizontalPodAutoscaler "
            "recommender owns that number",
            ("spec", "replicas"),
        ),
    ],
    "autoscaler-resource-metric": [
        (
            "Deny",
            "HorizontalPodAutoscaler recommender scales on the resource "
            "'nvidia.com/gpu', and only cpu and memory are measured as resources",
            ("spec", "metrics", 0, "resource", "name"),
        ),
    ],
    "autoscaler-target-type": [
        (
            "Deny",
            "HorizontalPodAutoscaler recommender has a Resource metric with a target "
            "of type Utilization, which goes with averageUtilization, but sets "
            "averageValue",
            ("spec", "metrics", 0, "resource", "target", "averageValue"),
        ),
    ],
    "autoscaler-requests": [
        (
            "Deny",
            "HorizontalPodAutoscaler recommender scales on a share of the requested "
            "cpu, but container model-server of Deployment recommender requests none",
            ("spec", "template", "spec", "containers", 0, "resources"),
        ),
    ],
    "autoscaler-container": [
        (
            "Deny",
            "HorizontalPodAutoscaler recommender measures the container "
            "'model-sever', which Deployment recommender does not have; did you mean "
            "'model-server'?",
            ("spec", "metrics", 0, "containerResource", "container"),
        ),
    ],
    "pdb-target": [
        (
            "Deny",
            "PodDisruptionBudget recommender protects pods with "
            "app.kubernetes.io/name=recomender, and no pod of this overlay has that "
            "label; did you mean app.kubernetes.io/name=recommender?",
            ("spec", "selector", "matchLabels", "app.kubernetes.io/name"),
        ),
    ],
    "pdb-satisfiable": [
        (
            "Deny",
            "PodDisruptionBudget recommender wants minAvailable 3, which is all 3 of "
            "its pods, so that none can be evicted",
            ("spec", "minAvailable"),
        ),
    ],
    "pdb-overlap": [
        (
            "Deny",
            "PodDisruptionBudget recommender-old protects the pods of Deployment "
            "recommender, and so does PodDisruptionBudget recommender",
            ("spec", "selector"),
        ),
    ],
    "pdb-missing": [
        ("Warn", "Deployment recommender runs 3 pods or more, and no budget protects them", ()),
    ],
    "probe-port": [
        (
            "Deny",
            "Deployment recommender has a readinessProbe on the port 'htp', which "
            "its container model-server does not have; did you mean 'http'?",
            ("spec", "template", "spec", "containers", 0, "readinessProbe", "httpGet", "port"),
        ),
    ],
    "spread-selector": [
        (
            "Warn",
            "Deployment recommender spreads over pods with "
            "app.kubernetes.io/name=recommender-v1, which its own pods are not; did "
            "you mean app.kubernetes.io/name=recommender?",
            ("spec", "template", "spec", "topologySpreadConstraints", 0, "labelSelector"),
        ),
    ],
    "workload-selector": [
        (
            "Deny",
            "Deployment recommender selects pods with "
            "app.kubernetes.io/name=recomender, which its own template does not "
            "have; did you mean app.kubernetes.io/name=recommender?",
            ("spec", "selector", "matchLabels", "app.kubernetes.io/name"),
        ),
    ],
    "volume-mount": [
        (
            "Deny",
            "Deployment recommender mounts the volume 'temp' into its container "
            "model-server, and has no such volume; did you mean 'tmp'?",
            ("spec", "template", "spec", "containers", 0, "volumeMounts", 0, "name"),
        ),
    ],
    "configmap-exists": [
        (
            "Deny",
            "Deployment recommender takes its environment from the ConfigMap "
            "'recommender-config', which is not in this overlay; did you mean "
            "'recommender'?",
            ("spec", "template", "spec", "containers", 0, "envFrom", 0, "configMapRef", "name"),
        ),
    ],
    "secret-exists": [
        (
            "Deny",
            "Deployment recommender takes a variable from the Secret "
            "'feature-stroe', which is not in this overlay; did you mean "
            "'feature-store'?",
            (
                "spec",
                "template",
                "spec",
                "containers",
                0,
                "env",
                0,
                "valueFrom",
                "secretKeyRef",
                "name",
            ),
        ),
    ],
    "pvc-exists": [
        (
            "Deny",
            "Deployment recommender mounts the PersistentVolumeClaim 'embedings', "
            "which is not in this overlay; did you mean 'embeddings'?",
            ("spec", "template", "spec", "volumes", 0, "persistentVolumeClaim", "claimName"),
        ),
    ],
    "serviceaccount-exists": [
        (
            "Deny",
            "Deployment recommender runs as the ServiceAccount 'recommender-sa', "
            "which is not in this overlay; did you mean 'recommender'?",
            ("spec", "template", "spec", "serviceAccountName"),
        ),
    ],
    "configuration-key": [
        (
            "Deny",
            "Deployment recommender mounts the file 'server.yml' of ConfigMap "
            "recommender, which does not have it; did you mean 'server.yaml'?",
            ("spec", "template", "spec", "containers", 0, "volumeMounts", 0, "subPath"),
        ),
    ],
    "service-selector": [
        (
            "Deny",
            "Service recommender selects pods with "
            "app.kubernetes.io/name=recomender, and no pod of this overlay has that "
            "label; did you mean app.kubernetes.io/name=recommender?",
            ("spec", "selector", "app.kubernetes.io/name"),
        ),
    ],
    "service-port": [
        (
            "Deny",
            "Service recommender sends to the TCP port 'htp', which Deployment "
            "recommender does not have; did you mean 'http'?",
            ("spec", "ports", 0, "targetPort"),
        ),
    ],
    "statefulset-service": [
        (
            "Deny",
            "StatefulSet recommender is governed by the Service "
            "'recommender-headless', which is not in this overlay; did you mean "
            "'recommender'?",
            ("spec", "serviceName"),
        ),
    ],
    "networkpolicy-target": [
        (
            "Warn",
            "NetworkPolicy recommender guards pods with "
            "app.kubernetes.io/name=recomender, and no pod of this overlay has that "
            "label; did you mean app.kubernetes.io/name=recommender?",
            ("spec", "podSelector", "matchLabels", "app.kubernetes.io/name"),
        ),
    ],
    "networkpolicy-port": [
        (
            "Warn",
            "NetworkPolicy recommender opens the TCP port 'htp', which Deployment recommender "
            "does not have; did you mean 'http'?",
            ("spec", "ingress", 0, "ports", 0, "port"),
        ),
    ],
    "ingress-backend": [
        (
            "Deny",
            "Ingress recommender sends to port 8080, and Service recommender has 80",
            ("spec", "rules", 0, "http", "paths", 0, "backend", "service", "port", "number"),
        ),
    ],
    "route-backend": [
        (
            "Deny",
            "HTTPRoute recommender sends to the Service 'recomender', which is not "
            "in this overlay; did you mean 'recommender'?",
            ("spec", "rules", 0, "backendRefs", 0, "name"),
        ),
    ],
    "gateway-reference": [
        (
            "Deny",
            "HTTPRoute recommender hangs on the Gateway 'shp', which is not in this "
            "overlay; did you mean 'shop'?",
            ("spec", "parentRefs", 0, "name"),
        ),
    ],
    "gateway-host": [
        (
            "Deny",
            "HTTPRoute recommender is for the host 'shop.example.org', which its "
            "gateway does not serve; did you mean '*.example.com'?",
            ("spec", "hostnames", 0),
        ),
    ],
    "istio-destination": [
        (
            "Deny",
            "VirtualService recommender sends to port 8080, and Service recommender has 80",
            ("spec", "http", 0, "route", 0, "destination", "port", "number"),
        ),
    ],
    "istio-weights": [
        (
            "Deny",
            "VirtualService recommender shares out 110 of 100 parts of its traffic "
            "among 2 destinations (90 + 20)",
            ("spec", "http", 0, "route", 1, "weight"),
        ),
    ],
    "istio-subset": [
        (
            "Deny",
            "VirtualService recommender sends to the subset 'canray' of recommender, "
            "which no DestinationRule of this overlay defines; did you mean "
            "'canary'?",
            ("spec", "http", 0, "route", 1, "destination", "subset"),
        ),
    ],
    "istio-subset-labels": [
        (
            "Warn",
            "DestinationRule recommender has the subset 'canary' of pods with "
            "version=v2, and no pod of recommender is labelled so",
            ("spec", "subsets", 1, "labels"),
        ),
    ],
    "rollout-reference": [
        (
            "Deny",
            "Rollout recommender names the Service 'recommender-cannary', which is "
            "not in this overlay; did you mean 'recommender-canary'?",
            ("spec", "strategy", "canary", "canaryService"),
        ),
    ],
    "servicemonitor-target": [
        (
            "Deny",
            "ServiceMonitor recommender scrapes the port 'metrics', which Service "
            "recommender does not have; did you mean 'http'?",
            ("spec", "endpoints", 0, "port"),
        ),
    ],
    "podmonitor-target": [
        (
            "Deny",
            "PodMonitor recommender scrapes the port 'metrics', which Deployment "
            "recommender does not have; did you mean 'http'?",
            ("spec", "podMetricsEndpoints", 0, "port"),
        ),
    ],
    "monitoring-missing": [
        ("Warn", "Deployment recommender serves requests, and nothing scrapes its metrics", ()),
    ],
    "rolebinding-role": [
        (
            "Deny",
            "RoleBinding recommender gives the Role 'recommender-reader', which is "
            "not in this overlay; did you mean 'recommender'?",
            ("roleRef", "name"),
        ),
    ],
    "rolebinding-subject": [
        (
            "Warn",
            "RoleBinding recommender gives a role to the ServiceAccount "
            "'recommender-sa', which is not in this overlay; did you mean "
            "'recommender'?",
            ("subjects", 0, "name"),
        ),
    ],
    "duplicate-object": [
        ("Deny", "ConfigMap recommender is there twice", ("metadata", "name")),
    ],
    "namespace-pinned": [
        (
            "Deny",
            "ConfigMap recommender names no namespace; the others are in 'shop-prod'",
            ("metadata",),
        ),
    ],
    "cluster-scoped-object": [
        ("Deny", "ClusterRole recommender belongs to the whole cluster, not to an app", ("kind",)),
    ],
    "release-agrees": [
        (
            "Deny",
            "Deployment recommender runs registry.example.com/shop/recommender with "
            "the tag 'v4', and release.yaml says 'v3'",
            ("spec", "template", "spec", "containers", 0, "image"),
        ),
    ],
    "compatibility": [
        (
            "Deny",
            "Deployment recommender has torch 2.7.0, and prod allows >=2.4 <2.6",
            ("metadata", "labels", "tidegate.dev/framework"),
        ),
    ],
    "requirements": [
        (
            "Deny",
            "Deployment recommender requires containerd >=2.0, and prod has 1.7.24",
            ("metadata", "annotations", "tidegate.dev/requires"),
        ),
    ],
    "cluster-compatibility": [
        ("Deny", "prod has istio 1.27.0, and allows >=1.22 <1.26", ()),
    ],
    "object-owner": [
        ("Deny", "ConfigMap shared is in environments/prod/recommender too", ("metadata", "name")),
    ],
    "host-owner": [
        (
            "Deny",
            "Ingress search takes shop.example.com/recommendations, which is Ingress "
            "recommender's in environments/prod/recommender",
            ("spec", "rules", 0, "http", "paths", 0, "path"),
        ),
    ],
    "weaker-availability": [
        (
            "Warn",
            "Deployment recommender runs at least 2 pods, and staging 3",
            ("spec", "replicas"),
        ),
    ],
    "weaker-resources": [
        (
            "Warn",
            "the container model-server of Deployment recommender has no memory "
            "limit, and in staging it has one",
            (*_CONTAINER, "resources", "limits", "memory"),
        ),
    ],
    "weaker-security": [
        (
            "Deny",
            "the container model-server of Deployment recommender may run as root, "
            "and in staging it may not",
            ("spec", "template", "spec", "containers", 0),
        ),
        (
            "Deny",
            "the container model-server of Deployment recommender may gain "
            "privileges, and in staging it may not",
            (*_CONTAINER, "securityContext", "allowPrivilegeEscalation"),
        ),
    ],
    "weaker-image": [
        (
            "Deny",
            "the container model-server of Deployment recommender runs its image by "
            "tag alone, and in staging by digest",
            ("spec", "template", "spec", "containers", 0, "image"),
        ),
    ],
    "wrong-namespace": [
        (
            "Warn",
            "HorizontalPodAutoscaler recommender is in the namespace 'shop', and Deployment "
            "recommender, which it scales, is in 'shop-prod'",
            ("metadata", "namespace"),
        ),
    ],
    "claim-volume": [
        (
            "Deny",
            "PersistentVolumeClaim models wants ReadWriteMany of PersistentVolume models, which "
            "has ReadOnlyMany",
            ("spec", "accessModes"),
        ),
    ],
    "mistyped-name": [
        (
            "Warn",
            "InferenceService recommender names the ServiceAccount 'recomender', which is not in "
            "this overlay; did you mean 'recommender'?",
            ("spec", "predictor", "serviceAccountName"),
        ),
    ],
    "patch-target": [
        (
            "Warn",
            "patches is for the Deployment 'recomender', of which this overlay has none: "
            "it changes nothing; did you mean 'recommender'?",
            ("patches", 0),
        ),
    ],
    "image-entry": [
        (
            "Warn",
            "images names 'registry.example.com/shop/recomender', and no container of this "
            "overlay runs it; did you mean 'registry.example.com/shop/recommender'?",
            ("images", 0),
        ),
    ],
    "application-automated": [
        (
            "Deny",
            "an Application of ApplicationSet prod is synced without selfHeal",
            ("spec", "template", "spec", "syncPolicy", "automated", "selfHeal"),
        ),
    ],
    "application-project": [
        (
            "Deny",
            "an Application of ApplicationSet prod is in the project 'default', which allows "
            "everything",
            ("spec", "template", "spec", "project"),
        ),
    ],
    "application-revision": [
        (
            "Deny",
            "an Application of ApplicationSet prod follows 'production'; releases are committed "
            "to 'main'",
            ("spec", "template", "spec", "source", "targetRevision"),
        ),
    ],
    "application-missing": [
        (
            "Deny",
            "no Application applies environments/prod/recommender, which has a release",
            (),
        ),
    ],
    "application-twice": [
        (
            "Deny",
            "Application recommender applies environments/prod/recommender, and ApplicationSet "
            "prod applies it too",
            ("spec", "source", "path"),
        ),
    ],
    "applicationset-files": [
        (
            "Deny",
            "ApplicationSet prod makes an Application of each folder",
            ("spec", "generators", 0, "git", "directories"),
        ),
    ],
    "applicationset-missing-key": [
        (
            "Deny",
            "ApplicationSet prod writes `<no value>` where a key is missing",
            ("spec",),
        ),
    ],
    "applicationset-deletion": [
        (
            "Deny",
            "ApplicationSet prod deletes the Application of a folder that goes",
            ("spec", "syncPolicy", "applicationsSync"),
        ),
    ],
    "project-cluster-kinds": [
        (
            "Deny",
            "AppProject prod lets apps have *, which belongs to the whole cluster",
            ("spec", "clusterResourceWhitelist", 0),
        ),
    ],
    "project-sync-window": [
        ("Deny", "AppProject prod has a sync window that denies", ("spec", "syncWindows", 0)),
    ],
    "project-source": [
        (
            "Deny",
            "AppProject prod takes manifests from any repository",
            ("spec", "sourceRepos", 0),
        ),
    ],
    "project-role": [
        (
            "Deny",
            "the role 'pipeline' of AppProject prod may * applications",
            ("spec", "roles", 0, "policies", 1),
        ),
    ],
}


@pytest.mark.parametrize("rule", RULES)
def test_the_examples_do_what_they_say(rule: str) -> None:
    assert list(check_examples(rule, example(rule, "passes"), example(rule, "fails"))) == []


@pytest.mark.parametrize("rule", RULES)
def test_the_message_and_the_field_are_exact(rule: str) -> None:
    found = [v for _, v in run_example(example(rule, "fails")) if v.rule == rule]
    assert [(str(v.severity), v.message, v.field) for v in found] == EXPECTED[rule]
    for violation in found:
        assert violation.fix == RULES[rule].fix
        assert violation.link == RULES[rule].link


def test_there_is_a_folder_for_each_rule_and_no_other() -> None:
    assert {folder.name for folder in EXAMPLES.iterdir()} == set(RULES)


def test_the_outline_knows_every_rule_by_its_name() -> None:
    assert tuple(RULES) == RULE_NAMES


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.compare])
def test_where_the_outline_sees_nothing_to_compare_there_is_nothing_to_find(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, Any]] = []
    monkeypatch.setattr(examples, "judge_overlays", lambda *both: asked.append(both) or ())
    run_example(example(rule, "fails"))
    ((facts, environments),) = asked
    assert comparable(facts)
    assert [v for _, v in judge_overlays(facts, environments) if v.rule == rule]
    for name, of_one in facts.items():
        alone = {name: of_one}
        assert comparable(alone) or list(judge_overlays(alone, environments)) == []
    assert not comparable({name: {} for name in facts})


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_explains_itself(rule: str) -> None:
    asked = RULES[rule]
    assert asked.name == rule
    assert asked.why.endswith(".")
    assert asked.fix.endswith(".")
    assert asked.link.startswith("https://")
    assert sum(part is not None for part in (asked.judge, asked.tuned, asked.compare)) == 1
    assert bool(asked.settings) == (asked.tuned is not None) or asked.compare is not None
    assert all(setting.kind in ("names", "number") for setting in asked.settings.values())


def test_every_rule_is_in_the_table_of_the_docs() -> None:
    page = (ROOT / "docs" / "rules-across-objects.md").read_text("utf-8")
    for name, rule in RULES.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        assert f"| {rule.severity} |" in row
        for setting in rule.settings:
            assert f"`{setting}`" in row


def test_a_rule_s_name_fits_the_schema_of_environments() -> None:
    import re

    items = schema("environment")["properties"]["rules"]["items"]
    pattern = items["properties"]["rule"]["pattern"]
    assert all(re.search(pattern, name) for name in RULES)


@pytest.mark.parametrize(
    ("rule", "passes", "fails", "sentence"),
    [
        ("no-such-rule", [], [], "'no-such-rule' is no rule of Tidegate's"),
        ("pdb-target", [], [], "the example of pdb-target that fails doesn't"),
    ],
)
def test_wrong_examples_are_told(
    rule: str, passes: list[Any], fails: list[Any], sentence: str
) -> None:
    assert list(check_examples(rule, passes, fails)) == [sentence]


def test_an_example_that_passes_must_pass_every_rule() -> None:
    (sentence,) = check_examples(
        "pdb-target", example("service-port", "fails"), example("pdb-target", "fails")
    )
    assert sentence.startswith(
        "the example of pdb-target that passes doesn't, in environments/prod/example: service-port"
    )
