"""What the small Argo CD answers to each call, and the documents that it shows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.argocd import FakeArgoCd
    from tests.support.faults import Request

Document = dict[str, Any]
NAMESPACE = "argocd"
REVISION = "7f3617ade1fb7381d19ebebeb4aaa2a609a9d480"
DIGEST = "sha256:" + "b" * 64
IMAGE = f"registry.example.com/shop:4@{DIGEST}"
_CALL = re.compile(r"/api/v1/applications/(?P<name>[^/]+)(?:/(?P<verb>[a-z-]+))?")


class Failure(Exception):
    """A refusal, as Argo CD words it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": message, "code": code, "message": message}


def application(
    name: str,
    *,
    project: str = "dev",
    labels: dict[str, str] | None = None,
    namespace: str = NAMESPACE,
    revision: str = REVISION,
    **status: Any,
) -> Document:
    """An Application that is synced and healthy; `status` lays fields over its status."""
    source = {
        "repoURL": "https://git.example.com/models.git",
        "path": f"environments/{project}/shop",
        "targetRevision": "main",
    }
    destination = {"server": "https://kubernetes.default.svc", "namespace": name}
    automated = {"prune": True, "selfHeal": True}
    return {
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": labels or {},
            "annotations": {"note": "x"},
            "managedFields": [{"manager": "argocd", "operation": "Update"}],
            "creationTimestamp": "2026-11-22T10:30:34Z",
        },
        "spec": {
            "project": project,
            "source": source,
            "destination": destination,
            "syncPolicy": {"automated": automated, "syncOptions": ["CreateNamespace=true"]},
        },
        "status": {
            "sync": {"status": "Synced", "revision": revision},
            "health": {"status": "Healthy", "lastTransitionTime": "2026-11-22T10:34:42Z"},
            "reconciledAt": "2026-11-22T10:35:08Z",
            "summary": {"images": [IMAGE]},
            "resources": [
                {
                    "group": "apps",
                    "version": "v1",
                    "kind": "Deployment",
                    "namespace": name,
                    "name": "shop",
                    "status": "Synced",
                    "health": {"status": "Healthy"},
                }
            ],
            "operationState": {
                "operation": {
                    "sync": {"revision": revision, "prune": True},
                    "initiatedBy": {"automated": True},
                },
                "phase": "Succeeded",
                "message": "successfully synced (all tasks run)",
                "syncResult": {"revision": revision, "source": source, "resources": []},
                "startedAt": "2026-11-22T10:31:13Z",
                "finishedAt": "2026-11-22T10:31:14Z",
            },
            **status,
        },
    }


def answer_to(fake: FakeArgoCd, request: Request) -> Any:
    """The body of the answer. Raises Failure."""
    if request.path == "/api/version":
        return {"Version": fake.version}
    if request.path.startswith("/api/v1/account/can-i/applications/"):
        action, project, *_ = request.path.split("/")[6:]
        denied = {action, f"{action} {project}"} & fake.denied
        return {"value": "no" if denied else "yes"}
    if request.path == "/api/v1/applications":
        return {"metadata": {"resourceVersion": "1"}, "items": fake.documents(request.query)}
    call = _CALL.fullmatch(request.path)
    if call is None:
        raise Failure(404, 5, "Not Found")
    document = _find(fake, request, call["name"])
    match request.method, call["verb"]:
        case "GET", None:
            return _get(fake, request, document)
        case "POST", "sync":
            return _sync(fake, request, document)
        case "DELETE", "operation":
            return _terminate(fake, document)
        case "GET", verb:
            return _below(fake, request, document, str(verb))
    raise Failure(501, 12, "Method Not Allowed")


def project_of(document: Document) -> str:
    """An Application's project."""
    return str(document["spec"].get("project") or "default")


def labels_match(selector: str, document: Document) -> bool:
    """Whether an Application has all of the labels."""
    labels = document["metadata"].get("labels", {})
    pairs = [pair.partition("=") for pair in selector.split(",") if pair]
    return all(key in labels and (labels[key] == value or not sep) for key, sep, value in pairs)


def listed(answer: Document, fields: str) -> Document:
    """A list with the fields that are asked for; Argo CD knows them one by one."""
    wanted = [field.removeprefix("items.") for field in fields.split(",")]
    unknown = set(wanted) - _LISTABLE
    assert not unknown, f"Argo CD can't pick {unknown}"
    items = []
    for document in answer["items"]:
        picked: Document = {}
        for path in wanted:
            _copy(document, picked, path.split("."))
        items.append(picked)
    return {**answer, "items": items}


