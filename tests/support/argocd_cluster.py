"""The Kubernetes API server behind the small Argo CD: its Applications, and what is below."""

from __future__ import annotations

import copy
import json
import re
import threading
from pathlib import Path
from typing import Any

from tests.support.argocd import FakeArgoCd
from tests.support.argocd_answers import NAMESPACE, Document, labels_match
from tests.support.faults import Request, Script
from tests.support.loopback import Connection, Loopback

_ONE = re.compile(
    r"/apis/argoproj\.io/v1alpha1/namespaces/(?P<ns>[^/]+)/applications(/(?P<name>[^/]+))?"
)
_REFRESH = "argocd.argoproj.io/refresh"
_KINDS = {
    "/api/v1": [("Pod", "pods"), ("Secret", "secrets"), ("Service", "services")],
    "/apis/apps/v1": [("Deployment", "deployments"), ("ReplicaSet", "replicasets")],
}


class FakeCluster:
    """Shows the Applications of a small Argo CD as objects. `objects` has everything else, by the
    path of its list; `refreshes` are the kinds that the controller notices. `forget` lets it lose
    its history, as etcd's compaction does."""

    def __init__(self, argocd: FakeArgoCd, token: str = "cluster-token") -> None:
        self.argocd, self.token = argocd, token
        self.objects: dict[str, list[Document]] = {}
        self.faults: list[Script] = []
        self.requests: list[Request] = []
        self.refreshes = {"normal", "hard"}
        self.watch_seconds = 600.0
        self._history: list[tuple[int, str, Document]] = []
        self._oldest = 0
        self._generation = 0
        self._news = threading.Condition(argocd.lock)
        argocd.observers.append(self._observe)
        self._loopback = Loopback(_Handler, cluster=self)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self._loopback.server}"

    def __enter__(self) -> FakeCluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_streams()
        self._loopback.close()

    def kubeconfig(self, folder: Path) -> Path:
        """A file that leads here by the context `fake`."""
        user = {"token": self.token}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "fake", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "fake",
        }
        path = folder / "kubeconfig"
        path.write_text(json.dumps(config))
        return path

    def end_streams(self) -> None:
        """Closes every watch."""
        with self._news:
            self._generation += 1
            self._news.notify_all()

    def forget(self) -> None:
        """From now on older versions are gone."""
        with self._news:
            self._oldest = self.argocd.clock
            self._history.clear()

    def watched(self, request: Request, send: Any) -> None:
        """Sends a watch's frames until it ends."""
        version = int(request.query.get("resourceVersion") or 0)
        with self._news:
            generation = self._generation
            if version < self._oldest:
                gone = {"kind": "Status", "code": 410, "message": "too old resource version"}
                return send({"type": "ERROR", "object": gone})
        while True:
            with self._news:
                fresh = [event for event in self._history if event[0] > version]
                if not fresh:
                    if generation != self._generation or not self._news.wait(self.watch_seconds):
                        return None
                    continue
            version = fresh[-1][0]
            for _, change, document in fresh:
                if labels_match(request.query.get("labelSelector", ""), document):
                    send({"type": change, "object": document})

    def patch(self, name: str, change: Document) -> tuple[int, Document]:
        """What a merge patch leads to, and what the controller does then."""
        argocd = self.argocd
        with argocd.lock:
            document = argocd.document(name)
            expected = change.get("metadata", {}).pop("resourceVersion", None)
            if expected not in (None, document["metadata"]["resourceVersion"]):
                return 409, {"kind": "Status", "code": 409, "message": "the object was modified"}
            merged = argocd.put(_merge(document, change))
            if merged["metadata"].get("annotations", {}).get(_REFRESH) in self.refreshes:
                argocd.change(name, lambda d: d["metadata"]["annotations"].pop(_REFRESH))
                argocd.change(name, argocd.on_refresh)
            if "operation" in change:
                argocd.change(name, argocd.on_sync)
            return 200, merged

    def _observe(self, change: str, document: Document) -> None:
        with self._news:
            version = int(document["metadata"]["resourceVersion"])
            self._history.append((version, change, copy.deepcopy(document)))
            self._news.notify_all()


