"""Says on a commit, and below its pull request, what a command came to. What can't be said is a
note, and changes no verdict."""

from __future__ import annotations

from tidegate.domain.pull_request import Status, ours
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import one_line
from tidegate.errors import TidegateError
from tidegate.flows.progress_comment import RESERVE
from tidegate.ports import Connections, PullRequests
from tidegate.repository.configuration import load_configuration


class Speaker:
    """Speaks where the settings of a Snapshot say that pull requests are: that of the base, for a
    change must not choose where the token goes."""

    def __init__(self, base: Snapshot, connections: Connections) -> None:
        self._base, self._connections = base, connections
        self.notes: list[str] = []

    def set_status(self, status: Status) -> None:
        """Says it on the commit."""
        try:
            self._provider.set_status(status)
        except TidegateError as error:
            self._note(f"the status {status.context}", error)

    def comment(self, number: int, marker: str, text: str, *, news: bool) -> None:
        """Keeps the comment under that marker. Without `news` none is made where there is none."""
        try:
            provider = self._provider
            if news or ours(provider.comments(number), provider.account(), marker):
                provider.keep_comment(number, marker, text)
        except TidegateError as error:
            self._note(f"the comment below pull request {number}", error)

    @property
    def _provider(self) -> PullRequests:
        settings = load_configuration(self._base).settings
        return self._connections.pull_requests(settings, reserve=RESERVE)

    def _note(self, what: str, error: TidegateError) -> None:
        self.notes.append(f"{what} could not be written: {one_line(error.message, 300)}")
