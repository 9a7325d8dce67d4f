"""policies/admission/: what is read, and every mistake at its line and column."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.support.admission import FOLDER, documents
from tests.support.kustomize import make_snapshot

from tidegate.domain.admission import (
    MatchResources,
    ParameterKind,
    ParameterReference,
    Requirement,
    ResourceRule,
    Selector,
)
from tidegate.domain.finding import Severity
from tidegate.domain.location import Location
from tidegate.domain.rulebook import Admission
from tidegate.errors import ConfigurationError
from tidegate.repository.admission import read_admission

FILE = "policies/admission/replicas/policy.yaml"
TEXT = """\
# A comment before the first document.
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: replicas
  annotations:
    tidegate.dev/why: One pod goes with its node.
    tidegate.dev/where: "'spec.replicas'"
    example.com/other: ignored
spec:
  failurePolicy: Ignore
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    matchPolicy: Exact
    resourceRules:
      - apiGroups: [apps]
        apiVersions: ["*"]
        operations: [CREATE, UPDATE]
        resources: [deployments]
        scope: Namespaced
        resourceNames: [shop]
    objectSelector:
      matchLabels: {app: shop}
      matchExpressions:
        - {key: skip, operator: DoesNotExist}
        - {key: tier, operator: NotIn, values: [one, two]}
  matchConditions:
    - {name: large, expression: "object.spec.replicas > 5"}
  variables:
    - name: least
      expression: |
        int(
          params.data.least)
  validations:
    - expression: >-
        object.spec.replicas
        >= variables.least
      message: |
        too few
      reason: Forbidden
  auditAnnotations:
    - {key: replicas, valueExpression: "string(object.spec.replicas)"}
---

---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas-prod}
spec:
  policyName: replicas
  validationActions: [Audit, Warn]
  paramRef:
    namespace: limits
    selector: {matchLabels: {for: prod}}
    parameterNotFoundAction: Deny
  matchResources:
    namespaceSelector: {matchLabels: {tidegate.dev/environment: prod}}