class _Handler(Connection):
    cluster: FakeCluster

    def _handle(self) -> None:
        request, raw = self.asked()
        request.body = json.loads(raw) if raw else None
        self.cluster.requests.append(request)
        script = next((s for s in self.cluster.faults if s.takes(request)), None)
        if script is not None and script.fault(self):
            return
        if request.headers.get("authorization") != f"Bearer {self.cluster.token}":
            self.answer(401, {"kind": "Status", "code": 401, "message": "Unauthorized"})
        elif "watch" in request.query:
            self._watch(request)
        else:
            self.answer(*self._answer(request))

    do_GET = do_POST = do_PATCH = _handle

    def _answer(self, request: Request) -> tuple[int, Document]:
        cluster, argocd = self.cluster, self.cluster.argocd
        missing = {"kind": "Status", "code": 404, "message": "not found"}
        one = _ONE.fullmatch(request.path)
        if one is not None:
            query = {"selector": request.query.get("labelSelector", "")}
            with argocd.lock:
                found = [
                    d for d in argocd.documents(query) if d["metadata"]["namespace"] == one["ns"]
                ]
                if one["name"] is None:
                    return 200, {"metadata": {"resourceVersion": str(argocd.clock)}, "items": found}
                named = [d for d in found if d["metadata"]["name"] == one["name"]]
            if not named:
                return 404, missing
            if request.method == "PATCH":
                assert request.headers["content-type"] == "application/merge-patch+json"
                return cluster.patch(one["name"], request.body)
            return 200, named[0]
        if "/appprojects/" in request.path:
            windows = [dict(w, applications=["*"]) for w in argocd.windows]
            return 200, {"spec": {"syncWindows": windows}}
        if request.path.endswith("/selfsubjectaccessreviews"):
            verb = request.body["spec"]["resourceAttributes"]["verb"]
            allowed = {"patch": "sync"}.get(verb, "get") not in argocd.denied
            return 201, {**request.body, "status": {"allowed": allowed}}
        if request.path in _KINDS:
            kinds = _KINDS[request.path]
            return 200, {
                "resources": [{"kind": k, "name": n, "namespaced": True} for k, n in kinds]
            }
        if request.path == "/apis/apps":
            return 200, {"preferredVersion": {"version": "v1"}, "versions": [{"version": "v1"}]}
        return self._other(request) or (404, missing)

    def _other(self, request: Request) -> tuple[int, Document] | None:
        objects = self.cluster.objects
        folder, _, name = request.path.rpartition("/")
        if name in (
            "pods",
            "events",
            "statefulsets",
            "replicasets",
            "deployments",
            "daemonsets",
            "jobs",
        ):
            found = objects.get(request.path, [])
            uid = request.query.get("fieldSelector", "").partition("=")[2]
            return 200, {
                "items": [d for d in found if not uid or d["involvedObject"]["uid"] == uid]
            }
        mine = [d for d in objects.get(folder, []) if d["metadata"]["name"] == name]
        return (200, mine[0]) if mine else None

    def _watch(self, request: Request) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()

        def send(frame: Document) -> None:
            line = json.dumps(frame).encode() + b"\n"
            for piece in (line[:5], line[5:]):
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()

        self.cluster.watched(request, send)
        self.wfile.write(b"0\r\n\r\n")

    def answer(self, status: int, document: Document) -> None:
        """A whole answer."""
        self.reply(status, json.dumps(document).encode(), "application/json")

    @property
    def ended(self) -> threading.Event:
        """For faults that wait."""
        return self.cluster.argocd.ended


def _merge(document: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    merged = dict(document) if isinstance(document, dict) else {}
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), value)
    return merged


def pod_objects(name: str, uid: str = "1") -> dict[str, list[Document]]:
    """A Deployment of two pods in the namespace `name`, by the paths of their lists."""
    image = "registry.example.com/shop:4"

    def named(what: str, kind: str, owner: str, owned_by: str, **rest: Any) -> Document:
        version = "v1" if kind == "Pod" else "apps/v1"
        metadata: Document = {"name": what, "namespace": name, "uid": f"{uid}-{what}"}
        if owner:
            metadata["ownerReferences"] = [
                {"apiVersion": "apps/v1", "kind": owned_by, "name": owner, "uid": f"{uid}-{owner}"}
            ]
        return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}

    states = [{"ready": True, "restartCount": 0, "state": {"running": {}}}]
    pods = [
        named(
            *(f"shop-a-{number}", "Pod", "shop-a", "ReplicaSet"),
            spec={"containers": [{"image": image}]},
            status={"phase": "Running", "containerStatuses": states},
        )
        for number in (1, 2)
    ]
    root = f"/apis/apps/v1/namespaces/{name}"
    return {
        f"/api/v1/namespaces/{name}/pods": pods,
        f"{root}/replicasets": [named("shop-a", "ReplicaSet", "shop", "Deployment")],
        f"{root}/deployments": [named("shop", "Deployment", "", "")],
        f"/apis/apps/v1/namespaces/{NAMESPACE}/statefulsets": [],
    }
