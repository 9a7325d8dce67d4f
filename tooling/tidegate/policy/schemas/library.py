"""The API server's schemas by version and kind, as the package kubernetes-validate has them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from tidegate.errors import InputError, ToolMissing

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_FOLDER = re.compile(r"v(1\.\d+)\.\d+-local-strict")
# Their schemas are unions whose halves both take null; ours say the same, and fail in one place.
_UNIONS: Mapping[str, Mapping[str, Any]] = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["string", "integer"]},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["string", "number"]},
}

Kind = tuple[str, str]


class Library:
    """One minor version's kinds; each is compiled when it is first asked for."""

    def __init__(self, version: str) -> None:
        """Raises InputError for a version that the package doesn't carry."""
        refuse_unknown(version)
        self._folder = _folders()[version]
        self._compiled: dict[Kind, Draft202012Validator] = {}

    def __contains__(self, kind: Kind) -> bool:
        return kind in self._names

    def validator(self, kind: Kind) -> Draft202012Validator:
        """The compiled schema of a (apiVersion, kind). Raises KeyError."""
        if kind not in self._compiled:
            from jsonschema_rs import Draft202012Validator

            name = self._names[kind]
            schema = {"$ref": f"#/$defs/{name}", "$defs": self._closure(name)}
            self._compiled[kind] = Draft202012Validator(schema, validate_formats=False)
        return self._compiled[kind]

    def properties(self, definition: str) -> tuple[str, ...]:
        """The fields that a definition knows."""
        found = self._definitions.get(definition, {}).get("properties", {})
        return tuple(found)

    @cached_property
    def _definitions(self) -> dict[str, dict[str, Any]]:
        text = self._folder.joinpath("_definitions.json").read_text("utf-8")
        found: dict[str, dict[str, Any]] = json.loads(text)["$defs"]
        return {**found, **{name: dict(schema) for name, schema in _UNIONS.items()}}

    @cached_property
    def _names(self) -> dict[Kind, str]:
        names: dict[Kind, str] = {}
        for name, schema in self._definitions.items():
            for entry in schema.get("x-kubernetes-group-version-kind", ()):
                group, version = entry.get("group"), entry["version"]
                api = f"{group}/{version}" if group else version
                names.setdefault((api, entry["kind"]), name)
        return names

    def _closure(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        left = [name]
        while left:
            one = left.pop()
            if one not in found:
                found[one] = self._definitions[one]
                left.extend(reference.rpartition("/")[2] for reference in _references(found[one]))
        return found


def refuse_unknown(version: str) -> None:
    """Raises InputError for a version that there are no schemas of."""
    known = known_versions()
    if version not in known:
        span = f"{known[0]} to {known[-1]}"
        raise InputError(f"there are no schemas of Kubernetes {version}", hint=f"known: {span}")


def known_versions() -> tuple[str, ...]:
    """The minor versions that there are schemas of, oldest first. Raises ToolMissing where the
    package isn't installed."""
    return tuple(sorted(_folders(), key=lambda version: int(version.partition(".")[2])))


@cache
def library(version: str) -> Library:
    """The Library of a version, made once."""
    return Library(version)


@cache
def _folders() -> Mapping[str, Traversable]:
    try:
        package = files("kubernetes_validate")
    except ModuleNotFoundError:
        raise ToolMissing(
            "the Python package kubernetes-validate is not installed",
            hint="pip install 'tidegate[check]'",
        ) from None
    folders = package.joinpath("kubernetes-json-schema").iterdir()
    matches = ((_FOLDER.fullmatch(folder.name), folder) for folder in folders)
    return {found[1]: folder for found, folder in matches if found}


def _references(schema: Any) -> Iterator[str]:
    left = [schema]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            reference = item.get("$ref")
            if isinstance(reference, str):
                yield reference
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
