"""What the cluster gets to see, as a part of a pull request's text."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.difference import Change, FieldChange, ObjectChange
from tidegate.domain.story import ClusterStep
from tidegate.domain.text import count, one_line
from tidegate.report import difference as words
from tidegate.report.escape import block, prose

_LISTED = 15
_FIELDS = 60
_FIRST = ("image", "resources", "replicas")


def look_up(app: str, environment: str, step: ClusterStep) -> Iterator[str]:
    """The rendered manifests' difference, folded."""
    if step.unseen:
        yield f"What changes of {app} in {environment} can't be shown: {prose(step.unseen)}\n"
        return
    fields = [(item, field) for item in step.objects for field in item.fields]
    summary = f"{count(len(step.objects), 'object')} of {app}, {step.unchanged} unchanged"
    lines = [f"<details><summary>What changes in the cluster: {summary}</summary>", ""]
    whole = [f"- {prose(words.title(o))}" for o in step.objects[:_LISTED] if not o.fields]
    lines += [*whole, ""] if whole else []
    shown = sorted(fields, key=_weight)[:_FIELDS]
    if shown:
        lines += [block([*_differences(shown)], "diff"), ""]
    if len(fields) > _FIELDS:
        lines += [f"And {len(fields) - _FIELDS} more.", ""]
    yield "\n".join([*lines, "</details>"])


def _differences(fields: list[tuple[ObjectChange, FieldChange]]) -> Iterator[str]:
    """Each object's name once, where its fields follow each other."""
    last = None
    for item, field in fields:
        if item is not last:
            yield f"@@ {one_line(str(item.id), 100)} @@"
        last = item
        yield f"  {field.path}"
        if field.change is not Change.ADDED:
            yield f"- {words.value(field.old)}"
        if field.change is not Change.REMOVED:
            yield f"+ {words.value(field.new)}"


def _weight(pair: tuple[ObjectChange, FieldChange]) -> int:
    """What matters most comes first; all else stays as it was."""
    path = pair[1].path
    found = (index for index, part in enumerate(_FIRST) if part in path)
    return next(found, len(_FIRST))
