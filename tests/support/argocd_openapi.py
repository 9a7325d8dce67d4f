"""Argo CD's OpenAPI document, to hold the fake's questions and answers to."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

ROOT = Path(__file__).parents[2]
NAME = "argocd-v3.5.1.json"
VARIABLE = "TIDEGATE_ARGOCD_OPENAPI"
MISSING = f"no OpenAPI document of Argo CD: name it in {VARIABLE}"


def document_path() -> Path | None:
    """The file that the variable names, or that lies beside the repository in `shared/openapi`."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    places = [folder / "shared" / "openapi" / NAME for folder in ROOT.parents]
    return next((place for place in places if place.is_file()), None)


@cache
def _document() -> Mapping[str, Any] | None:
    path = document_path()
    if path is None:
        return None
    document = json.loads(path.read_text("utf-8"))
    for definition in document["definitions"].values():
        _allow_null(definition)
    return document


def _allow_null(schema: dict[str, Any]) -> None:
    """Go writes null for an empty list or object, which Swagger 2 can't say."""
    for name in ("properties",):
        for inner in schema.get(name, {}).values():
            _allow_null(inner)
    if schema.get("type") in ("array", "object"):
        schema["type"] = [schema["type"], "null"]
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            _allow_null(schema[name])


@cache
def _paths() -> list[tuple[re.Pattern[str], str, str]]:
    document = _document() or {"paths": {}}
    found = []
    for path, methods in document["paths"].items():
        pattern = re.sub(r"\\\{subresource\\\}", ".+", re.escape(path))
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern)
        found += [(re.compile(pattern), path, method.upper()) for method in methods]
    return found


@cache
def _validator(method: str, path: str, where: str) -> jsonschema.Draft4Validator | None:
    document = _document() or {}
    operation = document["paths"][path][method.lower()]
    if where == "answer":
        schema = operation["responses"]["200"].get("schema")
    elif where == "failure":
        schema = operation["responses"]["default"].get("schema")
    else:
        body = next((p for p in operation.get("parameters", ()) if p["in"] == "body"), None)
        schema = body and body["schema"]
    if schema is None:
        return None
    return jsonschema.Draft4Validator({**schema, "definitions": document["definitions"]})


def violations(method: str, path: str, where: str, body: Any) -> list[str]:
    """What the document says against a request's body, an answer or a frame of a stream (`answer`),
    or an error (`failure`); nothing where there is no document."""
    if _document() is None:
        return []
    for pattern, known, verb in _paths():
        if verb == method and pattern.fullmatch(path):
            validator = _validator(verb, known, where)
            if validator is None:
                return []
            errors = validator.iter_errors(body)
            return [f"{method} {path} {where}: {e.json_path}: {e.message[:200]}" for e in errors]
    return [f"{method} {path}: there is no such call"]


def unknown_parameters(method: str, path: str, names: set[str]) -> list[str]:
    """The parameters of a query that the document doesn't know; `fields` it leaves out itself."""
    document = _document()
    if document is None:
        return []
    for pattern, known, verb in _paths():
        if verb == method and pattern.fullmatch(path):
            parameters = document["paths"][known][verb.lower()].get("parameters", ())
            allowed = {p["name"] for p in parameters if p["in"] == "query"} | {"fields"}
            return sorted(names - allowed)
    return []
