"""Overlays rendered with the real kustomize, origins included, and the sources' own word for who
set what: a comment `#@ Kind/name field` on the line that is to be found. Some words are short:
`D` is a Deployment, `c0` its first container."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.kustomize import TOOLS, make_snapshot

from tidegate.domain.location import Location
from tidegate.domain.manifest import FieldPath, Manifest, identify
from tidegate.domain.snapshot import Snapshot
from tidegate.repository.closure import Closures
from tidegate.repository.links import join
from tidegate.repository.objects import read_object
from tidegate.repository.provenance import Locator

_MARK = re.compile(r"#@ ?(.*)")
_SHORT = {
    "D": "Deployment",
    "HPA": "HorizontalPodAutoscaler",
    "PDB": "PodDisruptionBudget",
    "pod": "spec/template/spec",
    "c0": "spec/template/spec/containers/0",
    "c1": "spec/template/spec/containers/1",
}
_ORIGIN = "config.kubernetes.io/origin"


@dataclass(frozen=True)
class Stage:
    """An overlay's objects, and who is asked for their places."""

    overlay: str
    snapshot: Snapshot
    locator: Locator
    manifests: tuple[Manifest, ...]

    def manifest(self, name: str) -> Manifest:
        """The object `Kind`, or `Kind/name` where there are several."""
        kind, _, rest = name.partition("/")
        found = [m for m in self.manifests if m.id.kind == kind and rest in ("", m.id.name)]
        assert len(found) == 1, f"{name}: {[str(m.id) for m in self.manifests]}"
        return found[0]

    def locate(self, name: str, field: str) -> Location:
        """Where the field `a/b/0` of an object was set."""
        manifest = self.manifest(name)
        return self.locator.find(self.overlay, manifest, field_path(manifest.data, field))

    def line(self, name: str, field: str) -> tuple[str, str]:
        """The file, and the text of the line."""
        where = self.locate(name, field)
        text = self.snapshot.read(where.file).decode().splitlines()[where.line - 1]
        return where.file, text.strip()


def stage(files: Mapping[str, str], overlay: str = "overlay", **more: Any) -> Stage:
    """Renders the overlay as `tidegate check` does, with origins."""
    snapshot = make_snapshot(files, **more)
    return Stage(
        overlay,
        snapshot,
        Locator(snapshot, Closures(snapshot)),
        tuple(_render(files, overlay, **more)),
    )


def field_path(data: Any, field: str) -> FieldPath:
    """`a/b~1c/0`: positions where there is a list."""
    path: list[str | int] = []
    for part in field.split("/") if field else ():
        key = part.replace("~1", "/")
        path.append(int(key) if isinstance(data, list) else key)
        try:
            data = data[path[-1]]
        except (KeyError, TypeError, IndexError):
            data = None
    return tuple(path)


def marks(files: Mapping[str, str]) -> Iterator[tuple[str, str, str, int]]:
    """Object, field, file and line of every mark."""
    for file, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            found = _MARK.search(line)
            for mark in found[1].split(" & ") if found else ():
                name, _, field = mark.strip().partition(" ")
                first, slash, rest = field.strip().partition("/")
                yield _SHORT.get(name, name), _SHORT.get(first, first) + slash + rest, file, number


def _render(
    files: Mapping[str, str], overlay: str, links: Mapping[str, str] | None = None
) -> Iterator[Manifest]:
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        for path, to in (links or {}).items():
            Path(folder, path).symlink_to(to)
        kustomization = Path(folder, overlay, "kustomization.yaml")
        with kustomization.open("a", encoding="utf-8") as out:
            out.write("\nbuildMetadata: [originAnnotations]\n")
        answer = subprocess.run(
            ["kubectl", "kustomize", overlay],
            cwd=folder,
            env={"PATH": TOOLS, "HOME": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
    for document in answer.stdout.split("\n---\n"):
        yield _manifest(overlay, read_object(document))


def _manifest(overlay: str, data: dict[str, Any]) -> Manifest:
    annotations = data["metadata"].get("annotations", {})
    origin = read_object(annotations.pop(_ORIGIN)) if _ORIGIN in annotations else {}
    if not annotations:
        data["metadata"].pop("annotations", None)
    path = origin.get("path") or origin.get("configuredIn")
    return Manifest(identify(data), data, join(overlay, path) if path else None)
