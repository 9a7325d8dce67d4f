"""Which Applications are meant: those of a project, with all of the labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.adapters.argocd.documents import project
from tidegate.adapters.argocd.fields import Fields, inner, words
from tidegate.ports.applications import Labels


@dataclass(frozen=True, slots=True)
class Selection:
    """None and no labels stand for all; a label without a value for any value of it."""

    project: str | None = None
    labels: Labels = field(default_factory=dict)

    @property
    def selector(self) -> str:
        """The labels as Kubernetes writes them."""
        pairs = sorted(self.labels.items())
        return ",".join(key if value is None else f"{key}={value}" for key, value in pairs)

    @property
    def query(self) -> Mapping[str, str | None]:
        """The parameters of Argo CD's API."""
        return {"projects": self.project, "selector": self.selector}

    def holds(self, document: Fields) -> bool:
        """Whether an Application's document is one of them."""
        if self.project is not None and project(document) != self.project:
            return False
        labels = words(inner(document, "metadata"), "labels")
        return all(
            key in labels and value in (None, labels[key]) for key, value in self.labels.items()
        )
