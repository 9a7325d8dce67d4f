"""50 promoters, 50 apps, one branch: `promote` against shell loops of commit, fetch, rebase, push.

Both sides start from clones of their own at the same moment, with everything decided, and have to
land every change. After a lost race ours also looks whether anything that was judged has changed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.support.gitops import SOURCES, sample_files

from tidegate.adapters.git.command import GitCommand
from tidegate.adapters.git.repository import GitRepository
from tidegate.domain.configuration import Settings
from tidegate.domain.image import ImageLocation, ImageRef
from tidegate.domain.model import ModelVersion, Run, VersionQuery
from tidegate.domain.promotion import Outcome, Request
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import TidegateError
from tidegate.flows.promote import promote
from tidegate.ports import Examiner, Progress, Renderer, Scanner

PROMOTERS = 50
_LIMIT_SECONDS = 300.0

_SHELL = """
cd "$1"
printf '# promoted\\n' >> "environments/dev/$2/kustomization.yaml"
while [ ! -e "$3" ]; do sleep 0.01; done
git commit -qam "promote $2"
until git push -q origin HEAD:main 2>/dev/null; do
  git fetch -q origin main
  git rebase -q FETCH_HEAD
done
"""


class Registries:
    """Answers at once: this benchmark is about Git."""

    def versions(
        self, queries: Sequence[VersionQuery]
    ) -> Mapping[VersionQuery, ModelVersion | TidegateError]:
        """Version 1 of everything."""
        return {
            query: ModelVersion(
                query.model,
                "1",
                None,
                "",
                {"tidegate.image": f"registry.example.com/shop/{query.model}:1"},
            )
            for query in queries
        }

    def runs(self, run_ids: Sequence[str]) -> Mapping[str, Run | Unavailable]:
        """No gate asks for any."""
        return {}

    def digest(self, image: ImageRef) -> str:
        """The same for every image."""
        return "sha256:" + "1" * 64

    def has(self, image: ImageRef) -> bool:
        """All are there."""
        return True

    def location(self, image: ImageRef) -> ImageLocation:
        """Nobody looks."""
        return ImageLocation(image)


@dataclass
class Connections:
    """A real Git repository, and registries that answer at once."""

    repository: GitRepository
    ends: float

    def models(self, settings: Settings) -> Registries:
        """The registry of models."""
        return Registries()

    def images(self, settings: Settings) -> Registries:
        """The registry of images."""
        return Registries()

    def mirrors(self, settings: Settings) -> Mapping[str, bool]:
        """None."""
        return {}

    def scanner(self, settings: Settings) -> Scanner:
        """Never asked."""
        raise LookupError

    def renderer(self) -> Renderer:
        """Never asked."""
        raise LookupError

    def examiner(self, settings: Settings) -> Examiner:
        """Never asked."""
        raise LookupError

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Lets that much time pass."""
        time.sleep(seconds)

    def remaining(self) -> float:
        """The seconds that are left."""
        return self.ends - time.monotonic()


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    answer = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return answer.stdout.strip()


@contextmanager
def world(promoters: int):
    """A bare remote with one app a promoter, and a clone a promoter."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        folder = Path(name)
        apps = [f"app-{number:02}" for number in range(promoters)]
        gates = dict.fromkeys(SOURCES, "  []\n")
        files = {
            path: text.replace("gates:\n  []", "gates: []")
            for path, text in sample_files(apps, gates).items()
        }
        git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
        git(folder, "clone", "-q", "remote.git", "first")
        for path, text in files.items():
            target = folder / "first" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        git(folder / "first", "add", "-A")
        git(folder / "first", "commit", "-q", "-m", "first")
        git(folder / "first", "push", "-q", "origin", "HEAD:main")
        for app in apps:
            git(folder, "clone", "-q", "remote.git", app)
        yield folder, apps


class Waiting(GitRepository):
    """Waits for the other promoters before it publishes: all have judged the same head."""

    barrier: Barrier

    @contextmanager
    def alone(self, progress: Progress) -> Iterator[bool]:
        """As ever, after the others are ready too."""
        self.barrier.wait(_LIMIT_SECONDS)
        with super().alone(progress) as waited:
            yield waited


def promoter(clone: Path, app: str, locks: Path, barrier: Barrier, pushes: object) -> None:
    """One promoter: judges, waits for the others, then publishes."""
    ends = time.monotonic() + _LIMIT_SECONDS
    git_command = GitCommand(clone, lambda: ends - time.monotonic())
    repository = Waiting(git_command, "origin", "main", locks=locks)
    repository.barrier = barrier
    tries: list[str] = []
    report = promote(Request("dev", (app,)), Connections(repository, ends), tries.append, str)
    assert report.outcome is Outcome.PROMOTED, report
    with pushes.get_lock():  # type: ignore[attr-defined]
        pushes.value += sum(text.startswith("pushing") for text in tries)  # type: ignore[attr-defined]


def ours(promoters: int, *, apart: bool = False) -> tuple[float, int]:
    """Seconds from the start until the last change has landed, and how many pushes it took.
    Promoters `apart` don't share a lock, as if each ran on a machine of its own."""
    context = multiprocessing.get_context("fork")
    with world(promoters) as (folder, apps):
        barrier, pushes = context.Barrier(promoters + 1), context.Value("i", 0)
        processes = [
            context.Process(
                target=promoter,
                args=(
                    folder / app,
                    app,
                    folder / (app if apart else "") / "locks",
                    barrier,
                    pushes,
                ),
            )
            for app in apps
        ]
        for process in processes:
            process.start()
        barrier.wait(_LIMIT_SECONDS)
        started = time.perf_counter()
        for process in processes:
            process.join()
        seconds = time.perf_counter() - started
        check(folder, promoters, all(process.exitcode == 0 for process in processes))
        return seconds, pushes.value


def shell(promoters: int) -> float:
    """The same for shell loops."""
    with world(promoters) as (folder, apps):
        go = folder / "go"
        loops = [
            subprocess.Popen(["sh", "-c", _SHELL, "loop", str(folder / app), app, str(go)])
            for app in apps
        ]
        time.sleep(1)
        started = time.perf_counter()
        go.touch()
        codes = [loop.wait() for loop in loops]
        seconds = time.perf_counter() - started
        check(folder, promoters, not any(codes))
        return seconds


def check(folder: Path, promoters: int, went_well: bool) -> None:
    """Every change is there, once."""
    assert went_well
    assert git(folder / "remote.git", "rev-list", "--count", "main") == str(promoters + 1)
    changed = git(folder / "remote.git", "diff", "--name-only", "main~1", "main")
    assert changed


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promoters", type=int, default=PROMOTERS)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    count = options.promoters
    ratios: dict[str, list[float]] = {"on one machine": [], "without a common lock": []}
    for _ in range(options.runs):
        theirs = shell(count)
        for where, found in ratios.items():
            mine, pushes = ours(count, apart=where != "on one machine")
            found.append(mine / theirs)
            print(
                f"publish: {count} promoters {where}: tidegate {mine:.1f} s, "
                f"{pushes / count:.1f} pushes each; shell loops {theirs:.1f} s; "
                f"ratio {mine / theirs:.2f}"
            )
    for where, found in ratios.items():
        median = statistics.median(found)
        print(f"publish: {where}: median ratio {median:.2f} (at most 0.50 wanted)")


if __name__ == "__main__":
    main()
