"""How a function of Kubernetes' CEL libraries is declared, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Types of Kubernetes' own. The library has no values for them: while a policy runs they are maps
# with one key, the type's name, and so equal where their content is.
OPAQUE = ("CIDR", "Format", "IP", "Quantity", "Semver", "URL")


class Refused(Exception):
    """What the arguments ask for can't be had; becomes an error of the expression."""


@dataclass(frozen=True, slots=True)
class Function:
    """One overload: `name(parameters) -> result`, or with `member` set `first.name(others)`.

    Types are CEL's (`list<int>`; `A` is any, the same throughout) or Kubernetes' (`Quantity`).
    """

    name: str
    parameters: tuple[str, ...]
    result: str
    call: Callable[..., Any]
    member: bool = False

    @property
    def id(self) -> str:
        """Unlike that of every other overload."""
        return f"tidegate_{self.name}({','.join(self.parameters)}){'m' if self.member else ''}"


def wrap(kind: str, content: str) -> dict[str, str]:
    """A value of one of Kubernetes' types."""
    return {f"kubernetes.{kind}": content}


def unwrap(kind: str, value: Any) -> str:
    """The content of such a value. Raises Refused for any other map."""
    content = value.get(f"kubernetes.{kind}") if isinstance(value, dict) else None
    if not isinstance(content, str):
        raise Refused("no such overload")
    return content


def takes(call: Callable[..., Any], *arguments: Any) -> bool:
    """Whether a function of these libraries makes something of the arguments."""
    try:
        call(*arguments)
    except Refused:
        return False
    return True


def member(name: str, parameters: str, result: str, call: Callable[..., Any]) -> Function:
    """A function that is called on its first parameter; the parameters are divided by blanks."""
    return Function(name, tuple(parameters.split()), result, call, True)


def plain(name: str, parameters: str, result: str, call: Callable[..., Any]) -> Function:
    """A function that is called by its name."""
    return Function(name, tuple(parameters.split()), result, call)
