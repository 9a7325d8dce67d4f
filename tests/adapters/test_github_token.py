"""Where the token for GitHub comes from, and that nobody sees it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.github import address_of, find_token
from tidegate.errors import InputError, OutsideError

ADDRESS = address_of("https://github.com", "acme/gitops")


def find(env: dict[str, str], app: str | None = None) -> tuple[str, str]:
    token, _ = find_token(env, ADDRESS, app, None, Http())
    return token.current(), token.where


def test_what_is_particular_counts_first(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    env = {"GITHUB_TOKEN": "ghs-general"}
    assert find(env) == ("ghs-general", "GITHUB_TOKEN")
    program = json.dumps([sys.executable, "-c", "print('from-command')"])
    env["TIDEGATE_GITHUB_TOKEN_COMMAND"] = program
    assert find(env)[0] == "from-command"
    env["TIDEGATE_GITHUB_TOKEN_FILE"] = str(file)
    assert find(env)[0] == "from-file"


def test_an_apps_key_counts_before_any_token(tmp_path: Path) -> None:
    env = {"GITHUB_TOKEN": "x", "TIDEGATE_GITHUB_APP_KEY_FILE": str(tmp_path / "secret-name")}
    token, granted = find_token(env, ADDRESS, "4711", None, Http())
    assert granted is not None
    assert token.where == "the key of the GitHub App 4711"
    with pytest.raises(OutsideError, match="TIDEGATE_GITHUB_APP_KEY_FILE names can't be read"):
        token.current()
    with pytest.raises(InputError, match="isn't named"):
        find(env)


def test_a_key_in_a_variable_that_is_none_is_not_shown() -> None:
    with pytest.raises(InputError) as caught:
        find({"TIDEGATE_GITHUB_APP_KEY": "secret-key"}, app="4711")
    assert "secret-key" not in repr(caught.value)


def test_without_any_it_is_said_what_to_set() -> None:
    with pytest.raises(InputError) as caught:
        find({"GITHUB_TOKEN": ""})
    for name in ("GITHUB_TOKEN", "TIDEGATE_GITHUB_TOKEN_COMMAND", "TIDEGATE_GITHUB_APP_KEY_FILE"):
        assert name in (caught.value.hint or "")
