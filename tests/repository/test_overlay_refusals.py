"""What can't be edited safely is refused, with its place and what to write instead."""

from __future__ import annotations

import pytest

from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.overlay import edit_overlay, read_overlay

DIGEST = "sha256:" + "2" * 64
ENTRY = "images:\n- name: recommender\n"
LABEL = "labels:\n- pairs:\n    app.kubernetes.io/version: '3'\n"


def refusals(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        edit_overlay(
            "k.yaml", text.encode(), "recommender", tag="1.4.0", digest=DIGEST, version="4"
        )
    return caught.value.problems


def reading(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read_overlay("k.yaml", text.encode(), "recommender")
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "line", "column", "key", "message"),
    [
        ("", 1, 1, "", "is empty"),
        ("# nothing\n", 1, 1, "", "is empty"),
        ("~\n", 1, 1, "", "is empty"),
        ("- a\n", 1, 1, "", "is a list"),
        ("text\n", 1, 1, "", "is no mapping"),
        ("a: 1\n---\nb: 2\n", 2, 1, "", "has more than one YAML document"),
        ("a: [\n", 2, 1, "", "is not valid YAML"),
        (LABEL, 1, 1, "images", "has no entry for 'recommender'"),
        ("images:\n" + LABEL, 1, 8, "images", "has no entry for 'recommender'"),
        ("images: {}\n", 1, 9, "images", "is not a list"),
        ("images: recommender\n", 1, 9, "images", "is not a list"),
        ("images:\n- recommender\n", 2, 3, "images[0]", "is not a mapping"),
        ("images:\n- newTag: '1'\n", 2, 3, "images[0]", "has no name"),
        ("images:\n- name: 12\n", 2, 9, "images[0].name", "is not text"),
        ("images:\n- name:\n", 2, 3, "images[0].name", "is not text"),
        ("images:\n- name: [a]\n", 2, 9, "images[0].name", "is a list"),
        (ENTRY + "- name: recommender\n", 3, 9, "images[1].name", "is a second entry"),
        (ENTRY + "  newTag: '1'\n  newTag: '2'\n", 4, 3, "images[0].newTag", "is a duplicate key"),
        (ENTRY + "images: []\n", 3, 1, "images", "is a duplicate key"),
        (ENTRY + "  newTag: {a: b}\n", 3, 11, "images[0].newTag", "is a mapping"),
        (ENTRY + "  newTag: &t '1'\n", 3, 11, "images[0].newTag", "has an anchor or a tag"),
        (ENTRY + "  newTag: &t\n", 3, 11, "images[0].newTag", "has an anchor or a tag"),
        (ENTRY + "  newTag: !!str 1\n", 3, 11, "images[0].newTag", "has an anchor or a tag"),
        (ENTRY + "  newTag: |-\n    1\n", 3, 11, "images[0].newTag", "is a block scalar"),
        (ENTRY + "  newTag: >\n    1\n", 3, 11, "images[0].newTag", "is a block scalar"),
        (ENTRY + "  newTag: '1\n    2'\n", 3, 11, "images[0].newTag", "spans several lines"),
        (ENTRY + "  newTag: a\n    b\n", 3, 11, "images[0].newTag", "spans several lines"),
        (ENTRY + "  digest: abc\n", 3, 11, "images[0].digest", "is no digest"),
        (ENTRY + "  digest: 12\n", 3, 11, "images[0].digest", "is no digest"),
        (ENTRY + "  newName: a/b:1\n", 3, 12, "images[0].newName", "is no image name"),
        (ENTRY + "  <<: {newTag: '1'}\n", 3, 3, "images[0].<<", "is a merge key"),
        (ENTRY + "  ? [a]\n  : b\n", 3, 5, "images[0]", "a key must be plain text"),
        (ENTRY + "x: &a 1\ny: *a\n", 4, 4, "", "uses the alias *a"),
        (
            "images:\n- name: b\n  newName: recommender\n- name: recommender\n",
            3, 12, "images[0].newName", "renames another image to 'recommender'",
        ),
        (
            ENTRY + "  newName: r.io/x\n- name: r.io/x\n  newTag: '9'\n",
            4, 9, "images[1].name", "changes the image again",
        ),
        (ENTRY + "labels: {}\n", 3, 9, "labels", "is not a list"),
        (ENTRY + "labels: [a]\n", 3, 10, "labels[0]", "is not a mapping"),
        (ENTRY + "labels: [{pairs: []}]\n", 3, 18, "labels[0].pairs", "is not a mapping"),
        (
            ENTRY + LABEL + "- pairs: {app.kubernetes.io/version: '3'}\n",
            6, 38, "labels[1].pairs.app.kubernetes.io/version", "the first place is on line 5",
        ),
        (
            ENTRY + LABEL + "    app.kubernetes.io/version: '3'\n",
            6, 5, "labels[0].pairs.app.kubernetes.io/version", "is a duplicate key",
        ),
        (
            ENTRY + LABEL + "  includeSelectors: true\n",
            6, 21, "labels[0].includeSelectors", "into selectors",
        ),
        (
            ENTRY + LABEL + "  fields: [{path: spec/selector/matchLabels}]\n",
            6, 19, "labels[0].fields[0].path", "where Kubernetes allows no change",
        ),
        (
            ENTRY + LABEL + "  fields: [{path: 'spec/volumeClaimTemplates[]/metadata/labels'}]\n",
            6, 19, "labels[0].fields[0].path", "where Kubernetes allows no change",
        ),
        (
            ENTRY + "commonLabels:\n  app.kubernetes.io/version: '3'\n",
            4, 30, "commonLabels.app.kubernetes.io/version", "is set by commonLabels",
        ),
        (
            ENTRY + LABEL.replace("'3'", "&v '3'"),
            5, 32, "labels[0].pairs.app.kubernetes.io/version", "has an anchor or a tag",
        ),
    ],
)  # fmt: skip
def test_the_place_and_the_reason_are_told(
    text: str, line: int, column: int, key: str, message: str
) -> None:
    found = reading(text)[0]
    assert (found.line, found.column, found.key) == (line, column, key)
    assert message in str(found)
    assert refusals(text)[0] == found


