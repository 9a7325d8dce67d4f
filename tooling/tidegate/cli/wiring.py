"""Builds the adapters: the only place that knows which there are, and that reads the process's
environment and clock."""

from __future__ import annotations

import os
import re
import time
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from tidegate.adapters.git.command import GitCommand, find_root
from tidegate.adapters.git.repository import GitRepository
from tidegate.cli.addresses import argocd_server, registry_uri
from tidegate.cli.surroundings import cache_folder, forget_other_clones, time_left
from tidegate.cli.work_tree import names_no_registry, work_tree_settings
from tidegate.domain.configuration import Settings
from tidegate.domain.control_plane import Authorities, ControlPlane, Way
from tidegate.domain.diagnosis import Finding
from tidegate.domain.provider import Provider
from tidegate.errors import InputError, TidegateError

if TYPE_CHECKING:
    from tidegate.adapters.kustomize.renderer import Kustomize
    from tidegate.adapters.token import Token
    from tidegate.ports import (
        Applications,
        Builder,
        Cache,
        Examiner,
        ImageRegistry,
        LiveRecord,
        ModelRegistry,
        Proposals,
        PullRequests,
        Renderer,
        Scanner,
    )

_RENDERING_SECONDS = 60.0
_CERTIFICATES = 2**20  # characters
# A name that git can't take for an option or for more than one ref.
_REF_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9_-])?")


