"""`tidegate schemas`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.parser import add_actions, add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EXAMPLES = """\
examples:
  tidegate schemas list                           what manifests here can be held against
  tidegate schemas add crds.yaml                  make custom kinds known, one file each
  tidegate schemas add --replace crds.yaml        take a newer version of what is there
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EXAMPLES
    actions = add_actions(
        parser,
        {
            "list": "which kinds there are schemas for, and which are used without one",
            "add": "put CustomResourceDefinitions into policies/schemas/crds, one file each",
        },
    )
    add = actions["add"]
    add.add_argument("files", metavar="CRD.yaml", nargs="+", help="files of manifests")
    add.add_argument("--dry-run", action="store_true", help="check them, and write nothing")
    add.add_argument(
        "--replace", action="store_true", help="write over definitions that are different"
    )
    for action in actions.values():
        add_format(action)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Reads the work tree, and reports; `add` writes to it."""
    from tidegate.cli.looking import Looking
    from tidegate.flows.definitions import add_definitions as add
    from tidegate.flows.schemas import list_schemas
    from tidegate.repository.new_definitions import SOURCE_LIMIT

    looking = Looking(arguments)
    snapshot = looking.work_tree.snapshot()
    if arguments.action == "list":
        report = list_schemas(snapshot)
        show("schemas", report, arguments.format, terminal, verbose=terminal.verbose)
        return 0
    sources = {path: looking.files.read(path, SOURCE_LIMIT) for path in arguments.files}
    added = add(
        snapshot,
        sources,
        looking.files.write,
        replace=arguments.replace,
        dry_run=arguments.dry_run,
    )
    show("definitions", added, arguments.format, terminal)
    return 0
