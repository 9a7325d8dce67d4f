"""Argo CD's Applications through its own API."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tidegate.adapters.argocd import below, documents, faults
from tidegate.adapters.argocd.address import Address, path_of
from tidegate.adapters.argocd.faults import Refused
from tidegate.adapters.argocd.fields import Fields, items, text
from tidegate.adapters.argocd.selection import Selection
from tidegate.adapters.argocd.watch import Watch
from tidegate.adapters.http import Http, shown
from tidegate.adapters.token import Token
from tidegate.domain.application import (
    Application,
    ApplicationEvent,
    ApplicationName,
    ClusterEvent,
    ManagedResource,
    Pod,
    Refusal,
    SyncRefused,
    SyncRequest,
    SyncWindows,
)
from tidegate.domain.text import one_line
from tidegate.errors import OutsideError, Unreachable
from tidegate.ports.applications import Labels

_BODY_LIMIT = 256 * 2**20
# Argo CD knows these fields by heart, and no others; see its `appFields`.
LISTED_FIELDS = ",".join(
    f"items.{field}"
    for field in (
        *("metadata.name", "metadata.namespace", "metadata.deletionTimestamp"),
        *("metadata.labels", "metadata.annotations"),
        *("spec", "operation.sync", "status.sync.status", "status.sync.revision", "status.health"),
        *("status.summary", "status.operationState.phase"),
        *("status.operationState.startedAt", "status.operationState.finishedAt"),
    )
)
_REFUSED_SYNCS = {
    "cannot sync: blocked by sync window": Refusal.WINDOW,
    "another operation is already in progress": Refusal.BUSY,
}
_NOTHING_TO_END = "No operation is in progress"


class ArgoCd:
    """One Argo CD (see `ports.Applications`). Safe for several threads at once.

    `namespace` is its own; `timeout` bounds, in seconds, each try of a call, `refresh_timeout`
    all of a refresh, which Argo CD itself never ends, and `before_hard` how long of it is waited
    for the usual kind; `remaining` gives the seconds that are left for everything.
    """

    def __init__(
        self,
        address: Address,
        token: Token,
        *,
        namespace: str = "argocd",
        timeout: float = 30.0,
        refresh_timeout: float = 90.0,
        before_hard: float = 30.0,
        remaining: Callable[[], float] = lambda: math.inf,
        http: Http | None = None,
    ) -> None:
        self._address, self._token, self._home = address, token, namespace
        self._refresh_timeout, self._before_hard = refresh_timeout, before_hard
        self._http = http or Http(
            timeout=timeout, remaining=remaining, limit=_BODY_LIMIT, verify=address.verify
        )

    @property
    def place(self) -> str:
        """Its address."""
        return f"Argo CD at {shown(self._address.base)}"

    def version(self) -> str:
        """What it says of itself; it says so to anybody."""
        return one_line(text(self._ask("version", "its version"), "Version"), 100)

    def may(self, action: str, project: str) -> bool:
        """As its own roles say, of the token."""
        path = f"v1/account/can-i/applications/{quote(action)}/{quote(project, safe='')}/*"
        return text(self._ask(path, "what the token may do"), "value") == "yes"

    def list(
        self, *, project: str | None = None, selector: Labels | None = None
    ) -> Sequence[Application]:
        """Without the fields that Argo CD can't pick: `resources`, `conditions`, `reconciled`, and
        all of `operation` but its phase and times."""
        selection = Selection(project, selector or {})
        query = {**selection.query, "fields": LISTED_FIELDS}
        found = items(self._ask("v1/applications", "Applications", query), "items")
        return [self._application(item) for item in found if selection.holds(item)]

    def get(self, name: ApplicationName, *, refresh: bool = False) -> Application:
        """With all that Argo CD knows."""
        found = self._application(self._refreshed(name) if refresh else self._of(name))
        if (found.name.name, found.name.project) != (name.name, name.project):
            raise OutsideError(
                f"{self.place} answered with another Application than {_words(name)}"
            )
        return found

    def sync(self, name: ApplicationName, request: SyncRequest) -> Application | SyncRefused:
        """With the options of the Application's own sync policy."""
        body = {
            "name": name.name,
            "project": name.project,
            "prune": request.prune,
            "dryRun": request.dry_run,
            "infos": [{"name": key, "value": value} for key, value in request.info.items()],
        }
        if name.namespace:
            body["appNamespace"] = name.namespace
        try:
            answer = self._exchange("POST", path_of(name, "sync"), {}, body)
        except Refused as refused:
            for words, why in _REFUSED_SYNCS.items():
                if words in refused.message:
                    return SyncRefused(why, refused.message)
            raise faults.error_of(refused, self.place, f"a sync of {_words(name)}") from None
        return self._application(answer)

    def terminate(self, name: ApplicationName) -> None:
        """At once; the operation's phase turns to Terminating first."""
        try:
            self._exchange("DELETE", path_of(name, "operation"), _belonging(name))
        except Refused as refused:
            if _NOTHING_TO_END not in refused.message:
                raise faults.error_of(refused, self.place, _words(name)) from None

    def pods(self, name: ApplicationName) -> Sequence[Pod]:
        """Those of the resource tree."""
        return below.pods(self._of(name, "resource-tree"))

    def managed(self, name: ApplicationName) -> Sequence[ManagedResource]:
        """Hooks aren't among them."""
        return below.managed(self._of(name, "managed-resources"))

    def windows(self, name: ApplicationName) -> SyncWindows:
        """As they are for a sync that somebody asks for."""
        return below.windows(self._of(name, "syncwindows"))

    def events(self, name: ApplicationName, pod: Pod | None = None) -> Sequence[ClusterEvent]:
        """None for a pod that is gone."""
        query: dict[str, str | None] = {}
        if pod is not None:
            resource = pod.resource
            query = {"resourceName": resource.name, "resourceNamespace": resource.namespace}
            query["resourceUID"] = pod.uid
        try:
            answer = self._exchange("GET", path_of(name, "events"), {**_belonging(name), **query})
        except Refused as refused:
            if pod is not None and "not found as part of application" in refused.message:
                return ()
            raise faults.error_of(refused, self.place, _words(name)) from None
        return below.events(answer)

    def watch(
        self, *, project: str | None = None, selector: Labels | None = None
    ) -> Iterator[ApplicationEvent | None]:
        """On one stream of server-sent events, which Argo CD keeps alive every 15 seconds."""
        selection = Selection(project, selector or {})
        address, token, home = self._address, self._token, self._home
        return Watch(address, token, self.place, selection, self, home=home).events()

    def documents(self, selection: Selection) -> Sequence[Fields]:
        """The selected Applications with every field, from Argo CD's cache."""
        return items(self._ask("v1/applications", "Applications", selection.query), "items")

    def document(self, name: ApplicationName) -> Fields:
        """An Application with every field, from the cluster itself."""
        return self._of(name)

    def _application(self, document: Fields) -> Application:
        return documents.application(document, self._home)

    def _refreshed(self, name: ApplicationName) -> Fields:
        """Argo CD's controller may miss that it was asked to, where somebody else asked just
        before. Asked for the same again, it would have nothing to notice; for a hard one it has."""
        began = time.monotonic()
        soon = min(self._before_hard, self._refresh_timeout)
        try:
            return self._of(name, query={"refresh": "normal"}, timeout=soon)
        except Unreachable:
            waited = time.monotonic() - began
            if waited < soon:  # somebody said no
                raise
            left = self._refresh_timeout - waited
            return self._of(name, query={"refresh": "hard"}, timeout=left)

    def _of(
        self,
        name: ApplicationName,
        *more: str,
        query: Mapping[str, str | None] | None = None,
        timeout: float | None = None,
    ) -> Fields:
        query = {**_belonging(name), **(query or {})}
        return self._ask(path_of(name, *more), _words(name), query, timeout)

    def _ask(
        self,
        path: str,
        subject: str,
        query: Mapping[str, str | None] | None = None,
        timeout: float | None = None,
    ) -> Fields:
        try:
            return self._exchange("GET", path, query or {}, timeout=timeout)
        except Refused as refused:
            raise faults.error_of(refused, self.place, subject) from None

    def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | None],
        body: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Fields:
        """The answer's object; at a refused token once more, with a new one. Raises Refused."""
        token = self._token.current()
        try:
            return self._send(method, path, query, body, timeout, token)
        except Refused as refused:
            fresh = self._token.renewed(token) if refused.code == faults.UNAUTHENTICATED else None
            if fresh is None:
                raise
        return self._send(method, path, query, body, timeout, fresh)

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | None],
        body: Mapping[str, Any] | None,
        timeout: float | None,
        token: str,
    ) -> Fields:
        answer = self._http.request(
            method,
            self._address.url(path, query),
            # Without exactly this type Argo CD answers 415, even where there is no body.
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            content=None if body is None else json.dumps(body).encode(),
            timeout=timeout,
            refusals=True,
        )
        return faults.content(answer, self.place, token)


def _belonging(name: ApplicationName) -> Mapping[str, str | None]:
    return {"project": name.project, "appNamespace": name.namespace}


def _words(name: ApplicationName) -> str:
    return f"Application {one_line(name.name, 100)} in project {one_line(name.project, 100)}"
