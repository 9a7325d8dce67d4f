"""Images that the API server takes and no runtime can pull, for their names are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tidegate.domain.finding import Severity
from tidegate.domain.image import ImageRef
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.rules import SYNTAX
from tidegate.policy.schemas.words import shown

# What a program or a reader has yet to replace, and what ko and Skaffold build.
_LATER = re.compile(r"[${}<>%@]|://")
_HOST = re.compile(r"[.:]")
_DIGEST = re.compile(r"@sha(?!256:|384:|512:)[0-9]*:")
_USUAL = 256  # characters; longer ones aren't worth the memory
_EXPECTED = "registry/repository:tag, the repository in lower case"


def judge_image_name(image: str, path: FieldPath) -> Iterator[Flaw]:
    """A warning of a name that isn't one."""
    if not (_is_known(image) if len(image) <= _USUAL else _is_name(image)):
        message = f"is {shown(image)}, which no runtime can pull; expected {_EXPECTED}"
        yield Flaw(path, message, None, SYNTAX, Severity.WARN)


def _is_name(image: str) -> bool:
    first, slash, _ = image.partition("/")
    # A first part with capitals is taken for a registry's host, and none is called so.
    if slash and first != first.lower() and not _HOST.search(first) and not _LATER.search(first):
        return False
    if _DIGEST.search(image):
        return False
    if _LATER.search(image.rpartition("@sha256:")[0] or image):
        return True
    try:
        ImageRef.parse(image)
    except ValueError:
        return False
    return True


_is_known = lru_cache(maxsize=1024)(_is_name)
