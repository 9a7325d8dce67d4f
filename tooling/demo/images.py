"""Small container images as OCI image layouts, made without a container engine.

The same arguments give the same bytes, and so the same digest, on every machine: nothing is
compressed, and no clock, user or order of a dictionary reaches a file.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
REF_NAME = "org.opencontainers.image.ref.name"

_SITE_PACKAGES = "usr/lib/python3.11/site-packages"
_OS_RELEASE = (
    b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
    b'NAME="Debian GNU/Linux"\nVERSION_CODENAME=bookworm\n'
)


def write_image(
    layout: Path,
    tag: str,
    packages: Mapping[str, str],
    files: Mapping[str, bytes],
    *,
    architecture: str = "amd64",
) -> str:
    """Adds an image to an OCI layout (made where there is none) and returns its digest.

    The image holds `packages` (Python distribution → version) as an installer would leave them,
    and `files` (path without a leading slash → contents). A tag that is there moves to it.
    """
    manifest = write_manifest(layout, packages, files, architecture=architecture)
    point(layout, tag, manifest)
    return str(manifest["digest"])


def write_manifest(
    layout: Path,
    packages: Mapping[str, str],
    files: Mapping[str, bytes],
    *,
    architecture: str = "amd64",
) -> dict[str, Any]:
    """Writes an image's blobs into a layout, and returns the descriptor of its manifest."""
    layer = _tar({**_distributions(packages), **files, "etc/os-release": _OS_RELEASE})
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Cmd": ["python3", "-m", "serve"]},
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        "history": [{"created_by": "tidegate demo"}],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": write_blob(layout, CONFIG, _json(config)),
        "layers": [write_blob(layout, LAYER, layer)],
    }
    return write_blob(layout, MANIFEST, _json(manifest))


def write_index(layout: Path, tag: str, manifests: Mapping[str, dict[str, Any]]) -> str:
    """Adds an image for several architectures (architecture → descriptor of its manifest) to a
    layout, and returns the index's digest."""
    children = [
        {**descriptor, "platform": {"os": "linux", "architecture": architecture}}
        for architecture, descriptor in manifests.items()
    ]
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": children}
    index = write_blob(layout, INDEX, _json(document))
    point(layout, tag, index)
    return str(index["digest"])


def write_blob(layout: Path, media_type: str, body: bytes) -> dict[str, Any]:
    """Writes a blob into a layout, and returns its descriptor."""
    digest = _digest(body)
    path = layout / "blobs" / "sha256" / digest.removeprefix("sha256:")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _replace(path, body)
    return {"mediaType": media_type, "digest": digest, "size": len(body)}


def point(layout: Path, tag: str, descriptor: Mapping[str, Any]) -> None:
    """Makes a layout's tag point at a manifest or an index whose blob is there."""
    (layout / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
    path = layout / "index.json"
    entries = json.loads(path.read_bytes())["manifests"] if path.exists() else []
    kept = [entry for entry in entries if entry.get("annotations", {}).get(REF_NAME) != tag]
    document = {
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [*kept, {**descriptor, "annotations": {REF_NAME: tag}}],
    }
    _replace(path, _json(document))


def _distributions(packages: Mapping[str, str]) -> dict[str, bytes]:
    """What an installer leaves behind of each package: its metadata folder."""
    found = {}
    for name, version in packages.items():
        folder = f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}.dist-info"
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        found[f"{_SITE_PACKAGES}/{folder}/METADATA"] = text.encode()
    return found


def _tar(files: Mapping[str, bytes]) -> bytes:
    folders = {str(parent) for path in files for parent in Path(path).parents} - {"."}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(folders | set(files)):
            entry = tarfile.TarInfo(path)
            if path in files:
                entry.size, entry.mode = len(files[path]), 0o644
                tar.addfile(entry, io.BytesIO(files[path]))
            else:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
    return buffer.getvalue()


def _replace(path: Path, body: bytes) -> None:
    """Writes a file so that a reader sees it whole or not at all."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(body)
    new.replace(path)


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
