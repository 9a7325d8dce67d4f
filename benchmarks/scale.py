"""1,000 apps in one atomic commit, against rendering each overlay by hand before and after.

Every app has a registered model, a run and four manifests of its own; the gates are threshold,
champion, sample_size, scan and render. The images are the same, so that there is one scan, and
it is cached by a first evaluation of one app. A dry run comes first, and renders everything; the
promotion itself finds the renderings where that one left them.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.gitops import BINARIES, REGISTRY, World, make_world, sample_files

from benchmarks.store import make_store
from demo.images import write_image
from tidegate.adapters.process import find

_BY_HAND = 40
_GATES = """\
  - {gate: threshold, metric: auc, minimum: 0.5}
  - {gate: champion, margin: {relative: 0.01}}
  - {gate: sample_size, minimum: 100}
  - {gate: scan, highest: MEDIUM}
  - {gate: render}
"""
_MORE = """\
apiVersion: v1
kind: Service
metadata: {{name: {app}}}
spec: {{selector: {{app: {app}}}, ports: [{{port: 80, targetPort: 8080}}]}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {app}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {app}}}
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{app: {app}}}}}}}
"""


def make(folder: Path, count: int) -> World:
    """The repository, its registry and its images."""
    apps = [f"app-{number:04}" for number in range(count)]
    files = sample_files(apps, dict.fromkeys(("dev", "staging", "prod"), _GATES))
    for app in apps:
        base = f"apps/{app}/base"
        files[f"{base}/kustomization.yaml"] = "resources: [deployment.yaml, more.yaml]\n"
        files[f"{base}/more.yaml"] = _MORE.format(app=app)
    for app in apps:
        layout = folder / "images" / "shop" / app
        if app == apps[0]:
            write_image(layout, "t1", {"numpy": "2.0.0"}, {})
        else:
            layout.parent.mkdir(parents=True, exist_ok=True)
            layout.symlink_to(folder / "images" / "shop" / apps[0])
    tags = {app: f"{REGISTRY}/shop/{app}:t1" for app in apps}
    return make_world(folder, make_store(folder / "mlflow.db", tags), files)


def promote_all(world: World, *more: str) -> tuple[float, int]:
    """Seconds for the whole command, and its peak memory in MiB."""
    command = [sys.executable, "-m", "tidegate", "promote", "--all", "--to", "dev", *more]
    started = time.perf_counter()
    answer = subprocess.run(
        command,
        check=False,
        cwd=world.clone,
        env=os.environ | world.environ,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - started
    assert answer.returncode == 0, answer.stdout[-2000:] + answer.stderr[-2000:]
    if not more:
        print("  " + answer.stdout.strip().replace("\n", "\n  "))
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def by_hand(world: World, count: int) -> float:
    """Seconds for one `kustomize build` an overlay before and one after, from a sample."""
    path = os.pathsep.join([str(BINARIES), os.environ["PATH"]])
    binary = find(["kustomize", "kubectl"], hint="", path=path)
    verb = "build" if binary.endswith("kustomize") else "kustomize"
    sample = min(count, _BY_HAND)
    started = time.perf_counter()
    for number in range(sample):
        overlay = world.clone / f"environments/dev/app-{number:04}"
        for _ in ("before", "after"):
            subprocess.run([binary, verb, str(overlay)], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - started) / sample * count


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the times, their ratio and the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=1000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        world = make(Path(name), options.apps)
        first = world.tidegate("evaluate", "app-0000", "--to", "dev")
        assert first.code == 0, first.out + first.err
        hand = by_hand(world, options.apps)
        seconds, _ = promote_all(world, "--dry-run")
        again, memory = promote_all(world)
        assert len(world.commits()) == 2
        print(
            f"scale: {options.apps} apps: a dry run that renders everything {seconds:.1f} s; then "
            f"one commit {again:.1f} s ({again / seconds:.2f} of it) and {memory} MiB (at most "
            f"15 s and 500 MB wanted); the renderings alone, one by one: {hand:.0f} s, ratios "
            f"{seconds / hand:.2f} and {again / hand:.2f}"
        )


if __name__ == "__main__":
    main()
