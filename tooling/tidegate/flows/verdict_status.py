"""Says on a commit, and below its pull request, what a command came to. What can't be said is a
note, and changes no verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tidegate.domain.pull_request import Status, StatusState, ours
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import one_line
from tidegate.errors import TidegateError
from tidegate.flows.progress_comment import speaking
from tidegate.ports import Connections, PullRequests
from tidegate.repository.configuration import load_configuration

_AT_IT = "not told yet"


class Speaker:
    """Speaks where the settings of a Snapshot say that pull requests are: that of the base, for a
    change must not choose where the token goes."""

    def __init__(self, base: Snapshot, connections: Connections) -> None:
        self._base, self._connections = base, connections
        self.notes: list[str] = []

    @contextmanager
    def pending(self, revision: str, context: str, url: str) -> Iterator[None]:
        """Until the end it isn't told what the command comes to, so that no earlier yes stands for
        it; where an error ends it, that is told. Whatever else ends it leaves it pending."""
        self.set_status(Status(revision, context, StatusState.PENDING, _AT_IT, url))
        try:
            yield
        except TidegateError as error:
            words = one_line(error.message, 140)
            self.set_status(Status(revision, context, StatusState.ERROR, words, url))
            raise

    def set_status(self, status: Status) -> None:
        """Says it on the commit."""
        try:
            self._provider().set_status(status)
        except TidegateError as error:
            self._note(f"the status {status.context}", error)

    def comment(self, number: int, marker: str, text: str, *, news: bool) -> None:
        """Keeps the comment under that marker. Without `news` none is made where there is none."""
        try:
            provider = self._provider()
            below = provider.comments(number)
            if news or ours(below, provider.account(), marker):
                provider.keep_comment(number, marker, text, below)
        except TidegateError as error:
            self._note(f"the comment below pull request {number}", error)

    def _provider(self) -> PullRequests:
        return speaking(load_configuration(self._base).settings, self._connections)

    def _note(self, what: str, error: TidegateError) -> None:
        note = f"{what} could not be written: {one_line(error.message, 300)}"
        if note not in self.notes:
            self.notes.append(note)
