"""Reading a metric out of evidence, and numbers as people write them."""

from __future__ import annotations

import math
from decimal import Decimal

from tidegate.domain.app import App
from tidegate.domain.model import Run
from tidegate.domain.unavailable import Unavailable


def measured(run: Run | Unavailable | None, metric: str) -> float | Unavailable:
    """A run's finite value for a metric, or why there is none."""
    if run is None:
        return Unavailable("the model version has no run")
    if isinstance(run, Unavailable):
        return run
    value = run.metrics.get(metric)
    if value is None:
        logged = ", ".join(sorted(run.metrics)[:8]) or "none"
        return Unavailable(f"run {run.run_id} logged no metric '{metric}' (it has: {logged})")
    if not math.isfinite(value):
        return Unavailable(f"run {run.run_id} logged {metric} = {value}, which is no number")
    return value


def exact(value: float) -> Decimal:
    """The decimal that people see: 0.85 is no worse than 0.80 + 0.05, whatever binary says."""
    return Decimal(repr(float(value)))


def number(value: float, beside: float | None = None) -> str:
    """At most six significant digits, without trailing zeros; all of them where it would look
    like another value `beside` it that it isn't."""
    short = f"{float(value):.6g}"
    if beside is not None and value != beside and short == f"{float(beside):.6g}":
        return repr(float(value))
    return short


def with_unit(app: App, metric: str, value: float, beside: float | None = None) -> str:
    """`0.93`, or `12.5 ms` where the app names a unit."""
    known = app.metric(metric)
    text = number(value, beside)
    return f"{text} {known.unit}" if known and known.unit else text
