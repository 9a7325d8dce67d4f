"""A CustomResourceDefinition of every feature, and what an API server refuses of it.

Each slip is (what is laid over the definition, the field that it is told at, a part of what is
said): a dict is merged in, a list is a JSON patch of (path, value) where `...` takes away.
"""

from __future__ import annotations

import copy
from typing import Any

import yaml

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gadgets.tests.tidegate.dev
spec:
  group: tests.tidegate.dev
  scope: Namespaced
  names: {kind: Gadget, listKind: GadgetList, plural: gadgets, singular: gadget, shortNames: [gd]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
      additionalPrinterColumns:
        - {name: Replicas, type: integer, jsonPath: .spec.replicas}
      schema:
        openAPIV3Schema:
          type: object
          description: a gadget
          required: [spec]
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            spec:
              type: object
              required: [size]
              properties:
                replicas: {type: integer, minimum: 0, default: 1}
                size: {type: string, pattern: '^[a-z]+$', maxLength: 20}
                port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                limits:
                  type: object
                  additionalProperties: {type: string}
                tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
                parts:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items:
                    type: object
                    required: [name]
                    properties: {name: {type: string}, weight: {type: integer}}
                anything: {type: object, x-kubernetes-preserve-unknown-fields: true}
                object:
                  type: object
                  x-kubernetes-embedded-resource: true
                  x-kubernetes-preserve-unknown-fields: true
              oneOf: [{required: [tags]}, {required: [parts]}, {not: {required: [tags]}}]
              allOf: [{properties: {replicas: {maximum: 100}}}]
            status: {type: object, properties: {replicas: {type: integer}}}
    - name: v1beta1
      served: true
      storage: false
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""

Path = tuple[str | int, ...]
Slip = tuple[Path, Any, Path, str]

_V: Path = ("spec", "versions", 0)
_ROOT: Path = (*_V, "schema", "openAPIV3Schema")
_SPEC: Path = (*_ROOT, "properties", "spec")
_P: Path = (*_SPEC, "properties")

# (where something is put, what; `...` takes it away, the field that is told, words).
SLIPS: list[Slip] = [
    (("spec", "group"), "tests", ("spec", "group"), "a domain with a dot"),
    (("spec", "group"), "Tests.dev", ("spec", "group"), "lower-case"),
    (("spec", "scope"), "Global", ("spec", "scope"), "'Namespaced' or 'Cluster'"),
    (("spec", "scope"), ..., ("spec", "scope"), "is missing"),
    (("metadata", "name"), "gadget.tests.tidegate.dev", ("metadata", "name"), "gadgets.tests"),
    (("spec", "names", "plural"), "Gadgets", ("spec", "names", "plural"), "lower-case"),
    (("spec", "names", "kind"), "Gad_get", ("spec", "names", "kind"), "letters, digits"),
    (("spec", "names", "listKind"), "Gadget", ("spec", "names", "listKind"), "another name"),
    (("spec", "names", "shortNames"), ["G!"], ("spec", "names", "shortNames", 0), "lower-case"),
    (("spec", "names", "kind"), ..., ("spec", "names", "kind"), "is missing"),
    (("spec", "versions"), [], ("spec", "versions"), "none has storage: true"),
    ((*_V, "storage"), False, ("spec", "versions"), "none has storage: true"),
    (("spec", "versions", 1, "storage"), True, ("spec", "versions"), "2 have storage: true"),
    (("spec", "versions", 1, "name"), "v1", ("spec", "versions", 1, "name"), "again"),
    (("spec", "versions", 1, "name"), "1", ("spec", "versions", 1, "name"), "a letter first"),
    (("spec", "versions", 1, "schema"), ..., ("spec", "versions", 1, "schema"), "is missing"),
    (("spec", "preserveUnknownFields"), True, ("spec", "preserveUnknownFields"), "no longer"),
    (("spec", "conversion"), {"strategy": "Hook"}, ("spec", "conversion", "strategy"), "Webhook"),
    (
        (*_V, "additionalPrinterColumns", 0, "type"),
        "int",
        (*_V, "additionalPrinterColumns", 0, "type"),
        "'integer'",
    ),
    (
        (*_V, "subresources", "scale", "specReplicasPath"),
        ".replicas",
        (*_V, "subresources", "scale", "specReplicasPath"),
        "below .spec",
    ),
    ((*_ROOT, "type"), "string", (*_ROOT, "type"), "object"),
    ((*_ROOT, "type"), ..., (*_ROOT, "type"), "is missing"),
    ((*_ROOT, "nullable"), True, (*_ROOT, "nullable"), "root"),
    ((*_ROOT, "additionalProperties"), True, (*_ROOT, "additionalProperties"), "root"),
    ((*_ROOT, "anyOf"), [{"required": ["spec"]}], (*_ROOT, "anyOf"), "status subresource"),
    (
        (*_ROOT, "properties", "metadata", "properties"),
        {"labels": {"type": "object"}},
        (*_ROOT, "properties", "metadata"),
        "only name and generateName",
    ),
    (
        (*_ROOT, "properties", "kind", "default"),
        "Gadget",
        (*_ROOT, "properties", "kind", "default"),
        "every object has",
    ),
    ((*_P, "size", "type"), ..., (*_P, "size", "type"), "the type of a field"),
    ((*_P, "size", "type"), "text", (*_P, "size", "type"), "'string'"),
    ((*_P, "size", "type"), "null", (*_P, "size", "type"), "nullable: true"),
    ((*_P, "size", "pattern"), "^(?=a)", (*_P, "size", "pattern"), "regular expression"),
    ((*_P, "size", "pattern"), "[a-z", (*_P, "size", "pattern"), "regular expression"),
    ((*_P, "size", "$ref"), "#/definitions/x", (*_P, "size", "$ref"), "complete without"),
    ((*_P, "size", "definitions"), {"x": {}}, (*_P, "size", "definitions"), "complete without"),
    ((*_P, "tags", "items"), ..., (*_P, "tags", "items"), "is missing"),
    ((*_P, "tags", "items", "type"), ..., (*_P, "tags", "items", "type"), "the type of an item"),
    ((*_P, "tags", "uniqueItems"), True, (*_P, "tags", "uniqueItems"), "list-type: set"),
    (
        (*_P, "tags", "items"),
        {"type": "object"},
        (*_P, "tags", "items", "x-kubernetes-map-type"),
        "not atomic",
    ),
    (
        (*_P, "tags", "x-kubernetes-list-type"),
        "bag",
        (*_P, "tags", "x-kubernetes-list-type"),
        "'atomic', 'set', 'map'",
    ),
    (
        (*_P, "size", "x-kubernetes-list-type"),
        "set",
        (*_P, "size", "x-kubernetes-list-type"),
        "type: array",
    ),
    (
        (*_P, "parts", "x-kubernetes-list-map-keys"),
        ...,
        (*_P, "parts", "x-kubernetes-list-map-keys"),
        "is missing",
    ),
    (
        (*_P, "parts", "x-kubernetes-list-map-keys"),
        ["id"],
        (*_P, "parts", "x-kubernetes-list-map-keys", 0),
        "a field of the items",
    ),
    (
        (*_P, "parts", "items", "required"),
        ...,
        (*_P, "parts", "items", "properties", "name"),
        "tells items apart",
    ),
    (
        (*_P, "limits", "properties"),
        {"cpu": {"type": "string"}},
        (*_P, "limits", "additionalProperties"),
        "either the one or the other",
    ),
    (
        (*_P, "anything", "x-kubernetes-preserve-unknown-fields"),
        False,
        (*_P, "anything", "x-kubernetes-preserve-unknown-fields"),
        "is false",
    ),
    ((*_P, "object", "type"), ..., (*_P, "object", "type"), "is not object"),
    ((*_P, "replicas", "default"), "1", (*_P, "replicas", "default"), "a whole number"),
    ((*_P, "replicas", "default"), -1, (*_P, "replicas", "default"), "at least 0"),
    (
        (*_SPEC, "allOf", 0, "properties", "replicas", "type"),
        "integer",
        (*_SPEC, "allOf", 0, "properties", "replicas", "type"),
        "outside of allOf",
    ),
    (
        ("spec", "versions", 1, "schema", "openAPIV3Schema", "allOf"),
        [{"properties": {"other": {"maximum": 3}}}],
        ("spec", "versions", 1, "schema", "openAPIV3Schema", "allOf", 0, "properties", "other"),
        "is missing outside",
    ),
    (
        (*_SPEC, "oneOf", 0, "description"),
        "why",
        (*_SPEC, "oneOf", 0, "description"),
        "outside of allOf",
    ),
]


def definition() -> dict[str, Any]:
    """The definition, to be changed as one likes."""
    data: dict[str, Any] = yaml.safe_load(DEFINITION)
    return data


def slipped(path: Path, value: Any) -> dict[str, Any]:
    """The definition with a value at the path, or without it for `...`."""
    data = definition()
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = copy.deepcopy(value)
    return data
