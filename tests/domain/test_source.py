"""Addresses that mean the same repository, and what is laid over a folder."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.domain.source import Origin, overrides, same_address


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example.com/Team/models.git",
        "https://git.example.com/team/models",
        "https://user:secret@GIT.example.com:443/team/models.git/",
        "ssh://git@git.example.com/team/models.git",
        "ssh://git@git.example.com:2222/team/models.git",
        "git@git.example.com:team/models.git",
        "git.example.com:/team/models",
        " https://git.example.com/team/models ",
    ],
)
def test_one_repository_under_many_addresses(address: str) -> None:
    assert same_address(address) == "git.example.com/team/models"


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example.com/team/models-old.git",
        "https://git.example.com/models.git",
        "https://git.example.com:8443/team/models.git",
        "https://git.example.org/team/models.git",
        "git.example.com@evil.example.com:team/models.git",
        "https://git.example.com@evil.example.com/team/models.git",
        "https://[/team/models",
        "/team/models",
        "",
    ],
)
def test_other_repositories(address: str) -> None:
    assert same_address(address) != "git.example.com/team/models"


def test_a_folder_of_this_machine() -> None:
    assert same_address("file:///srv/models.git") == same_address("/srv/models")


@pytest.mark.parametrize("address", ["https://u:secret@[/x", "https://u:secret@h:99999999/x"])
def test_no_secret_is_kept(address: str) -> None:
    assert "secret" not in same_address(address)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ({}, ()),
        ({"kustomize": {}}, ()),
        ({"kustomize": {"version": "v5", "commonLabels": {"a": "b"}, "images": []}}, ()),
        (
            {"kustomize": {"replicas": [{"name": "a"}], "patches": [{}]}},
            ("kustomize.patches", "kustomize.replicas"),
        ),
        ({"kustomize": "text"}, ()),
        ({"directory": {"recurse": False, "jsonnet": {}}}, ()),
        ({"directory": {"recurse": True}}, ("directory",)),
        ({"helm": {"values": "a: 1"}, "plugin": {"name": "own"}}, ("helm", "plugin")),
        ({"chart": "base"}, ("chart",)),
    ],
)
def test_what_overrides_a_folder(source: dict[str, Any], found: tuple[str, ...]) -> None:
    assert overrides(source) == found


@pytest.mark.parametrize(
    ("revision", "follows"),
    [("main", True), ("refs/heads/main", True), ("HEAD", True), ("", True),
     ("refs/tags/main", False), ("v1", False), ("a" * 40, False), ("Main", False)],
)  # fmt: skip
def test_who_follows_the_branch(revision: str, follows: bool) -> None:
    assert Origin("main").follows(revision) is follows
