"""A folder of OCI image layouts that stands in for a registry.

The image `registry.example.com/ml/digits:1.0` of a mirror in `F` is the layout in `F/ml/digits`,
in whose `index.json` the tag is the annotation `org.opencontainers.image.ref.name`.
"""

from __future__ import annotations

import errno
import os
import stat
from functools import cached_property
from pathlib import Path
from typing import Any

from tidegate.adapters.oci import manifest
from tidegate.domain.image import ImageRef
from tidegate.errors import NotFound, OutsideError, Unreachable

_REF_NAME = "org.opencontainers.image.ref.name"
_INDEX_LIMIT = 32 * 2**20


class Mirror:
    """Reads one mirror folder. Links are followed only as far as they stay inside it, and a
    blob must be a regular file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _real(self) -> Path:
        return self._folder.resolve()

    def layout(self, image: ImageRef) -> Path:
        """The folder of the image's layout; no I/O."""
        # The grammar of repositories has no empty, `.` or `..` parts, so this stays below.
        return self._folder.joinpath(*image.repository.split("/"))

    def digest(self, image: ImageRef, tag: str) -> str:
        """The digest that the image's tag points at, whose manifest is there and matches.

        Raises NotFound for a repository or tag that isn't there, Unreachable where the mirror
        itself is missing, and OutsideError for a broken layout.
        """
        layout = self._checked_layout(image)
        if layout is None:
            raise NotFound(f"the mirror {self._folder} has no repository {image.repository}")
        found = self._tagged(layout, image, tag)
        if self._manifest(layout, found) is None:
            raise OutsideError(
                f"the mirror {self._folder} is incomplete: {image} points at {found},"
                " whose manifest is missing",
                hint="copy the image into the mirror again",
            )
        return found

    def has(self, image: ImageRef, digest: str) -> bool:
        """Whether the manifest of that digest is there and matches; raises as `digest` for the
        rest."""
        layout = self._checked_layout(image)
        return layout is not None and self._manifest(layout, digest) is not None

    def _checked_layout(self, image: ImageRef) -> Path | None:
        if not self._folder.is_dir():
            raise Unreachable(
                f"the mirror folder {self._folder} for {image.registry} is missing",
                hint="check the mirrors in tidegate.yaml",
            )
        layout = self.layout(image)
        try:
            inside = layout.resolve().is_relative_to(self._real)
        except (OSError, RuntimeError):
            inside = False
        if not inside:
            raise OutsideError(f"{layout} leads out of the mirror {self._folder}")
        return layout if layout.is_dir() else None

    def _tagged(self, layout: Path, image: ImageRef, tag: str) -> str:
        path = layout / "index.json"
        body = _read(path, _INDEX_LIMIT)
        if body is None:
            raise OutsideError(f"{layout} is not an OCI image layout: it has no index.json")
        entries = manifest.parse_object(body, str(path)).get("manifests")
        if not isinstance(entries, list):
            raise OutsideError(f"{path} has no list of manifests")
        digests = {_digest(entry, path) for entry in entries if _tag(entry) == tag}
        if not digests:
            raise NotFound(f"the mirror {self._folder} has no image {image.name}:{tag}")
        if len(digests) > 1:
            raise OutsideError(f"{path} has several manifests tagged {tag}")
        return digests.pop()

    def _manifest(self, layout: Path, digest: str) -> bytes | None:
        algorithm, _, encoded = digest.partition(":")
        path = layout / "blobs" / algorithm / encoded
        if not path.parent.resolve().is_relative_to(self._real):
            raise OutsideError(f"{path.parent} leads out of the mirror {self._folder}")
        body = _read(path, manifest.SIZE_LIMIT)
        if body is None:
            return None
        actual = manifest.digest_of(body)
        if actual != digest:
            raise OutsideError(
                f"{path} is damaged: its digest is {actual}",
                hint="copy the image into the mirror again",
            )
        manifest.require_manifest(body, str(path))
        return body


def _tag(entry: Any) -> str | None:
    annotations = entry.get("annotations") if isinstance(entry, dict) else None
    tag = annotations.get(_REF_NAME) if isinstance(annotations, dict) else None
    return tag if isinstance(tag, str) else None


def _digest(entry: dict[str, Any], path: Path) -> str:
    digest = entry.get("digest")
    if not isinstance(digest, str) or not manifest.is_digest(digest):
        raise OutsideError(f"{path} has a tag without a sha256 digest")
    return digest


def _read(path: Path, limit: int) -> bytes | None:
    """A regular file's bytes; None where there is none. Raises OutsideError for a link, a
    folder, a device, a file that is too big or that can't be read."""
    try:
        with open(path, "rb", opener=_open_itself) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OutsideError(f"{path} is not a regular file")
            body = file.read(limit + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OutsideError(f"{path} is a symbolic link, which a mirror may not have") from None
        raise OutsideError(f"{path} can't be read: {error.strerror}") from None
    if len(body) > limit:
        raise OutsideError(f"{path} has more than {limit} bytes")
    return body


def _open_itself(path: str, flags: int) -> int:
    # Without O_NONBLOCK, opening a named pipe would wait for ever.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
