"""What an overlay renders to, object by object, each with the file that it came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tidegate.errors import Problem

Object = Mapping[str, Any]

# Where in an object: keys, and positions in lists.
FieldPath = tuple[str | int, ...]

# What kustomize makes hashes of: digits and letters that can spell nothing.
HASH = re.compile(r"-[24567890bcdfghkmt]{10}$")


class ObjectId(NamedTuple):
    """What makes an object the same object. `namespace` is empty where the object names none."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def unhashed(self) -> ObjectId:
        """The id before kustomize put a hash of the contents behind a ConfigMap's or Secret's
        name; the id itself where there is none."""
        if self.kind not in ("ConfigMap", "Secret"):
            return self
        return self._replace(name=HASH.sub("", self.name))

    def __str__(self) -> str:
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {name}"


def field_text(field: FieldPath) -> str:
    """A field as people write it: `metadata.labels[app.kubernetes.io/name]`, `containers[0]`."""
    text = ""
    for part in field:
        if isinstance(part, int) or "." in part or "/" in part:
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def identify(data: Object) -> ObjectId:
    """The id of an object; parts that are missing or no text are empty."""
    found = data.get("metadata")
    metadata = found if isinstance(found, Mapping) else {}
    parts = (
        data.get("apiVersion"),
        data.get("kind"),
        metadata.get("namespace"),
        metadata.get("name"),
    )
    return ObjectId(*(part if isinstance(part, str) else "" for part in parts))


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def reach(data: Object, field: FieldPath) -> Any:
    """What lies at a field; where a text or a number is in the way, that one."""
    found: Any = data
    for step in field:
        if isinstance(found, Mapping):
            found = found.get(step)
        elif not isinstance(found, list):
            break
        else:
            found = found[step] if isinstance(step, int) and step < len(found) else None
    return found


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object, in plain Python types, without the renderer's own annotations.

    `origin` is the file of the repository that holds it, or the kustomization whose generator
    made it; None where nobody knows.
    """

    id: ObjectId
    data: Object
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """All objects of one overlay, in the renderer's order. `overlay` is its folder, or the file of
    plain manifests; `environment` and `app` are None outside a Tidegate repository."""

    overlay: str
    manifests: tuple[Manifest, ...]
    environment: str | None = None
    app: str | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """An overlay as the renderer printed it, with the annotations of origins that were asked for,
    or a `plain` file of manifests as it is."""

    overlay: str
    text: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An overlay that can't be rendered or read, and every reason why, with its place."""

    overlay: str
    problems: tuple[Problem, ...]
