"""Which binary renders: kustomize, or else kubectl, which has it inside."""

from __future__ import annotations

import os
from pathlib import Path

from tidegate.adapters import process

_HINT = (
    "install kustomize (https://kubectl.docs.kubernetes.io/installation/kustomize/) or kubectl, "
    "which has it inside, and put it on PATH"
)


def locate(path: str | None) -> tuple[str, str]:
    """The first of both on PATH (`path` in its place), with its verb. Raises ToolMissing."""
    binary = process.find(("kustomize", "kubectl"), hint=_HINT, path=path)
    binary = os.path.abspath(binary)  # noqa: PTH100 keeps symbolic links: kubectl's name matters
    return binary, "kustomize" if Path(binary).name.startswith("kubectl") else "build"


def identify(path: str | None) -> str:
    """The same so long as the binary is the same. Raises ToolMissing."""
    binary, _ = locate(path)
    state = Path(binary).stat()
    return f"{binary} {state.st_size} {state.st_mtime_ns}"
