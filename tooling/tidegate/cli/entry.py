"""The console script: first of all it makes an early Ctrl-C end the process without a word."""

from __future__ import annotations

# What `signal` is made of: that itself imports enum, and every `--help` would pay for it.
import _signal  # type: ignore[import-not-found]
from typing import NoReturn


def entry() -> NoReturn:
    """Runs the process's command line and ends the process. Until the command itself is ready to
    tidy up, there is nothing to tidy up: then SIGINT simply ends it, as SIGTERM does."""
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from tidegate.cli.main import finish, main

    finish(main())
