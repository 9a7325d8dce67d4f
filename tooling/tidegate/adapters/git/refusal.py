"""Git's words for a refused push: a race to be run again, or a no to be reported."""

from __future__ import annotations

import re

from tidegate.errors import OutsideError, ToolFailed, Unreachable

# Every way in which Git and its hosts say that somebody else was faster.
_RACES = (
    "non-fast-forward",
    "fetch first",
    "cannot lock ref",
    "incorrect old value provided",
    "stale info",
    "failed to update ref",
    "remote ref updated since checkout",
    "failed to lock",
    "reference already exists",
)
_UNSENT = "failed to push some refs"
_RULES = re.compile(
    r"protected branch|hook declined|GH006|GH013|not allowed to push|pre-receive|remote rejected"
)
_RIGHTS = re.compile(
    r"\b403\b|permission (?:to|denied)|read.only|insufficient permission|unable to create temporary"
    r"|authentication failed|could not read (?:Username|Password)|access denied",
    re.IGNORECASE,
)


def is_race(words: str) -> str | None:
    """Git's word for a lost race; None where the push was refused for another reason."""
    # Git's own lines alone: hooks, the server's and the client's, may use any words.
    verdicts = _verdicts(words)
    return next((race for race in _RACES if any(race in verdict for verdict in verdicts)), None)


def _verdicts(words: str) -> list[str]:
    """Git's lines about refs that weren't taken; there are none before it has sent anything."""
    return [line for line in words.splitlines() if line.startswith(("!\t", " ! "))]


def refusal(words: str, remote: str, branch: str) -> OutsideError:
    """What to tell the user of a push that was refused for good."""
    lines = [line for line in words.splitlines() if line.strip() and line.strip() != "Done"]
    said = "\n".join(f"  {' '.join(line.split())}" for line in lines)
    if _RIGHTS.search(words):
        return ToolFailed(
            f"{remote} does not let you push to {branch}; nothing was changed there:\n{said}",
            output=words,
            hint="check your credentials and your right to write to the repository",
        )
    if _RULES.search(words):
        return ToolFailed(
            f"{remote} refused the commit to {branch}; nothing was changed there:\n{said}",
            output=words,
            hint="a hook or a branch rule says no: ask who owns it",
        )
    if _UNSENT in words and not _verdicts(words):
        return ToolFailed(f"your pre-push hook refused the commit:\n{said}", output=words)
    return Unreachable(
        f"the push to {remote} failed:\n{said}",
        hint="nothing was changed there as far as can be seen; run the same command again",
    )


def shallow(why: str) -> OutsideError:
    """That what was asked for lies behind the end of a shallow clone."""
    return OutsideError(
        f"this clone is shallow and its history can't be had, so there is no true answer: {why}",
        hint="clone again without --depth (in GitHub Actions: fetch-depth: 0)",
    )
