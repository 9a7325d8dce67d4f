"""`tidegate policies`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.add_argument(
        "action",
        metavar="ACTION",
        choices=("list", "show", "test"),
        help="list: every rule; show: one of them; test: hold the rules to their examples",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="the rule's name, for show")
    add_format(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Reads the work tree, and reports; exits with 1 where an example isn't as it should be."""
    if (arguments.action == "show") != (arguments.name is not None):
        wanted = "which rule?" if arguments.action == "show" else "only show takes a rule's name"
        raise InputError(wanted, hint="see `tidegate policies --help`")
    from tidegate.cli.looking import Looking
    from tidegate.flows.examples import check_examples
    from tidegate.flows.policies import list_rules, show_rule

    snapshot = Looking(arguments).work_tree.snapshot()
    if arguments.action == "list":
        show("catalogue", list_rules(snapshot), arguments.format, terminal)
    elif arguments.action == "show":
        show("rule", show_rule(snapshot, arguments.name), arguments.format, terminal)
    else:
        report = check_examples(snapshot)
        show("examples", report, arguments.format, terminal)
        return report.exit_code
    return 0
