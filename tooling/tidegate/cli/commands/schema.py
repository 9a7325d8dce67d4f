"""`tidegate schema`."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import InputError
from tidegate.repository.schemas import KINDS, schema

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.add_argument("kind", metavar="KIND", nargs="?", choices=KINDS, help=", ".join(KINDS))
    parser.add_argument("--write", metavar="DIR", help="write all of them into a folder instead")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Prints one schema, or writes all."""
    if arguments.write:
        folder = Path(arguments.write)
        if not folder.is_dir():
            raise InputError(f"{folder} is not a folder")
        for kind in KINDS:
            (folder / f"{kind}.json").write_text(_text(kind), "utf-8")
            terminal.write(f"{folder / kind}.json\n")
        return 0
    if arguments.kind is None:
        raise InputError("which kind?", hint="one of " + ", ".join(KINDS))
    terminal.write(_text(arguments.kind))
    return 0


def _text(kind: str) -> str:
    return json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"
