"""The sample apps follow the rules: before their first promotion, and after it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.support.catalogue import ADMISSION, ROOT, judge

from tidegate.domain.finding import Severity
from tidegate.policy.admission.engine import AdmissionEngine

ENGINE = AdmissionEngine(ADMISSION)
OVERLAYS = [
    path
    for path in sorted(ROOT.glob("environments/*/*/kustomization.yaml"))
    if path.parent.name != "argocd"
]
IDS = [f"{path.parent.parent.name}-{path.parent.name}" for path in OVERLAYS]
DIGEST = "sha256:" + "0123456789abcdef" * 4


def rendered(overlay: Path) -> str:
    binary = shutil.which("kustomize") or shutil.which("kubectl", path=sys.prefix + "/bin")
    if binary is None:
        pytest.skip("there is no kustomize and no kubectl here")
    verb = "kustomize" if binary.endswith("kubectl") else "build"
    command = [binary, verb, str(overlay.parent)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def found(text: str, environment: str) -> dict[str, set[str]]:
    """What is said of the objects, with each severity."""
    said: dict[str, set[str]] = {severity.value: set() for severity in Severity}
    for data in yaml.safe_load_all(text):
        for violation in judge(ENGINE, data, environment):
            said[violation.severity.value].add(f"{violation.rule}: {violation.message}")
    return said


@pytest.mark.parametrize("overlay", OVERLAYS, ids=IDS)
def test_an_overlay_that_was_never_promoted_breaks_no_rule(overlay: Path) -> None:
    text = rendered(overlay)
    assert ":unreleased" in text
    assert found(text, overlay.parent.parent.name) == {"Deny": set(), "Warn": set(), "Audit": set()}


@pytest.mark.parametrize("overlay", OVERLAYS, ids=IDS)
def test_nor_does_what_a_promotion_makes_of_it(overlay: Path) -> None:
    text = re.sub(r"(image: .*):unreleased", rf"\1:v2@{DIGEST}", rendered(overlay))
    text = text.replace("app.kubernetes.io/version: unreleased", 'app.kubernetes.io/version: "2"')
    assert f":v2@{DIGEST}" in text
    assert "unreleased" not in text
    assert found(text, overlay.parent.parent.name) == {"Deny": set(), "Warn": set(), "Audit": set()}


def test_a_tag_without_its_digest_is_seen_in_prod() -> None:
    overlay = ROOT / "environments" / "prod" / "digits" / "kustomization.yaml"
    text = rendered(overlay).replace(":unreleased", ":v2")
    assert [line.partition(":")[0] for line in found(text, "prod")["Deny"]] == ["image-digest"]
