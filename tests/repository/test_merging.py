"""Three trees are merged file by file, and what both sides changed is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.snapshots import snapshot

from tidegate.repository.merging import merge

Files = dict[str, str | bytes | None]
OLD: Files = {"a": "1", "b": "1", "c/d": "1", "c/e": "1"}


@pytest.mark.parametrize(
    ("ours", "theirs", "merged", "torn"),
    [
        ({"a": "2"}, {"b": "2"}, {"a": "2", "b": "2"}, ()),
        ({"a": "2"}, {"a": "2"}, {"a": "2"}, ()),
        ({"a": "2"}, {"a": "3"}, {"a": "3"}, ("a",)),
        ({"a": None}, {"a": "3"}, {"a": "3"}, ("a",)),
        ({"a": "2"}, {"a": None}, {"a": None}, ("a",)),
        ({}, {"c/d": None, "n/e/w": "1"}, {"c/d": None, "n/e/w": "1"}, ()),
        ({"x": "1"}, {"x": "1"}, {"x": "1"}, ()),
    ],
)
def test_each_file_is_the_one_of_whoever_changed_it(
    ours: Files, theirs: Files, merged: Files, torn: tuple[str, ...]
) -> None:
    fork = snapshot(OLD)
    base = replace(snapshot(OLD | ours), revision="b" * 40)
    head = replace(snapshot(OLD | theirs), revision="c" * 40)
    after, both = merge(fork, base, head)
    wanted = snapshot(OLD | merged)
    assert both == torn
    assert {p: after.id(p) for p in after.entries if not after.is_directory(p)} == {
        p: wanted.id(p) for p in wanted.entries if not wanted.is_directory(p)
    }
    assert set(after.entries) == set(wanted.entries)


def test_a_file_here_and_a_folder_there_is_torn() -> None:
    base = replace(snapshot(OLD | {"x": "1"}), revision="b" * 40)
    head = replace(snapshot(OLD | {"x/y": "1"}), revision="c" * 40)
    assert merge(snapshot(OLD), base, head)[1] == ("x",)


def test_on_its_base_a_head_is_taken_as_it_is() -> None:
    fork, head = snapshot(OLD), replace(snapshot({"a": "2"}), revision="c" * 40)
    assert merge(fork, fork, head) == (head, ())
