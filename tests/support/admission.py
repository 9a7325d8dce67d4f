"""Policies from text, engines of them, and what a real API server says in the same words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from tests.support.apiserver import Answer, ApiServer
from tests.support.kustomize import make_snapshot

from tidegate.domain.custom_kind import CustomKind
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.domain.rulebook import Admission
from tidegate.policy.admission import AdmissionEngine
from tidegate.repository.admission import read_admission
from tidegate.repository.crds import read_custom_kinds
from tidegate.repository.layout import DEFINITIONS as CRDS

FOLDER = Path(__file__).parents[1] / "repos" / "admission"
# With the last policy that takes ConfigMaps the server stops watching them, and never begins again.
KEEPER = "keeper"
API = "/apis/admissionregistration.k8s.io/v1"
_PLURALS = {
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}
_WARNING = re.compile(
    r"299 - \"Validation failed for ValidatingAdmissionPolicy '([^']*)' with binding '[^']*': "
    r"(.*)\"$",
    re.DOTALL,
)
_DENIAL = re.compile(
    r".*?ValidatingAdmissionPolicy '([^']*)'(?: with binding '[^']*')? denied request: (.*)$",
    re.DOTALL,
)

_GIVEN = re.compile(
    r"metadata\.(managedFields|uid|creationTimestamp|generation|finalizers)|controller-uid"
    r"|clusterIP|ipFamil|nodePort|^\.status"
)

Object = Mapping[str, Any]


def documents(name: str) -> list[dict[str, Any]]:
    """The documents of a file beside the policies that use every feature."""
    return list(yaml.safe_load_all((FOLDER / name).read_text("utf-8")))


def custom_kinds() -> tuple[CustomKind, ...]:
    """The custom kinds that those policies know."""
    text = (FOLDER / "definitions.yaml").read_text("utf-8")
    return read_custom_kinds(make_snapshot({f"{CRDS}/definitions.yaml": text}))


def read(text: str) -> Admission:
    """Policies from one file's text."""
    return read_admission(make_snapshot({"policies/admission/rule/policy.yaml": text}))


def policy(validations: Sequence[str | Object], **spec: Any) -> str:
    """A policy named `rule` about Deployments and ConfigMaps, and a binding that denies."""
    annotations = spec.pop("annotations", {})
    actions = spec.pop("actions", ["Deny"])
    binding = spec.pop("binding", {})
    rules = [
        {
            "apiGroups": ["apps", ""],
            "apiVersions": ["v1"],
            "operations": ["CREATE"],
            "resources": ["deployments", "configmaps"],
        }
    ]
    checks = [{"expression": v} if isinstance(v, str) else dict(v) for v in validations]
    return yaml.safe_dump_all(
        [
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingAdmissionPolicy",
                "metadata": {"name": "rule", "annotations": annotations},
                "spec": {
                    "matchConstraints": {"resourceRules": rules},
                    **({"validations": checks} if checks else {}),
                    **spec,
                },
            },
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingAdmissionPolicyBinding",
                "metadata": {"name": "rule"},
                "spec": {"policyName": "rule", "validationActions": actions, **binding},
            },
        ],
        sort_keys=False,
    )


def judge(
    engine: AdmissionEngine, item: Object, namespace: Object | None = None
) -> list[Violation]:
    """What the engine says of an object."""
    return list(engine.judge(Manifest(identify(item), item), namespace))


def violations(text: str, item: Object, namespace: Object | None = None) -> list[Violation]:
    """What policies of that text say of an object; none of them may be refused."""
    engine = AdmissionEngine(read(text))
    assert engine.problems == ()
    return judge(engine, item, namespace)


def load(server: ApiServer, items: Sequence[Object]) -> None:
    """Stores policies, bindings and parameters, in place of what others left; returns when the
    server asks them."""
    for name in _PLURALS.values():
        for item in server.client.get(f"{API}/{name}").json()["items"]:
            if item["metadata"]["name"] != KEEPER:
                server.client.request("DELETE", f"{API}/{name}/{item['metadata']['name']}")
    for item in [_keeper(), *items, *_sentinel()]:
        answer = server.send(item, item["metadata"].get("namespace", "default"), dry_run=False)
        assert answer.status in (201, 409), (item["metadata"]["name"], answer.message)
    probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "sentinel"}}
    for _ in range(300):
        if server.send(probe).status == 422:
            # Bindings are seen one after the other, and the sentinel's may not be the last.
            time.sleep(2)
            return
        time.sleep(0.1)
    raise AssertionError("the policies never became active")


def said(answer: Answer) -> tuple[set[tuple[str, str]], tuple[str, str] | None] | None:
    """The server's warnings and its first denial, each as policy and message; None for objects
    that it refused for reasons of its own."""
    denial = _DENIAL.match(answer.message)
    if not answer.accepted and not denial:
        return None
    warnings = set()
    for text in answer.warnings:
        match = _WARNING.match(text)
        if match:
            message = match[2].replace('\\"', '"').replace("\\\\", "\\")
            warnings.add((match[1], " ".join(message.split())))
    return warnings, (denial[1], " ".join(denial[2].split())) if denial else None


def spoken(found: Sequence[Violation], severity: Severity) -> set[tuple[str, str]]:
    """The engine's violations of one severity, in the same form."""
    return {(v.rule, " ".join(v.message.split())) for v in found if v.severity is severity}


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where a completed object differs from the server's, but for what only the server can give."""
    if _GIVEN.search(path):
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            text
            for key in sorted(ours.keys() | theirs.keys())
            for text in differences(ours.get(key, "-"), theirs.get(key, "-"), f"{path}.{key}")
        ]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            text
            for index, (one, other) in enumerate(zip(ours, theirs, strict=True))
            for text in differences(one, other, f"{path}[{index}]")
        ]
    if ours == theirs and type(ours) is type(theirs):
        return []
    return [f"{path}: {ours!r} here, {theirs!r} there"]


def _keeper() -> dict[str, Any]:
    text = policy(["true"], paramKind={"apiVersion": "v1", "kind": "ConfigMap"})
    item: dict[str, Any] = next(yaml.safe_load_all(text))
    item["metadata"]["name"] = KEEPER
    return item


def _sentinel() -> Iterator[dict[str, Any]]:
    text = policy([{"expression": "object.metadata.name != 'sentinel'", "message": "here"}])
    for item in yaml.safe_load_all(text):
        item["metadata"]["name"] = "zz-sentinel"
        if "policyName" in item["spec"]:
            item["spec"]["policyName"] = "zz-sentinel"
        yield item
