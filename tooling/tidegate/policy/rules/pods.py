"""The pods that an overlay describes, whatever kind of object describes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.kinds import TEMPLATE_GROUPS, TEMPLATES
from tidegate.policy.rules.labels import Labels, labels_of
from tidegate.policy.rules.shapes import at, entries, integer, mapping, text

_STEPS: FieldPath = ("spec", "strategy", "canary", "steps")


class Port(NamedTuple):
    """A port that a container says it listens on."""

    name: str
    number: int | None
    protocol: str


@dataclass(frozen=True, eq=False)
class Container:
    """A container and where it is in its object. `kind` is containers, initContainers or
    ephemeralContainers."""

    data: Mapping[str, Any]
    path: FieldPath
    kind: str

    @property
    def name(self) -> str:
        """Its name."""
        return text(self.data.get("name"))

    @property
    def runs_on(self) -> bool:
        """Whether it runs beside the others: an ordinary one, or a sidecar among the init
        containers."""
        if self.kind == "initContainers":
            return self.data.get("restartPolicy") == "Always"
        return self.kind == "containers"

    @property
    def is_readable(self) -> bool:
        """Whether its ports are a list of numbers, if there are any: else nobody knows them."""
        written = isinstance(self.data.get("ports"), list | None)
        return written and all(port.number is not None for port in self.ports)

    @cached_property
    def ports(self) -> tuple[Port, ...]:
        """Its ports."""
        return tuple(
            Port(
                text(item.get("name")),
                integer(item.get("containerPort")),
                text(item.get("protocol")) or "TCP",
            )
            for _, item in entries(self.data, "ports")
        )


@dataclass(frozen=True, eq=False)
class Pods:
    """The pods that one object makes. `path` leads to their template in it, empty for a bare
    Pod; `labels` are the ones that they are born with."""

    owner: Manifest
    path: FieldPath
    labels: Labels
    spec: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The kind of the object that makes them."""
        return self.owner.id.kind

    @property
    def spec_path(self) -> FieldPath:
        """Where their `spec` is."""
        return (*self.path, "spec")

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """All containers, init containers too."""
        return tuple(
            Container(item, (*self.spec_path, kind, index), kind)
            for kind in ("containers", "initContainers", "ephemeralContainers")
            if kind in self.spec
            for index, item in entries(self.spec, kind)
        )

    @cached_property
    def are_readable(self) -> bool:
        """Whether there is a list of containers, with their ports: of pods that are written wrongly
        nobody knows what they have."""
        written = self.spec.get("containers")
        return (
            isinstance(written, list)
            and all(isinstance(item, dict) for item in written)
            and all(container.is_readable for container in self.containers)
        )

    @cached_property
    def running(self) -> tuple[Container, ...]:
        """The containers that keep running: no init containers but sidecars."""
        return tuple(container for container in self.containers if container.runs_on)

    @cached_property
    def ports(self) -> tuple[Port, ...]:
        """The ports of all containers that keep running."""
        return tuple(port for container in self.running for port in container.ports)

    @property
    def template_annotations(self) -> Mapping[str, Any]:
        """The annotations that they are born with."""
        return mapping(at(self.owner.data, *map(str, self.path), "metadata", "annotations"))

    @property
    def replicas(self) -> int | None:
        """How many its owner asks for: 1 where it says nothing; None where that is no number."""
        value = at(self.owner.data, "spec", "replicas")
        return 1 if value is None else integer(value)


def template_path(manifest: Manifest) -> tuple[str, ...] | None:
    """Where an object describes its pods; None where it doesn't, or nobody knows."""
    path = TEMPLATES.get(manifest.id.kind)
    return path if path is not None and manifest.id.group in TEMPLATE_GROUPS else None


def find_trials(manifest: Manifest) -> Iterator[Pods]:
    """The pods that the experiments among a Rollout's steps make for a while, beside its own."""
    own = mapping(at(manifest.data, "spec", "template", "spec"))
    for step, item in entries(manifest.data, "spec", "strategy", "canary", "steps"):
        for index, trial in entries(item, "experiment", "templates"):
            path = (*_STEPS, step, "experiment", "templates", index)
            labels = labels_of(mapping(trial.get("metadata")).get("labels"))
            yield Pods(manifest, path, labels, own)


def find_pods(manifest: Manifest) -> Iterator[Pods]:
    """The pods that an object describes, if it does."""
    path = template_path(manifest)
    if path is None:
        return
    template = at(manifest.data, *path)
    spec = at(template, "spec")
    if isinstance(spec, dict):
        labels = labels_of(mapping(at(template, "metadata")).get("labels"))
        yield Pods(manifest, path, labels, spec)
