"""The refs that fetches write to: one for each, that no other process can be writing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from tidegate.adapters.git.command import GitCommand

_FOLDER = "refs/tidegate/fetch"
_NAME = re.compile(rf"{_FOLDER}/(?P<end>[0-9]{{1,12}})-[0-9a-f]{{32}}")
# Clocks are set back and forth, and those of two machines may share a disk.
_GRACE_SECONDS = 3_600.0


class FetchRefs:
    """Names them after the second in which their command is over at the latest. By that, the ref
    of a command that was killed is told from one that is in use."""

    def __init__(self, git: GitCommand, now: Callable[[], float]) -> None:
        self._git, self._now = git, now
        self._swept = False

    def fresh(self) -> str:
        """A ref of our own."""
        end = self._now() + self._git.remaining()
        return f"{_FOLDER}/{max(0, int(end))}-{uuid.uuid4().hex}"

    def sweep(self) -> None:
        """Removes, once, what commands that were killed have left behind."""
        if self._swept:
            return
        self._swept = True
        known = self._git.run("for-each-ref", "--format=%(refname)", f"{_FOLDER}/").text.split()
        over = self._now() - _GRACE_SECONDS
        dead = [ref for ref in known if (name := _NAME.fullmatch(ref)) and int(name["end"]) < over]
        if dead:
            orders = "".join(f"delete {ref}\n" for ref in dead)
            self._git.run("update-ref", "--stdin", stdin=orders.encode(), accepted=range(256))
