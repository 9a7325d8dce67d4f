"""Values with variables that somebody replaces before an object is applied: Flux, or the plugin of
Argo CD's that asks a vault. Nobody knows them here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, reach
from tidegate.policy.schemas.rules import CUSTOM_RULE, SCHEMA_RULES
from tidegate.policy.schemas.words import field_text, shown

_SWITCH = "kustomize.toolkit.fluxcd.io/substitute"
# `${NAME}`, with whatever Flux's envsubst may be told of it; `$${NAME}` stands for itself.
_VARIABLE = "${", re.compile(r"(?<!\$)\$\{[A-Za-z_][^{}\n]{0,200}\}")
_SECRET = "<path:", re.compile(r"<path:[^<>\n]{1,300}>")


def unknown_values(
    manifests: Iterable[Manifest], found: Iterable[Violation], *, flux: bool
) -> list[Violation]:
    """The violations, but for those of values that hold a variable: each such field has one note
    instead, which says so. `flux` says whether Flux replaces some."""
    objects = {manifest.id: manifest for manifest in manifests}

    def read(violation: Violation) -> Violation:
        manifest = objects.get(violation.object) if violation.object else None
        if manifest is None:
            return violation
        variable = _variable(manifest, violation, _VARIABLE) if flux else None
        if variable and _is_read(manifest):
            return _note(violation, variable, "Flux")
        secret = _variable(manifest, violation, _SECRET)
        return _note(violation, secret, "argocd-vault-plugin") if secret else violation

    return [*dict.fromkeys(map(read, found))]


def _is_read(manifest: Manifest) -> bool:
    """Whether Flux replaces anything in the object: a label or annotation of it says no."""
    marks = (reach(manifest.data, ("metadata", key, _SWITCH)) for key in ("labels", "annotations"))
    return "disabled" not in marks


def _variable(
    manifest: Manifest, violation: Violation, form: tuple[str, re.Pattern[str]]
) -> str | None:
    """The variable on which it depends whether the violation is one."""
    mark, pattern = form
    value = reach(manifest.data, violation.field)
    texts = [value, *map(str, violation.field)]
    if not (isinstance(value, str) and mark in value):
        texts.append(violation.message)  # which shows what it is compared with
    if violation.rule == CUSTOM_RULE:
        texts += _texts(manifest.data)  # it may compare anything in the object
    elif violation.rule not in SCHEMA_RULES:
        texts += _inside(value)  # a rule between objects compares what lies within
    found = (pattern.search(text) for text in texts if isinstance(text, str))
    return next((variable[0] for variable in found if variable), None)


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in _inside(value):
        yield from _texts(inner)


def _note(violation: Violation, variable: str, who: str) -> Violation:
    field = field_text(violation.field) or "the object"
    message = f"{field} has the variable {shown(variable)}, which {who} replaces: not judged"
    return replace(violation, severity=Severity.AUDIT, message=message, fix=None)
