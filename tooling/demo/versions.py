"""The demo's model versions: trained, packed into images and registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed

from demo.images import write_image
from demo.model import RECIPES, Trained, train
from demo.registry import Registry
from demo.stage import Stage
from demo.trivy_db import Advisory, write_database

IMAGE = "registry.example.com/ml/digits"
_REPOSITORY = "ml/digits"
_PILLOW, _OLD_PILLOW = "12.0.0", "9.5.0"
_VULNERABLE = 4

# Two real advisories, in the words of a line each.
ADVISORIES = (
    Advisory(
        "CVE-2023-50447",
        "pillow",
        "CRITICAL",
        vulnerable=("<10.2.0",),
        patched=("10.2.0",),
        title="Arbitrary code execution through the environment of ImageMath.eval",
    ),
    Advisory(
        "CVE-2023-4863",
        "pillow",
        "HIGH",
        vulnerable=("<10.0.1",),
        patched=("10.0.1",),
        title="Heap buffer overflow in the bundled libwebp",
    ),
)


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version, with the version of Pillow in its image."""

    number: int
    trained: Trained
    pillow: str


def register_versions(stage: Stage, registry: Registry) -> tuple[Version, ...]:
    """Trains and registers the four versions of the transcript, and as a fifth the fourth's very
    model in an image that was built again on a mended Pillow."""
    registered: list[Version] = []
    models = train(RECIPES)
    runs = [registry.log(trained) for trained in models]
    for trained, run_id in [*zip(models, runs, strict=True), (models[-1], runs[-1])]:
        number = len(registered) + 1
        tag = f"v{number}"
        pillow = _OLD_PILLOW if number == _VULNERABLE else _PILLOW
        _write_image(stage, tag, trained, pillow)
        found = registry.register(run_id, image=f"{IMAGE}:{tag}", dataset=trained.dataset)
        registered.append(Version(found, trained, pillow))
    return tuple(registered)


def write_vulnerabilities(stage: Stage) -> None:
    """Makes Trivy's database, as of now."""
    write_database(stage.trivy, ADVISORIES, datetime.now(UTC))


def _write_image(stage: Stage, tag: str, trained: Trained, pillow: str) -> None:
    packages: Mapping[str, str] = {
        "scikit-learn": installed("scikit-learn"),
        "numpy": installed("numpy"),
        "scipy": installed("scipy"),
        "joblib": installed("joblib"),
        "pillow": pillow,
    }
    layout = stage.images / _REPOSITORY
    layout.mkdir(parents=True, exist_ok=True)
    write_image(layout, tag, packages, {"srv/model.joblib": trained.model})
