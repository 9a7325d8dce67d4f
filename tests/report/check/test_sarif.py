"""A check as SARIF 2.1.0. With TIDEGATE_TEST_SARIF_SCHEMA every document is held against the
official schema too."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from tests.support import findings as samples
from tests.support.reports import HOSTILE

from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Severity
from tidegate.domain.location import Location
from tidegate.report import sarif

OFFICIAL = os.environ.get("TIDEGATE_TEST_SARIF_SCHEMA")
VALIDATOR = Draft4Validator(json.loads(Path(OFFICIAL).read_text("utf-8"))) if OFFICIAL else None


def read(report: CheckReport) -> dict[str, Any]:
    """The run, with everything held that GitHub and the standard ask for."""
    text = sarif.check(report)
    assert text.isascii()
    document = json.loads(text)
    if VALIDATOR:
        errors = [
            f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)
        ]
        assert errors == []
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({rule["id"] for rule in rules})
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)
    results = run["results"]
    assert len({r["partialFingerprints"]["tidegate/v1"] for r in results}) == len(results)
    assert len({"suppressions" in result for result in results}) <= 1
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"].strip()
        assert "](" not in result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["region"]["startLine"] >= 1
        uri = physical["artifactLocation"]["uri"]
        assert uri.isascii()
        assert not set(uri) & set(' <>"\\^`{|}:?#[]@\n')
    return dict(run)


@pytest.mark.skipif(not OFFICIAL, reason="TIDEGATE_TEST_SARIF_SCHEMA names no file")
def test_the_official_schema_is_one() -> None:
    assert VALIDATOR is not None
    assert not VALIDATOR.is_valid({"version": "2.1.0"})


def test_a_finding() -> None:
    run = read(samples.small())
    result = run["results"][2]
    assert result == {
        "ruleId": "image-digest",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "the image 'shop:1' has no digest [environments/prod/shop]"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": "environments/prod/shop/kustomization.yaml",
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": 12, "startColumn": 5},
                },
                "logicalLocations": [
                    {
                        "fullyQualifiedName": "Deployment shop-prod/shop "
                        "spec.template.spec.containers[0].image",
                        "kind": "member",
                    }
                ],
            }
        ],
        "partialFingerprints": {"tidegate/v1": samples.finding().fingerprint},
        "properties": {
            "overlay": "environments/prod/shop",
            "environment": "prod",
            "app": "shop",
        },
        "suppressions": [],
    }


def test_a_rule() -> None:
    rules = read(samples.small())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["image-digest", "probes", "record", "replicas"]
    assert rules[0] == {
        "id": "image-digest",
        "shortDescription": {"text": "image-digest"},
        "help": {"text": "add the digest"},
        "defaultConfiguration": {"level": "error"},
        "properties": {"problem.severity": "error"},
        "helpUri": "https://kubernetes.io/docs/concepts/containers/images/",
    }
    assert "helpUri" not in rules[1]


def test_what_is_waived_is_suppressed_with_its_reason() -> None:
    (suppression,) = read(samples.small())["results"][3]["suppressions"]
    assert suppression["kind"] == "external"
    assert suppression["justification"] == samples.WAIVED


def test_levels_and_places() -> None:
    run = read(CheckReport(samples.small().findings[:1], Coverage()))
    assert run["results"][0]["level"] == "warning"
    assert "suppressions" not in run["results"][0]
    assert read(samples.small())["results"][4]["level"] == "note"
    assert read(samples.small())["results"][4]["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 1
    }


def test_the_same_findings_make_the_same_document() -> None:
    assert sarif.check(samples.small()) == sarif.check(samples.small())
    moved = replace(samples.finding(), where=Location("other.yaml", 99, 1))
    (one,) = read(CheckReport((samples.finding(),), Coverage()))["results"]
    (other,) = read(CheckReport((moved,), Coverage()))["results"]
    assert one["partialFingerprints"] == other["partialFingerprints"]


def test_the_severest_are_kept_where_there_are_too_many() -> None:
    notes, errors = samples.many(sarif.RESULTS, Severity.AUDIT), samples.many(3)
    made = CheckReport((*notes.findings, *errors.findings), notes.coverage)
    run = read(made)
    levels = [result["level"] for result in run["results"]]
    assert len(levels) == sarif.RESULTS
    assert levels.count("error") == 3
    told = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert "3 findings left out: GitHub takes 25000 at most." in told
    assert "GitHub shows the 5000 severest findings only." in told


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_contained(text: str) -> None:
    read(samples.hostile(text))


@given(st.text(max_size=60))
def test_every_text_is_contained(text: str) -> None:
    read(samples.hostile(text or "x"))


@pytest.mark.parametrize("path", ["a b/c.yaml", "a:b/c#d?e.yaml", "é/模型.yaml", "100%/x.yaml"])
def test_paths_are_references(path: str) -> None:
    made = CheckReport((replace(samples.finding(), where=Location(path, 1, 1)),), Coverage())
    place = read(made)["results"][0]["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == path


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://a.b", "https://a b", "https://é"])
def test_only_web_addresses_are_links(link: str) -> None:
    said = replace(samples.violation(), link=link)
    run = read(CheckReport((replace(samples.finding(), violation=said),), Coverage()))
    assert "helpUri" not in run["tool"]["driver"]["rules"][0]
