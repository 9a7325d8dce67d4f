"""Image manifests and indexes, as far as a digest is concerned."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from tidegate.domain.image import DIGEST_PATTERN
from tidegate.errors import OutsideError

MEDIA_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
# The specification asks registries to take manifests of up to 4 MiB, and larger ones are rare.
SIZE_LIMIT = 4 * 2**20


def digest_of(body: bytes) -> str:
    """The digest of a manifest's exact bytes."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def is_digest(text: object) -> bool:
    """Whether it is a sha256 digest as registries write them."""
    return isinstance(text, str) and re.fullmatch(DIGEST_PATTERN[1:-1], text) is not None


def parse_object(body: bytes, where: str) -> dict[str, Any]:
    """A JSON object from outside; `where` names it in the OutsideError for anything else."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise OutsideError(f"{where} is not JSON") from None
    if not isinstance(document, dict):
        raise OutsideError(f"{where} is not a JSON object")
    return document


def require_manifest(body: bytes, where: str) -> None:
    """Raises OutsideError unless it is an image's manifest or index of the second schema."""
    document = parse_object(body, where)
    listed = isinstance(document.get("manifests"), list)
    single = isinstance(document.get("config"), dict) and isinstance(document.get("layers"), list)
    if document.get("schemaVersion") != 2 or not (listed or single):
        raise OutsideError(f"{where} is neither an image manifest nor an image index")
