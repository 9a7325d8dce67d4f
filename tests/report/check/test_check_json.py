"""A check as JSON: everything is there, and fits the published schema."""

from __future__ import annotations

from tests.support import findings as samples

from tidegate.report.check import json


def test_a_finding() -> None:
    document = json.check(samples.small())
    assert document["outcome"] == "failed"
    assert document["exitCode"] == 1
    assert document["summary"] == {
        "errors": 1,
        "warnings": 2,
        "notes": 1,
        "waived": 1,
        "warningsAsErrors": False,
    }
    found = document["findings"][3]
    assert found == {
        "fingerprint": samples.small().findings[3].fingerprint,
        "rule": "replicas",
        "severity": "Deny",
        "message": "the image 'shop:1' has no digest",
        "fix": "add the digest",
        "link": "https://kubernetes.io/docs/concepts/containers/images/",
        "overlay": "environments/prod/shop",
        "environment": "prod",
        "app": "shop",
        "object": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "namespace": "shop-prod",
            "name": "shop",
        },
        "field": "spec.template.spec.containers[0].image",
        "fieldPath": ["spec", "template", "spec", "containers", 0, "image"],
        "file": "environments/prod/shop/kustomization.yaml",
        "line": 14,
        "column": 5,
        "waiver": {
            "id": "shop-latest",
            "subject": "rule",
            "name": "image-digest",
            "apps": ["shop"],
            "environments": [],
            "versions": [],
            "objects": [],
            "reason": "registry moves",
            "approvedBy": "Ann",
            "ticket": "OPS-12",
            "expires": "2026-04-01T00:00:00+00:00",
            "file": "policies/waivers/shop.yaml",
            "line": 3,
            "active": True,
        },
    }


def test_what_was_looked_at() -> None:
    coverage = json.check(samples.small())["coverage"]
    assert coverage["unknownKinds"] == [
        {"apiVersion": "argoproj.io/v1", "kind": "Rollout", "objects": 1},
        {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "objects": 2},
    ]
    assert coverage["checked"][1] == "environments/prod/shop"
    assert coverage["notes"] == ["the cache was unreadable"]


def test_no_finding_is_left_out() -> None:
    assert len(json.check(samples.many(3_000))["findings"]) == 3_000
