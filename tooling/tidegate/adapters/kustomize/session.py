"""One call's processes, and the folder that they work in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING

from tidegate.adapters import process
from tidegate.adapters.kustomize.batch import Outcome, render_batch
from tidegate.adapters.kustomize.sharing import plan_batches
from tidegate.domain.unavailable import Unavailable

if TYPE_CHECKING:
    from tidegate.adapters.kustomize.command import Command
    from tidegate.adapters.kustomize.renderings import Renderings
    from tidegate.adapters.kustomize.workspace import Workspace
    from tidegate.domain.closure import Closure
    from tidegate.domain.snapshot import Snapshot

Outcomes = Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the Snapshots that overlays are rendered from, in a folder named `variant`."""

    variant: str
    snapshot: Snapshot
    kept: Renderings
    origins: bool = False


class Session:
    """Renders on `jobs` processes at once until it is left; whatever then still runs is ended
    where it is left by an exception."""

    def __init__(self, workspace: Workspace, command: Command, *, jobs: int, share: bool) -> None:
        self._workspace = workspace
        self._command = command
        self._limit = None if share else 1
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="kustomize")
        self._over = Event()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._pool.shutdown()
            return
        self._over.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if isinstance(error, KeyboardInterrupt):
            process.end_all()
            # Soon done now; and what they write after the workspace is removed would stay.
            self._pool.shutdown()

    def start(self, side: Side, closures: Iterable[Closure]) -> Iterator[Future[Outcomes]]:
        """The outcomes of all closures, which must be sound, in batches: each is started as soon
        as it is full."""
        tree = self._workspace.root / side.variant
        by_overlay: dict[str, Closure] = {}
        refused: dict[str, Outcome] = {}

        def written() -> Iterator[Closure]:
            for closure in closures:
                reason = self._workspace.materialise(side.variant, side.snapshot, closure.paths)
                if reason:
                    refused[closure.overlay] = Unavailable(reason)
                    continue
                by_overlay[closure.overlay] = closure
                yield closure

        for batch in plan_batches(side.snapshot, written(), limit=self._limit):
            members = [by_overlay.pop(overlay) for overlay in batch]
            yield self._pool.submit(self._render, tree, side, members)
        if refused:
            done: Future[Outcomes] = Future()
            done.set_result(refused)
            yield done

    def _new_folder(self) -> Path:
        if self._over.is_set():  # a batch that was ended is not taken apart
            raise CancelledError
        return self._workspace.new_folder()

    def _render(self, tree: Path, side: Side, members: list[Closure]) -> Outcomes:
        overlays = [closure.overlay for closure in members]
        command = self._command.allowing(members[0].needs)  # such a one is alone
        found = render_batch(command, tree, self._new_folder, overlays, origins=side.origins)
        for closure in members:
            outcome = found[closure.overlay]
            if isinstance(outcome, str):
                side.kept.keep(closure, outcome)
        return found
