"""Kubernetes without machines: the controllers, the scheduler, and kwok that plays the nodes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.support.apiserver import ApiServer
from tests.support.processes import Server, find, free_ports, server

NAMES = ("kube-controller-manager", "kube-scheduler", "kwok")
NODE = "node-1"
NEVER_READY = "never-ready"
# etcd 3.4 has no watch progress, which watch lists need.
ENVIRON = {"KUBE_FEATURE_WatchListClient": "false"}
# Those that would look after real machines.
_LEFT_OUT = (
    "node-ipam-controller",
    "node-lifecycle-controller",
    "cloud-node-lifecycle-controller",
    "service-lb-controller",
)
_CAPACITY = {"cpu": "1000", "memory": "4Ti", "pods": "10000", "nvidia.com/gpu": "64"}
_STATUS = """\
{{ $now := Now }}
startTime: {{ $now | Quote }}
phase: %(phase)s
hostIP: 127.0.0.1
podIP: 10.0.0.1
conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "%(ready)s", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "%(ready)s", lastTransitionTime: {{ $now | Quote }}}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  restartCount: 0
  ready: %(flag)s
  started: %(flag)s
  state: %(state)s
{{ end }}
"""
_RUNNING = {
    "phase": "Running",
    "ready": "True",
    "flag": "true",
    "state": "{running: {startedAt: {{ $now | Quote }}}}",
}
_PULLING = {
    "phase": "Pending",
    "ready": "False",
    "flag": "false",
    "state": "{waiting: {reason: ImagePullBackOff, message: 'Back-off pulling image'}}",
}


def run_cluster(
    api: ApiServer, folder: Path, kubeconfig: Path, stack: ExitStack
) -> dict[str, Server]:
    """Starts all that makes an API server a cluster with one large node. It ends with the
    context."""
    files = [
        f"--{option}={kubeconfig}"
        for option in ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")
    ]
    left_out = ",".join(["*", *(f"-{name}" for name in _LEFT_OUT)])
    stages = folder / "stages.json"
    stages.write_text("\n---\n".join(map(json.dumps, _stages())), "utf-8")
    commands = {
        "kube-controller-manager": [*files, f"--controllers={left_out}", *_alone()],
        "kube-scheduler": [*files, *_alone()],
        "kwok": [f"--kubeconfig={kubeconfig}", f"--config={stages}", "--manage-all-nodes=true"],
    }
    running = {
        name: stack.enter_context(
            server([str(find(name)), *flags], folder / f"{name}.log", ENVIRON)
        )
        for name, flags in commands.items()
    }
    _add_node(api)
    return running


def _alone() -> list[str]:
    (port,) = free_ports(1)
    return ["--leader-elect=false", "--bind-address=127.0.0.1", f"--secure-port={port}"]


def _add_node(api: ApiServer) -> None:
    node: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "labels": {"kubernetes.io/hostname": NODE}},
        "status": {
            "capacity": _CAPACITY,
            "allocatable": _CAPACITY,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        },
    }
    made = api.send(node, dry_run=False)
    assert made.accepted, made.message
    # Admission taints every new node as not ready; the controller that would take it off is one
    # of those left out.
    path = f"/api/v1/nodes/{NODE}"
    headers = {"Content-Type": "application/merge-patch+json"}
    api.client.patch(path, content='{"spec":{"taints":null}}', headers=headers).raise_for_status()


def _stages() -> list[Mapping[str, Any]]:
    """How pods live here: they run and are ready at once, or wait for an image for ever."""
    waits = f'[.spec.containers[].image | contains(":{NEVER_READY}")] | any | tostring'
    new = [
        {"key": ".metadata.deletionTimestamp", "operator": "DoesNotExist"},
        {"key": ".status.containerStatuses", "operator": "DoesNotExist"},
    ]
    return [
        _node_stage(),
        _stage("run", [*new, _in(waits, "false")], {"statusTemplate": _STATUS % _RUNNING}),
        _stage("pull", [*new, _in(waits, "true")], {"statusTemplate": _STATUS % _PULLING}),
        _stage(
            "delete",
            [{"key": ".metadata.deletionTimestamp", "operator": "Exists"}],
            {"finalizers": {"empty": True}, "delete": True},
        ),
    ]


def _node_stage() -> dict[str, Any]:
    """kwok looks after the pods of no node unless it has a stage for nodes."""
    status = '.status.conditions.[] | select( .type == "Ready" ) | .status'
    template = "conditions:\n- {type: Ready, status: 'True', reason: KubeletReady}\n"
    stage = _stage("ready", [_in(status, "False")], {"statusTemplate": template})
    stage["metadata"]["name"] = "node-ready"
    stage["spec"]["resourceRef"]["kind"] = "Node"
    return stage


def _in(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": [value]}


def _stage(name: str, when: list[Mapping[str, Any]], then: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": f"pod-{name}"},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
            "selector": {"matchExpressions": when},
            "next": then,
        },
    }
