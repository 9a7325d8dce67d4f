"""Expressions that are refused, each at its place, and those that only look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.admission import policy, read
from tests.support.expressions import REFUSED, Case

from tidegate.errors import Problem
from tidegate.policy.admission import AdmissionEngine
from tidegate.policy.admission.fields import resolve
from tidegate.policy.admission.lexer import words
from tidegate.policy.admission.source import prepare

GOOD = (
    "'authorizer' == '' || true",
    "object.authorizer == 1",
    "object.?request.hasValue()",
    "[1].all(x, x == 1) // request.userInfo",
    "r\"variables.x\" != '''authorizer'''",
    "'it\\'s variables.x' != \"a \\\" authorizer\"",
    "has(request.namespace) && request.kind.kind != ''",
    "request.kind == request.requestKind",
    "namespaceObject != null && 'a' in namespaceObject.metadata.labels",
    "object.spec.all(request, request != 1)".replace("request", "item"),
    "b'a' == b\"a\" && 1u == 1u && 0x1F == 31 && 1.5e3 > 1.0",
    "format.uuid().validate('x').hasValue()",
    "format.named('uri').value().validate('x').value().size() > 0",
    "object.spec.substring == 1 && 'abc'.substring(1, 3) == 'bc'",
)


def problems(text: str) -> tuple[Problem, ...]:
    return AdmissionEngine(read(text)).problems


@pytest.mark.parametrize("expression", GOOD)
def test_these_are_fine(expression: str) -> None:
    assert problems(policy([expression])) == ()


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.expression[:40])
def test_what_cannot_be_judged_is_refused_at_its_place(case: Case) -> None:
    text = policy([case.expression])
    (problem, *_) = problems(text)
    assert case.message in problem.message
    line = text.splitlines()[problem.line - 1]
    start = line.index(": ") + 2 + (line.partition(": ")[2][:1] in "'\"")
    if "''" not in line[start:] and len(case.expression) < 80:  # YAML doubles quotes in quotes
        assert problem.column == start + case.column
    assert problem.key == "spec.validations[0].expression"


BLOCK = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: rule
  annotations:
    tidegate.dev/where: "nope.x"
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  matchConditions:
    - name: c
      expression: variables.a == 1
  variables:
    - {name: a, expression: object.a + wrong}
    - name: b
      expression: variables.a + variables.c
    - name: c
      expression: "1"
  validations:
    - expression: |-
        object.spec.all(x,
          x == 1
          && nope(x))
      messageExpression: >-
        'a' +
        other
    - expression: 'object.x == ''a'' && missing'
    - expression: "variables.a == 1"
    - expression: object.x
        == gone
"""


def test_every_problem_has_its_line_and_column() -> None:
    found = {(p.line, p.column): p.message for p in problems(BLOCK)}
    assert found == {
        (6, 26): "names 'nope', which is not there",
        (13, 19): "uses 'variables', which match conditions don't have",
        (15, 40): "names 'wrong', which is not there",
        (17, 33): "uses 'variables.c', which is no variable declared before",
        (24, 14): "names 'nope', which is not there",
        (27, 9): "names 'other', which is not there",
        # YAML has changed the text: the key is all that can be told.
        (28, 7): "names 'missing', which is not there",
        (31, 12): "names 'gone', which is not there",
    }


def test_variables_are_evaluated_when_they_are_needed() -> None:
    text = policy(
        ["true || variables.broken == 1", "variables.twice == 4"],
        variables=[
            {"name": "broken", "expression": "1 / 0"},
            {"name": "two", "expression": "2"},
            {"name": "twice", "expression": "variables.two + variables.two"},
        ],
    )
    assert problems(text) == ()


def test_types_go_through_variables() -> None:
    variables = [{"name": "size", "expression": "size('abc')"}]
    (problem,) = problems(policy(["variables.size == 'a'"], variables=variables))
    assert "no matching overload for '_==_' applied to '(int, string)'" in problem.message


def test_texts_without_end_are_refused() -> None:
    (problem,) = problems(policy(["true || '" + "x" * 70_000 + "' == ''"]))
    assert problem.message == "is longer than 65,536 characters"


@given(st.text(max_size=60))
def test_words_are_found_in_anything(text: str) -> None:
    for word in words(text):
        assert text[word.start : word.end] == word.text
    prepared = prepare(text, ["x"])
    assert prepared.refused or prepared.text.count("\n") == text.count("\n")


@given(
    st.lists(
        st.sampled_from(
            [
                *("variables", ".", "x", "request", "kind", "has", "(", ")", "'", '"', "\n", "//"),
                *("object", "?", "[", "]", "cel", "authorizer", "validate", "named", "format", " "),
            ]
        ),
        max_size=14,
    )
)
def test_no_arrangement_of_words_breaks_the_reading(parts: list[str]) -> None:
    prepare("".join(parts), ["x"])


@given(st.text(max_size=40))
def test_any_text_may_stand_where_a_field_should(text: str) -> None:
    resolve(text, {"spec": {"a": [{"name": "x"}]}})
