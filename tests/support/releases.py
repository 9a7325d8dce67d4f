"""A world with a history of releases, and nothing else that answers: no model registry, no image
registry, no scanner. Whoever goes back must need none of them.

from tests.support.releases import Past, past  # noqa: F401

def test_it(past):
    past.ship("shop", "1"); past.ship("shop", "2")
    assert past.tidegate("rollback", "shop", "--env", "prod", "--reason", "slow").code == 0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.gitops import REGISTRY, World, make_world, sample_files
from tests.support.mlflow_server import MlflowStore

from tidegate.domain.image import ImageRef
from tidegate.domain.release import Release
from tidegate.repository.overlay import edit_overlay
from tidegate.repository.release import evidence_digest, format_release

_NOWHERE = """\
apiVersion: tidegate.dev/v1
kind: Settings
modelRegistry: {uri: 'http://127.0.0.1:1', timeout: 1}
scanner: {offline: true}
"""


def digest(version: str) -> str:
    """The digest that a version's image has in these tests."""
    return "sha256:" + f"{int(version):064x}"


def release(app: str, environment: str, version: str, image_digest: str | None = None) -> Release:
    """The record of a version."""
    image = ImageRef(f"{REGISTRY}/shop/{app}", f"v{version}", image_digest or digest(version))
    evidence = {"gates": [{"gate": "order", "status": "passed", "measured": version}]}
    return Release(app, environment, app, version, f"run-{version}", image, evidence)


@dataclass
class Past(World):
    """Releases are put into the remote's branch as a promotion puts them there."""

    def files(
        self, app: str, version: str, environment: str = "prod", image_digest: str | None = None
    ) -> dict[str, bytes]:
        """The overlay and the record with a version in them."""
        made = release(app, environment, version, image_digest)
        folder = f"environments/{environment}/{app}"
        overlay = self.overlay(app, environment)
        return {
            overlay: edit_overlay(
                overlay,
                self.show(overlay).encode() + b"\n",
                made.image.name,
                tag=str(made.image.tag),
                digest=str(made.image.digest),
                version=version,
            ).rstrip(b"\n") + b"\n",
            f"{folder}/release.yaml": format_release(made),
        }  # fmt: skip

    def ship(
        self,
        app: str,
        version: str,
        environment: str = "prod",
        *,
        image_digest: str | None = None,
        message: str | None = None,
    ) -> str:
        """A release's commit; its id."""
        made = release(app, environment, version, image_digest)
        usual = (
            f"promote({environment}): {app} → {version}\n\nTidegate-Promotion: {environment}/{app} "
            f"{app}@{version} {made.image.digest} {evidence_digest(made.evidence)}\n"
        )
        files = self.files(app, version, environment, image_digest)
        return self.push(files, message or usual)

    def overlay(self, app: str, environment: str = "prod") -> str:
        """The overlay's path, whichever of its names it has."""
        folder = f"environments/{environment}/{app}"
        tree = self.git("ls-tree", "--name-only", "main", f"{folder}/", cwd=self.remote)
        return next(path for path in tree.splitlines() if "ustomization" in path)

    def has(self, path: str) -> bool:
        """Whether the remote's branch has a path."""
        return bool(self.git("ls-tree", "main", path, cwd=self.remote))

    def read(self, path: str) -> Any:
        """A YAML file at the remote branch's head."""
        return yaml.safe_load(self.show(path))

    def runs(self, app: str, environment: str = "prod") -> tuple[str, str, str]:
        """The version that the overlay's label, its digest and the record say; they must agree
        on the digest."""
        overlay = self.read(self.overlay(app, environment))
        record = self.read(f"environments/{environment}/{app}/release.yaml")
        (image,) = overlay["images"]
        assert image["digest"] == record["image"]["digest"]
        assert image["newTag"] == record["image"]["tag"]
        label = overlay["labels"][0]["pairs"]["app.kubernetes.io/version"]
        return label, image["digest"], record["model"]["version"]

    def changed(self) -> list[str]:
        """The paths that the last commit changed."""
        names = self.git("diff", "--name-only", "main^", "main", cwd=self.remote)
        return names.splitlines()


def make_past(folder: Path, files: Mapping[str, str]) -> Past:
    """A remote with one commit of these files, and a clone of it."""
    store = MlflowStore("http://127.0.0.1:1", folder / "nothing.db")
    world = make_world(folder, store, files)
    world.push({"tidegate.yaml": _NOWHERE}, "settings")
    return Past(world.folder, world.store, world.environ)


@pytest.fixture
def past(tmp_path: Path) -> Past:
    """Two apps, `shop` and `search`, never released; the registries are out of reach."""
    return make_past(tmp_path, sample_files(["shop", "search"]))
