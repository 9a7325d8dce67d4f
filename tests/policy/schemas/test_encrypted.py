"""Objects that SOPS has encrypted: sound where something decrypts them before they are applied."""

from __future__ import annotations

import pytest
import yaml
from tests.support.evidence import DEV

from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Violation
from tidegate.domain.manifest import Manifest, Rendered, identify
from tidegate.domain.rulebook import Admission, Rulebook
from tidegate.policy.examination import Examination

CIPHER = '"ENC[AES256_GCM,data:Zm9v,iv:YQ==,tag:YQ==,type:str]"'
SOPS = f"\nsops: {{age: [], mac: {CIPHER}, version: 3.9.0}}"
SECRET = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata: {{a: {CIPHER}}}"
KINDS = {
    "secret": SECRET,
    "docker": SECRET.replace("{a: ", "{.dockerconfigjson: ")
    + "\ntype: kubernetes.io/dockerconfigjson",
    "text": SECRET.replace("\ndata", "\nstringData"),
    "class": "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\n"
    f"metadata: {{name: a, labels: {{a: {CIPHER}}}}}\nvalue: {CIPHER}",
    "reference": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: "
    f"[{{name: a, image: b, envFrom: [{{configMapRef: {{name: {CIPHER}}}}}]}}]}}",
    "whole": f"apiVersion: {CIPHER}\nkind: {CIPHER}\nmetadata: {{name: {CIPHER}}}",
}
ELSEWHERE, OURS = RuleContext(), RuleContext(DEV, "a")
EXAMINATION = Examination(Rulebook(Admission(), "key"))


def inspect(text: str, context: RuleContext) -> tuple[Violation, ...]:
    data = yaml.safe_load(text)
    rendered = Rendered("a.yaml", (Manifest(identify(data), data),))
    return EXAMINATION.inspect(rendered, context).violations


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_said_of_what_is_encrypted(kind: str) -> None:
    assert inspect(KINDS[kind] + SOPS, ELSEWHERE) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_decrypts_is_refused_once(kind: str) -> None:
    (found,) = inspect(KINDS[kind] + SOPS, OURS)
    assert (found.rule, found.severity, found.field) == ("schema", "Deny", ("sops",))
    assert found.message.startswith("sops says that the object is encrypted")
    assert "Flux, KSOPS and helm-secrets" in str(found.fix)


def test_what_can_be_seen_of_it_is_judged() -> None:
    (found,) = inspect(SECRET.replace("metadata", "type: 5\nmetadata") + SOPS, ELSEWHERE)
    assert found.field == ("type",)


@pytest.mark.parametrize("block", ["", "\nsops: {}", "\nsops: {mac: a}", "\nsops: text"])
def test_without_a_checksum_nothing_is_encrypted(block: str) -> None:
    found = {violation.field for violation in inspect(SECRET + block, ELSEWHERE)}
    assert found == {("data", "a"), *([("sops",)] if block else [])}