...
"""


def files(**more: Any) -> Admission:
    return read_admission(make_snapshot({FILE: TEXT, **more}))


def mistakes(text: str | bytes, **more: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_admission(make_snapshot({FILE: text, **more}))
    return [str(problem).replace(FILE, "FILE") for problem in caught.value.problems]


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


def test_a_policy_is_read_with_its_places() -> None:
    (policy,) = files().policies
    assert policy.name == "replicas"
    assert policy.where == Location(FILE, 6, 3)
    assert policy.why == "One pod goes with its node."
    assert policy.lenient
    assert policy.parameter == ParameterKind("v1", "ConfigMap")
    assert policy.match == MatchResources(
        (
            ResourceRule(
                frozenset({"apps"}),
                frozenset({"*"}),
                ("deployments",),
                frozenset({"CREATE", "UPDATE"}),
                "Namespaced",
                frozenset({"shop"}),
            ),
        ),
        objects=Selector(
            (
                Requirement("app", "In", frozenset({"shop"})),
                Requirement("skip", "DoesNotExist"),
                Requirement("tier", "NotIn", frozenset({"one", "two"})),
            )
        ),
        exact=True,
    )
    (condition,), (variable,), (validation,) = (
        policy.conditions,
        policy.variables,
        policy.validations,
    )
    assert condition.expression.place(7) == Location(FILE, 29, 41)
    assert variable.expression.text == "int(\n  params.data.least)\n"
    assert variable.expression.place(0) == Location(FILE, 33, 9)
    assert variable.expression.place(7) == Location(FILE, 34, 11)
    assert validation.expression.text == "object.spec.replicas >= variables.least"
    assert validation.expression.place(24) == Location(FILE, 38, 12)
    assert validation.message == "too few"
    assert policy.field is not None
    assert policy.field.place(1) == Location(FILE, 9, 27)
    assert [note.name for note in policy.annotations] == ["replicas"]


def test_a_binding_is_read() -> None:
    (binding,) = files().bindings
    assert binding.actions == {Severity.AUDIT, Severity.WARN}
    assert binding.severity is Severity.WARN
    prod = Requirement("tidegate.dev/environment", "In", frozenset({"prod"}))
    assert binding.match == MatchResources(namespaces=Selector((prod,)))
    assert binding.parameter == ParameterReference(
        None,
        "limits",
        Selector((Requirement("for", "In", frozenset({"prod"})),)),
        True,
        Location(FILE, 53, 3),
    )


def test_other_objects_are_parameters_and_examples_are_not_read() -> None:
    limits = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: limits}\n"
    found = files(
        **{
            "policies/admission/parameters/limits.yaml": limits,
            "policies/admission/replicas/passes.yaml": "nonsense: [",
            "policies/admission/replicas/fails.yaml": "nonsense: [",
            "policies/admission/kustomization.yaml": "nonsense: [",
            "policies/admission/README.md": "words",
            "policies/gates/other.yaml": "nonsense: [",
        }
    )
    (parameter,) = found.parameters
    assert parameter.data["metadata"] == {"name": "limits"}
    assert parameter.where == Location("policies/admission/parameters/limits.yaml", 3, 12)


@pytest.mark.parametrize("suffix", [".yml", ".YAML", ".json"])
def test_a_policy_counts_whatever_its_file_ends_with(suffix: str) -> None:
    text = json.dumps(yaml.safe_load(TEXT.split("---")[1])) if suffix == ".json" else TEXT
    found = read_admission(make_snapshot({f"policies/admission/x{suffix}": text}))
    assert [policy.name for policy in found.policies] == ["replicas"]


def test_a_link_to_policies_is_told_whatever_its_name() -> None:
    folder = make_snapshot({FILE: TEXT}, links={"policies/admission/team": "../../team"})
    with pytest.raises(ConfigurationError, match="policies/admission/team: is a symbolic link"):
        read_admission(folder)


def test_without_a_folder_there_is_nothing() -> None:
    assert read_admission(make_snapshot({"a.yaml": "b: c"})) == Admission()


@pytest.mark.parametrize("case", documents("mistakes.yaml")[0], ids=lambda case: case["new"][:30])
def test_what_the_api_server_refuses_is_refused(case: dict[str, str]) -> None:
    found = mistakes(changed(case["old"], case["new"]))
    assert any(case["said"] in text for text in found), found
    # A mistake in a policy is no reason to tell its binding off.
    names = case["new"] in ("policyName: replica", "kind: MutatingAdmissionPolicy\n")
    names |= "Replicas" in case["new"] or "Polcy" in case["new"] or "beta" in case["new"]
    assert any("policyName" in text for text in found) == names


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a: b", "FILE:1:1: is no object that policies could take parameters from"),
        ("[1, 2]", "FILE:1:1: is no object that policies could take parameters from"),
        ("apiVersion: v1\nkind: List\nitems: []", "FILE:1:1: is no object that policies could"),
        ("a: &x 1\n---\nb: *x", "FILE:3:4: uses the alias *x"),
        ("---\n---\na: [", "FILE:4:1: is not valid YAML"),
        ("---\na: 1\na: 2", "FILE:3:1: a: is a duplicate key"),
        (b"\xff", "FILE:1:1: is not UTF-8 text"),
        ("a: \0", "FILE:1:4: has a control character"),
        ("---\na: b\n" * 101, "FILE: has more than 100 YAML documents"),
        ("# " + "x" * 1024 * 1024, "FILE: is 1.0 MiB large"),
        ("---\n" + "[" * 100, "FILE:2:65: is nested more than 64 levels deep"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_files_that_are_none_are_told_with_their_places(text: str | bytes, mistake: str) -> None:
    assert any(found.startswith(mistake) for found in mistakes(text)), mistakes(text)


def test_two_of_one_name_are_one_too_many() -> None:
    found = mistakes(TEXT, **{"policies/admission/replicas/copy.yaml": TEXT})
    assert [text.partition("metadata.name: ")[2] for text in found] == [
        "is 'replicas', which is there twice",
        "is 'replicas-prod', which is there twice",
    ]


def test_names_within_a_policy_are_unique() -> None:
    twice = "  variables:\n    - {name: least, expression: '1'}\n"
    found = mistakes(changed("  variables:\n", twice))
    assert found == ["FILE:32:7: spec.variables[1].name: is 'least', which is there twice"]


def test_every_mistake_of_every_file_is_told_at_once() -> None:
    text = TEXT.replace("failurePolicy: Ignore", "failurePolicy: x").replace("[Audit, Warn]", "[]")
    assert len(mistakes(text, **{"policies/admission/b/policy.yaml": "a: b"})) == 3


def test_policies_that_use_every_feature_are_read() -> None:
    text = (FOLDER / "policies.yaml").read_text("utf-8")
    found = read_admission(make_snapshot({FILE: text}))
    assert len(found.policies) > 10
    for policy in found.policies:
        for validation in policy.validations:
            where = validation.expression.place(0)
            line = text.splitlines()[where.line - 1][where.column - 1 :]
            assert line.startswith(validation.expression.text[:10]), validation.expression


@given(st.text(alphabet="abc:-'\"|>{}[]#&*!%@ \n\t\\", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ConfigurationError):
        read_admission(make_snapshot({FILE: text}))


@pytest.mark.parametrize("style", ["plain", "single", "double", "literal", "folded", "flow"])
@given(st.lists(st.sampled_from(["object.a", "==", "a1", "&&", "'x'", "(", ")", "#"]), min_size=1))
def test_expressions_have_their_places_in_every_style(style: str, words: list[str]) -> None:
    value = " ".join(words)
    if style in ("plain", "flow") and ("#" in value or value[0] in "'&"):
        return
    written = {
        "plain": f"expression: {value}",
        "single": "expression: '" + value.replace("'", "''") + "'",
        "double": f'expression: "{value}"',
        "literal": f"expression: |\n        {value}\n",
        "folded": f"expression: >-\n        {value}\n",
        "flow": f"expression: {value} # a comment",
    }[style]
    text = changed(
        '{name: large, expression: "object.spec.replicas > 5"}', f"name: large\n      {written}"
    )
    (policy,) = read_admission(make_snapshot({FILE: text})).policies
    expression = policy.conditions[0].expression
    assert expression.text.strip() == value
    for offset in range(len(value)):
        if value[offset] in " ":
            continue
        where = expression.place(offset)
        if "'" in value and style == "single":  # doubled: the key is told
            assert where.line == 30
        else:
            assert text.splitlines()[where.line - 1][where.column - 1] == value[offset]
