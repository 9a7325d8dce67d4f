"""What people call a commit → the one commit that it is."""

from __future__ import annotations

import re

from tidegate.adapters.git.command import GitCommand
from tidegate.errors import InputError

_FOLDERS = ("refs", "refs/tags", "refs/heads", "refs/remotes")
_SUFFIX = re.compile(r"[~^@:]")


def find_commit(git: GitCommand, revision: str) -> str:
    """The id of a commit, branch or tag. Raises InputError where there is none, and where a name
    stands for several: whoever may push a tag must not choose what a branch's name means."""
    if not revision or revision.startswith("-"):
        raise InputError(f"{revision!r} is no commit, branch or tag")
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    answer = git.run(*words, accepted=(0, 1, 128))
    # `^main` would be a commit to leave out.
    if answer.status or not answer.text.isalnum():
        raise InputError(
            f"there is no commit, branch or tag {revision!r} in this clone",
            hint="fetch it first, or clone with more history (GitHub Actions: fetch-depth: 0)",
        )
    _require_single(git, revision, answer.text)
    return answer.text


def _require_single(git: GitCommand, revision: str, commit: str) -> None:
    name = _SUFFIX.split(revision)[0]
    if not name or name == "HEAD" or commit.startswith(name):
        return
    wanted = [f"{folder}/{name}" for folder in _FOLDERS]
    listing = git.run("for-each-ref", "--format=%(refname) %(objectname)", *wanted).text
    found = dict(line.split(" ") for line in listing.splitlines())
    meant = {ref: found[ref] for ref in wanted if ref in found}
    if len(set(meant.values())) > 1:
        raise InputError(
            f"{revision!r} may be any of {', '.join(meant)}", hint="write the whole name of one"
        )
