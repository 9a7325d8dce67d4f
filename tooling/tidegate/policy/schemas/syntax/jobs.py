"""Jobs and cron jobs (pkg/apis/batch/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.failures import judge_failures
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    OWNED_RULE,
    is_label,
    is_owned,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.pods import judge_template
from tidegate.policy.schemas.syntax.reading import mapping, number, part, text
from tidegate.policy.schemas.syntax.schedule import judge_schedule
from tidegate.policy.schemas.syntax.selectors import judge_selector, selects
from tidegate.policy.schemas.syntax.words import MISSING, at_least, named, one_of, wrong
from tidegate.policy.schemas.versions import Minor

_ENDING = ("OnFailure", "Never")
_SPEC: FieldPath = ("spec",)
_COUNTS = (
    *("parallelism", "completions", "backoffLimit", "activeDeadlineSeconds"),
    *("ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"),
)
_MOST_INDEXED = 100_000
_LIMITS = ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
_MODES = ("NonIndexed", "Indexed")
_MANAGED = (1, 32)  # before, the server drops the field, unless it is told not to
_CONCURRENCY = ("Allow", "Forbid", "Replace")


def judge_job(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A Job."""
    spec = part(data, "spec")
    yield from _judge(spec, _SPEC, minor)
    if spec.get("completionMode") == "Indexed":
        name, last = text(part(data, "metadata").get("name")), number(spec.get("completions"))
        if last is not None and is_subdomain(name) and not is_label(f"{name}-{last - 1}"):
            expected = f"a label together with each index, as {name}-{last - 1}: {LABEL_RULE}"
            yield wrong(("metadata", "name"), name, expected)
    selector = spec.get("selector")
    if spec.get("manualSelector") is True and selector is None:
        yield Flaw((*_SPEC, "selector"), f"{MISSING}; expected labels where manualSelector is true")
    elif isinstance(selector, dict) and spec.get("manualSelector") is True:
        yield from judge_selector(selector, (*_SPEC, "selector"))
        labels = part(spec, "template", "metadata").get("labels")
        if not selects(selector, labels):
            path = (*_SPEC, "template", "metadata", "labels")
            yield Flaw(path, "don't match spec.selector; expected every label that it selects by")


def judge_cron_job(spec: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A CronJob."""
    yield from judge_schedule(spec, _SPEC)
    yield from one_of(spec, "concurrencyPolicy", _CONCURRENCY, _SPEC)
    for key in _LIMITS:
        yield from at_least(spec, key, 0, _SPEC)
    job, path = part(spec, "jobTemplate", "spec"), (*_SPEC, "jobTemplate", "spec")
    yield from _judge(job, path, minor)
    if job.get("manualSelector") is True:
        yield Flaw((*path, "manualSelector"), "is true; expected none, for every run needs its own")


def _judge(spec: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    for key in _COUNTS:
        yield from at_least(spec, key, 0, path)
    if spec.get("selector") not in (None, {}) and spec.get("manualSelector") is not True:
        message = "is set; expected none, for the server makes one (manualSelector: true)"
        yield Flaw((*path, "selector"), message)
    yield from one_of(spec, "completionMode", _MODES, path)
    if spec.get("completionMode") == "Indexed":
        # A Job with neither of the two has 1 of both; one that is made later is taken as it is.
        defaulted = path == _SPEC and spec.get("parallelism") is None
        if spec.get("completions") is None and not defaulted:
            message = f"{MISSING}; expected a number where jobs are Indexed"
            yield Flaw((*path, "completions"), message)
        yield from at_least(spec, "parallelism", 0, path, _MOST_INDEXED)
    yield from judge_failures(spec, path, minor)
    if minor >= _MANAGED:
        yield from named(spec, "managedBy", is_owned, OWNED_RULE, path)
    template = mapping(spec.get("template"))
    yield from judge_template(template, (*path, "template"), minor, _ENDING)
