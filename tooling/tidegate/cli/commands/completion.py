"""`tidegate completion`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
bash:  eval "$(tidegate completion bash)"      in ~/.bashrc
zsh:   eval "$(tidegate completion zsh)"       in ~/.zshrc
fish:  tidegate completion fish | source       in ~/.config/fish/config.fish
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Prints the script, which asks tidegate itself for words."""
    import argcomplete

    terminal.write(argcomplete.shellcode(["tidegate"], shell=arguments.shell) + "\n")
    return 0
