"""The console script: first of all it makes an early Ctrl-C end the process without a word."""

from __future__ import annotations

# What `signal` is made of: that itself imports enum, and every `--help` would pay for it.
import _signal  # type: ignore[import-not-found]
import gc
from typing import NoReturn

# Circles are looked for among this many new objects, which few commands make at all, and seldom
# among all: what is read stays until the end, and to look through it again and again takes a tenth
# of the time. What lives long, such as `status --watch`, gets there.
_NEW_OBJECTS, _SELDOM = 500_000, 20


def entry() -> NoReturn:
    """Runs the process's command line and ends the process. Until the command itself is ready to
    tidy up, there is nothing to tidy up: then SIGINT simply ends it, as SIGTERM does."""
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    gc.set_threshold(_NEW_OBJECTS, _SELDOM, _SELDOM)
    from tidegate.cli.main import finish, main

    finish(main())
