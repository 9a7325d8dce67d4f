from __future__ import annotations

import json

import pytest
import yaml
from tests.support.definitions import DEFINITION, definition

from tidegate.errors import ConfigurationError
from tidegate.repository.new_definitions import SOURCE_LIMIT, read_new_definitions
from tidegate.repository.rendered import read_plain

OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def texts(source: str | bytes) -> list[str]:
    data = source if isinstance(source, bytes) else source.encode("utf-8")
    return [new.text for new in read_new_definitions("crds.yaml", data)[0]]


def test_it_is_kept_as_it_is_written_with_its_comments() -> None:
    text = "# whose it is\n" + DEFINITION
    assert texts(text) == [text]
    assert texts(f"# a licence\n---\n{text}\n---\n{OTHER}") == [text]


@pytest.mark.parametrize("prefix", ["\ufeff", "---\n", "--- # the first\n", "%YAML 1.2\n---\n"])
def test_what_is_written_says_the_same_as_what_was_read(prefix: str) -> None:
    (text,) = texts(prefix + DEFINITION)
    (manifest,) = read_plain("", text)
    assert manifest.data == definition()


def test_windows_line_ends_are_no_difference() -> None:
    assert texts(DEFINITION.replace("\n", "\r\n")) == [DEFINITION]


def test_lists_and_json_are_taken_apart_and_others_counted() -> None:
    items = [definition(), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}]
    source = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    found, others = read_new_definitions("crds.json", f"{source}\n---\n{OTHER}".encode())
    assert others == 2
    assert [yaml.safe_load(new.text) for new in found] == [definition()]


def test_what_only_a_cluster_says_is_left_out() -> None:
    live = definition()
    live["metadata"] |= {
        "uid": "1",
        "managedFields": [],
        "annotations": {"a": "b", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
    }
    live["status"] = {"storedVersions": ["v1"]}
    (text,) = texts(yaml.safe_dump(live))
    kept = definition()
    kept["metadata"]["annotations"] = {"a": "b"}
    assert yaml.safe_load(text) == kept


def test_what_a_cluster_printed_says_the_same_in_its_file() -> None:
    live = definition()
    live["metadata"]["uid"] = "1"
    schema = live["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["y"] = {"type": "string", "enum": ["n", "08", "1e3"]}
    (text,) = texts(json.dumps(live))
    (manifest,) = read_plain("", text)
    assert manifest.data["spec"] == live["spec"]


def test_fields_know_their_place_in_the_whole_file() -> None:
    (new,) = read_new_definitions("a.yaml", f"{OTHER}---\n{DEFINITION}".encode())[0]
    problem = new.problem(("spec", "scope"), "is odd")
    assert str(problem) == "a.yaml:11:3: spec.scope: is odd"
    source = json.dumps({"kind": "List", "items": [definition()]}, indent=1)
    (new,) = read_new_definitions("a.json", source.encode())[0]
    assert new.problem(("spec", "scope"), "is odd").key == "items[0].spec.scope"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (DEFINITION.replace("scope: Namespaced", "scope: Namespaced\n  scope: Cluster"), "dupl"),
        (DEFINITION.replace("  scope:", "\tscope:"), "never with tabs"),
        (DEFINITION + "\0", "control character"),
        (DEFINITION + "x: &a [1]\ny: *a\n", "uses the alias"),
        (DEFINITION + "x: " + "[" * 3000, "nested more than"),
        (DEFINITION + "x: [" + "1," * 600_000 + "]", "more than 500,000 YAML elements"),
        (DEFINITION + "x: !!python/object:os.system a", "has the tag"),
        ("---\n" * 3000 + DEFINITION, "documents"),
        (b"\xff" + DEFINITION.encode(), "not UTF-8"),
        (DEFINITION + "#" * SOURCE_LIMIT, "large"),
    ],
    ids=range(10),
)
def test_hostile_files_end_in_a_problem(source: str | bytes, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        texts(source)
