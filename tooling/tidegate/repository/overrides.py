"""Files that make Argo CD apply something else than what an overlay renders to."""

from __future__ import annotations

import re

from tidegate.repository.layout import ENVIRONMENTS

# Argo CD lays parameters from the first over its source, images too; and it takes a folder with
# the second for a chart, whatever comes before that in the alphabet.
_OVERRIDE = re.compile(rf"{ENVIRONMENTS}/(.+/)?(\.argocd-source.*|.*Chart\.yaml)")

MESSAGE = "makes Argo CD apply something else than the overlay renders to"
FIX = "say it in the kustomization"


def is_override(path: str) -> bool:
    """Whether Argo CD would heed a file in this place, where the folder is one that it applies."""
    return _OVERRIDE.fullmatch(path) is not None
