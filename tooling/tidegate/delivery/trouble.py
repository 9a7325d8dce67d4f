"""Why something isn't ready, in words for people, and whether it is the Application's own fault."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidegate.domain.application import HEALTHY, Application, Pod

TERMINATING_POD = "Terminating"

_SHOWN = 8
_FINE = ("Running", "Completed", "Succeeded", TERMINATING_POD)
# Pods that only wait for their turn, or for what is just being prepared.
_EARLY = ("Pending", "ContainerCreating", "PodInitializing", "Init")
_STUCK = re.compile(
    r"(ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|CrashLoopBackOff"
    r"|CreateContainerConfigError|CreateContainerError|RunContainerError|OOMKilled"
    r"|StartError|ContainerCannotRun)"
)
# Argo CD's own parts, Git or the cluster don't answer: that says nothing about a manifest.
_BLIND = re.compile(
    r"code = (Unavailable|DeadlineExceeded|Canceled|ResourceExhausted|Unauthenticated)"
    r"|connection refused|connection reset|i/o timeout|context deadline exceeded|no such host"
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


def is_stuck(pod: Pod) -> bool:
    """Whether a pod can't start as it is: its image can't be had, or its container ends."""
    return bool(_STUCK.search(pod.reason))


def _pod(pod: Pod) -> str:
    line = f"Pod {pod.resource.name}: {pod.reason or pod.health.status or 'not known'}"
    if pod.restarts:
        line += f", {pod.restarts} restarts"
    return f"{line}: {pod.health.message}" if pod.health.message else line
