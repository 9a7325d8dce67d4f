"""Why something isn't ready, in words for people, and whether it is the Application's own fault."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidegate.domain.application import DEGRADED, HEALTHY, Application, Pod, ResourceName

TERMINATING_POD = "Terminating"
DELETED = "the Application is being deleted"
SKIPPED = (
    "the Application's annotation argocd.argoproj.io/skip-reconcile keeps Argo CD from looking at"
    " it; take it off"
)

_SHOWN = 8
_FINE = ("Running", "Completed", "Succeeded", TERMINATING_POD)
# Pods that only wait for their turn, or for what is just being prepared.
_EARLY = ("Pending", "ContainerCreating", "PodInitializing", "Init")
_STUCK = re.compile(
    r"(ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|CrashLoopBackOff"
    r"|CreateContainerConfigError|CreateContainerError|RunContainerError|OOMKilled"
    r"|StartError|ContainerCannotRun)"
)
# The groups of objects that run pods. What else is degraded, such as an autoscaler without metrics
# or a certificate that isn't issued yet, says nothing about the version.
_RUNNING_PODS = frozenset(
    {"apps", "batch", "argoproj.io", "serving.kserve.io", "serving.knative.dev", "ray.io"}
    | {"leaderworkerset.x-k8s.io", "kubeflow.org", "machinelearning.seldon.io"}
)
# Argo CD's own parts, Git or the cluster don't answer: that says nothing about a manifest.
_BLIND = re.compile(
    r"code = (Unavailable|DeadlineExceeded|Canceled|ResourceExhausted|Unauthenticated)"
    r"|connection refused|connection reset|i/o timeout|context deadline exceeded|no such host"
    r"|connection timed out|no route to host|network is unreachable|name resolution"
    r"|request timed out|Client\.Timeout exceeded|client connection lost|no endpoints available"
    r"|certificate has expired|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out"
    r"|TLS handshake|EOF$|authentication required|could not read from remote"
    r"|unable to (resolve|access|connect)|failed to (list refs|get cluster|load live state)"
    r"|failed to sync cluster|cache is not synced|the server (was unable|is currently unable)"
    r"|too many requests|repository not (found|accessible)|permission denied|signal: killed",
    re.IGNORECASE,
)


def blind(message: str) -> bool:
    """Whether a complaint of Argo CD's is that it can't see, not that it doesn't like it."""
    return bool(_BLIND.search(message))


def unready(application: Application, pods: Sequence[Pod] | None) -> tuple[str, ...]:
    """A line for each object that isn't healthy, and for each pod that can't start."""
    lines = []
    for resource in application.resources:
        health = resource.health
        if health.status in (None, "", HEALTHY):
            continue
        line = f"{resource.resource.kind} {resource.resource.name}: {health.status}"
        lines.append(f"{line}: {health.message}" if health.message else line)
    for pod in pods or ():
        early = pod.reason.startswith(_EARLY) and not pod.health.message
        if is_stuck(pod) or not (pod.reason in _FINE or early):
            lines.append(_pod(pod))
    return tuple(dict.fromkeys(lines))[:_SHOWN]


def runs_badly(application: Application, pods: Sequence[Pod] | None) -> bool:
    """Whether what makes an Application degraded is something that runs pods, or a pod of it.
    Where nobody says which object it is, and there are no pods to be seen, it may well be."""
    if any(is_stuck(pod) or pod.health.status == DEGRADED for pod in pods or ()):
        return True
    culprits = [r.resource for r in application.resources if r.health.status == DEGRADED]
    return any(map(_is_workload, culprits)) if culprits else not pods


def is_stuck(pod: Pod) -> bool:
    """Whether a pod can't start as it is: its image can't be had, or its container ends."""
    return bool(_STUCK.search(pod.reason))


def _is_workload(resource: ResourceName) -> bool:
    core = not resource.group and resource.kind in ("Pod", "ReplicationController")
    return core or resource.group in _RUNNING_PODS


def _pod(pod: Pod) -> str:
    line = f"Pod {pod.resource.name}: {pod.reason or pod.health.status or 'not known'}"
    if pod.restarts:
        line += f", {pod.restarts} restarts"
    return f"{line}: {pod.health.message}" if pod.health.message else line