def without(frame: Document, fields: str) -> Document:
    """A frame of a stream without the fields that are left out."""
    if not fields:
        return frame
    assert fields.startswith("-")
    frame = json.loads(json.dumps(frame))
    for path in fields[1:].split(","):
        *parents, last = path.split(".")
        inner: Any = frame
        for key in parents:
            inner = inner.get(key, {}) if isinstance(inner, dict) else {}
        inner.pop(last, None)
    return frame


def _find(fake: FakeArgoCd, request: Request, name: str) -> Document:
    said = request.query if request.method != "POST" else request.body
    project = said.get("project")
    namespace = said.get("appNamespace") or NAMESPACE
    known = [d for d in fake.documents({}) if d["metadata"]["name"] == name]
    found = [d for d in known if d["metadata"]["namespace"] == namespace]
    if not found or (project and project_of(found[0]) != project):
        if not project:
            raise Failure(403, 7, "permission denied")
        raise Failure(404, 5, f'applications.argoproj.io "{name}" not found')
    return found[0]


def _get(fake: FakeArgoCd, request: Request, document: Document) -> Document:
    if "refresh" not in request.query:
        return document
    return fake.change(document["metadata"]["name"], fake.on_refresh)


def _sync(fake: FakeArgoCd, request: Request, document: Document) -> Document:
    body = request.body
    if any(not window.get("manualSync") for window in fake.windows):
        raise Failure(403, 7, "cannot sync: blocked by sync window")
    if document["metadata"].get("deletionTimestamp"):
        raise Failure(400, 9, "application is deleting")
    if document.get("operation"):
        raise Failure(
            *(400, 9, "error setting app operation: another operation is already in progress")
        )

    def begin(changed: Document) -> None:
        changed["operation"] = {
            "sync": {
                "revision": changed["status"]["sync"]["revision"],
                "prune": body.get("prune", False),
                "dryRun": body.get("dryRun", False),
                "syncOptions": changed["spec"]["syncPolicy"]["syncOptions"],
            },
            "initiatedBy": {"username": "proj:dev:pipeline"},
            "info": body.get("infos") or [],
        }
        changed["status"].pop("operationState", None)

    name = document["metadata"]["name"]
    begun = fake.change(name, begin)
    fake.change(name, fake.on_sync)
    return begun


def _terminate(fake: FakeArgoCd, document: Document) -> Document:
    if not document.get("operation") or not document["status"].get("operationState"):
        raise Failure(400, 3, "Unable to terminate operation. No operation is in progress")

    def end(changed: Document) -> None:
        changed["status"]["operationState"]["phase"] = "Terminating"

    fake.change(document["metadata"]["name"], end)
    return {}


def _below(fake: FakeArgoCd, request: Request, document: Document, verb: str) -> Any:
    name = document["metadata"]["name"]
    if verb == "syncwindows":
        blocked = any(not window.get("manualSync") for window in fake.windows)
        windows = list(fake.windows)
        return {"activeWindows": windows, "assignedWindows": windows, "canSync": not blocked}
    empty: Document = {"nodes": []} if verb == "resource-tree" else {"items": []}
    found = fake.below.get((name, verb), empty)
    uid = request.query.get("resourceUID")
    if verb == "events" and uid:
        pod = request.query["resourceName"]
        nodes = fake.below.get((name, "resource-tree"), {"nodes": []})["nodes"]
        if not any(node.get("uid") == uid and node.get("name") == pod for node in nodes):
            raise Failure(400, 3, f"{pod} not found as part of application {name}")
        mine = [e for e in found["items"] if e["involvedObject"].get("uid") == uid]
        return {"metadata": {}, "items": mine}
    return found


def _copy(source: Document, target: Document, path: list[str]) -> None:
    key, *rest = path
    if not isinstance(source, dict) or key not in source:
        return
    if rest:
        _copy(source[key], target.setdefault(key, {}), rest)
    else:
        target[key] = source[key]


_LISTABLE = {
    *("metadata.name", "metadata.namespace", "metadata.annotations", "metadata.labels"),
    *("metadata.creationTimestamp", "metadata.deletionTimestamp", "spec", "spec.destination"),
    *("spec.project", "spec.source", "spec.sources", "spec.sourceHydrator", "spec.syncPolicy"),
    *("status.sourceHydrator", "status.summary", "status.sync.status", "status.sync.revision"),
    *("status.health", "status.operationState.startedAt", "status.operationState.finishedAt"),
    *("status.resources", "operation.sync", "status.operationState.phase"),
    "status.operationState.operation.sync",
}