def test_all_problems_are_told_at_once() -> None:
    text = "images:\n- 1\n- name: recommender\n  newTag: 1\n  newTag: 2\nlabels: 7\n"
    assert [problem.line for problem in reading(text)] == [2, 5, 6]


@pytest.mark.parametrize(
    ("entry", "line"),
    [("- ? name\n  : recommender", 4), ("[name: recommender]", 4)],
)
def test_a_style_without_safe_place_for_a_new_key_gets_the_yaml_to_paste(
    entry: str, line: int
) -> None:
    text = LABEL + "images:\n" + (" " if entry[0] == "[" else "") + entry + "\n"
    (found,) = refusals(text)
    assert found.line >= line
    assert f'add:\nnewTag: "1.4.0"\ndigest: "{DIGEST}"' in found.message


def test_a_key_without_value_that_can_not_take_one_gets_the_yaml_to_paste() -> None:
    text = LABEL + "images:\n- name: recommender\n  ? newTag\n"
    (found,) = refusals(text)
    assert 'write:\nnewTag: "1.4.0"' in found.message
    assert (found.line, found.column) == (6, 5)


@pytest.mark.parametrize(
    ("text", "pasted"),
    [
        ("kind: Kustomization\n", 'add:\nimages:\n  - name: "recommender"'),
        ("images:\n- name: x\n", "add under 'images':\n- name: \"recommender\""),
        ("images:\n    - name: x\n", "add under 'images':\n    - name: \"recommender\""),
        ("images: []\n", "add under 'images':\n  - name: \"recommender\""),
    ],
)
def test_a_missing_entry_is_printed_to_paste(text: str, pasted: str) -> None:
    assert refusals(text)[0].message.endswith(pasted)


@pytest.mark.parametrize("labels", ["", "labels:\n", "labels:\n- pairs: {a: b}\n"])
def test_a_missing_version_label_is_printed_to_paste(labels: str) -> None:
    text = ENTRY + labels
    assert read_overlay("k.yaml", text.encode(), "recommender").version is None
    (found,) = refusals(text)
    item = found.message.partition(":\n")[2]
    fixed = (ENTRY + item if "pairs" not in labels else text + item) + "\n"
    edited = edit_overlay(
        "k.yaml", fixed.encode(), "recommender", tag="1", digest=DIGEST, version="5"
    )
    assert read_overlay("k.yaml", edited, "recommender").version == "5"


def test_an_image_name_from_outside_is_quoted_in_messages() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_overlay("k.yaml", b"images: []\n", 'a"\n- name: b')
    assert '- name: "a\\"\\n- name: b"' in str(caught.value)
