"""No false alarms: manifests as careful people write them, in the strictest environment."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.catalogue import ADMISSION, ROOT, judge, load

from tidegate.policy.admission.engine import AdmissionEngine

ENGINE = AdmissionEngine(ADMISSION)
SANE = list(load(ROOT / "tests" / "repos" / "manifests" / "sane.yaml"))


@pytest.mark.parametrize(
    "data", SANE, ids=[f"{data['kind']}-{data['metadata']['name']}" for data in SANE]
)
def test_nothing_is_found_fault_with(data: dict[str, Any]) -> None:
    said = judge(ENGINE, data, "prod")
    assert [(violation.rule, violation.message) for violation in said] == []


SECRETS = [
    ("DATABASE_PASSWORD", "correct-horse", True),
    ("db_password", "correct-horse", True),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI", True),
    ("OPENAI_API_KEY", "sk-proj-abc", True),
    ("HF_TOKEN", "hf_abc", True),
    ("TOKEN", "abcdef", True),
    ("PROXY", "http://me:secret@proxy:3128", True),
    ("DATABASE_URL", "postgres://shop:correct-horse@db/shop", True),
    ("SETTINGS", "-----BEGIN RSA PRIVATE KEY-----", True),
    ("NOTE", "AKIA" + "Q" * 16, True),
    ("DATABASE_PASSWORD", "", False),
    ("DATABASE_PASSWORD", "$(OTHER)", False),
    ("DATABASE_PASSWORD", "${OTHER}", False),
    ("DATABASE_PASSWORD", "vault:secret/data/shop#password", False),
    ("DATABASE_PASSWORD", "<your password>", False),
    ("GOOGLE_API_KEY", "GOOGLE_API_KEY_VAL", False),
    ("DATABASE_PASSWORD_FILE", "/run/secrets/password", False),
    ("SECRET_NAME", "recommender", False),
    ("REQUIRE_PASSWORD", "true", False),
    ("EOS_TOKEN", "</s>", False),
    ("MAX_NEW_TOKENS", "512", False),
    ("STOP_TOKEN", "###", False),
    ("PUBLIC_KEY", "ssh-ed25519 AAAA", False),
    ("CACHE_KEY", "v2", False),
    ("SORT_KEY", "price", False),
    ("PARTITION_KEY", "user", False),
    ("CORS", "https://shop.example.com", False),
    ("ENDPOINT", "https://shop.example.com/@team", False),
    ("DATABASE_URL", "postgres://shop:$(PASSWORD)@db/shop", False),
    ("DATABASE_URL", "postgres://shop@db/shop", False),
]


@pytest.mark.parametrize(("name", "value", "secret"), SECRETS)
def test_what_is_a_secret_among_variables(name: str, value: str, secret: bool) -> None:
    container = {"name": "server", "env": [{"name": name, "value": value}]}
    said = judge(ENGINE, workload({"containers": [container]}), "prod")
    assert any(violation.rule == "secret-in-env" for violation in said) == secret
    # Whoever reads the finding mustn't read the secret with it.
    assert all(len(value) < 6 or value not in violation.message for violation in said)


IMAGES = [
    ("registry.example.com/a:1", set()),
    ("registry.example.com/a/b/c:1@sha256:" + "0" * 64, set()),
    ("registry.example.com/a@sha256:" + "0" * 64, set()),
    ("registry.example.com:5000/a:1", {"image-registry"}),
    ("registry.example.com.evil.example/a:1", {"image-registry"}),
    ("evil.example/registry.example.com/a:1", {"image-registry"}),
    ("a:1", {"image-registry"}),
    ("library/a:1", {"image-registry"}),
    ("localhost/a:1", {"image-registry"}),
    ("localhost:5000/a", {"image-registry", "image-tag"}),
    ("registry.example.com/a", {"image-tag"}),
    ("registry.example.com/a:latest", {"image-tag"}),
    ("registry.example.com/a:latest-1.2", set()),
    ("auto", set()),
]


@pytest.mark.parametrize(("image", "rules"), IMAGES)
def test_which_images_may_run(image: str, rules: set[str]) -> None:
    said = judge(ENGINE, workload({"containers": [{"name": "a", "image": image}]}), "prod")
    found = {violation.rule for violation in said} & {"image-registry", "image-tag"}
    assert found == rules


def test_objects_that_controllers_made_are_theirs() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "x", "controller": True}
    data = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "x", "ownerReferences": [owner]},
        "spec": {"containers": [{"name": "a", "image": "a"}]},
    }
    assert judge(ENGINE, data, "prod") == []


def test_no_environment_is_no_business_of_the_rules() -> None:
    data = workload({"containers": [{"name": "a", "image": "a"}], "hostNetwork": True})
    assert judge(ENGINE, data, "") != []
    assert list(ENGINE.judge(_manifest(data), {"metadata": {"name": "kube-system"}})) == []


@pytest.mark.parametrize(
    "data",
    [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": []}},
        {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "x"},
         "spec": {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "y"}}},
    ],
    ids=["no-spec", "empty-spec", "no-containers", "workload-reference"],
)  # fmt: skip
def test_what_is_missing_is_no_error_of_the_rules(data: dict[str, Any]) -> None:
    for violation in judge(ENGINE, data, "prod"):
        assert "error" not in violation.message, violation


def workload(pod: dict[str, Any]) -> dict[str, Any]:
    """A Deployment of such pods."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x"},
        "spec": {"selector": {}, "template": {"metadata": {}, "spec": pod}},
    }


def _manifest(data: dict[str, Any]) -> Any:
    from tidegate.domain.manifest import Manifest, identify

    return Manifest(identify(data), data)
