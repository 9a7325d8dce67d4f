"""GitHub's OpenAPI document, to hold the fake's questions and answers to."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

ROOT = Path(__file__).parents[2]
NAME = "github.json"
VARIABLE = "TIDEGATE_GITHUB_OPENAPI"
MISSING = f"no OpenAPI document of GitHub's: name it in {VARIABLE}"

Schema = dict[str, Any]


@cache
def document() -> Schema | None:
    """The file that the variable names, or that lies beside the repository in `shared/openapi`."""
    named = os.environ.get(VARIABLE)
    places = [Path(named)] if named else [f / "shared/openapi" / NAME for f in ROOT.parents]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        return None
    loaded: Schema = json.loads(found.read_text("utf-8"))
    _allow_null(loaded)
    return loaded


def _allow_null(value: Any) -> None:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type more."""
    if isinstance(value, list):
        for item in value:
            _allow_null(item)
    if not isinstance(value, dict):
        return
    for item in value.values():
        _allow_null(item)
    if value.get("nullable") is True and isinstance(value.get("type"), str):
        value["type"] = [value["type"], "null"]
        if "enum" in value:
            value["enum"] = [*value["enum"], None]


def schema(name: str) -> Schema:
    """One of the named schemas."""
    found: Schema = (document() or {})["components"]["schemas"][name]
    return found


def completed(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The object with all that the schema requires besides; as it is where there is no document.
    What the schema doesn't know fails."""
    return fields if document() is None else _completed(schema(name), fields)


def _completed(wanted: Schema, fields: dict[str, Any]) -> dict[str, Any]:
    wanted = _resolved(wanted)
    properties = wanted.get("properties", {})
    unknown = sorted(set(fields) - set(properties))
    assert unknown == [], f"GitHub has no such fields: {unknown}"
    found = {key: _example(properties[key]) for key in wanted.get("required", ())}
    for key, value in fields.items():
        inner = _resolved(properties[key])
        if isinstance(value, dict) and "properties" in inner:
            found[key] = _completed(inner, value)
        elif isinstance(value, list) and "properties" in _resolved(inner.get("items", {})):
            found[key] = [_completed(inner["items"], item) for item in value]
        else:
            found[key] = value
    return found


def _example(wanted: Schema) -> Any:
    """The least that a schema allows."""
    wanted = _resolved(wanted)
    kind = wanted.get("type")
    if isinstance(kind, list) or wanted.get("nullable"):
        return None
    if "enum" in wanted:
        return wanted["enum"][0]
    if kind == "object" or "properties" in wanted:
        return _completed(wanted, {})
    if kind == "array":
        return []
    if kind == "string":
        return {"date-time": "2026-01-01T00:00:00Z", "uri": "https://example.com/"}.get(
            wanted.get("format", ""), "x"
        )
    if kind in ("integer", "number"):
        return 1
    if kind == "boolean":
        return False
    for many in ("oneOf", "anyOf", "allOf"):
        if many in wanted:
            return _example(wanted[many][0])
    return None


def _resolved(wanted: Schema) -> Schema:
    while "$ref" in wanted:
        found: Any = document()
        for part in wanted["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        wanted = found
    return wanted


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    paths = (document() or {"paths": {}})["paths"]
    return [
        (re.compile("/" + re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path.strip("/")))), path)
        for path in paths
    ]


def _operation(method: str, path: str) -> Schema | None:
    for pattern, known in _paths():
        operation = (document() or {})["paths"][known].get(method.lower())
        if pattern.fullmatch(path) and operation:
            return dict(operation)
    return None


def request_violations(method: str, path: str, query: set[str], body: Any) -> list[str]:
    """What the document says against a request; nothing where there is no document."""
    if document() is None:
        return []
    operation = _operation(method, path)
    if operation is None:
        return [f"{method} {path}: there is no such call"]
    parameters = [_resolved(p) for p in operation.get("parameters", ())]
    known = {p["name"] for p in parameters if p["in"] == "query"}
    found = [f"{method} {path}: no parameter {name}" for name in sorted(query - known)]
    content = _resolved(operation.get("requestBody", {})).get("content")
    if body is not None and content is None:
        return [*found, f"{method} {path}: takes no body"]
    if body is not None and content is not None:
        wanted = content["application/json"]["schema"]
        known_keys = _keys(wanted)
        if known_keys:
            found += [f"{method} {path}: no key {k}" for k in sorted({*body} - known_keys)]
        found += _errors(f"{method} {path} request", wanted, body)
    return found


def answer_violations(method: str, path: str, status: int, body: Any) -> list[str]:
    """What the document says against an answer."""
    operation = _operation(method, path) if document() else None
    if operation is None or status in (304, 401, 403, 404, 429):
        return []
    answer = operation["responses"].get(str(status))
    if answer is None:
        return [f"{method} {path}: never answers {status}"]
    content = _resolved(answer).get("content", {}).get("application/json")
    if content is None:
        return []
    body = body[:3] if isinstance(body, list) else body  # the others are made in the same way
    return _errors(f"{method} {path} answer {status}", content["schema"], body)


def _keys(wanted: Schema) -> set[str]:
    wanted = _resolved(wanted)
    many = [*wanted.get("oneOf", ()), *wanted.get("anyOf", ())]
    return {*wanted.get("properties", {}), *(key for one in many for key in _keys(one))}


@cache
def _validator(text: str) -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(
        {**json.loads(text), "components": (document() or {})["components"]}
    )


def _errors(where: str, wanted: Schema, body: Any) -> list[str]:
    validator = _validator(json.dumps(wanted))
    return [f"{where}: {e.json_path}: {e.message[:200]}" for e in validator.iter_errors(body)]
