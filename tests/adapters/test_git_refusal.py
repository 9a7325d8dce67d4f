"""Git's and its hosts' words for a refused push."""

from __future__ import annotations

import pytest

from tidegate.adapters.git.refusal import is_race, refusal
from tidegate.errors import ToolFailed, Unreachable

STATUS = "!\tabc403d:refs/heads/main\t"


@pytest.mark.parametrize(
    "words",
    [
        f"{STATUS}[rejected] (fetch first)",
        f"{STATUS}[rejected] (non-fast-forward)",
        f"{STATUS}[rejected] (stale info)",
        f"{STATUS}[remote rejected] (cannot lock ref 'refs/heads/main': is at a but expected b)",
        f"{STATUS}[remote rejected] (incorrect old value provided)",
        f"remote: error: cannot lock ref\n{STATUS}[remote rejected] (failed to update ref)",
        f"{STATUS}[remote rejected] (failed to lock)",
        f"{STATUS}[remote rejected] (reference already exists)",
        f"{STATUS}[rejected] (remote ref updated since checkout)",
    ],
)
def test_races(words: str) -> None:
    assert is_race(words)


@pytest.mark.parametrize(
    ("words", "kind", "hint"),
    [
        (f"remote: GH006: Protected\n{STATUS}[remote rejected] (protected branch hook declined)",
         ToolFailed, "branch rule"),
        (f"remote: GH013: Repository rule violations\n{STATUS}[remote rejected] (push declined)",
         ToolFailed, "branch rule"),
        (f"{STATUS}[remote rejected] (pre-receive hook declined)", ToolFailed, "branch rule"),
        (f"remote: please fetch first\n{STATUS}[remote rejected] (pre-receive hook declined)",
         ToolFailed, "branch rule"),
        ("remote: GitLab: You are not allowed to push code", ToolFailed, "branch rule"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403",
         ToolFailed, "credentials"),
        ("remote: Permission to a/b.git denied to c.", ToolFailed, "credentials"),
        ("fatal: Authentication failed for 'https://x'", ToolFailed, "credentials"),
        ("fatal: could not read Username for 'https://x'", ToolFailed, "credentials"),
        ("ERROR: The key you are authenticating with has been marked as read only.",
         ToolFailed, "credentials"),
        ("error: remote unpack failed: unable to create temporary object directory",
         ToolFailed, "credentials"),
        ("fatal: the remote end hung up unexpectedly", Unreachable, "same command again"),
        ("", Unreachable, "same command again"),
    ],
)  # fmt: skip
def test_refusals(words: str, kind: type[Exception], hint: str) -> None:
    assert is_race(words) is None
    error = refusal(words, "origin", "main")
    assert type(error) is kind
    assert hint in (error.hint or "")
    for line in words.splitlines():
        assert " ".join(line.split()) in error.message
