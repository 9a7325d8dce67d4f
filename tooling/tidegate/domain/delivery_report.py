"""How a promotion went on after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.promotion import PromotionReport
from tidegate.domain.rollback import RollbackReport
from tidegate.domain.sync import SyncReport
from tidegate.errors import TidegateError


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """`sync` is how it ended in the cluster, None where nothing was followed there; `rollback`
    how what failed was taken back; `error` what kept either from being done."""

    promotion: PromotionReport
    sync: SyncReport | None = None
    rollback: RollbackReport | None = None
    error: TidegateError | None = None

    @property
    def exit_code(self) -> int:
        """That of the promotion where it isn't 0, of the error, or of what came of it in the
        cluster: what was rolled back has failed all the same."""
        if self.promotion.exit_code:
            return self.promotion.exit_code
        if self.error:
            return self.error.exit_code
        return self.sync.exit_code if self.sync else 0
