"""Kubernetes' own schemas, as the API server reads objects: what is found on disk, made exact.

The files say less than the server does (a number of 32 bits, a moment, base64 are only named) and
more than it does (quantities as either a number or text, and null as both; fields that it never
asks for, most of all below `status`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tidegate.policy.schemas.formats import BASE64, MOMENT, QUANTITY
from tidegate.policy.schemas.leniency import asked
from tidegate.policy.schemas.versions import Minor, folders

Schema = dict[str, Any]

_META = "io.k8s.apimachinery.pkg."
_PLAIN: Mapping[str, Schema] = {
    f"{_META}api.resource.Quantity": {
        "type": ["string", "number", "null"],
        "format": QUANTITY,
    },
    f"{_META}util.intstr.IntOrString": {
        "type": ["string", "integer", "null"],
        "minimum": -(2**31),
        "maximum": 2**31 - 1,
    },
    f"{_META}apis.meta.v1.Time": {"type": ["string", "null"], "format": MOMENT},
    f"{_META}apis.meta.v1.MicroTime": {"type": ["string", "null"], "format": MOMENT},
}
_FORMATS: Mapping[str, Schema] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    "byte": {"format": BASE64},
    "date-time": {"format": MOMENT},
}
_KEPT = ("type", "additionalProperties")
_POINTER = "#/$defs/"
_STATUS = "@status"
# Kinds of the machinery itself, which nobody stores.
_MACHINERY = frozenset({"DeleteOptions", "WatchEvent", "Status"})


class Definitions:
    """The schemas of one minor version."""

    def __init__(self, minor: Minor) -> None:
        file = Path(folders()[minor], "_definitions.json")
        self._all: dict[str, Schema] = json.loads(file.read_bytes())["$defs"]
        self.kinds: dict[tuple[str, str], str] = dict(self._kinds())
        self.groups = {version.rpartition("/")[0] for version, _ in self.kinds}

    def bundle(self, version: str, kind: str) -> Schema | None:
        """A kind's schema, complete in itself and exact; None for a kind that isn't there."""
        root = self.kinds.get((version, kind))
        return None if root is None else self._bundle(root)

    def metadata(self) -> Schema:
        """The schema of every object's metadata."""
        return self._bundle(f"{_META}apis.meta.v1.ObjectMeta")

    def _bundle(self, root: str) -> Schema:
        tidied: dict[str, Schema] = {}
        waiting = [root]
        while waiting:
            name = waiting.pop()
            if name not in tidied:
                tidied[name] = self._definition(name, waiting)
        return {"$ref": _POINTER + root, "$defs": tidied}

    def _kinds(self) -> Iterator[tuple[tuple[str, str], str]]:
        for name, definition in self._all.items():
            for found in definition.get("x-kubernetes-group-version-kind", ()):
                group, version, kind = found["group"], found["version"], found["kind"]
                if kind not in _MACHINERY and "metadata" in definition.get("properties", ()):
                    yield (f"{group}/{version}" if group else version, kind), name

    def _definition(self, name: str, found: list[str]) -> Schema:
        full = name.removesuffix(_STATUS)
        if full in _PLAIN:
            return _PLAIN[full]
        whole = self._all[full]
        status = _STATUS if name.endswith(_STATUS) else ""
        result = _tidy(whole, found, status)
        if status:  # it is the server's own: whatever is there is read, and nothing is missed
            result.pop("required", None)
        else:
            self._settle_null(result, full)
        if "x-kubernetes-group-version-kind" in whole and "status" in result.get("properties", ()):
            own = whole["properties"]["status"]
            result["properties"]["status"] = _tidy(own, found, _STATUS)
        return result

    def _settle_null(self, schema: Schema, name: str) -> None:
        """Null is as good as no such field, and in a list as an item without fields: refused where
        the server asks for the field, or for one of the item's, and taken where it doesn't."""
        required = self._asked(name)
        for key in schema.pop("required", ()):
            field = schema["properties"][key]
            if key not in required and isinstance(field.get("type"), str):
                field["type"] = [field["type"], "null"]
            elif key in required and (target := _target(field)) in _PLAIN:
                field["type"] = [kind for kind in _PLAIN[target]["type"] if kind != "null"]
            elif key in required and target:
                field["type"] = "object"
        if required:
            schema["required"] = required
        for field in schema.get("properties", {}).values():
            items = field.get("items", {})
            if self._asked(_target(items)):
                items["type"] = "object"

    def _asked(self, name: str) -> list[str]:
        """The fields of a definition that the server asks for."""
        return asked(name, self._all[name].get("required", [])) if name else []


@cache
def definitions(minor: Minor) -> Definitions:
    """The schemas of a minor version, read once."""
    return Definitions(minor)


def _tidy(schema: Mapping[str, Any], found: list[str], suffix: str) -> Schema:
    """Without what is there for readers, with exact formats; the definitions that it refers to
    are added to `found`."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.rpartition("/")[2] + suffix
        found.append(name)
        return {"$ref": _POINTER + name}
    result = {key: schema[key] for key in _KEPT if key in schema}
    result.update(_FORMATS.get(schema.get("format", ""), {}))
    if "required" in schema and not suffix:
        result["required"] = schema["required"]
    if "properties" in schema:
        result["properties"] = {
            key: _tidy(value, found, suffix) for key, value in schema["properties"].items()
        }
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = _tidy(schema[key], found, suffix)
    return result


def _target(schema: Schema) -> str:
    """The definition that it refers to; empty for none."""
    return str(schema.get("$ref", "")).removeprefix(_POINTER)
