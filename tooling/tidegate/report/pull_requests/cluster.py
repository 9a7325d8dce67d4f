"""What the cluster gets to see, as a part of a pull request's text."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.difference import FieldChange, ObjectChange
from tidegate.domain.story import ClusterStep
from tidegate.domain.text import count, one_line
from tidegate.report import difference as words
from tidegate.report.escape import code, prose

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
    lines += ["| object | field | old | new |", "|---|---|---|---|"]
    for item, field in sorted(fields, key=_weight)[:_FIELDS]:
        old, new = words.step(field)
        place = prose(one_line(str(item.id), 100))
        lines.append(f"| {place} | {code(field.path)} | {code(old)} | {code(new)} |")
    if len(fields) > _FIELDS:
        lines.append(f"| | and {len(fields) - _FIELDS} more | | |")
    yield "\n".join([*lines, "", "</details>"])


def _weight(pair: tuple[ObjectChange, FieldChange]) -> int:
    """What matters most comes first; all else stays as it was."""
    path = pair[1].path
    found = (index for index, part in enumerate(_FIRST) if part in path)
    return next(found, len(_FIRST))
