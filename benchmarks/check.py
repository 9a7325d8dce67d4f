"""`tidegate check` over N overlays of four objects, cold, warm and after one change, against the
renderer alone in batches, and against what one would use instead (see peers.py).

    python -m benchmarks.check [N]
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.gitops import BINARIES
from tests.support.overlays import make_repository

from benchmarks.peers import Peers

_SAMPLE = 40
_BATCH = 25
_RUNS = 3


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best(work: Callable[[], object]) -> float:
    """The seconds of the quickest of several runs: the one that others disturbed least."""
    return min(timed(work) for _ in range(_RUNS))


class Side:
    """The commands of both sides, in one repository."""

    def __init__(self, root: Path, cache: Path, overlays: Sequence[str]) -> None:
        self.root = root
        self.overlays = overlays
        self.cache = cache
        path = os.pathsep.join([os.environ["PATH"], str(BINARIES)])
        self.environ = os.environ | {"PATH": path, "XDG_CACHE_HOME": str(cache)}
        # An installed package has its bytecode.
        self.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        kustomize = shutil.which("kustomize", path=path)
        self.build = [kustomize, "build"] if kustomize else ["kubectl", "kustomize"]
        self._edits = 0

    def check(self, *words: str) -> int:
        """One check of it; the number of overlays that it looked at."""
        command = [sys.executable, "-m", "tidegate", "check", "--format", "json", *words]
        answer = subprocess.run(
            command, cwd=self.root, env=self.environ, capture_output=True, check=False
        )
        assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
        report = json.loads(answer.stdout)
        assert report["kind"] == "CheckReport"
        return int(report["coverage"]["overlays"])

    def check_cold(self) -> None:
        """A check by somebody who has no cache yet."""
        shutil.rmtree(self.cache, ignore_errors=True)
        assert self.check() == len(self.overlays)

    def edit_one(self) -> None:
        """Another change of one overlay."""
        self._edits += 1
        changed = self.root / self.overlays[len(self.overlays) // 2] / "kustomization.yaml"
        changed.write_text(changed.read_text() + f"# change {self._edits}\n")

    def check_one(self) -> None:
        """A check of what differs from the last commit."""
        assert self.check("--changed-since", "HEAD") == 1

    def batches(self) -> None:
        """The renderings alone: wrappers of 25 overlays, a process for each core at once."""
        with tempfile.TemporaryDirectory(dir=self.root.parent) as name:
            running: list[subprocess.Popen[bytes]] = []
            for start in range(0, len(self.overlays), _BATCH):
                wrapper = Path(name, f"{start}")
                wrapper.mkdir()
                back = os.path.relpath(self.root, wrapper)
                some = self.overlays[start : start + _BATCH]
                lines = [f"- {back}/{overlay}\n" for overlay in some]
                (wrapper / "kustomization.yaml").write_text("resources:\n" + "".join(lines))
                if len(running) == (os.cpu_count() or 1):
                    assert running.pop(0).wait() == 0
                command = [*self.build, str(wrapper)]
                quiet = subprocess.DEVNULL
                running.append(subprocess.Popen(command, env=self.environ, stdout=quiet))
            assert all(process.wait() == 0 for process in running)


def main(count: int) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        folder = Path(name)
        overlays = make_repository(folder / "repository", count)
        side = Side(folder / "repository", folder / "cache", overlays)
        side.check("--app", "app-00000")  # and the bytecode is there
        cold = best(side.check_cold)
        alone = best(side.batches)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        side.check()  # what was written just now is not trusted yet
        warm = best(side.check)
        ones = []
        for _ in range(_RUNS):
            side.edit_one()
            ones.append(timed(side.check_one))
        print(f"check: {count} overlays of four objects, with {Path(str(side.build[0])).name}:")
        print(f"  the renderings alone, in batches  1.0 × ({alone:.1f} s)")
        print(f"  cold                              {cold / alone:.2f} × ({cold:.1f} s)")
        print(f"  warm, nothing changed             {warm:.2f} s ({warm / cold:.2f} × cold)")
        print(f"  --changed-since, one changed      {min(ones):.2f} s ({min(ones) / cold:.2f} ×)")
        print(f"  the largest process               {memory} MiB")
        _compare(side, folder, cold / count)


def _compare(side: Side, folder: Path, ours: float) -> None:
    peers = Peers(folder / "schemas", side.environ)
    if peers.reason:
        print(f"  not compared: {peers.reason}")
        return
    sample = side.overlays[:_SAMPLE]
    each = timed(lambda: peers.each(side.root, sample)) / len(sample)
    loop = timed(lambda: peers.together(side.root, sample, folder / "built")) / len(sample)
    print(f"  kustomize, kubeconform for each   {each / ours:.1f} × cold, {peers.words}")
    print(f"  the same, one call of each check  {loop / ours:.1f} × cold, {peers.words}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
