"""`tidegate policies`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.parser import add_actions, add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    actions = add_actions(
        parser,
        {
            "list": "every rule, and what it does in each environment",
            "show": "everything about one rule",
            "test": "hold the rules to their examples",
        },
    )
    actions["show"].add_argument("name", metavar="NAME", help="the rule's name")
    for action in actions.values():
        add_format(action)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Reads the work tree, and reports; exits with 1 where an example isn't as it should be."""
    from tidegate.cli.looking import Looking
    from tidegate.flows.examples import check_examples
    from tidegate.flows.policies import list_rules, show_rule

    looking = Looking(arguments)
    snapshot = looking.work_tree.snapshot()
    if arguments.action == "list":
        show("catalogue", list_rules(snapshot), arguments.format, terminal)
    elif arguments.action == "show":
        show("rule", show_rule(snapshot, arguments.name), arguments.format, terminal)
    else:
        report = check_examples(snapshot, looking)
        show("examples", report, arguments.format, terminal)
        return report.exit_code
    return 0
