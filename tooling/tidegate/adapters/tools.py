"""The binaries and packages that are installed here, and their versions."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata

from tidegate.adapters.process import find, run
from tidegate.domain.diagnosis import Finding, Health
from tidegate.domain.text import one_line
from tidegate.errors import TidegateError, ToolFailed

_TIMEOUT = 20.0
_OLDEST_GIT = (2, 32)
_GIT_HINT = "install Git 2.32 or newer: https://git-scm.com/downloads"
_TRIVY_HINT = "https://trivy.dev tells how to install Trivy; the gate `scan` needs it"
_KUSTOMIZE_HINT = "install kustomize 5 or kubectl; the gate `render` needs one of them"


def find_tools(environ: Mapping[str, str]) -> list[Finding]:
    """Python, git, the renderer, the scanner with its database, and the registry's client."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    return [
        Finding("python", Health.OK, version),
        _tool("git", [["git", "--version"]], environ, _GIT_HINT, _git),
        _tool(
            "kustomize",
            [["kustomize", "version"], ["kubectl", "version", "--client", "--output=json"]],
            environ,
            _KUSTOMIZE_HINT,
            _kustomize,
        ),
        _tool(
            "trivy",
            [["trivy", "version", "--format", "json"]],
            environ,
            _TRIVY_HINT,
            _trivy,
        ),
        _client(),
    ]


def _tool(
    name: str,
    commands: Sequence[Sequence[str]],
    environ: Mapping[str, str],
    hint: str,
    read: Callable[[str], str],
) -> Finding:
    """The first of the commands whose binary is there."""
    problem = ""
    for command in commands:
        try:
            binary = find([command[0]], hint=hint, path=environ.get("PATH"))
            answer = run([binary, *command[1:]], timeout=_TIMEOUT, env=environ)
            return Finding(name, Health.OK, one_line(read(answer.stdout.decode()), 200))
        except TidegateError as error:
            problem = problem or error.message
        except (ValueError, KeyError, TypeError, AttributeError):
            problem = problem or f"{command[0]} did not tell its version"
    return Finding(name, Health.MISSING, one_line(problem, 200), hint)


def _git(text: str) -> str:
    version = text.strip().removeprefix("git version ")
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and (int(numbers[1]), int(numbers[2])) < _OLDEST_GIT:
        raise ToolFailed(f"{version} is too old")
    return version


def _kustomize(text: str) -> str:
    if text.lstrip().startswith("{"):
        return f"{json.loads(text)['kustomizeVersion']} (inside kubectl)"
    return text.strip()


def _trivy(text: str) -> str:
    answer = json.loads(text)
    database = answer.get("VulnerabilityDB") or {}
    built = str(database.get("UpdatedAt", ""))[:16].replace("T", " ")
    return f"{answer['Version']}, " + (
        f"database of {built}" if built else "no vulnerability database yet"
    )


def _client() -> Finding:
    for package in ("mlflow", "mlflow-skinny"):
        try:
            return Finding("mlflow", Health.OK, f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    hint = "install tidegate[mlflow]"
    return Finding("mlflow", Health.MISSING, "MLflow's client is not installed", hint)
