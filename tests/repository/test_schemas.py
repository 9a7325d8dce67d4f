"""The published schemas: the same everywhere, valid, and each key explained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tidegate.cli.main import main
from tidegate.domain.text import nearest
from tidegate.repository.schemas import KINDS, check, schema, shown
from tidegate.repository.yaml import load

PUBLISHED = Path(__file__).resolve().parents[2] / "policies" / "schemas"


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_valid_and_published_as_it_is(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Draft202012Validator.check_schema(schema(kind))
    assert main(["schema", kind]) == 0
    assert capsys.readouterr().out == (PUBLISHED / f"{kind}.json").read_text("utf-8")


def test_nothing_else_is_published() -> None:
    assert {path.stem for path in PUBLISHED.glob("*.json")} == set(KINDS)
    with pytest.raises(KeyError):
        schema("gates")


def properties(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every property of a schema, wherever it is."""
    if isinstance(node, dict):
        for name, value in node.get("properties", {}).items():
            if "/if" not in path:
                yield f"{path}.{name}", value
        for name, value in node.items():
            yield from properties(value, f"{path}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from properties(value, f"{path}/{index}")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "report"])
def test_editors_can_explain_every_key(kind: str) -> None:
    whole = schema(kind)
    found = list(properties(whole, ""))
    assert found
    for path, value in found:
        name = value.get("$ref", "").rpartition("/")[2]
        assert (whole["$defs"][name] if name else value).get("description"), path


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "report"])
def test_every_mapping_with_keys_of_ours_refuses_others(kind: str) -> None:
    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict):
            ours = "properties" in node and "/if" not in path and not path.endswith("/$defs/gate")
            if ours:
                assert node.get("additionalProperties") is not None, path
            for name, value in node.items():
                walk(value, f"{path}/{name}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                walk(value, f"{path}/{index}")

    if kind != "release":  # its evidence grows with the gates
        walk(schema(kind), "")


def test_values_from_outside_are_shown_in_one_short_line() -> None:
    assert shown("a\n\x1b[31m\u202e") == '"a\\n\\u001b[31m\\u202e"'
    assert len(shown("x" * 1000)) == 60
    assert json.loads(shown({"a": [1, None]})) == {"a": [1, None]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ann:hunter2@host", '"***@host"'),
        ("ann:hun/ter2@host:1/x", '"***@host:1/x"'),
        ("https://ann:hunter2@host", '"***@host"'),
        (["x", "a:b@c"], '["x", "***@c"]'),
        ("shop:1@sha256:12", '"shop:1@sha256:12"'),
        ("a:" * 500_000, '"' + "a:" * 29 + "…"),
    ],
)
def test_a_password_in_a_wrong_value_is_not_shown(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("word", "name"),
    [("treshold", "threshold"), ("thresold", "threshold"), ("zzz", None), ("", None)],
)
def test_the_nearest_name(word: str, name: str | None) -> None:
    assert nearest(word, ["threshold", "champion", "scan"]) == name


@pytest.mark.parametrize(("word", "says"), [("Off", "'Off' in quotes"), ("on", "one of Deny")])
def test_a_word_that_yaml_makes_a_boolean_needs_quotes(word: str, says: str) -> None:
    text = f"""\
apiVersion: tidegate.dev/v1
kind: Environment
promotesFrom: {{alias: candidate}}
gates: []
rules: [{{rule: pdb-missing, severity: {word}}}]
"""
    (problem,) = check("environment", load("environment.yaml", text.encode()))
    assert problem.key == "rules[0].severity"
    assert says in str(problem.expected)
