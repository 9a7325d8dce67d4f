"""Builds the adapters: the only place that knows which there are, and that reads the process's
environment and clock."""

from __future__ import annotations

import os
import re
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from tidegate.adapters import process
from tidegate.adapters.git.command import GitCommand, find_root
from tidegate.adapters.git.repository import GitRepository
from tidegate.domain.configuration import Settings
from tidegate.domain.control_plane import ControlPlane, Way
from tidegate.domain.diagnosis import Finding
from tidegate.errors import ConfigurationError, InputError, TidegateError
from tidegate.repository.configuration import parse_settings
from tidegate.repository.layout import SETTINGS
from tidegate.repository.schemas import check
from tidegate.repository.yaml import SIZE_LIMIT, load

if TYPE_CHECKING:
    from tidegate.ports import (
        Applications,
        Examiner,
        ImageRegistry,
        LiveRecord,
        ModelRegistry,
        Renderer,
        Scanner,
    )

_HOOK_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)
_EMPTY_SETTINGS = {"apiVersion": "tidegate.dev/v1", "kind": "Settings"}
_SQLITE = "sqlite:///"
_RENDERING_SECONDS = 60.0
# A name that git can't take for an option or for more than one ref.
_REF_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9_-])?")

_SERVER = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class Wiring:
    """One command's connections to the outside (see `ports.Connections`)."""

    def __init__(self, arguments: Namespace, environ: Mapping[str, str] = os.environ) -> None:
        self._arguments = arguments
        self.remaining = time_left(arguments)
        self._environ = environ
        forget_other_clones()
        self.root = find_root(Path(arguments.root), self.remaining)
        settings = work_tree_settings(self.root)
        self._remote = _ref_name("remote", _first(arguments.remote, settings.remote, "origin"))
        self._branch = _ref_name("branch", _first(arguments.branch, settings.branch, "main"))
        self._lock = Lock()
        self._models: dict[str, ModelRegistry] = {}

    @cached_property
    def repository(self) -> GitRepository:
        """The Git repository around `--root`."""
        git = GitCommand(self.root, self.remaining)
        return GitRepository(
            git, self._remote, self._branch, locks=cache_folder(self._environ) / "locks"
        )

    def models(self, settings: Settings) -> ModelRegistry:
        """The model registry of the settings, or of MLFLOW_TRACKING_URI where they name none."""
        from tidegate.adapters.mlflow import MlflowRegistry

        uri = registry_uri(settings, self.root, self._environ)
        with self._lock:
            if uri not in self._models:
                timeout = settings.registry_timeout
                self._models[uri] = MlflowRegistry(uri, timeout=timeout, remaining=self.remaining)
            return self._models[uri]

    def live_record(self, settings: Settings) -> LiveRecord:
        """The same model registry, to be written to."""
        from tidegate.adapters.mlflow import MlflowLiveRecord

        uri = registry_uri(settings, self.root, self._environ)
        timeout = settings.registry_timeout
        return MlflowLiveRecord(uri, timeout=timeout, remaining=self.remaining)

    def images(self, settings: Settings) -> ImageRegistry:
        """The image registries, and the mirrors that the settings name."""
        from tidegate.adapters.oci import Images

        mirrors = {host: self.root / folder for host, folder in settings.mirrors.items()}
        return Images(
            mirrors=mirrors,
            plain_http=settings.plain_http,
            env=self._environ,
            remaining=self.remaining,
        )

    def applications(self, plane: ControlPlane) -> Applications:
        """Argo CD's own API, at the server that the files name, or ARGOCD_SERVER where they name
        none; or the cluster's. Who commits says where Argo CD is; tokens come from the environment
        alone."""
        if plane.via is Way.KUBERNETES:
            from tidegate.adapters.argocd.cluster import open_applications

            return open_applications(
                plane.context,
                self._environ,
                namespace=plane.namespace or "argocd",
                remaining=self.remaining,
            )
        from tidegate.adapters.argocd import ArgoCd, address_of, find_token

        server, plain_text = argocd_server(plane, self._environ)
        address = address_of(
            server,
            root_path=plane.root_path or "",
            plain_text=plain_text,
            ca_file=self.root / plane.ca_file if plane.ca_file else None,
        )
        return ArgoCd(
            address,
            find_token(self._environ, plane.project or "default"),
            namespace=plane.namespace or "argocd",
            remaining=self.remaining,
        )

    def mirrors(self, settings: Settings) -> dict[str, bool]:
        """Each mirror's folder, and whether it is there."""
        return {folder: (self.root / folder).is_dir() for folder in settings.mirrors.values()}

    def scanner(self, settings: Settings) -> Scanner:
        """Trivy."""
        from tidegate.adapters.trivy import Trivy

        return Trivy(
            cache_directory=cache_folder(self._environ) / "scans",
            env=self._environ,
            offline=settings.scanner_offline,
            timeout=settings.scanner_timeout,
            remaining=self.remaining,
        )

    def renderer(self) -> Renderer:
        """kustomize."""
        from tidegate.adapters.cache import FileCache
        from tidegate.adapters.kustomize import Kustomize

        return Kustomize(
            path=self._environ.get("PATH"),
            timeout=self._within(_RENDERING_SECONDS),
            cache=FileCache(cache_folder(self._environ) / "checks"),
            place=str(self.root.resolve()),
        )

    def examiner(self) -> Examiner:
        """What `tidegate check` holds overlays against."""
        from tidegate.cli.looking import Looking
        from tidegate.flows.examiner import PolicyExaminer

        return PolicyExaminer(Looking(self._arguments, environ=self._environ))

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Lets that much time pass."""
        time.sleep(seconds)

    def _within(self, seconds: float) -> float:
        """That many seconds, or those that are left for the whole command."""
        return max(min(seconds, self.remaining()), 0.1)


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where this user's scans, checks and locks are kept."""
    home = environ.get("XDG_CACHE_HOME")
    try:
        return Path(home if home else Path.home() / ".cache", "tidegate")
    except RuntimeError:  # in a container, the user may be a number without a home
        return Path(tempfile.gettempdir(), f"tidegate-{os.getuid()}")


