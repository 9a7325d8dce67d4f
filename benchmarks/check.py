"""`tidegate check` over N overlays of four objects, cold and warm, against the renderer alone: in
batches, and one build for each overlay. No other validator runs beside it yet: the schemas that we
have refer to each other by addresses, which one without a network can't follow.

    python -m benchmarks.check [N]
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.gitops import BINARIES
from tests.support.overlays import make_repository

_SAMPLE = 40
_BATCH = 25


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Side:
    """The commands of both sides, in one repository."""

    def __init__(self, root: Path, cache: Path, overlays: Sequence[str]) -> None:
        self.root = root
        self.overlays = overlays
        path = os.pathsep.join([os.environ["PATH"], str(BINARIES)])
        self.environ = os.environ | {"PATH": path, "XDG_CACHE_HOME": str(cache)}
        kustomize = shutil.which("kustomize", path=path)
        self.build = [kustomize, "build"] if kustomize else ["kubectl", "kustomize"]

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

    def batches(self, folder: Path) -> None:
        """The renderings alone: wrappers of 25 overlays, two processes at once."""
        running: list[subprocess.Popen[bytes]] = []
        for start in range(0, len(self.overlays), _BATCH):
            wrapper = folder / f"{start}"
            wrapper.mkdir()
            back = os.path.relpath(self.root, wrapper)
            lines = [f"- {back}/{overlay}\n" for overlay in self.overlays[start : start + _BATCH]]
            (wrapper / "kustomization.yaml").write_text("resources:\n" + "".join(lines))
            if len(running) == (os.cpu_count() or 1):
                assert running.pop(0).wait() == 0
            command = [*self.build, str(wrapper)]
            running.append(subprocess.Popen(command, env=self.environ, stdout=subprocess.DEVNULL))
        assert all(process.wait() == 0 for process in running)

    def one_by_one(self, overlays: Sequence[str]) -> None:
        """A build for each of them, in turn."""
        for overlay in overlays:
            command = [*self.build, str(self.root / overlay)]
            subprocess.run(command, env=self.environ, stdout=subprocess.DEVNULL, check=True)


def main(count: int) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        folder = Path(name)
        overlays = make_repository(folder / "repository", count)
        side = Side(folder / "repository", folder / "cache", overlays)
        (folder / "wrappers").mkdir()
        alone = timed(lambda: side.batches(folder / "wrappers"))
        cold = timed(side.check)
        warm = timed(side.check)
        changed = folder / "repository" / overlays[count // 2] / "kustomization.yaml"
        changed.write_text(changed.read_text() + "# changed\n")
        one = timed(lambda: side.check("--changed-since", "HEAD"))
        print(f"{count} overlays of four objects, with {Path(str(side.build[0])).name}:")
        print(f"  the renderings alone, in batches  1.0 × ({alone:.1f} s)")
        print(f"  check, cold                       {cold / alone:.2f} × ({cold:.1f} s)")
        print(f"  check, warm                       {warm:.2f} s")
        print(f"  check --changed-since, one        {one:.2f} s")
        sample = overlays[:_SAMPLE]
        each = timed(lambda: side.one_by_one(sample)) / len(sample) * count
        print(f"  one build for each overlay        {each / cold:.1f} × check ({each:.1f} s)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
