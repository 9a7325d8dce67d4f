"""Files that are right each by themselves, held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tidegate.domain.app import App, Environment, GateSpec
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import nearest
from tidegate.errors import Problem
from tidegate.repository import layout
from tidegate.repository.yaml import Document


def chain_problems(documents: Mapping[str, Document | None]) -> Iterator[Problem]:
    """Environments that promote from nowhere, from themselves or in a circle."""
    path = ("promotesFrom", "environment")
    previous = {n: d.data["promotesFrom"].get("environment") for n, d in documents.items() if d}
    for name, document in documents.items():
        source = previous.get(name)
        if document is None or source is None:
            continue
        if source not in documents:
            message = f"names the environment '{source}', which does not exist"
            expected = "one of " + ", ".join(sorted(n for n in documents if n != name))
            yield document.problem(path, message, expected, nearest(source, documents))
        elif source == name:
            yield document.problem(path, "promotes from itself", "another environment or an alias")
        else:
            walk = [name]
            while source is not None and source not in walk:
                walk.append(source)
                source = previous.get(source)
            if source == name == min(walk):  # told once, not once a member
                circle = " → ".join([*walk, name])
                yield document.problem(path, f"promotes in a circle: {circle}", "a straight line")


def metric_problems(
    snapshot: Snapshot, apps: Mapping[str, App], environments: Mapping[str, Environment]
) -> Iterator[Problem]:
    """Environments' gates on metrics that an app with an overlay there doesn't have."""
    for environment in environments.values():
        named = [spec for spec in environment.gates if spec.metric]
        for app in apps.values() if named else ():
            if snapshot.is_directory(layout.overlay_folder(environment.name, app.name)):
                yield from unknown_metrics(app, named)


def unknown_metrics(app: App, specs: Iterable[GateSpec]) -> Iterator[Problem]:
    """Gates on metrics that the app doesn't have."""
    names = [metric.name for metric in app.metrics]
    for spec in specs:
        # The number of examples is no measure of quality, and so none of the app's metrics.
        if spec.metric and spec.metric not in names and spec.gate != "sample_size":
            yield spec.where.problem(
                f"{spec.path}.metric",
                f"gate '{spec.gate}' names the metric '{spec.metric}', "
                f"which the app '{app.name}' does not have",
                expected="one of " + ", ".join(names),
                nearest=nearest(spec.metric, names),
            )


def scope_problems(specs: Iterable[GateSpec], environments: Iterable[str]) -> Iterator[Problem]:
    """Gates for environments that don't exist: nobody would notice that they never ask."""
    environments = sorted(environments)
    for spec in specs:
        for name in spec.environments:
            if name not in environments:
                yield spec.where.problem(
                    f"{spec.path}.environments",
                    f"gate '{spec.key}' is for the environment '{name}', which does not exist",
                    expected="one of " + ", ".join(environments),
                    nearest=nearest(name, environments),
                )


def range_problems(specs: Iterable[GateSpec]) -> Iterator[Problem]:
    """Thresholds that nothing can lie between."""
    for spec in specs:
        least, most = spec.settings.get("minimum"), spec.settings.get("maximum")
        if spec.gate == "threshold" and least is not None and most is not None and least > most:
            yield spec.where.problem(
                f"{spec.path}.minimum",
                f"is {least}, above the maximum of {most}: nothing could pass",
            )
