"""The real Trivy with a database made on the spot, and false ones that fail in given ways."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.images import point, write_blob, write_image
from demo.trivy_db import Advisory, write_database
from tidegate.adapters.trivy import Trivy
from tidegate.domain.image import ImageLocation, ImageRef

BUILT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAME = "registry.example.com/ml/digits"
ADVISORIES = (
    Advisory("CVE-2023-50447", "pillow", "CRITICAL", ("<10.2.0",), ("10.2.0",), "Runs any code"),
    Advisory("CVE-2099-0001", "leaky", "HIGH", (">=0",)),
    Advisory("CVE-2099-0002", "leaky", "LOW", ("<2.0",), ("2.0",)),
)


@dataclass(frozen=True)
class Machine:
    """A machine with a Trivy: its environment, and folders for databases, scans and images."""

    folder: Path
    env: Mapping[str, str]
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def layout(self) -> Path:
        """The layout with the images `clean`, `vulnerable` and `unfixed`."""
        return self.folder / "mirror" / "ml" / "digits"

    def trivy(
        self,
        env: Mapping[str, str] | None = None,
        *,
        cache: str = "scans",
        timeout: float = 120,
        offline: bool = True,
    ) -> Trivy:
        """A scanner of this machine, with more in its environment."""
        merged = {**self.env, **(env or {})}
        folder = self.folder / cache
        return Trivy(cache_directory=folder, env=merged, offline=offline, timeout=timeout)

    def location(self, tag: str) -> ImageLocation:
        """One of the images, by its digest."""
        return ImageLocation(ImageRef(NAME, tag, self.digests[tag]), layout=self.layout)


def find_trivy() -> str:
    """The real Trivy, on PATH or beside this Python; skips where there is none."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("trivy", path=os.pathsep.join([os.environ["PATH"], beside]))
    if found is None:
        pytest.skip("trivy is not on PATH (https://trivy.dev)")
    return found


def make_machine(folder: Path, *, built: datetime | None = BUILT) -> Machine:
    """A machine with the real Trivy, three images, and a database of that age or none."""
    env = {
        "PATH": os.pathsep.join([str(Path(find_trivy()).parent), os.environ["PATH"]]),
        "HOME": str(folder / "home"),
        "TRIVY_CACHE_DIR": str(folder / "trivy"),
    }
    if built is not None:
        write_database(folder / "trivy", ADVISORIES, built)
    layout = folder / "mirror" / "ml" / "digits"
    contents = {
        "clean": {"numpy": "2.0.0", "pillow": "11.0.0"},
        "vulnerable": {"numpy": "2.0.0", "Pillow": "9.5.0"},
        "unfixed": {"leaky": "1.0"},
    }
    digests = {tag: write_image(layout, tag, packages, {}) for tag, packages in contents.items()}
    return Machine(folder, env, digests)


def publish_database(folder: Path, layout: Path, *, built: datetime = BUILT) -> None:
    """Puts a database into a layout as tag `2`, in the form in which Trivy downloads it."""
    write_database(folder, ADVISORIES, built)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name in ("trivy.db", "metadata.json"):
            tar.add(folder / "db" / name, arcname=name)
    media = "application/vnd.aquasec.trivy"
    layer = write_blob(layout, f"{media}.db.layer.v1.tar+gzip", packed.getvalue())
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": write_blob(layout, f"{media}.config.v1+json", b"{}"),
        "layers": [{**layer, "annotations": {"org.opencontainers.image.title": "db.tar.gz"}}],
    }
    body = json.dumps(manifest).encode()
    point(layout, "2", write_blob(layout, str(manifest["mediaType"]), body))


def put_false_trivy(machine: Machine, script: str) -> Machine:
    """The same machine with a shell script in the place of Trivy, which finds the real one in
    `$REAL` and its own first runs in `$RUNS`, a file to append to."""
    real, folder = find_trivy(), machine.folder / "false"
    folder.mkdir()
    path = folder / "trivy"
    runs = machine.folder / "runs"
    path.write_text(f"#!/bin/sh\nREAL='{real}'\nRUNS='{runs}'\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    env = {**machine.env, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    return Machine(machine.folder, env, machine.digests)
