"""`ports.Applications` over Application objects and pods."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.adapters.argocd import below, documents
from tidegate.adapters.argocd.address import checked
from tidegate.adapters.argocd.cluster import objects, windows, workloads
from tidegate.adapters.argocd.cluster.api import ClusterApi
from tidegate.adapters.argocd.cluster.watch import ClusterWatch
from tidegate.adapters.argocd.fields import Fields, inner, items, text, words
from tidegate.adapters.argocd.selection import Selection
from tidegate.domain.application import (
    Application,
    ApplicationEvent,
    ApplicationName,
    ClusterEvent,
    ManagedResource,
    Pod,
    Refusal,
    ResourceName,
    SyncRefused,
    SyncRequest,
    SyncWindows,
)
from tidegate.domain.text import one_line
from tidegate.errors import ConflictError, NotFound, OutsideError, Unreachable
from tidegate.ports.applications import Labels

_GROUP = "/apis/argoproj.io/v1alpha1"
_REFRESH = "argocd.argoproj.io/refresh"
_HERE = frozenset({"https://kubernetes.default.svc", "in-cluster"})
_VERBS = {"get": ("get", "list", "watch"), "sync": ("patch",)}
_WHO = "tidegate"
_BLOCKED = "cannot sync: blocked by sync window"
_TRIES = 5
_LOOK_SECONDS = 0.25


class ClusterApplications:
    """One Argo CD (see `ports.Applications`) in the namespace `namespace`. `refresh_timeout` bounds
    a refresh, in seconds, and `before_hard` how long of it is waited for the usual kind."""

    def __init__(
        self,
        api: ClusterApi,
        *,
        namespace: str = "argocd",
        refresh_timeout: float = 90.0,
        before_hard: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api, self._home, self._clock = api, namespace, clock
        self._refresh_timeout, self._before_hard = refresh_timeout, before_hard
        self._sleep, self._now = sleep, now

    @property
    def place(self) -> str:
        """The API server's address."""
        return self._api.place

    def version(self) -> str:
        """The tag of the controller's image; empty where its Deployment can't be seen."""
        query = {"labelSelector": "app.kubernetes.io/name=argocd-application-controller"}
        path = f"/apis/apps/v1/namespaces/{self._home}/statefulsets"
        try:
            found = items(self._api.get(path, query), "items")
        except OutsideError:
            return ""
        for item in found:
            spec = inner(inner(inner(item, "spec"), "template"), "spec")
            for container in items(spec, "containers"):
                return one_line(text(container, "image").partition("@")[0].rpartition(":")[2], 100)
        return ""

    def may(self, action: str, project: str) -> bool:  # noqa: ARG002 - accounts know no projects
        """Whether the account may do to Applications what the action takes."""
        return all(self._allowed(verb) for verb in _VERBS[action])

    def list(
        self, *, project: str | None = None, selector: Labels | None = None
    ) -> Sequence[Application]:
        """With all fields."""
        selection = Selection(project, selector or {})
        answer = self._api.get(self._path(None), {"labelSelector": selection.selector})
        found = [d for d in items(answer, "items") if selection.holds(d)]
        return [
            self._application(d) for d in sorted(found, key=lambda d: documents.identity(d)[:2])
        ]

    def get(self, name: ApplicationName, *, refresh: bool = False) -> Application:
        """A refresh is an annotation, which the controller takes off."""
        if refresh:
            return self._application(self._refreshed(name))
        return self._application(self._document(name))

    def sync(self, name: ApplicationName, request: SyncRequest) -> Application | SyncRefused:
        """Writes the operation that Argo CD's own API would, where no sync window forbids it. Where
        the account can't see the project, the controller holds the sync back: it stays Running,
        and says so."""
        refused = self._refused(name)
        if refused is not None:
            return refused

        def operation(document: Fields) -> Mapping[str, Any] | None:
            return None if document.get("operation") is not None else _operation(document, request)

        written = self._change(name, operation)
        if written is None:
            return SyncRefused(Refusal.BUSY, "another operation is already in progress")
        return self._application(written)

    def terminate(self, name: ApplicationName) -> None:
        """Writes the phase that the controller looks for."""

        def end(document: Fields) -> Mapping[str, Any] | None:
            state = inner(inner(document, "status"), "operationState")
            if document.get("operation") is None or not state:
                return None
            return {**_at(document), "status": {"operationState": {"phase": "Terminating"}}}

        self._change(name, end)

    def _change(
        self, name: ApplicationName, change: Callable[[Fields], Mapping[str, Any] | None]
    ) -> Fields | None:
        """Lays over the Application what `change` makes of it as it is; None where that is
        nothing."""
        for _ in range(_TRIES):
            wanted = change(self._document(name))
            if wanted is None:
                return None
            try:
                return self._api.patch(self._path(name), wanted)
            except ConflictError:  # the controller writes often; nothing was changed
                continue
        raise ConflictError(f"{_words(name)} changes all the time", hint="try again")

    def pods(self, name: ApplicationName) -> Sequence[Pod]:
        """Those whose owners are the Application's objects. Raises OutsideError where they are on
        another cluster."""
        document = self._document(name)
        application = self._here(document)
        managed = {state.resource for state in application.resources}
        namespaces = {resource.namespace for resource in managed} - {""}
        found: list[Pod] = []
        for namespace in sorted(namespaces):
            between = self._owners(namespace)
            for pod in items(self._api.get(f"/api/v1/namespaces/{namespace}/pods"), "items"):
                if workloads.belongs(pod, name.name, managed, between):
                    found.append(workloads.pod_of(pod))
        return found

    def managed(self, name: ApplicationName) -> Sequence[ManagedResource]:
        """What is live. What Git wants is not in the cluster."""
        application = self._here(self._document(name))
        return list(objects.live(self._api, iter(application.resources)))

    def windows(self, name: ApplicationName) -> SyncWindows:
        """Those of the project, judged by our own clock as Argo CD judges them by its own."""
        return self._windows(self._document(name))

    def events(self, name: ApplicationName, pod: Pod | None = None) -> Sequence[ClusterEvent]:
        """Those that Kubernetes still keeps."""
        seen = documents.identity(self._document(name))
        namespace, uid = seen.namespace, seen.uid
        if pod is not None:
            namespace, uid = pod.resource.namespace, pod.uid
        query = {"fieldSelector": f"involvedObject.uid={uid}"}
        return below.events(self._api.get(f"/api/v1/namespaces/{namespace}/events", query))

    def watch(
        self, *, project: str | None = None, selector: Labels | None = None
    ) -> Iterator[ApplicationEvent | None]:
        """From the list's resourceVersion on."""
        selection = Selection(project, selector or {})
        return ClusterWatch(self._api, self._path(None), selection, home=self._home).events()

    def _windows(self, document: Fields) -> SyncWindows:
        path = f"{_GROUP}/namespaces/{self._home}/appprojects/{documents.project(document)}"
        return windows.windows(self._api.get(path), document, self._clock())

    def _refused(self, name: ApplicationName) -> SyncRefused | None:
        document = self._document(name)
        try:
            may_sync = self._windows(document).may_sync
        except OutsideError:
            return None
        return None if may_sync else SyncRefused(Refusal.WINDOW, _BLOCKED)

    def _refreshed(self, name: ApplicationName) -> Fields:
        """The controller may miss the mark where somebody else set it just before: written once
        more, it would be the same, and nobody would notice; `hard` is another."""
        began = self._now()
        document = self._mark(name, "normal")
        while mark := words(inner(document, "metadata"), "annotations").get(_REFRESH):
            waited = self._now() - began
            if mark == "normal" and waited > self._before_hard:
                document = self._mark(name, "hard")
            if waited > self._refresh_timeout:
                raise Unreachable(
                    f"the controller of {self.place} did not look at {_words(name)} in time",
                    hint="does argocd-application-controller run?",
                )
            self._sleep(_LOOK_SECONDS)
            document = self._document(name)
        return document

    def _mark(self, name: ApplicationName, kind: str) -> Fields:
        wanted = {"metadata": {"annotations": {_REFRESH: kind}}}
        return self._api.patch(self._path(name), wanted)

    def _document(self, name: ApplicationName) -> Fields:
        try:
            document = self._api.get(self._path(name))
        except NotFound:
            document = {}
        if not document or documents.project(document) != name.project:
            raise NotFound(f"{self.place} has no {_words(name)}")
        return document

    def _here(self, document: Fields) -> Application:
        application = self._application(document)
        if application.destination not in _HERE | {self._api.base}:
            raise OutsideError(
                f"the objects of {_words(application.name)} are on another cluster",
                hint="ask Argo CD's own API for them: argocd.via: api",
            )
        return application

    def _owners(self, namespace: str) -> Mapping[str, workloads.Owned]:
        found: dict[str, workloads.Owned] = {}
        for group, version, plural, kind in workloads.OWNERS:
            path = f"/apis/{group}/{version}/namespaces/{namespace}/{plural}"
            for document in items(self._api.get(path), "items"):
                seen = documents.identity(document)
                name = ResourceName(group, kind, namespace, seen.name)
                found[seen.uid] = workloads.Owned(name, document)
        return found

    def _allowed(self, verb: str) -> bool:
        attributes = {"group": "argoproj.io", "resource": "applications", "verb": verb}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {**attributes, "namespace": self._home}},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        return inner(self._api.post(path, review), "status").get("allowed") is True

    def _path(self, name: ApplicationName | None) -> str:
        namespace = self._home if name is None or name.namespace is None else name.namespace
        root = f"{_GROUP}/namespaces/{namespace}/applications"
        return root if name is None else f"{root}/{checked(name.name)}"

    def _application(self, document: Fields) -> Application:
        return documents.application(document, self._home)


def _operation(document: Fields, request: SyncRequest) -> Mapping[str, Any]:
    """As Argo CD's API writes it: with the options and the retries of the sync policy."""
    policy = inner(inner(document, "spec"), "syncPolicy")
    sync: dict[str, Any] = {"prune": request.prune, "dryRun": request.dry_run}
    if "syncOptions" in policy:
        sync["syncOptions"] = policy["syncOptions"]
    operation: dict[str, Any] = {
        "sync": sync,
        "initiatedBy": {"username": _WHO},
        "info": [{"name": key, "value": value} for key, value in request.info.items()],
    }
    if "retry" in policy:
        operation["retry"] = policy["retry"]
    return {**_at(document), "operation": operation, "status": {"operationState": None}}


def _at(document: Fields) -> Mapping[str, Any]:
    """Has a patch refused where the object has changed meanwhile."""
    return {"metadata": {"resourceVersion": documents.identity(document).version}}


def _words(name: ApplicationName) -> str:
    return f"Application {one_line(name.name, 100)} in project {one_line(name.project, 100)}"
