"""Which files take part in rendering an overlay."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.errors import Problem


@dataclass(frozen=True, slots=True)
class Closure:
    """Everything that rendering `overlay` reads, and what is wrong with it.

    `paths` are files and symbolic links, sorted; `missing` paths that are referred to and not
    there, and folders of charts, of which nobody knows what is; `keys` the kustomization fields in
    use anywhere, in lower case; `generated` the names that generators make before a hash is added
    to them; `namespace` the overlay's own; `needs` what it does beyond reading these files
    (remote, helm, plugins): with any, they alone don't decide what it renders to. With `problems`,
    the other fields are not complete.
    """

    overlay: str
    paths: tuple[str, ...]
    directories: tuple[str, ...]
    keys: frozenset[str]
    generated: frozenset[str]
    namespace: str | None
    problems: tuple[Problem, ...]
    missing: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
