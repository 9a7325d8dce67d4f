"""Renders overlays with the real kustomize, before and after a promotion."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

from tidegate.adapters.kustomize.binary import identify
from tidegate.adapters.kustomize.command import Command
from tidegate.adapters.kustomize.documents import compare
from tidegate.adapters.kustomize.renderings import Renderings
from tidegate.adapters.kustomize.session import Outcomes, Session, Side
from tidegate.adapters.kustomize.workspace import Workspace
from tidegate.domain.manifest import Broken, Built
from tidegate.domain.unavailable import Unavailable
from tidegate.repository.closure import Closures
from tidegate.repository.edits import lay_over
from tidegate.repository.known import Known, known_key, load_known
from tidegate.repository.objects import Unreadable
from tidegate.repository.rendered import TREE

if TYPE_CHECKING:
    from tidegate.adapters.kustomize.batch import Outcome
    from tidegate.domain.closure import Closure
    from tidegate.domain.rendering import Rendering
    from tidegate.domain.snapshot import Snapshot
    from tidegate.ports import Cache

_BEFORE, _AFTER = "before", "after"
_SHOWN_PROBLEMS = 5


class Kustomize:
    """A Renderer that runs `kustomize`, or else the one inside `kubectl`.

    Overlays that can't influence each other share a process, about 50 of them; a batch that fails
    is taken apart until each overlay has its own rendering or its own error.
    """

    def __init__(
        self,
        *,
        timeout: float = 60,
        jobs: int | None = None,
        path: str | None = None,
        env: Mapping[str, str] | None = None,
        memory: int = 4 * 1024**3,
        share: bool = True,
        cache: Cache,
        place: str = "",
    ) -> None:
        """`timeout` in seconds and `memory` in bytes are for each process; `jobs` of them run at
        once, as many as there are cores by default. `path` replaces PATH; `env` is added to the
        few variables that the renderer gets. `share=False` renders each overlay by itself. `cache`
        keeps renderings, and under the name of the `place` what was parsed there."""
        self._timeout = timeout
        self._jobs = jobs or os.cpu_count() or 1
        self._path = path
        self._env = dict(env or {})
        self._memory = memory
        self._share = share
        self._cache = cache
        self._place = place

    def render(
        self, snapshot: Snapshot, edits: Mapping[str, bytes], overlays: Sequence[str]
    ) -> Mapping[str, Rendering | Unavailable]:
        """Each overlay before and after the edits, in full; see `ports.Renderer`.

        Raises ToolMissing where neither binary is there."""
        wanted = list(dict.fromkeys(overlays))
        if not wanted:
            return {}
        edited = lay_over(snapshot, edits)
        known = self._recall()
        closures = [Closures(side, known).find(wanted) for side in (snapshot, edited)]
        self._remember(known)
        before, after = self._side(_BEFORE, snapshot), self._side(_AFTER, edited)
        texts: list[dict[str, Outcome]] = [{}, {}]
        with self._session() as session:
            futures = []
            for side, found, outcomes in zip((before, after), closures, texts, strict=True):
                left = list(_settle(side.kept, found.values(), outcomes))
                futures.append(list(session.start(side, left)))
            for batches, outcomes in zip(futures, texts, strict=True):
                for future in batches:
                    outcomes.update(future.result())
        old, new = texts
        return {
            overlay: _rendering(overlay, old.pop(overlay), new.pop(overlay)) for overlay in wanted
        }

    def build(
        self, snapshot: Snapshot, closures: Iterable[Closure], *, origins: bool = False
    ) -> Iterator[Built | Broken]:
        """Each overlay as it is, batch by batch as they finish; see `ports.Builder`."""
        side = self._side(TREE, snapshot, origins=origins)
        ready: list[Built | Broken] = []

        def left() -> Iterator[Closure]:
            for closure in closures:
                text = None if closure.problems else side.kept.find(closure)
                if closure.problems:
                    ready.append(Broken(closure.overlay, closure.problems))
                elif text is not None:
                    ready.append(Built(closure.overlay, text))
                else:
                    yield closure

        source = left()
        first = next(source, None)
        if first is None:
            yield from ready
            return
        with self._session(beside=True) as session:
            running: set[Future[Outcomes]] = set()
            for future in session.start(side, chain([first], source)):
                running.add(future)
                done = {future for future in running if future.done()}
                running -= done
                yield from _all_built(snapshot, done)
            yield from ready
            yield from _all_built(snapshot, as_completed(running))

    @contextmanager
    def _session(self, *, beside: bool = False) -> Iterator[Session]:
        with Workspace(beside=beside) as workspace:
            command = self._command(workspace)
            with Session(workspace, command, jobs=self._jobs, share=self._share) as session:
                yield session

    def _side(self, variant: str, snapshot: Snapshot, *, origins: bool = False) -> Side:
        kept = Renderings(self._cache, identify(self._path), snapshot, origins=origins)
        return Side(variant, snapshot, kept, origins)

    def _recall(self) -> Known:
        return load_known(self._cache.get(known_key(self._place)))

    def _remember(self, known: Known) -> None:
        if known.grown:
            self._cache.put(known_key(self._place), known.dump())

    def _command(self, workspace: Workspace) -> Command:
        return Command.find(
            workspace.root,
            timeout=self._timeout,
            path=self._path,
            env=self._env,
            memory=self._memory,
        )


def _settle(
    kept: Renderings, closures: Iterable[Closure], outcomes: dict[str, Outcome]
) -> Iterator[Closure]:
    """Fills in what needs no rendering, and gives the rest."""
    for closure in closures:
        text = None if closure.problems else kept.find(closure)
        if closure.problems:
            outcomes[closure.overlay] = Unavailable(_refusal(closure))
        elif text is not None:
            outcomes[closure.overlay] = text
        else:
            yield closure


def _all_built(snapshot: Snapshot, futures: Iterable[Future[Outcomes]]) -> Iterator[Built | Broken]:
    for future in futures:
        for overlay, outcome in future.result().items():
            yield _built(snapshot, overlay, outcome)


def _built(snapshot: Snapshot, overlay: str, outcome: Outcome) -> Built | Broken:
    if isinstance(outcome, str):
        return Built(overlay, outcome)
    # Most overlays are sound, and who looks for the place of a fault needs much.
    from tidegate.repository.faults import locate_fault

    return Broken(overlay, (locate_fault(snapshot, overlay, outcome.reason),))


def _rendering(overlay: str, before: Outcome, after: Outcome) -> Rendering | Unavailable:
    texts: list[str] = []
    for when, outcome in (("", before), (" after the promotion", after)):
        if isinstance(outcome, Unavailable):
            return Unavailable(f"{overlay} can't be rendered{when}: {outcome.reason}")
        texts.append(outcome)
    try:
        return compare(*texts)
    except Unreadable as error:
        return Unavailable(f"the rendering of {overlay} can't be read: {error}")


def _refusal(closure: Closure) -> str:
    shown = [str(problem) for problem in closure.problems[:_SHOWN_PROBLEMS]]
    rest = len(closure.problems) - len(shown)
    return "; ".join(shown) + (f"; and {rest} more" if rest else "")
