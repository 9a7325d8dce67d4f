"""How long one waits for nothing: `--help` against a bare Python, and a dry run against a script
that only imports MLflow's client and asks it for the same version and run."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.gitops import BINARIES, REGISTRY, make_world, sample_files

from benchmarks.store import make_store
from demo.images import write_image

_GATES = """\
  - {gate: threshold, metric: auc, minimum: 0.5}
  - {gate: champion}
  - {gate: render}
"""
# What the registry's library needs by itself, told to do the same: answer from this file.
_SCRIPT = """
import os, sys
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1], sys.argv[1])
version = client.get_model_version_by_alias("shop", "candidate")
print(client.get_run(version.run_id).data.metrics)
"""


def pairs(
    first: Sequence[str],
    second: Sequence[str],
    runs: int,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> list[tuple[float, float]]:
    """Both commands in turn, in seconds; the first pair warms up and is left out."""

    def measure(command: Sequence[str]) -> float:
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=cwd, env=env)
        return time.perf_counter() - started

    return [(measure(first), measure(second)) for _ in range(runs + 1)][1:]


def help_ratio(runs: int) -> None:
    """`tidegate --help` against `python -c pass`."""
    found = pairs([str(BINARIES / "tidegate"), "--help"], [sys.executable, "-c", "pass"], runs)
    ratio = statistics.median(ours / bare for ours, bare in found)
    print(f"startup: --help takes {ratio:.2f} × a bare python (at most 3 wanted)")


def dry_run(runs: int) -> None:
    """`promote --dry-run` without a scan against MLflow's own import and answers."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        folder = Path(name)
        gates = dict.fromkeys(("dev", "staging", "prod"), _GATES)
        write_image(folder / "images" / "shop" / "shop", "t1", {}, {})
        store = make_store(folder / "mlflow.db", {"shop": f"{REGISTRY}/shop/shop:t1"})
        world = make_world(folder, store, sample_files(["shop"], gates))
        command = [str(BINARIES / "tidegate"), "promote", "shop", "--to", "dev", "--dry-run"]
        script = [sys.executable, "-c", _SCRIPT, store.uri]
        found = pairs(command, script, runs, world.clone, os.environ | world.environ)
        more = statistics.median(ours - theirs for ours, theirs in found)
        ratio = statistics.median(ours / theirs for ours, theirs in found)
        print(
            f"startup: a dry run takes {ratio:.2f} × MLflow's own import and answers, "
            f"{more:+.2f} s (at most +0.50 s wanted)"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args(arguments)
    help_ratio(options.runs)
    dry_run(options.runs)


if __name__ == "__main__":
    main()
