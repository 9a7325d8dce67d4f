"""Scans: several images at once against one after the other, and again from the cache."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.trivy import make_machine

from demo.images import write_image
from tidegate.domain.image import ImageLocation, ImageRef


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=8)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        machine = make_machine(Path(name))
        locations = []
        for number in range(options.images):
            tag = f"bench-{number}"
            digest = write_image(machine.layout, tag, {"numpy": f"2.0.{number}"}, {})
            image = ImageRef("registry.example.com/ml/digits", tag, digest)
            locations.append(ImageLocation(image, layout=machine.layout))
        machine.trivy(cache="warm").scan(locations[0])

        def measure(cache: str, workers: int) -> float:
            trivy = machine.trivy(cache=cache)
            started = time.perf_counter()
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(trivy.scan, locations))
            return time.perf_counter() - started

        single, several = measure("one", 1), measure("four", 4)
        cached = measure("four", 4)
        print(
            f"scans: {options.images} images, four at once: {several / single:.2f} × one after "
            f"the other; again, from the cache: {cached / single:.2f} ×"
        )


if __name__ == "__main__":
    main()
