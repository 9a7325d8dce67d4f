"""An OCI layout with exactly one image in it, so that Trivy has no choice of what it scans.

Trivy reads layouts by itself, but takes the first image of several where the name doesn't match,
stumbles over `@` and `:` in a path, and trusts the blobs to be what their names say.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.errors import OutsideError

OS, ARCHITECTURE = "linux", "amd64"
_MANIFEST_LIMIT = 4 * 2**20
_CHUNK = 2**20
_INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
_MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True, slots=True)
class Isolated:
    """What lies in the layout that was made: the digest of the image's configuration, which is
    what Trivy calls the image's id."""

    config_digest: str


def isolate(layout: Path, digest: str, target: Path) -> Isolated:
    """Makes `target` a layout of the one image with that digest, whose blobs are those of
    `layout`, after each that it needs was found to match its name.

    Of an index it takes the image for linux/amd64. Raises OutsideError for a blob that is
    missing, damaged or a link, and for anything that isn't an image.
    """
    blobs = layout / "blobs" / "sha256"
    manifest = _object(blobs, digest)
    if "manifests" in manifest:
        digest = _for_our_platform(manifest, digest)
        manifest = _object(blobs, digest)
    config, layers = manifest.get("config"), manifest.get("layers")
    if not isinstance(layers, list):
        raise OutsideError(f"{digest} in {layout} is not an image: it has no layers")
    wanted = [_digest(config, digest), *(_digest(layer, digest) for layer in layers)]
    for each in dict.fromkeys(wanted):
        _verify(blobs, each)
    target.mkdir()
    # Trivy refuses blobs that are links, and a hard link can't reach another file system.
    (target / "blobs").symlink_to((layout / "blobs").absolute())
    descriptor = {
        "mediaType": manifest.get("mediaType", _MANIFEST_TYPE),
        "digest": digest,
        "size": (blobs / digest.removeprefix("sha256:")).stat().st_size,
    }
    index = {"schemaVersion": 2, "mediaType": _INDEX_TYPE, "manifests": [descriptor]}
    (target / "index.json").write_text(json.dumps(index), encoding="utf-8")
    (target / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="utf-8")
    return Isolated(wanted[0])


def _for_our_platform(index: dict[str, Any], digest: str) -> str:
    for entry in index["manifests"] if isinstance(index["manifests"], list) else []:
        platform = entry.get("platform") if isinstance(entry, dict) else None
        if isinstance(platform, dict) and (
            (platform.get("os"), platform.get("architecture")) == (OS, ARCHITECTURE)
        ):
            return _digest(entry, digest)
    raise OutsideError(f"the image index {digest} has no image for {OS}/{ARCHITECTURE}")


def _digest(descriptor: Any, owner: str) -> str:
    digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
    algorithm, _, encoded = digest.partition(":") if isinstance(digest, str) else ("", "", "")
    if algorithm != "sha256" or len(encoded) != 64 or set(encoded) - set("0123456789abcdef"):
        raise OutsideError(f"the manifest {owner} names something without a sha256 digest")
    return f"sha256:{encoded}"


def _object(blobs: Path, digest: str) -> dict[str, Any]:
    path = blobs / digest.removeprefix("sha256:")
    size = _verify(blobs, digest)
    if size > _MANIFEST_LIMIT:
        raise OutsideError(f"the manifest {path} has more than {_MANIFEST_LIMIT} bytes")
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise OutsideError(f"the manifest {path} is not JSON") from None
    if not isinstance(document, dict):
        raise OutsideError(f"the manifest {path} is not a JSON object")
    return document


def _verify(blobs: Path, digest: str) -> int:
    """The size of a blob that is a regular file with that digest."""
    path = blobs / digest.removeprefix("sha256:")
    try:
        with open(path, "rb", opener=_open_itself) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OutsideError(f"the blob {path} is not a regular file")
            actual, size = hashlib.sha256(), 0
            while chunk := file.read(_CHUNK):
                actual.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise OutsideError(f"the blob {path} can't be read: {error.strerror}") from None
    if f"sha256:{actual.hexdigest()}" != digest:
        raise OutsideError(
            f"the blob {path} is damaged: its digest is sha256:{actual.hexdigest()}",
            hint="copy the image into the mirror again",
        )
    return size


def _open_itself(path: str, flags: int) -> int:
    # Without O_NONBLOCK, opening a named pipe would wait for ever.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
