"""Tells the pull requests that brought releases how those get on in the clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.domain.app import Delivery, Environment
from tidegate.domain.configuration import Settings
from tidegate.domain.progress import MARKER, OVER, Course, Stage, Step, says_the_same
from tidegate.domain.pull_request import PullRequest, ours
from tidegate.errors import TidegateError
from tidegate.flows.arrival_steps import how_it_ended
from tidegate.flows.deliver import Followed
from tidegate.flows.progress_comment import Write, beginning, note, speaking
from tidegate.ports import Connections, PullRequests
from tidegate.repository.layout import release_file

_Place = tuple[str, str]  # environment and app


class ArrivalComments:
    """One delivery's comments. Only environments whose delivery is by pull request are told; what
    could not be told is in `notes`."""

    def __init__(
        self, settings: Settings, head: str, connections: Connections, write: Write
    ) -> None:
        self._settings, self._head = settings, head
        self._connections, self._write = connections, write
        self._steps: dict[int, dict[_Place, tuple[Step, ...]]] = {}
        self._before: dict[int, tuple[Step, ...]] = {}
        self._said: dict[int, str] = {}
        self._origins: dict[str, PullRequest | None] = {}
        self._found: dict[_Place, PullRequest] = {}

    def begin(self, environment: Environment, apps: Sequence[str]) -> tuple[str, ...]:
        """Says that they are syncing, unless it was told already how that ended; notes."""
        if environment.delivery is not Delivery.PULL_REQUEST:
            return ()
        try:
            self._find(environment.name, apps)
        except TidegateError as error:
            return (note(error),)
        now = self._connections.now()
        steps = {
            (environment.name, app): (Step(Stage.SYNCING, f"{app} to {environment.name}", at=now),)
            for app in apps
        }
        return self._tell(steps, over=False)

    def end(self, environment: str, apps: Sequence[str], done: Followed) -> tuple[str, ...]:
        """Says how it ended; notes."""
        now = self._connections.now()
        return self._tell(
            {(environment, app): how_it_ended(environment, app, done, now) for app in apps}
        )

    def _find(self, environment: str, apps: Sequence[str]) -> None:
        """The merged pull request that brought each app's release."""
        provider = speaking(self._settings, self._connections)
        for app, commit in self._commits(environment, apps).items():
            if commit not in self._origins:
                self._origins[commit] = provider.origin_of(commit)
            there = self._origins[commit]
            # One that took the commit elsewhere has it too, and didn't bring it here.
            if there is None or there.base != self._connections.repository.branch:
                continue
            self._found[environment, app] = there
            if there.number not in self._before:
                merged = Step(Stage.MERGED, at=there.merged, revision=there.merge_revision)
                self._before[there.number] = (*beginning(there, provider), merged)
                self._said[there.number] = self._earlier(there, provider)

    def _commits(self, environment: str, apps: Sequence[str]) -> Mapping[str, str]:
        """The commit on the branch that brought each app's present release."""
        paths = {release_file(environment, app): app for app in apps}
        found: dict[str, str] = {}
        history = self._connections.repository.history(self._head, [*paths], whole=False)
        for commit in history:  # newest first
            for path in commit.blobs.keys() & paths.keys():
                found.setdefault(paths[path], commit.revision)
        return found

    @staticmethod
    def _earlier(there: PullRequest, provider: PullRequests) -> str:
        said = ours(provider.comments(there.number), provider.account(), MARKER)
        return said[0].body.removeprefix(MARKER).strip() if said else ""

    def _tell(
        self, steps: Mapping[_Place, tuple[Step, ...]], *, over: bool = True
    ) -> tuple[str, ...]:
        touched: dict[int, PullRequest] = {}
        for place, said in steps.items():
            there = self._found.get(place)
            if there:
                self._steps.setdefault(there.number, {})[place] = said
                touched[there.number] = there
        notes = []
        for number, there in touched.items():
            later = [step for said in self._steps[number].values() for step in said]
            text = self._write(Course((*self._before[number], *later))).strip()
            known = self._said[number]
            if says_the_same(known, text) or (not over and known.endswith(OVER)):
                continue
            try:
                speaking(self._settings, self._connections).keep_comment(number, MARKER, text)
                self._said[number] = text
            except TidegateError as error:
                notes.append(note(error, there))
        return tuple(notes)
