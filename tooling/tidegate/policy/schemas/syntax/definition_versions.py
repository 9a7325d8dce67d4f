"""The versions of a CustomResourceDefinition
(apiextensions-apiserver/pkg/apis/apiextensions/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.definition_rules import leads_to_a_field
from tidegate.policy.schemas.syntax.grammar import LABEL_1035_RULE, is_label_1035
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.structure import judge_structure
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, one_of, wrong

_COLUMNS = ("integer", "number", "string", "boolean", "date")
_FORMATS = ("int32", "int64", "float", "double", "byte", "date", "date-time", "password")
# Where objects have a status of their own, the root's other limits would be lost for it.
_NOT_BESIDE_STATUS = (
    *("allOf", "anyOf", "oneOf", "not", "enum", "additionalProperties", "default"),
    *("minProperties", "maxProperties", "x-kubernetes-map-type"),
)
_PATHS = {
    "specReplicasPath": (".spec.",),
    "statusReplicasPath": (".status.",),
    "labelSelectorPath": (".spec.", ".status."),
}


def judge_versions(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """All versions of a definition, of which one is stored."""
    seen: set[str] = set()
    stored = 0
    for version, where in items(spec.get("versions"), path):
        name = text(version.get("name"))
        yield from named(version, "name", is_label_1035, LABEL_1035_RULE, where)
        if name in seen:
            yield Flaw((*where, "name"), f"is '{name[:63]}' again; expected each version once")
        seen.add(name)
        stored += version.get("storage") is True
        yield from _judge_version(version, where)
    if isinstance(spec.get("versions"), list) and stored != 1:
        has = "none has" if stored == 0 else f"{stored} have"
        yield Flaw(path, f"{has} storage: true; expected exactly one version that is stored")


def _judge_version(version: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    schema = part(version, "schema").get("openAPIV3Schema")
    where = (*path, "schema", "openAPIV3Schema")
    if schema is None:
        yield Flaw(where, f"{MISSING}; expected the schema of the version's objects")
    if text(version.get("deprecationWarning")) and version.get("deprecated") is not True:
        message = "is set; expected `deprecated: true` beside it"
        yield Flaw((*path, "deprecationWarning"), message)
    columns = version.get("additionalPrinterColumns")
    for column, place in items(columns, (*path, "additionalPrinterColumns")):
        yield from _judge_column(column, place)
    for item, place in items(version.get("selectableFields"), (*path, "selectableFields")):
        field = text(item.get("jsonPath"))
        if field and not leads_to_a_field(field, mapping(schema)):
            yield wrong((*place, "jsonPath"), field, "a field of the schema, as .spec.size")
    yield from _judge_scale(part(version, "subresources", "scale"), path)
    if isinstance(part(version, "subresources").get("status"), dict):
        for key in _NOT_BESIDE_STATUS:
            if key in mapping(schema):
                yield Flaw(
                    (*where, key), "is set at the root of a schema with a status subresource"
                )
    if isinstance(schema, dict):
        yield from judge_structure(schema, where)


def _judge_column(column: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from filled(column, ("name", "type", "jsonPath"), path)
    yield from one_of(column, "type", _COLUMNS, path)
    yield from one_of(column, "format", _FORMATS, path)
    field = text(column.get("jsonPath"))
    if field and not field.startswith("."):
        yield wrong((*path, "jsonPath"), field, "a path with '.' first, as .spec.size")


def _judge_scale(scale: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    where = (*path, "subresources", "scale")
    yield from filled(scale, ("specReplicasPath", "statusReplicasPath"), where)
    for key, roots in _PATHS.items():
        field = text(scale.get(key))
        if field and not field.startswith(roots):
            below = " or ".join(root[:-1] for root in roots)
            yield wrong((*where, key), field, f"a path below {below}")
