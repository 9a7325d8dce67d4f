"""Where servers are, as the repository's settings and the environment say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tidegate.domain.configuration import Settings
from tidegate.domain.control_plane import ControlPlane
from tidegate.errors import InputError

_SQLITE = "sqlite:///"
_SERVER = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


def registry_uri(settings: Settings, root: Path, environ: Mapping[str, str]) -> str:
    """Where the model registry is. The repository's word counts before the environment's: whoever
    promotes must not choose where the evidence comes from. Raises InputError."""
    if settings.registry_uri:
        path = settings.registry_uri.removeprefix(_SQLITE)
        if path == settings.registry_uri or Path(path).is_absolute():
            return settings.registry_uri
        return f"{_SQLITE}{root / path}"
    uri = environ.get("MLFLOW_TRACKING_URI", "").strip()
    if not uri:
        raise InputError(
            "no model registry is named",
            hint="set modelRegistry.uri in tidegate.yaml, or MLFLOW_TRACKING_URI",
        )
    return uri


def argocd_server(plane: ControlPlane, environ: Mapping[str, str]) -> tuple[str, bool]:
    """Host and port of Argo CD, and whether TLS is done without. Raises InputError."""
    if plane.server:
        return plane.server, bool(plane.plain_text)
    server = environ.get("ARGOCD_SERVER", "").strip()
    if not server:
        raise InputError(
            "no Argo CD is named", hint="set argocd.server in tidegate.yaml, or ARGOCD_SERVER"
        )
    bare = server.removeprefix("https://")
    if not _SERVER.fullmatch(bare):
        raise InputError(
            "ARGOCD_SERVER is no host with a port",
            hint="write it as argocd.example.com or argocd.example.com:8443; "
            "argocd.plainText in tidegate.yaml does without TLS, argocd.rootPath adds a path",
        )
    return bare, bool(plane.plain_text)


def job_page(environ: Mapping[str, str]) -> str:
    """Where people see the job of a pipeline that this is; empty where it is none."""
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    run = environ.get("GITHUB_RUN_ID")
    if server and repository and run:
        return f"{server}/{repository}/actions/runs/{run}"
    return environ.get("CI_JOB_URL", "")
