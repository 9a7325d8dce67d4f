"""This repository's own policies, and an engine that asks them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tidegate.adapters.git.worktree import Folder
from tidegate.domain.catalogue import Example
from tidegate.domain.finding import Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.admission.engine import AdmissionEngine
from tidegate.repository.admission import read_admission
from tidegate.repository.examples import read_examples

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "policies" / "admission"
ENVIRONMENTS = ("dev", "staging", "prod")

SNAPSHOT = Folder(ROOT / "policies").snapshot()
ADMISSION = read_admission(SNAPSHOT, "admission")
POLICIES = {policy.name: policy for policy in ADMISSION.policies}
EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    policy.name: read_examples(SNAPSHOT, policy.where.file.rpartition("/")[0])
    for policy in ADMISSION.policies
}


def clone(folder: Path, *names: str) -> Path:
    """A Git work tree, not yet committed, with these folders of this repository."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    for name in names:
        shutil.copytree(ROOT / name, folder / name)
    return folder


def namespace(environment: str, name: str | None = None) -> dict[str, Any]:
    """The Namespace of an app in an environment, as the ApplicationSets make it."""
    labels = {"tidegate.dev/environment": environment}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name or f"catalogue-{environment}", "labels": labels},
    }


def place(data: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """The Namespace that an object is judged in: the one that it names, or the environment's."""
    return namespace(environment, data["metadata"].get("namespace"))


def judge(engine: AdmissionEngine, data: Mapping[str, Any], environment: str) -> list[Violation]:
    """What the policies say of an object."""
    return list(engine.judge(Manifest(identify(data), data), place(data, environment)))


def load(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file."""
    yield from yaml.safe_load_all(path.read_text("utf-8"))
