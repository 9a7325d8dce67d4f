"""How an environment is delivered, told by its own file and the settings alone: a mistake
anywhere else stops nobody who has to go back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.domain.app import Delivery, MergeMethod, Reviewing
from tidegate.domain.configuration import Settings
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository import layout
from tidegate.repository.schemas import check
from tidegate.repository.settings import parse_settings
from tidegate.repository.yaml import Document, read


def read_delivery(snapshot: Snapshot, environment: str) -> tuple[Delivery | None, Reviewing]:
    """The way, and how pull requests are opened; None where the file can't be read. Whatever
    isn't plainly `commit` needs a review, and nobody is asked for it where that can't be read."""
    document = _read(snapshot, layout.environment_file(environment))
    if document is None or not isinstance(document.data, Mapping):
        return None, Reviewing()
    plain = document.data.get("delivery", "commit") == "commit"
    delivery = Delivery.COMMIT if plain else Delivery.PULL_REQUEST
    wrong = [p for p in check("environment", document) if p.key.startswith("pullRequests")]
    return delivery, Reviewing() if wrong else reviewing(document.data.get("pullRequests", {}))


def read_settings(snapshot: Snapshot) -> Settings:
    """tidegate.yaml's, or those that hold without one where it can't be read."""
    document = _read(snapshot, layout.SETTINGS)
    if document is None or any(check("settings", document)):
        return Settings()
    return parse_settings(document)


def reviewing(data: Mapping[str, Any]) -> Reviewing:
    """`pullRequests` of an environment.yaml that fits its schema."""
    method = data.get("autoMerge")
    return Reviewing(
        reviewers=tuple(data.get("reviewers", ())),
        labels=tuple(data.get("labels", ())),
        draft=data.get("draft", False),
        auto_merge=MergeMethod(method) if method else None,
        direct=data.get("direct", False),
        statuses=tuple(data.get("statuses", ())),
    )


def _read(snapshot: Snapshot, path: str) -> Document | None:
    if not snapshot.is_file(path):
        return None
    try:
        document, problems = read(path, snapshot.read(path))
    except ConfigurationError:
        return None
    return None if problems else document
