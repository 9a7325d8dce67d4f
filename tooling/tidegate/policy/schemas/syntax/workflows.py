"""Argo Workflows' templates (workflow/validate)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.schedule import explain
from tidegate.policy.schemas.syntax.words import one_of
from tidegate.policy.schemas.words import shown, suggestion

# A parameter, or the time zone that older versions had in front.
_LATER = re.compile(r"\{\{|TZ=")
_STARTS = ("entrypoint", "onExit")


def judge_workflow(data: dict[str, Any]) -> Iterator[Flaw]:
    """A Workflow or WorkflowTemplate: it starts with a template that it has."""
    yield from _judge(part(data, "spec"), ("spec",))


def judge_cron_workflow(data: dict[str, Any]) -> Iterator[Flaw]:
    """A CronWorkflow likewise, at times that there are."""
    spec, path = part(data, "spec"), ("spec",)
    listed = spec.get("schedules")
    times: list[tuple[FieldPath, Any]] = [(("schedule",), spec.get("schedule"))]
    for index, time in enumerate(listed if isinstance(listed, list) else ()):
        times.append((("schedules", index), time))
    for where, time in times:
        problem = explain(time) if isinstance(time, str) and not _LATER.search(time) else None
        if problem:
            yield Flaw((*path, *where), f"is {shown(time)}; {problem}")
    yield from one_of(spec, "concurrencyPolicy", ("Allow", "Forbid", "Replace"), path)
    yield from _judge(part(data, "spec", "workflowSpec"), ("spec", "workflowSpec"))


def _judge(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    names = [text(item.get("name")) for item, _ in items(spec.get("templates"), ())]
    if not names or spec.get("workflowTemplateRef") is not None:
        return
    for key in _STARTS:
        name = text(spec.get(key))
        if name and "{{" not in name and name not in names:
            yield _unknown(name, names, (*path, key), "templates")
    for template, where in items(spec.get("templates"), (*path, "templates")):
        tasks = list(items(part(template, "dag").get("tasks"), (*where, "dag", "tasks")))
        others = [text(task.get("name")) for task, _ in tasks]
        for task, place in (*tasks, *_steps(template.get("steps"), (*where, "steps"))):
            name = text(task.get("template"))
            if name and "{{" not in name and name not in names:
                yield _unknown(name, names, (*place, "template"), "templates")
        for task, place in tasks:
            listed = task.get("dependencies")
            for index, name in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(name, str) and name not in others:
                    yield _unknown(name, others, (*place, "dependencies", index), "tasks")


def _steps(groups: Any, path: FieldPath) -> Iterator[tuple[dict[str, Any], FieldPath]]:
    """The steps of a template, which are lists of what runs at once."""
    for index, group in enumerate(groups if isinstance(groups, list) else ()):
        yield from items(group, (*path, index))


def _unknown(name: str, names: list[str], path: FieldPath, what: str) -> Flaw:
    hint = suggestion(name, names)
    return Flaw(path, f"is {shown(name)}; expected the name of one of its {what}{hint}")
