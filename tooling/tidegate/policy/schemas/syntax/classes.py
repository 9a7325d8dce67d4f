"""Classes that others name (pkg/apis/networking/validation: ValidateIngressClass,
pkg/apis/node/validation: ValidateRuntimeClass)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    OWNED_RULE,
    is_label,
    is_owned,
)
from tidegate.policy.schemas.syntax.reading import part
from tidegate.policy.schemas.syntax.words import named, needed


def judge_ingress_class(data: dict[str, Any]) -> Iterator[Flaw]:
    """An IngressClass."""
    spec = part(data, "spec")
    yield from needed(spec, "controller", ("spec",), "a controller such as k8s.io/ingress-nginx")
    yield from named(spec, "controller", is_owned, OWNED_RULE, ("spec",))


def judge_runtime_class(data: dict[str, Any]) -> Iterator[Flaw]:
    """A RuntimeClass."""
    if "handler" in data:  # the schema asks for it
        yield from needed(data, "handler", (), "a handler's name")
    yield from named(data, "handler", is_label, LABEL_RULE, ())