class Wiring:
    """One command's connections to the outside (see `ports.Connections`). `caches` is where it
    looks for what earlier commands found: by default, where this user's are kept."""

    def __init__(
        self,
        arguments: Namespace,
        environ: Mapping[str, str] = os.environ,
        caches: Path | None = None,
    ) -> None:
        self._arguments = arguments
        self._caches = caches or cache_folder(environ)
        self.remaining = time_left(arguments)
        self._environ = environ
        forget_other_clones()
        self.root = find_root(Path(arguments.root), self.remaining)
        settings = work_tree_settings(self.root)
        self._remote = _ref_name("remote", _first(arguments.remote, settings.remote, "origin"))
        self._branch = _ref_name("branch", _first(arguments.branch, settings.branch, "main"))
        self._lock = Lock()
        self._models: dict[str, ModelRegistry] = {}
        self._planes: dict[tuple[ControlPlane, str], Applications] = {}
        self._providers: dict[tuple[Provider, float], PullRequests] = {}

    @property
    def place(self) -> str:
        """The clone's own path."""
        return str(self.root.resolve())

    @cached_property
    def cache(self) -> Cache:
        """A folder of this user's."""
        from tidegate.adapters.cache import FileCache

        return FileCache(self._caches / "checks")

    @cached_property
    def repository(self) -> GitRepository:
        """The Git repository around `--root`."""
        return self.branch(self._branch)

    def branch(self, name: str) -> GitRepository:
        """Another branch of the same remote."""
        git = GitCommand(self.root, self.remaining)
        return GitRepository(git, self._remote, name, locks=cache_folder(self._environ) / "locks")

    def models(self, settings: Settings) -> ModelRegistry:
        """The model registry of the settings, or of MLFLOW_TRACKING_URI where they name none."""
        uri = registry_uri(settings, self.root, self._environ)
        from tidegate.adapters.mlflow import MlflowRegistry

        with self._lock:
            if uri not in self._models:
                timeout = settings.registry_timeout
                self._models[uri] = MlflowRegistry(uri, timeout=timeout, remaining=self.remaining)
            return self._models[uri]

    def live_record(self, settings: Settings) -> LiveRecord:
        """The same model registry, to be written to."""
        uri = registry_uri(settings, self.root, self._environ)
        from tidegate.adapters.mlflow import MlflowLiveRecord

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
        alone. Environments with the same way in and the same token share one connection."""
        from tidegate.adapters.argocd import find_token

        token = None
        if plane.via is not Way.KUBERNETES:
            argocd_server(plane, self._environ)  # whoever names none is told of that first
            token = find_token(self._environ, plane.project or "default")
        key = replace(plane, project=None), token.where if token else ""
        with self._lock:
            if key not in self._planes:
                self._planes[key] = self._argocd(plane, token) if token else self._cluster(plane)
            return self._planes[key]

    def _cluster(self, plane: ControlPlane) -> Applications:
        from tidegate.adapters.argocd.cluster import open_applications

        return open_applications(
            plane.context,
            self._environ,
            namespace=plane.namespace or "argocd",
            remaining=self.remaining,
        )

    def _argocd(self, plane: ControlPlane, token: Token) -> Applications:
        from tidegate.adapters.argocd import ArgoCd, address_of

        server, plain_text = argocd_server(plane, self._environ)
        address = address_of(
            server,
            root_path=plane.root_path or "",
            plain_text=plain_text,
            authorities=self._pem(plane.authorities) if plane.authorities else None,
        )
        return ArgoCd(
            address,
            token,
            namespace=plane.namespace or "argocd",
            remaining=self.remaining,
        )

    def _pem(self, authorities: Authorities) -> str:
        """A file outside the repository is the machine's; any other the commit's, which has been
        read with it. One that can't be read holds nothing."""
        if not authorities.outside:
            return authorities.pem or ""
        try:
            with (self.root / authorities.file).open(encoding="ascii", errors="ignore") as file:
                return file.read(_CERTIFICATES)
        except OSError:
            return ""

    def pull_requests(self, settings: Settings, *, reserve: float = 0.0) -> PullRequests:
        """GitHub or GitLab. Who commits says which; tokens come from the environment alone. One
        provider is opened once."""
        from tidegate.adapters.pull_requests import open_pull_requests

        provider = settings.provider.completed(self.repository.address())
        with self._lock:
            if (provider, reserve) not in self._providers:
                remaining = lambda: self.remaining() + reserve  # noqa: E731
                opened = open_pull_requests(provider, self._environ, remaining)
                self._providers[provider, reserve] = opened
            return self._providers[provider, reserve]

    def mirrors(self, settings: Settings) -> dict[str, bool]:
        """Each mirror's folder, and whether it is there."""
        return {folder: (self.root / folder).is_dir() for folder in settings.mirrors.values()}

    def scanner(self, settings: Settings) -> Scanner:
        """Trivy."""
        from tidegate.adapters.trivy import Trivy

        return Trivy(
            cache_directory=self._caches / "scans",
            env=self._environ,
            offline=settings.scanner_offline,
            timeout=settings.scanner_timeout,
            remaining=self.remaining,
        )

    @cached_property
    def proposals(self) -> Proposals:
        """What may be merged, in the same clone."""
        from tidegate.adapters.git.proposals import GitProposals

        return GitProposals(GitCommand(self.root, self.remaining), self.repository)

    def renderer(self) -> Renderer:
        """kustomize."""
        return self._kustomize()

    def builder(self) -> Builder:
        """The same."""
        return self._kustomize()

    def _kustomize(self) -> Kustomize:
        from tidegate.adapters.kustomize.renderer import Kustomize

        return Kustomize(
            path=self._environ.get("PATH"),
            timeout=self._within(_RENDERING_SECONDS),
            cache=self.cache,
            place=self.place,
        )

    def examiner(self) -> Examiner:
        """What `tidegate check` holds overlays against."""
        from tidegate.cli.looking import Looking
        from tidegate.flows.examiner import PolicyExaminer

        return PolicyExaminer(Looking(self._arguments, environ=self._environ, caches=self._caches))

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Lets that much time pass."""
        time.sleep(seconds)

    def _within(self, seconds: float) -> float:
        """That many seconds, or those that are left for the whole command."""
        return max(min(seconds, self.remaining()), 0.1)


def look_for_tools(environ: Mapping[str, str]) -> list[Finding]:
    """The binaries and packages that are installed here."""
    from tidegate.adapters.tools import find_tools

    return find_tools(environ)


def warm(arguments: Namespace, environ: Mapping[str, str] = os.environ) -> None:
    """Imports the model registry's library in a thread, while Git is asked: it takes a second,
    and nearly every command needs it where a registry is named. A failure shows itself when it is
    used."""
    if not environ.get("MLFLOW_TRACKING_URI") and names_no_registry(Path(arguments.root)):
        return

    def import_library() -> None:
        from tidegate.adapters.mlflow import library

        try:
            library.load()
        except TidegateError:
            return

    Thread(target=import_library, daemon=True).start()


def _first(asked: str | None, configured: str | None, usual: str) -> str:
    # An empty name that was asked for is a script's mistake, and no wish for the usual one.
    return asked if asked is not None else configured or usual


def _ref_name(kind: str, name: str) -> str:
    if not _REF_NAME.fullmatch(name) or ".." in name or "//" in name:
        raise InputError(f"{name!r} is no name of a {kind}")
    return name
