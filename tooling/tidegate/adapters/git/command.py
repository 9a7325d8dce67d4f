"""git: no shell, bounded, its own words kept.

What talks to somebody, to a remote or to whoever signs, goes through GitPython's command interface.
What is at home in this clone is started directly: GitPython takes longer to import than such a
command takes to run, and most verbs need nothing else (docs/adr/0020).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, cast

from tidegate.adapters import process
from tidegate.domain.redaction import redact
from tidegate.errors import InputError, ToolFailed, Unreachable

if TYPE_CHECKING:
    from git.cmd import Git

Process = Popen[bytes]

# What has Git read a clone of somebody else's.
UNTRUSTED = "safe.directory"

_TALKING = frozenset(("commit-tree", "fetch", "ls-remote", "push"))
_OPTIONS = (
    # Our messages are UTF-8, whatever the user's own are in.
    *("-c", "i18n.commitEncoding=UTF-8"),
    *("-c", "i18n.logOutputEncoding=UTF-8"),
    # Nobody has a graft file here but us, to have none: see below.
    *("-c", "advice.graftFileDeprecated=false"),
)
_ENVIRONMENT = {
    # English words, because we read them; no questions, because nobody may be there to answer.
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_TERMINAL_PROMPT": "0",
    # What this clone alone has put in place of a gate or of history must not count for it.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    # Our paths mean what they say, whatever the user's shell makes of its own.
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said."""

    status: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """Standard output without the line end."""
        return self.stdout.decode("utf-8", "replace").strip()


class GitCommand:
    """Runs git in one work tree or bare repository. `remaining` gives the seconds that are left
    for everything; no call takes longer."""

    def __init__(self, folder: Path, remaining: Callable[[], float]) -> None:
        process.find(["git"], hint="install Git 2.32 or newer: https://git-scm.com/downloads")
        self._folder = folder
        self.remaining = remaining

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        accepted: Collection[int] = (0,),
    ) -> Answer:
        """One git command; `config` has settings for it alone. Raises ToolFailed for any other
        exit status than the accepted ones, Unreachable when the time is over."""
        left = self.remaining()
        if left <= 0:
            raise Unreachable(f"no time was left for git {arguments[0]}", hint=_MORE_TIME)
        settings = [word for pair in (config or {}).items() for word in ("-c", "=".join(pair))]
        with tempfile.TemporaryFile() as source:
            if stdin is not None:
                source.write(stdin)
                source.seek(0)
            words = ["git", *_OPTIONS, *settings, *arguments]
            begin = self._talk if arguments[0] in _TALKING else self._start
            ours = {**_ENVIRONMENT, **(env or {})}
            try:
                child = process.launch(lambda: begin(words, source.fileno(), ours))
            except OSError as error:
                message = f"git can't be started in {self._folder}: {error.strerror}"
                raise ToolFailed(message) from error
            try:
                stdout, errors = process.finish(child, timeout=left)
            except TimeoutError:
                raise Unreachable(f"git {arguments[0]} took too long", hint=_MORE_TIME) from None
        said, status = errors.decode("utf-8", "replace"), child.returncode
        if status not in accepted:
            text = redact(said.strip())
            how = f": {text}" if text else f" with exit status {status}"
            raise ToolFailed(f"git {arguments[0]} failed{how}", output=text)
        return Answer(status, stdout, said)

    def _start(self, words: Sequence[str], source: int, env: Mapping[str, str]) -> Process:
        return Popen(
            words,
            cwd=self._folder,
            env={**os.environ, **env},
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=_of_its_own(),
        )

    def _talk(self, words: Sequence[str], source: int, env: Mapping[str, str]) -> Process:
        git = self._gitpython.execute(
            list(words),
            istream=source,
            as_process=True,
            env=dict(env),
            start_new_session=_of_its_own(),
        )
        child = cast("Process", git.proc)
        git.proc = None  # GitPython ends what nobody holds; `process` knows it from here on
        return child

    @cached_property
    def _gitpython(self) -> Git:
        # It looks for git when it is imported; ours is the better message.
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
        from git.cmd import Git

        return Git(self._folder)


_MORE_TIME = "give it more with --timeout SECONDS"


def _of_its_own() -> bool:
    """Whether git gets a session of its own, to be ended as a whole, hooks and transports too.
    Where there is a terminal it stays in its foreground: Ctrl-C reaches it there, and ssh may ask
    for a passphrase; a partial clone fetches at any command."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return True
    return False


def find_root(folder: Path, remaining: Callable[[], float]) -> Path:
    """The top of the Git work tree around a folder. Raises InputError where there is none."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder", hint="name another one with --root DIR")
    answer = GitCommand(folder, remaining).run("rev-parse", "--show-toplevel", accepted=range(256))
    if answer.status or not answer.text:
        hint = "run tidegate inside a clone of your GitOps repository, or name it with --root DIR"
        if "dubious ownership" in answer.stderr:
            hint = f"it belongs to somebody else: see `git help config`, {UNTRUSTED}"
        raise InputError(f"{folder} is not inside a Git work tree", hint=hint)
    return Path(answer.stdout.decode("utf-8", "surrogateescape").rstrip("\n"))
