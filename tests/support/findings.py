"""Reports of checks, with whatever text comes from outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.location import Location
from tidegate.domain.manifest import ObjectId
from tidegate.domain.waiver import Subject, Waiver

DEPLOYMENT = ObjectId("apps/v1", "Deployment", "shop-prod", "shop")
IMAGE = ("spec", "template", "spec", "containers", 0, "image")
WAIVER = Waiver(
    id="shop-latest",
    subject=Subject.RULE,
    name="image-digest",
    apps=("shop",),
    environments=(),
    versions=(),
    reason="registry moves",
    approved_by="Ann",
    ticket="OPS-12",
    expires=datetime(2026, 4, 1, tzinfo=UTC),
    where=Location("policies/waivers/shop.yaml", 3, 5),
)
WAIVED = (
    "waived by Ann until the end of 2026-03-31 UTC; waiver shop-latest (OPS-12): registry moves"
)
COVERAGE = Coverage(
    overlays=3,
    objects=12,
    rendered=1,
    cached=2,
    kubernetes=("1.32", "1.33"),
    rules=42,
    unknown_kinds={
        ("monitoring.coreos.com/v1", "ServiceMonitor"): 2,
        ("argoproj.io/v1", "Rollout"): 1,
    },
    notes=("the cache was unreadable",),
    checked=("environments/dev/shop", "environments/prod/shop", "environments/staging/shop"),
    unlisted=2,
)


def violation(severity: Severity = Severity.DENY, rule: str = "image-digest") -> Violation:
    return Violation(
        rule=rule,
        severity=severity,
        message="the image 'shop:1' has no digest",
        object=DEPLOYMENT,
        field=IMAGE,
        fix="add the digest",
        link="https://kubernetes.io/docs/concepts/containers/images/",
    )


def finding(
    overlay: str = "environments/prod/shop",
    line: int = 12,
    severity: Severity = Severity.DENY,
    rule: str = "image-digest",
    *,
    waiver: Waiver | None = None,
) -> Finding:
    where = Location(f"{overlay}/kustomization.yaml", line, 5)
    return Finding(overlay, violation(severity, rule), where, "prod", "shop", waiver)


def small() -> CheckReport:
    """One of each kind, and one mistake of a base that reaches two overlays."""
    shared = replace(
        violation(Severity.WARN, "probes"),
        message="the container has no readiness probe",
        field=IMAGE[:-1],
        fix=None,
        link=None,
    )
    base = Location("apps/shop/base/deployment.yaml", 20, 11)
    staging = replace(shared, object=DEPLOYMENT._replace(namespace="shop-staging"))
    whole = Violation("record", Severity.AUDIT, "the overlay has no release.yaml")
    return CheckReport(
        findings=(
            Finding("environments/prod/shop", shared, base, "prod", "shop"),
            Finding("environments/staging/shop", staging, base, "staging", "shop"),
            finding(),
            finding(line=14, rule="replicas", waiver=WAIVER),
            Finding(
                "environments/prod/shop",
                whole,
                Location("environments/prod/shop/kustomization.yaml", 0),
            ),
        ),
        coverage=COVERAGE,
    )


def hostile(text: str) -> CheckReport:
    """The same text in every field that comes from outside."""
    object_ = ObjectId(text, text, text, text)
    waiver = replace(
        WAIVER,
        id=text,
        name=text,
        reason=text,
        approved_by=text,
        ticket=text,
        where=Location(text, 1, 1),
    )
    said = [
        Violation(text, severity, text, object_, (text, 0, text), text, text)
        for severity in Severity
    ]
    found = [Finding(text, one, Location(text, 3, 4), text, text) for one in said]
    found += [replace(found[0], waiver=waiver), replace(found[0], where=Location(text))]
    coverage = replace(
        COVERAGE,
        kubernetes=(text,),
        unknown_kinds={(text, text): 1},
        notes=(text,),
        checked=(text, f"{text} too"),
    )
    return CheckReport(tuple(found), coverage, warnings_as_errors=True)


def many(number: int, severity: Severity = Severity.DENY) -> CheckReport:
    """So many different findings, each in an overlay of its own."""
    found = tuple(finding(f"environments/prod/app{n:05}", 12, severity) for n in range(number))
    return CheckReport(found, replace(COVERAGE, overlays=number))
