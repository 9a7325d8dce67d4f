"""Renders overlays with the real kustomize, before and after a promotion."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from tidegate.adapters import process
from tidegate.adapters.kustomize.batch import Outcome, render_batch
from tidegate.adapters.kustomize.command import Command
from tidegate.adapters.kustomize.documents import compare
from tidegate.adapters.kustomize.sharing import plan_batches
from tidegate.adapters.kustomize.workspace import Workspace
from tidegate.domain.evidence import Unavailable
from tidegate.domain.manifest import Broken, Built
from tidegate.domain.rendering import Rendering
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import Problem
from tidegate.repository.closure import Closure, Closures
from tidegate.repository.edits import lay_over
from tidegate.repository.kustomization import NAMES
from tidegate.repository.objects import Unreadable
from tidegate.repository.rendered import TREE

__all__ = ["Kustomize"]

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
    ) -> None:
        """`timeout` in seconds and `memory` in bytes are for each process; `jobs` of them run at
        once, as many as there are cores by default. `path` replaces PATH; `env` is added to the
        few variables that the renderer gets. `share=False` renders each overlay by itself."""
        self._timeout = timeout
        self._jobs = jobs or os.cpu_count() or 1
        self._path = path
        self._env = dict(env or {})
        self._memory = memory
        self._share = share

    def render(
        self, snapshot: Snapshot, edits: Mapping[str, bytes], overlays: Sequence[str]
    ) -> Mapping[str, Rendering | Unavailable]:
        """Each overlay before and after the edits, in full; see `ports.Renderer`.

        Raises ToolMissing where neither binary is there."""
        wanted = list(dict.fromkeys(overlays))
        if not wanted:
            return {}
        with Workspace() as workspace:
            command = self._command(workspace)
            edited = lay_over(snapshot, edits)
            found_before = Closures(snapshot)
            found_after = Closures(edited, like=found_before)
            with ThreadPoolExecutor(self._jobs, thread_name_prefix="kustomize") as pool:

                def submit(tree: Path, batch: Sequence[str]) -> Future[Mapping[str, Outcome]]:
                    return pool.submit(render_batch, command, tree, workspace.new_folder, batch)

                try:
                    before = self._start(
                        submit, workspace, _BEFORE, snapshot, found_before.find(wanted)
                    )
                    after = self._start(submit, workspace, _AFTER, edited, found_after.find(wanted))
                    return {
                        overlay: _rendering(overlay, before.pop(overlay), after.pop(overlay))
                        for overlay in wanted
                    }
                except BaseException as error:
                    pool.shutdown(wait=False, cancel_futures=True)
                    if isinstance(error, KeyboardInterrupt):
                        process.end_all()  # or leaving the pool would wait for them
                    raise

    @property
    def fingerprint(self) -> str:
        """The same so long as the renderer is the same. Raises ToolMissing."""
        words = Command.locate(self._path)
        state = Path(words[0]).stat()
        return f"{words[0]} {state.st_size} {state.st_mtime_ns}"

    def build(
        self, snapshot: Snapshot, overlays: Sequence[str]
    ) -> Iterator[tuple[str, Built | Broken]]:
        """Each overlay as it is, batch by batch as they finish; see `ports.Builder`."""
        with Workspace() as workspace:
            command = self._command(workspace)
            tree = workspace.root / TREE
            sound: list[Closure] = []
            for overlay, closure in Closures(snapshot).find(overlays).items():
                reason = workspace.materialise(TREE, snapshot, closure.paths)
                if closure.problems:
                    yield overlay, Broken(overlay, closure.problems)
                elif reason:
                    yield overlay, Broken(overlay, (Problem(overlay, 0, 0, "", reason),))
                else:
                    workspace.ask_for_origins(TREE, overlay)
                    sound.append(closure)
            batches = plan_batches(snapshot, sound, limit=None if self._share else 1)
            pool = ThreadPoolExecutor(self._jobs, thread_name_prefix="kustomize")
            try:
                futures = [
                    pool.submit(
                        render_batch, command, tree, workspace.new_folder, batch, origins=True
                    )
                    for batch in batches
                ]
                for future in as_completed(futures):
                    for overlay, outcome in future.result().items():
                        yield overlay, _built(snapshot, overlay, outcome)
            except BaseException as error:
                pool.shutdown(wait=False, cancel_futures=True)
                if isinstance(error, KeyboardInterrupt):
                    process.end_all()
                raise
            pool.shutdown()

    def _command(self, workspace: Workspace) -> Command:
        return Command.find(
            workspace.root,
            timeout=self._timeout,
            path=self._path,
            env=self._env,
            memory=self._memory,
        )

    def _start(
        self,
        render: Callable[[Path, Sequence[str]], Future[Mapping[str, Outcome]]],
        workspace: Workspace,
        variant: str,
        snapshot: Snapshot,
        closures: Mapping[str, Closure],
    ) -> dict[str, _Pending]:
        pending: dict[str, _Pending] = {}
        sound: list[Closure] = []
        for overlay, closure in closures.items():
            reason = _refusal(closure) or workspace.materialise(variant, snapshot, closure.paths)
            if reason:
                pending[overlay] = Unavailable(reason)
            else:
                sound.append(closure)
        tree = workspace.root / variant
        limit = None if self._share else 1
        for batch in plan_batches(snapshot, sound, limit=limit):
            pending.update(dict.fromkeys(batch, render(tree, batch)))
        return pending


def _built(snapshot: Snapshot, overlay: str, outcome: Outcome) -> Built | Broken:
    if isinstance(outcome, str):
        return Built(overlay, outcome)
    names = (f"{overlay}/{name}" if overlay else name for name in NAMES)
    file = next((name for name in names if name in snapshot), overlay)
    return Broken(overlay, (Problem(file, 1, 1, "", f"can't be rendered: {outcome.reason}"),))


_Pending = Unavailable | Future[Mapping[str, Outcome]]


def _rendering(overlay: str, before: _Pending, after: _Pending) -> Rendering | Unavailable:
    texts: list[str] = []
    for variant, pending in ((_BEFORE, before), (_AFTER, after)):
        outcome = pending if isinstance(pending, Unavailable) else pending.result()[overlay]
        if isinstance(outcome, Unavailable):
            when = "" if variant == _BEFORE else " after the promotion"
            return Unavailable(f"{overlay} can't be rendered{when}: {outcome.reason}")
        texts.append(outcome)
    try:
        return compare(*texts)
    except Unreadable as error:
        return Unavailable(f"the rendering of {overlay} can't be read: {error}")


def _refusal(closure: Closure) -> str | None:
    if not closure.problems:
        return None
    shown = [str(problem) for problem in closure.problems[:_SHOWN_PROBLEMS]]
    rest = len(closure.problems) - len(shown)
    return "; ".join(shown) + (f"; and {rest} more" if rest else "")
