"""What the flows need from Argo CD, as a protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tidegate.domain.application import (
        Application,
        ApplicationEvent,
        ApplicationName,
        ClusterEvent,
        ManagedResource,
        Pod,
        SyncRefused,
        SyncRequest,
        SyncWindows,
    )

# None stands for any value of a label that is there.
Labels = Mapping[str, str | None]


class Applications(Protocol):
    """Argo CD's Applications, through its own API or through that of the cluster.

    Every method raises NotFound for an Application that isn't there, Unreachable where nobody
    answers in time, ConflictError where somebody else changes it just then, and OutsideError for
    what is refused or makes no sense. After any of these but NotFound, a sync may have begun.
    """

    @property
    def place(self) -> str:
        """Where they are, for people: an address without credentials."""

    def version(self) -> str:
        """Argo CD's version, such as v3.5.1; empty where it can't be told."""

    def may(self, action: str, project: str) -> bool:
        """Whether we may `get` or `sync` all Applications of a project."""

    def list(
        self, *, project: str | None = None, selector: Labels | None = None
    ) -> Sequence[Application]:
        """Those of a project, with all of the labels, by name; one request. Of each only what a
        table of many needs: not `resources`, `conditions` and `reconciled`, and of `operation` only
        its phase and times."""

    def get(self, name: ApplicationName, *, refresh: bool = False) -> Application:
        """One of them as it is now; with `refresh`, after it was compared with Git again."""

    def sync(self, name: ApplicationName, request: SyncRequest) -> Application | SyncRefused:
        """Asks for a sync, once: the Application as it is with it, or why it was not taken."""

    def terminate(self, name: ApplicationName) -> None:
        """Ends the sync that runs; nothing where none does."""

    def pods(self, name: ApplicationName) -> Sequence[Pod]:
        """The pods below the Application."""

    def managed(self, name: ApplicationName) -> Sequence[ManagedResource]:
        """What Git wants and what the cluster has."""

    def windows(self, name: ApplicationName) -> SyncWindows:
        """The project's sync windows that apply to it."""

    def events(self, name: ApplicationName, pod: Pod | None = None) -> Sequence[ClusterEvent]:
        """Kubernetes' events about the Application, or about one of its pods."""

    def watch(
        self, *, project: str | None = None, selector: Labels | None = None
    ) -> Iterator[ApplicationEvent | None]:
        """Events as they come, on one stream that connects again by itself, and tells every change
        once; None about every second in which nothing comes, so that the caller can look at its
        clock. Each Application is whole, but for `deployed`, which may be left out. Raises
        Unreachable when no connection could be had for a minute."""
