"""Rendering N overlays before and after a promotion: in batches, against one process for each.

    python -m benchmarks.render [N]

Prints ratios; the seconds beside them hold for one machine on one day.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.kustomize import TOOLS, make_app, make_kustomize, make_snapshot, promote

from tidegate.repository.closure import Closures

SAMPLE = 100


def measure(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(count: int) -> None:
    """Measures and prints."""
    files: dict[str, str] = {}
    for number in range(count):
        files |= make_app(f"app-{number:05d}")
    snapshot = make_snapshot(files)
    overlays = [f"environments/prod/app-{number:05d}" for number in range(count)]
    edits = {path: data for one in overlays for path, data in promote(snapshot, one).items()}
    path = os.environ.get("TIDEGATE_BENCH_PATH", TOOLS)
    tool = shutil.which("kustomize", path=path) or shutil.which("kubectl", path=path)

    found = measure(lambda: Closures(snapshot).find(overlays))
    batched = measure(lambda: make_kustomize(path=path).render(snapshot, edits, overlays))
    sample = overlays[:SAMPLE]
    alone = make_kustomize(path=path, share=False)
    single = measure(lambda: alone.render(snapshot, edits, sample)) / len(sample) * count

    print(f"{count} overlays, before and after, with {Path(tool or 'nothing').name}:")
    print(f"  in batches      1.0 × ({batched:.1f} s, {batched / count * 1000:.1f} ms an overlay)")
    print(f"  one at a time   {single / batched:.1f} × (from a sample of {len(sample)})")
    print(f"  closures alone  {found / batched:.2f} ×")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
