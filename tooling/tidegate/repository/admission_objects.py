"""A policy's or a binding's document → the domain's value, once it fits the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.admission import (
    AdmissionPolicy,
    Binding,
    Named,
    ParameterKind,
    ParameterReference,
    Validation,
)
from tidegate.domain.finding import Severity
from tidegate.domain.text import nearest
from tidegate.errors import Problem
from tidegate.repository.admission_documents import Source
from tidegate.repository.admission_matching import match_resources, selector
from tidegate.repository.yaml import Document, KeyPath

PREFIX = "tidegate.dev/"
ANNOTATIONS = ("why", "fix", "link", "category", "where")


def own_rules(document: Document) -> Iterator[Problem]:
    """What the API server refuses and no schema can say."""
    spec = document.data["spec"]
    if {"Deny", "Warn"} <= set(spec.get("validationActions", ())):
        message = "has Deny and Warn, which would say the same thing twice"
        yield document.problem(("spec", "validationActions"), message, "one of the two")
    reference = spec.get("paramRef", {})
    if "name" in reference and "selector" in reference:
        message = "has both a name and a selector"
        yield document.problem(("spec", "paramRef"), message, "one of the two")
    for index, item in enumerate(spec.get("validations", ())):
        message = item.get("message")
        if message is not None and (not message.strip() or {"\n", "\r"} & set(message.strip())):
            path: KeyPath = ("spec", "validations", index, "message")
            yield document.problem(path, "is no line of text", "one line that isn't blank")
    for key, field in (
        ("variables", "name"),
        ("matchConditions", "name"),
        ("auditAnnotations", "key"),
    ):
        names: set[str] = set()
        for index, item in enumerate(spec.get(key, ())):
            if item[field] in names:
                path = ("spec", key, index, field)
                yield document.problem(path, f"is '{item[field]}', which is there twice")
            names.add(item[field])
    annotations = document.data["metadata"].get("annotations", {})
    for key in annotations:
        short = key.removeprefix(PREFIX)
        if short != key and short not in ANNOTATIONS:
            path = ("metadata", "annotations", key)
            near = nearest(short, ANNOTATIONS)
            expected = "one of " + ", ".join(PREFIX + name for name in ANNOTATIONS)
            full = PREFIX + near if near else None
            yield document.problem(path, "is not a known annotation", expected, full)


def policy_of(document: Document, source: Source) -> AdmissionPolicy:
    data = document.data
    spec, metadata = data["spec"], data["metadata"]
    notes = metadata.get("annotations", {})
    field = notes.get(f"{PREFIX}where", "")
    where: KeyPath = ("metadata", "annotations", f"{PREFIX}where")

    def named(key: str, name: str, field: str) -> tuple[Named, ...]:
        return tuple(
            Named(
                item[name],
                source.expression(document, ("spec", key, index, field), item[field]),
            )
            for index, item in enumerate(spec.get(key, ()))
        )

    def note(key: str) -> str | None:
        return notes.get(PREFIX + key, "").strip() or None

    def validation(index: int, item: dict[str, Any]) -> Validation:
        path: KeyPath = ("spec", "validations", index)
        text = item.get("messageExpression")
        return Validation(
            source.expression(document, (*path, "expression"), item["expression"]),
            item.get("message", "").strip(),
            source.expression(document, (*path, "messageExpression"), text) if text else None,
        )

    parameter = spec.get("paramKind")
    return AdmissionPolicy(
        metadata["name"],
        match_resources(spec["matchConstraints"]),
        named("matchConditions", "name", "expression"),
        named("variables", "name", "expression"),
        tuple(validation(*pair) for pair in enumerate(spec.get("validations", ()))),
        named("auditAnnotations", "key", "valueExpression"),
        ParameterKind(parameter["apiVersion"], parameter["kind"]) if parameter else None,
        spec.get("failurePolicy") == "Ignore",
        note("why"),
        note("fix"),
        note("link"),
        note("category"),
        source.expression(document, where, field) if field.strip() else None,
        document.place(("metadata", "name")),
    )


def binding_of(document: Document) -> Binding:
    spec = document.data["spec"]
    reference = spec.get("paramRef")
    parameter = None
    if reference:
        parameter = ParameterReference(
            reference.get("name"),
            reference.get("namespace"),
            selector(reference["selector"]) if "selector" in reference else None,
            reference["parameterNotFoundAction"] == "Deny",
            document.place(("spec", "paramRef")),
        )
    return Binding(
        document.data["metadata"]["name"],
        spec["policyName"],
        frozenset(Severity(action) for action in spec["validationActions"]),
        match_resources(spec.get("matchResources", {})),
        parameter,
        document.place(("metadata", "name")),
    )
