"""Several overlays in one process, each one's objects found again by marks between them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.adapters.kustomize.documents import split
from tidegate.adapters.kustomize.origins import ask_for_origins
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import OutsideError, ToolFailed, ToolMissing

if TYPE_CHECKING:
    from tidegate.adapters.kustomize.command import Command

Outcome = str | Unavailable

_SMALL = 3
# Such a path means itself in YAML, without quotes: it has a dot, a letter after a slash, and
# nothing else that YAML could take for something.
_PLAIN = re.compile(r"[0-9]+\.yaml|\.\./[a-z-]+/[A-Za-z0-9_][A-Za-z0-9_./-]*")


def render_batch(
    command: Command,
    tree: Path,
    new_folder: Callable[[], Path],
    overlays: Sequence[str],
    *,
    origins: bool = False,
) -> Mapping[str, Outcome]:
    """Each overlay's whole rendering, or why it has none. Raises ToolMissing alone. With
    `origins` each object of a batch carries an annotation that names its file.

    A batch that fails is halved; one that takes too long is taken apart at once, so that a single
    overlay that hangs costs its time twice and not many times.
    """
    if len(overlays) == 1:
        if origins:  # in a batch, the wrapper asks for them
            ask_for_origins(tree / overlays[0], new_folder())
        return {overlays[0]: _render_alone(command, tree, overlays[0])}
    try:
        texts = _render_together(command, tree, new_folder(), overlays, origins=origins)
    except ToolMissing:
        raise
    except ToolFailed:
        size = 1 if len(overlays) <= _SMALL else (len(overlays) + 1) // 2
    except OutsideError:
        size = 1
    else:
        return dict(zip(overlays, texts, strict=True))
    outcomes: dict[str, Outcome] = {}
    for start in range(0, len(overlays), size):
        part = overlays[start : start + size]
        outcomes.update(render_batch(command, tree, new_folder, part, origins=origins))
    return outcomes


def _render_alone(command: Command, tree: Path, overlay: str) -> Outcome:
    try:
        return command.build(tree / overlay)
    except ToolMissing:
        raise
    except OutsideError as error:
        return Unavailable(error.message)


def _render_together(
    command: Command, tree: Path, folder: Path, overlays: Sequence[str], *, origins: bool
) -> list[str]:
    """Objects come out in the order in which they are listed, so that a mark of ours before each
    overlay tells where its objects begin, and the objects themselves stay untouched. Nobody can
    imitate the marks: their names are random."""
    nonce = secrets.token_hex(16)
    marks = [_mark(nonce, number) for number in range(len(overlays))]
    resources: list[str] = []
    for number, overlay in enumerate(overlays):
        (folder / f"{number}.yaml").write_text(marks[number], encoding="utf-8")
        resources += [f"{number}.yaml", f"../{tree.name}/{overlay}"]
    text = _wrapper(resources, origins=origins)
    (folder / "kustomization.yaml").write_text(text, encoding="utf-8")
    return _cut(split(command.build(folder)), marks)


def _wrapper(resources: Sequence[str], *, origins: bool) -> str:
    lines = ["sortOptions: {order: fifo}", *(["buildMetadata: [originAnnotations]"] * origins)]
    return "\n".join([*lines, "resources:", *(f"- {_scalar(path)}" for path in resources), ""])


def _scalar(path: str) -> str:
    """The path in YAML, on one line: a folder's name may have a newline in it."""
    if _PLAIN.fullmatch(path):
        return path
    import yaml  # to have all of them written by it takes far longer

    quoted: str = yaml.safe_dump(path, default_style='"', allow_unicode=True, width=2**31)
    return quoted.rstrip("\n")


def _mark(nonce: str, number: int) -> str:
    return f"apiVersion: render.tidegate.dev/v1\nkind: Mark\nmetadata:\n  name: m{nonce}-{number}\n"


def _cut(documents: Sequence[str], marks: Sequence[str]) -> list[str]:
    """Each overlay's documents; ToolFailed where the marks aren't where they must be."""
    names = [mark.rstrip().rpartition(" ")[2] for mark in marks]
    prefix = names[0].rpartition("-")[0] + "-"
    positions, found = [], []
    for place, text in enumerate(documents):
        # With annotations a mark has more lines; its name is nobody else's.
        if text.startswith("apiVersion: render.tidegate.dev/v1\n") and prefix in text:
            positions.append(place)
            found.append(text[text.index(prefix) :].split("\n", 1)[0])
    if found != names or positions[:1] != [0]:
        raise ToolFailed("kustomize did not keep the order of the overlays")
    ends = [*positions[1:], len(documents)]
    return [
        "---\n".join(documents[start + 1 : end]) for start, end in zip(positions, ends, strict=True)
    ]
