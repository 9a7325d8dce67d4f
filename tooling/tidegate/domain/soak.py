"""How long a release has been live and well where it ran before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.domain.live import Live


@dataclass(frozen=True, slots=True)
class Soak:
    """What the environment before shows of the release there: `kind` and `reason` say whether it
    is live, `committed` when its commit came, and `healthy` how long, by Argo CD's own clock, the
    health of the cluster where it changed last has stood; None where nobody knows."""

    digest: str
    kind: Live
    reason: str
    committed: datetime
    healthy: timedelta | None
