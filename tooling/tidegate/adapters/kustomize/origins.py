"""Makes an overlay that is rendered by itself tell the origin of its objects."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tidegate.repository.layout import KUSTOMIZATIONS

# A block mapping whose first key stands at the line's start, in one document. Each line can be
# taken in one way only: else some blank lines would take for ever.
_APPENDABLE = re.compile(rb"(?:[ \t\r]*(?:#[^\n]*)?\n|---[ \t]*\r?\n)*[A-Za-z][A-Za-z0-9]*:")
_ASKED = re.compile(rb"buildMetadata|\n(?:---|\.\.\.|\?)", re.IGNORECASE)


def ask_for_origins(folder: Path, new: Path) -> None:
    """Adds the request to the folder's kustomization, at once for whoever reads it meanwhile;
    `new` is a folder for the file on its way. A kustomization that can't simply be added to is
    left as it is."""
    for name in KUSTOMIZATIONS:
        file = folder / name
        if file.is_symlink() or not file.is_file():
            continue
        data = file.read_bytes()
        if _APPENDABLE.match(data) and not _ASKED.search(data):
            end = b"" if data.endswith(b"\n") else b"\n"
            changed = new / name
            changed.write_bytes(data + end + b"buildMetadata: [originAnnotations]\n")
            os.replace(changed, file)  # noqa: PTH105 Path.replace says the same
