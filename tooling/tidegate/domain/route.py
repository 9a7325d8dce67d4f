"""How changes of an environment get to the branch that Argo CD follows."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.app import Delivery, Reviewing
from tidegate.domain.configuration import Settings


@dataclass(frozen=True, slots=True)
class Route:
    """The way that was `chosen` for one change. `usual` is the environment's own, None where its
    file can't be read; `reviewing` and `settings` say how pull requests are opened, and where."""

    usual: Delivery | None
    chosen: Delivery
    reviewing: Reviewing
    settings: Settings

    @property
    def by_pull_request(self) -> bool:
        """Whether somebody has to merge it."""
        return self.chosen is Delivery.PULL_REQUEST

    @property
    def direct(self) -> bool:
        """Whether it goes by commit where pull requests are usual, or may be: the record says
        so."""
        return not self.by_pull_request and self.usual is not Delivery.COMMIT