def time_left(arguments: Namespace) -> Callable[[], float]:
    """The seconds that are left for the whole command, whenever that is asked."""
    ends = time.monotonic() + float(arguments.timeout)
    return lambda: ends - time.monotonic()


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


def look_for_tools(environ: Mapping[str, str]) -> list[Finding]:
    """The binaries and packages that are installed here."""
    from tidegate.adapters.tools import find_tools

    return find_tools(environ)


def interrupt(reason: BaseException) -> None:
    """Ends every binary that we have started, and raises `reason`: for signals."""
    process.interrupt(reason)


def warm() -> None:
    """Imports the model registry's library in a thread, while Git is asked: it takes a second,
    and nearly every command needs it. A failure shows itself when it is used."""

    def import_library() -> None:
        from tidegate.adapters.mlflow import library

        try:
            library.load()
        except TidegateError:
            return

    Thread(target=import_library, daemon=True).start()


def work_tree_settings(root: Path) -> Settings:
    """The work tree's tidegate.yaml, which says which remote and branch to fetch, and no more:
    everything that decides is read from what was fetched. Raises ConfigurationError."""
    path = root / SETTINGS
    if not path.is_file():
        return Settings()
    with path.open("rb") as file:
        document = load(SETTINGS, file.read(SIZE_LIMIT + 1))
    git = document.data.get("git") if isinstance(document.data, dict) else None
    # The rest of this file is not read here, and checked where it decides: in what was fetched.
    own = replace(document, data={**_EMPTY_SETTINGS, **({"git": git} if git else {})})
    problems = list(check("settings", own))
    if problems:
        raise ConfigurationError(problems)
    return parse_settings(own)


def forget_other_clones() -> None:
    """Git tells its hooks in variables where they run. Passed on to our own git, they would count
    more than `--root` does."""
    for name in _HOOK_VARIABLES:
        os.environ.pop(name, None)


def _first(asked: str | None, configured: str | None, usual: str) -> str:
    # An empty name that was asked for is a script's mistake, and no wish for the usual one.
    return asked if asked is not None else configured or usual


def _ref_name(kind: str, name: str) -> str:
    if not _REF_NAME.fullmatch(name) or ".." in name or "//" in name:
        raise InputError(f"{name!r} is no name of a {kind}")
    return name
