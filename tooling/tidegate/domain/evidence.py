"""What is known about a candidate when it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tidegate.domain.app import App, Delivery, Environment

if TYPE_CHECKING:
    from tidegate.domain.block import Block
    from tidegate.domain.finding import Violation
    from tidegate.domain.hold import Hold
    from tidegate.domain.image import ImageRef
    from tidegate.domain.model import ModelVersion, Run
    from tidegate.domain.pull_request import Review, User
    from tidegate.domain.release import OverlayState, Release
    from tidegate.domain.rendering import Rendering
    from tidegate.domain.scan import Scan
    from tidegate.domain.soak import Soak
    from tidegate.domain.unavailable import Unavailable
    from tidegate.domain.waiver import Waiver


class Need(StrEnum):
    """A kind of evidence that a gate asks for; only what some gate needs is gathered."""

    RUN = "run"
    CHAMPION_RUN = "champion_run"
    SCAN = "scan"
    RENDERING = "rendering"
    POLICY = "policy"
    SOAK = "soak"
    APPROVALS = "approvals"


@dataclass(frozen=True, slots=True)
class PolicyEvidence:
    """What schemas and rules say of the overlay as it is, and as it would be after the
    promotion; what is severe there is already as the environment wants it."""

    before: tuple[Violation, ...]
    after: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model version proposed for an environment, with its image pinned to a digest.

    `warnings` are remarks that don't block, such as a tag that has moved since.
    """

    version: ModelVersion
    image: ImageRef
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approvals:
    """What people say of a pull request whose head is `revision`; `owners` are the keys of the
    app's. `requesters` are those of whoever its commits say has asked for it: where a bot opens
    pull requests, they are the authors."""

    author: User
    revision: str
    reviews: tuple[Review, ...]
    owners: frozenset[str]
    requesters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that gates may look at. None means: no gate asked for it, or, for `champion`
    and `upstream`, that there is none; for `approvals`, that there is no pull request yet.
    `delivery` is how it is to be delivered this time. `waivers` are those for this app,
    environment and version, the expired ones too. Times are UTC."""

    app: App
    environment: Environment
    candidate: Candidate
    champion: Release | None
    upstream: Release | None
    now: datetime
    overlay: OverlayState | None = None
    holds: tuple[Hold, ...] = ()
    blocks: tuple[Block, ...] = ()
    run: Run | Unavailable | None = None
    champion_run: Run | Unavailable | None = None
    scan: Scan | Unavailable | None = None
    rendering: Rendering | Unavailable | None = None
    findings: PolicyEvidence | Unavailable | None = None
    soak: Soak | Unavailable | None = None
    approvals: Approvals | Unavailable | None = None
    delivery: Delivery = Delivery.COMMIT
    waivers: tuple[Waiver, ...] = ()
