"""Which Applications are meant: those of a project, with all of the labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.adapters.argocd.documents import project
from tidegate.adapters.argocd.fields import Fields, inner, words


@dataclass(frozen=True, slots=True)
class Selection:
    """None and no labels stand for all."""

    project: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def selector(self) -> str:
        """The labels as Kubernetes writes them."""
        return ",".join(f"{key}={value}" for key, value in sorted(self.labels.items()))

    @property
    def query(self) -> Mapping[str, str | None]:
        """The parameters of Argo CD's API."""
        return {"projects": self.project, "selector": self.selector}

    def holds(self, document: Fields) -> bool:
        """Whether an Application's document is one of them."""
        if self.project is not None and project(document) != self.project:
            return False
        labels = words(inner(document, "metadata"), "labels")
        return all(labels.get(key) == value for key, value in self.labels.items())
