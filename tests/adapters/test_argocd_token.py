"""Where the token for Argo CD comes from, and that nobody sees it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tidegate.adapters.argocd.token import find
from tidegate.adapters.token import from_command, from_file, from_text
from tidegate.errors import InputError, OutsideError

SECRET = "eyJ-secret"


def test_the_projects_own_token_counts_first(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    env = {
        "ARGOCD_AUTH_TOKEN": "general",
        "ARGOCD_AUTH_TOKEN_EU_PROD": "prod",
        "TIDEGATE_ARGOCD_TOKEN_FILE_DEV": str(file),
    }
    assert find(env, "eu-prod").current() == "prod"
    assert find(env, "dev").current() == "from-file"
    assert find(env, "staging").current() == "general"


def test_without_any_it_is_said_what_to_set() -> None:
    with pytest.raises(InputError) as caught:
        find({"ARGOCD_AUTH_TOKEN": ""}, "prod")
    assert "TIDEGATE_ARGOCD_TOKEN_COMMAND" in str(caught.value.hint)


@pytest.mark.parametrize("command", ["vault read", "[]", "[1]", '{"a": 1}', '"sh"'])
def test_a_command_is_a_list_of_words(command: str) -> None:
    with pytest.raises(InputError, match="TIDEGATE_ARGOCD_TOKEN_COMMAND"):
        find({"TIDEGATE_ARGOCD_TOKEN_COMMAND": command}, "prod")


def test_a_command_is_asked_again_when_its_token_is_refused(tmp_path: Path) -> None:
    counter = tmp_path / "asked"
    program = (
        "import os, sys; p = sys.argv[1]; n = os.path.exists(p) and int(open(p).read()) or 0;"
        "open(p, 'w').write(str(n + 1)); print(f'token-{n}')"
    )
    words = json.dumps([sys.executable, "-c", program, str(counter)])
    token = find({"TIDEGATE_ARGOCD_TOKEN_COMMAND": words}, "prod")
    assert [token.current(), token.current()] == ["token-0", "token-0"]
    assert token.renewed("token-0") == "token-1"
    assert token.renewed("token-0") == "token-1"  # another thread had renewed it already
    assert counter.read_text() == "2"


def test_a_file_is_read_again_when_its_token_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    token = from_file(file, "the file")
    assert token.current() == "old"
    assert token.renewed("old") is None
    file.write_text("new\n")
    assert token.current() == "old"
    assert token.renewed("old") == "new"


@pytest.mark.parametrize("text", ["", "two words", "line\nbreak", "ü", "x" * 20_000, "\x00"])
def test_what_can_be_no_token_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(OutsideError) as caught:
        from_text(text, "ARGOCD_AUTH_TOKEN").current()
    assert caught.value.message == "ARGOCD_AUTH_TOKEN holds no token"


def test_nothing_that_a_command_says_is_shown() -> None:
    program = f"import sys; print('{SECRET}'); sys.exit('{SECRET}')"
    token = from_command([sys.executable, "-c", program], {}, "VARIABLE")
    with pytest.raises(OutsideError) as caught:
        token.current()
    assert SECRET not in repr(caught.value) + str(caught.value.hint)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_missing_file_is_told_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="the file that TIDEGATE_ARGOCD_TOKEN_FILE names"):
        find({"TIDEGATE_ARGOCD_TOKEN_FILE": str(tmp_path / "absent")}, "prod").current()


def test_a_token_has_no_face() -> None:
    token = from_text(SECRET, "ARGOCD_AUTH_TOKEN")
    token.current()
    assert SECRET not in f"{token!r} {token}"
