"""What every command finds around it: its time, this user's caches, variables that aren't meant for
it, and signals."""

from __future__ import annotations

import os
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from tidegate.adapters import process, tidying

_HOOK_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where this user's scans, checks and locks are kept."""
    home = Path(environ.get("XDG_CACHE_HOME", ""))
    try:
        # One that isn't absolute is to be ignored, says the XDG Base Directory Specification: it
        # would be another folder in each folder.
        return Path(home if home.is_absolute() else Path.home() / ".cache", "tidegate")
    except RuntimeError:  # in a container, the user may be a number without a home
        return Path(tempfile.gettempdir(), f"tidegate-{os.getuid()}")


def time_left(arguments: Namespace) -> Callable[[], float]:
    """The seconds that are left for the whole command, whenever that is asked."""
    ends = time.monotonic() + float(arguments.timeout)
    return lambda: ends - time.monotonic()


def forget_other_clones() -> None:
    """Git tells its hooks in variables where they run. Passed on to our own git, they would count
    more than `--root` does."""
    for name in _HOOK_VARIABLES:
        os.environ.pop(name, None)


def interrupt(reason: BaseException) -> None:
    """Ends every binary that we have started, and raises `reason`: for signals."""
    process.interrupt(reason)


def settle() -> None:
    """Waits for what is still being tidied up beside the command's work."""
    tidying.settle()
