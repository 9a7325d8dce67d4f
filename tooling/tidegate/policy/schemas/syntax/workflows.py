"""Argo Workflows' templates (workflow/validate)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.words import shown, suggestion

_STARTS = ("entrypoint", "onExit")


def judge_workflow(data: dict[str, Any]) -> Iterator[Flaw]:
    """A Workflow or WorkflowTemplate: it starts with a template that it has."""
    yield from _judge(part(data, "spec"), ("spec",))


def judge_cron_workflow(data: dict[str, Any]) -> Iterator[Flaw]:
    """A CronWorkflow likewise."""
    yield from _judge(part(data, "spec", "workflowSpec"), ("spec", "workflowSpec"))


def _judge(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    names = [text(item.get("name")) for item, _ in items(spec.get("templates"), ())]
    if not names or spec.get("workflowTemplateRef") is not None:
        return
    for key in _STARTS:
        name = text(spec.get(key))
        if name and "{{" not in name and name not in names:
            hint = suggestion(name, names)
            message = f"is {shown(name)}; expected the name of one of its templates{hint}"
            yield Flaw((*path, key), message)
