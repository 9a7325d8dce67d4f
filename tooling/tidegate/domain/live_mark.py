"""What the model registry is told of a version that is live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LiveMark:
    """That a version is live as an app in an environment since `at`: by this commit and digest."""

    model: str
    version: str
    app: str
    environment: str
    revision: str
    digest: str
    at: datetime

    @property
    def alias(self) -> str:
        """The registered model's alias that names what runs there."""
        return alias_of(self.app, self.environment)

    @property
    def tag(self) -> str:
        """The version's tag that says since when."""
        return f"tidegate.live.{self.alias}"


def alias_of(app: str, environment: str) -> str:
    """Two apps may share a registered model, so that the environment alone would not do."""
    return f"{app}-{environment}"
