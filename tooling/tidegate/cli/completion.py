"""Arguments that name apps and environments, and the words that the shell may offer for them."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace
from pathlib import Path
from typing import Any


def add_app(parser: ArgumentParser, *, nargs: str | None = None) -> None:
    """The apps that a verb is about."""
    options: dict[str, Any] = {} if nargs is None else {"nargs": nargs}
    action = parser.add_argument("app", metavar="APP", help="an app's name", **options)
    _complete(action, "apps", "app.yaml")


def add_environment(parser: ArgumentParser, flag: str, *, required: bool = False) -> None:
    """The environment that a verb is about."""
    action = parser.add_argument(flag, metavar="ENV", required=required, help="an environment")
    _complete(action, "environments", "environment.yaml")


def _complete(action: Action, folder: str, marker: str) -> None:
    """Offers the work tree's folders: a look at the disk, no fetch, for a key press."""

    def words(prefix: str, parsed_args: Namespace, **_: object) -> list[str]:
        here = Path(getattr(parsed_args, "root", None) or ".").resolve()
        for root in (here, *here.parents):
            if (root / folder).is_dir():
                found = (path.parent.name for path in (root / folder).glob(f"*/{marker}"))
                return sorted(name for name in found if name.startswith(prefix))
        return []

    action.completer = words  # type: ignore[attr-defined]
