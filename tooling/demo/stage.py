"""The demo's folder: everything that it makes lies there, and nothing else is touched."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.transcript import DemoFailed
from tidegate.adapters.process import find, run

_MARK = ".tidegate-demo"
_OURS = ("apps", "environments", "policies")
_TIMEOUT_SECONDS = 60
# Whatever the user's shell says about these would reach into the demo, or lead out of it.
_FOREIGN = ("GIT_", "MLFLOW_", "TRIVY_", "TIDEGATE_", "KUSTOMIZE_")

_TOOLS = (
    (("git",), "install Git 2.32 or newer"),
    (("kustomize", "kubectl"), "install kustomize or kubectl; on Linux `make demo` brings kubectl"),
    (("trivy",), "install Trivy; on Linux x86_64 `make demo` brings it"),
    (("tidegate",), "start the demo with `make demo`, which installs it"),
)

_GITCONFIG = """\
[user]
\tname = Tidegate demo
\temail = demo@example.com
[init]
\tdefaultBranch = main
[core]
\tpager = cat
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo's things are."""

    folder: Path

    @property
    def repository(self) -> Path:
        """The clone in which commands run."""
        return self.folder / "repository"

    @property
    def remote(self) -> Path:
        """The bare repository that stands for the Git server."""
        return self.folder / "remote.git"

    @property
    def images(self) -> Path:
        """The mirror of registry.example.com: an OCI layout for each repository."""
        return self.folder / "images"

    @property
    def trivy(self) -> Path:
        """Trivy's cache, which holds its vulnerability database."""
        return self.folder / "trivy"

    @property
    def launcher(self) -> Path:
        """A script that runs tidegate in the repository, with the demo's settings."""
        return self.folder / "tidegate"

    def settings(self) -> dict[str, str]:
        """The environment variables that make a command part of the demo."""
        # Not resolved: a virtual environment's interpreter is a link to the one outside of it.
        binaries = Path(sys.executable).parent
        return {
            "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "GIT_CONFIG_GLOBAL": str(self.folder / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "TRIVY_CACHE_DIR": str(self.trivy),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }

    def environment(self) -> dict[str, str]:
        """The whole environment of a command of the demo."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        return kept | self.settings()


def clear(folder: Path) -> Stage:
    """An empty folder of the demo's own, marked as such.

    A folder from an earlier run is deleted. Raises DemoFailed where something else is there.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 resolve() would follow a link
    if folder.is_symlink():
        raise DemoFailed(f"{folder} is a symbolic link, and the demo doesn't follow it; remove it")
    if folder.exists():
        mark = folder / _MARK
        if not folder.is_dir() or (any(folder.iterdir()) and not mark.is_file()):
            raise DemoFailed(f"{folder} isn't the demo's own; move it away or name another folder")
        # Never follows a link: what a link in it points at stays.
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARK).write_text("Made by `make demo`, which deletes this folder when it starts.\n")
    return Stage(folder)


def check_tools(environment: Mapping[str, str]) -> None:
    """Raises ToolMissing for the first tool that the demo lacks."""
    for names, hint in _TOOLS:
        find(names, hint=hint, path=environment["PATH"])


def publish_repository(stage: Stage, source: Path, *, registry_uri: str) -> None:
    """Makes the remote and its clone, with the sample apps, environments and policies of
    `source` and settings that name the demo's own registries."""
    (stage.folder / "gitconfig").write_text(_GITCONFIG, encoding="utf-8")
    _git(stage, stage.folder, "init", "--quiet", "--bare", str(stage.remote))
    _git(stage, stage.folder, "clone", "--quiet", str(stage.remote), str(stage.repository))
    for name in _OURS:
        # Promotions of whoever uses this repository as a template are no part of the demo.
        skipped = shutil.ignore_patterns("release.yaml", "hold.yaml")
        target = stage.repository / name
        shutil.copytree(source / name, target, symlinks=True, ignore=skipped)
    (stage.repository / "tidegate.yaml").write_text(_settings_file(registry_uri), encoding="utf-8")
    _git(stage, stage.repository, "add", "--all")
    _git(stage, stage.repository, "commit", "--quiet", "-m", "Sample apps, gates and environments")
    _git(stage, stage.repository, "push", "--quiet", "--set-upstream", "origin", "HEAD:main")


def write_launcher(stage: Stage) -> None:
    """Writes the script that runs tidegate as the demo did."""
    exports = [f"export {key}={shlex.quote(value)}" for key, value in stage.settings().items()]
    lines = [
        "#!/bin/sh",
        "# Runs tidegate in the demo's repository, with the demo's settings.",
        "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE MLFLOW_TRACKING_URI",
        *exports,
        f"cd {shlex.quote(str(stage.repository))} || exit",
        'exec tidegate "$@"',
    ]
    stage.launcher.write_text("\n".join(lines) + "\n", encoding="utf-8")
    stage.launcher.chmod(0o755)


def _git(stage: Stage, folder: Path, *arguments: str) -> None:
    command: Sequence[str] = ("git", *arguments)
    run(command, cwd=folder, env=stage.environment(), timeout=_TIMEOUT_SECONDS)


def _settings_file(registry_uri: str) -> str:
    """tidegate.yaml of the demo's remote. A JSON string is a YAML string too."""
    return f"""\
# yaml-language-server: $schema=policies/schemas/settings.json
apiVersion: tidegate.dev/v1
kind: Settings

git:
  remote: origin
  branch: main

modelRegistry:
  uri: {json.dumps(registry_uri)}

# The folder of OCI layouts that stands for the image registry.
images:
  mirrors:
    - registry: registry.example.com
      folder: ../images

# Trivy's database was made on the spot; there is nothing newer to fetch.
scanner:
  offline: true
"""
