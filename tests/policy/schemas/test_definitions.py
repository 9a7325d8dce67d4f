"""What the API server asks of CustomResourceDefinitions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.definitions import SLIPS, Path, definition, slipped

from tidegate.domain.finding import Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas
from tidegate.policy.schemas.syntax.patterns import is_pattern

SCHEMAS = Schemas("1.36")


def judge(data: dict[str, Any]) -> list[Violation]:
    return list(SCHEMAS.judge(Manifest(identify(data), data)))


def test_a_definition_of_every_feature_passes() -> None:
    assert judge(definition()) == []


@pytest.mark.parametrize(("path", "value", "field", "said"), SLIPS)
def test_what_the_server_refuses_is_told_at_its_field(
    path: Path, value: Any, field: Path, said: str
) -> None:
    found = judge(slipped(path, value))
    assert field in {violation.field[: len(field)] for violation in found}
    assert said in " ".join(violation.message for violation in found)


def test_below_the_root_limits_may_know_more_fields() -> None:
    """As the server has it: it looks only from the root on."""
    limits = [{"properties": {"other": {"maximum": 3}}}]
    path = ("spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "spec", "allOf")
    assert judge(slipped(path, limits)) == []


def test_groups_of_kubernetes_own_need_an_approval() -> None:
    data = definition()
    data["spec"]["group"] = "gadgets.k8s.io"
    data["metadata"]["name"] = "gadgets.gadgets.k8s.io"
    (found,) = judge(data)
    assert found.field == ("metadata", "annotations", "api-approved.kubernetes.io")
    data["metadata"]["annotations"] = {"api-approved.kubernetes.io": "unapproved, a test"}
    assert judge(data) == []


def test_the_old_version_is_refused_with_what_to_use() -> None:
    data = definition() | {"apiVersion": "apiextensions.k8s.io/v1beta1"}
    (found,) = judge(data)
    assert "use apiextensions.k8s.io/v1" in found.message


REPEATED = ["(a{31}){32}b{999}", "(a{1000})*(b{2}|c)", r"(\{2000}[b{2000}]){2}", "((a{9}){0}){900}"]


@pytest.mark.parametrize(
    "pattern", ["", "^a$", r"^\d{1,3}\/x$", r"^[\w\-\.]+$", "(?i)a", "a|b", *REPEATED]
)
def test_patterns_that_go_reads(pattern: str) -> None:
    assert is_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(", "[", "(?!a)", r"(a)\1", "(?<=a)b", "*", "(" * 5000])
def test_patterns_that_no_engine_reads_as_go_would(pattern: str) -> None:
    assert not is_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["a{1001}", "(a{32}){32}", "((a{2,})?b*){501}", "^(?:a{1,50}){50}$"]
)
def test_patterns_that_go_does_not_read(pattern: str) -> None:
    assert not is_pattern(pattern)


_KEYS = st.sampled_from(
    [
        *("properties", "items", "additionalProperties", "allOf", "not", "type", "default"),
        *("x-kubernetes-list-type", "x-kubernetes-list-map-keys", "required", "a", "nullable"),
        *("x-kubernetes-int-or-string", "pattern", "enum", "minimum"),
    ]
)
_SCHEMAS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["object", "array", "map", "["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(_SCHEMAS)
@example({"default": [], "allOf": []})
def test_nothing_that_is_in_a_schema_breaks_the_check(schema: Any) -> None:
    data = definition()
    data["spec"]["versions"][1]["schema"] = {"openAPIV3Schema": schema}
    judge(data)
