"""One Application while it is waited for: what was seen of it last, and what it came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tidegate.delivery.live import judge
from tidegate.delivery.settling import Patience, Settling, settle
from tidegate.domain.application import Application, ApplicationName, Pod
from tidegate.domain.live import Bar, Lineage, Live, LiveState, Look, Observation, Standing
from tidegate.domain.sync import Aim, ClusterEnding

# Seconds from the beginning to the first question, and from one to the next.
_FIRST = {Look.REFRESH: 0.0, Look.PODS: 1.0, Look.MANAGED: 0.0, Look.WINDOWS: 3.0}
_AGAIN = {Look.REFRESH: 3.0, Look.PODS: 5.0, Look.MANAGED: 3.0, Look.WINDOWS: 30.0}
_SLOWEST = 30.0
# Argo CD is asked that often for a sign of life, whatever is waited for.
_HEARTBEAT = 60.0
# After so long without an answer or an event, nothing is known any more.
_BLIND = 90.0


class Sight:
    """What is known of one Application. Times are of our own clock, in seconds.

    `asked` is the mark of a sync that was asked for; `ending` is there once it has ended.
    """

    def __init__(self, name: ApplicationName, aim: Aim, began: float, patience: Patience) -> None:
        self.name = name
        self.aim = aim
        self.state = LiveState(Live.WAITING, "Argo CD has not answered yet")
        self.ending: LiveState | None = None
        self.application: Application | None = None
        self.asked: str | None = None
        self.barred: Bar | None = None
        self.tried = self.halved = False
        self.standing = Standing()
        self.pods: tuple[Pod, ...] | None = None
        self._patience = patience
        self._answer: Application | None = None
        self._refreshed: datetime | None = None
        self._settling: Settling | None = None
        self._due = {look: began + seconds for look, seconds in _FIRST.items()}
        self._refreshes = 0
        self._asked_at = self._confirmed = self._seen = float("-inf")
        self._trouble = ""

    def see(self, application: Application, now: float) -> None:
        """An event of the watch: it tells what is newest."""
        self.application, self._seen = application, now

    def see_refreshed(self, answer: Application, asked: float, now: float) -> None:
        """Argo CD has compared it with Git, as it was asked to at `asked`. The watch may not
        have told of that yet."""
        self._confirmed, self._refreshed, self._seen = asked, answer.reconciled, now
        self._answer = answer
        known = self.application.reconciled if self.application else None
        if known is None or (answer.reconciled is not None and answer.reconciled > known):
            self.application = answer

    @property
    def whole(self) -> Application | None:
        """Argo CD's last answer, which has the history that a watch leaves out; None where another
        sync has begun since."""
        answer, now = self._answer, self.application
        if answer is None or now is None or answer.operation is None or now.operation is None:
            return None
        return answer if answer.operation.started == now.operation.started else None

    def fail(self, reason: str) -> None:
        """A question met an error: that says nothing about the Application."""
        self._trouble = reason

    def judge(self, lineage: Lineage, now: float) -> bool:
        """Judges anew; whether that says something else than before. One that was live is looked
        at again: it may have ended, and not be live any more."""
        if self.application is None or (self.ending and self.ending.kind is not Live.LIVE):
            return False
        before, seen = self.state, self._observe(self.application, lineage)
        self._settling = settle(self._settling, judge(seen), seen, now)
        self.state = self._settling.state
        self._forget_request(self.application)
        ending = self._settling.ending(now, self._patience)
        confirmed = ending is not None and (ending.kind is not Live.LIVE or self._is_confirmed())
        self.ending = ending if confirmed else None
        return _told(before) != _told(self.state)

    def wanted(self, now: float) -> list[Look]:
        """What should be asked now."""
        found = [look for look in self.state.wants if self._due[look] <= now]
        if Look.REFRESH in found:
            return found
        late = now - self._asked_at >= _HEARTBEAT
        first = self._refreshed is None and self._due[Look.REFRESH] <= now
        return [*found, Look.REFRESH] if late or first or self._wants_word(now) else found

    def asks(self, look: Look, now: float) -> None:
        """A question is put."""
        pause = _AGAIN[look]
        if look is Look.REFRESH:
            pause = min(pause * 2**self._refreshes, _SLOWEST)
            self._refreshes += 1
            self._asked_at = now
        self._due[look] = now + pause

    def end(self, state: LiveState) -> None:
        """It ends as something else has told."""
        if self.ending is None:
            self.ending = self.state = state

    def time_out(self, now: float, waited: str) -> None:
        """The time is over. What was seen is told from what could not be."""
        if self._refreshed is None or now - self._seen > _BLIND:
            reason = f"nothing could be seen of it: {self._trouble or self.state.reason}"
            self.end(LiveState(Live.UNKNOWN, reason))
        elif self.state.kind is Live.LIVE:
            reason = f"healthy, but not for long enough after {waited}"
            self.end(replace(self.state, kind=Live.TIMED_OUT, reason=reason))
        elif self.state.kind is Live.WAITING:
            reason = f"not live after {waited}: {self.state.reason}"
            self.end(replace(self.state, kind=Live.TIMED_OUT, reason=reason))
        else:
            self.end(self.state)

    def report(self) -> ClusterEnding:
        """How it ended, or how it is."""
        now = self.application
        destination, revision = (now.destination, now.revision) if now else ("", "")
        return ClusterEnding(self.name, destination, revision, self.ending or self.state)

    def _observe(self, application: Application, lineage: Lineage) -> Observation:
        return Observation(
            application,
            self.aim.goal,
            lineage,
            self._refreshed,
            asked=self.asked,
            pods=self.pods,
            standing=self.standing,
            barred=self.barred,
            tried=self.tried,
            halved=self.halved,
        )

    def _forget_request(self, application: Application) -> None:
        """Once the sync that we asked for has ended, later ones count as well."""
        last = application.operation
        ended = last is not None and last.finished is not None and not application.requested
        if ended and last is not None and self.asked in last.info.values():
            self.asked = None

    def _threshold(self) -> float | None:
        """From when on Argo CD has to have been asked once more, before health that we watched
        counts as held: a controller that is down would leave its last good word standing."""
        settling, patience = self._settling, self._patience
        if settling is None or settling.state.kind is not Live.LIVE or patience.healthy <= 0:
            return None
        if not settling.watched and settling.state.proven >= patience.healthy:
            return None
        return settling.since + max(patience.healthy - 1, 0)

    def _is_confirmed(self) -> bool:
        threshold = self._threshold()
        return threshold is None or self._confirmed >= threshold

    def _wants_word(self, now: float) -> bool:
        threshold = self._threshold()
        if threshold is None or now < threshold or self._confirmed >= threshold:
            return False
        return self._asked_at < threshold or self._due[Look.REFRESH] <= now


def _told(state: LiveState) -> tuple[object, ...]:
    return state.kind, state.reason, state.details, state.running
