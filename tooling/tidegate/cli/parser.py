"""The command line's grammar. `--help` imports nothing but this: it has to be instant."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from tidegate import __version__
from tidegate.errors import InputError

COMMANDS = {
    "promote": "move a model version into an environment, as one commit",
    "evaluate": "ask the gates about a model version, and change nothing",
    "rollback": "take apps back to what ran before, as one commit that needs Git alone",
    "hold": "keep apps, or a whole environment, as they are",
    "release": "lift holds, and the block of a version",
    "wait": "wait until what Git wants of apps is really live, or say why it isn't",
    "sync": "ask Argo CD to sync apps now, and wait for what it comes to",
    "deliver": "follow what commits brought into the clusters, and take back what fails",
    "reconcile": "every place where Git, the cluster and the registry's aliases disagree",
    "rescan": "scan what runs again, with what is known of vulnerabilities now",
    "status": "what runs where: the registry's alias, Git and live, side by side",
    "history": "what an app was in each environment, newest first",
    "audit": "who changed what runs, when, and on which evidence, from Git alone",
    "verify": "whether a proposed change is exactly what Tidegate would write now",
    "merge": "judge a pull request again, and merge that very commit",
    "check": "render every overlay, and hold it against the cluster's schemas and the rules",
    "render": "print what an overlay of the work tree renders to",
    "diff": "which objects and fields of an overlay differ from a commit, or from the cluster",
    "policies": "which rules manifests are held to, and whether their examples hold",
    "schemas": "which kinds there are schemas for, and how to add those of custom kinds",
    "doctor": "which tools, stores and rights there are, and what is missing",
    "schema": "print the JSON Schema of a kind of file or report",
    "completion": "print the shell's completion script",
}

_Actions = Mapping[str, argparse.ArgumentParser]

_WIDEST = 100
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}

_EPILOG = """\
exit codes: 0 done, 1 blocked by a gate, 2 bad input or configuration, 3 something outside failed,
4 somebody else changed the same app, 70 a bug of ours, 130 interrupted
"""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Knows the terminal's width by itself: argparse would import shutil, and with it every
    compression there is, to ask for it."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=min(_columns(), _WIDEST))


class Parser(argparse.ArgumentParser):
    """Raises InputError where argparse would print and exit, so that `--format json` holds."""

    def error(self, message: str) -> NoReturn:
        """A wrong command line."""
        raise InputError(message, hint=f"see `{self.prog} --help`")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """argparse's own words would list every choice, and guess at none."""
        if action.choices is None or value in action.choices:
            return
        from difflib import get_close_matches

        known = [str(choice) for choice in action.choices]
        near = get_close_matches(str(value), known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "known: " + ", ".join(known)
        if action.dest == "command":
            raise InputError(f"there is no command {value!r}", hint=hint)
        raise argparse.ArgumentError(action, f"{value!r} is no choice; {hint}")


def build(arguments: Sequence[str], *, everything: bool = False) -> argparse.ArgumentParser:
    """The parser for a command line. Only the verb that it names is built out, unless
    `everything` is wanted (for completion)."""
    parser = Parser(
        prog="tidegate",
        description="Promotes model versions through Git, and lets nothing pass that fails its "
        "gates.",
        epilog=_EPILOG,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tidegate {__version__}")
    _add_global(parser, top=True)
    verbs = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    # More than is needed where an app or a folder is called as a verb is; never less.
    named = {word for word in arguments if word in COMMANDS}
    for name, text in COMMANDS.items():
        if not (everything or name in named):
            verbs.add_parser(name, help=text, add_help=False, formatter_class=Formatter)
            continue
        verb = verbs.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            formatter_class=Formatter,
            allow_abbrev=False,
        )
        from importlib import import_module

        import_module(f"tidegate.cli.commands.{name}").configure(verb)
        _add_global(verb, top=False)
    return parser


def add_actions(verb: argparse.ArgumentParser, texts: Mapping[str, str]) -> _Actions:
    """A verb's actions, each with a text: parsers of their own, with the global options."""
    found = verb.add_subparsers(dest="action", metavar="ACTION", title="actions", required=True)
    actions = {}
    for name, text in texts.items():
        actions[name] = found.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            formatter_class=Formatter,
            allow_abbrev=False,
        )
        _add_global(actions[name], top=False)
    return actions


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """`--format`, and the JSON Schema that it is held to."""
    parser.add_argument(
        "--format",
        choices=("text", "json", *formats),
        default="text",
        help="how to report, on standard output (json: see `tidegate schema report`)",
    )


def _add_global(parser: argparse.ArgumentParser, *, top: bool) -> None:
    """Options that may stand before the verb and after it; there they must not reset it."""

    def default(value: object) -> object:
        return value if top else argparse.SUPPRESS

    group = parser.add_argument_group("global options")
    group.add_argument(
        "--root", metavar="DIR", default=default("."), help="a folder of the Git clone (here)"
    )
    group.add_argument(
        "--remote",
        metavar="NAME",
        default=default(None),
        help="the Git remote (tidegate.yaml's, or origin)",
    )
    group.add_argument(
        "--branch",
        metavar="NAME",
        default=default(None),
        help="the branch that Argo CD follows (tidegate.yaml's, or main)",
    )
    group.add_argument(
        "--timeout",
        metavar="TIME",
        type=_some_seconds,
        default=default(600.0),
        help="how long the whole command may take, such as 90 or 10m (10m)",
    )
    group.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        default=default(False),
        help="say more: each step, every gate's details, and a bug's traceback",
    )
    group.add_argument("--no-color", action="store_true", default=default(False), help="no colours")


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or _WIDEST
    except ValueError:
        pass
    try:
        return os.get_terminal_size(1).columns
    except OSError:
        return _WIDEST


def seconds(text: str) -> float:
    """`90`, `90s`, `1.5m` or `2h` → seconds. Raises ArgumentTypeError."""
    unit = _UNITS.get(text[-1:], 0.0)
    try:
        value = float(text[:-1]) * unit if unit else float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds, such as 90 or 10m")
    return value


def _some_seconds(text: str) -> float:
    value = seconds(text)
    if not value:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds, such as 90 or 10m")
    return value
