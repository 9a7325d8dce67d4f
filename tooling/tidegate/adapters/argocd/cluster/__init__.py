"""Argo CD's Applications through the API of the cluster that it runs in, without its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tidegate.adapters.argocd.cluster.access import open_access
from tidegate.adapters.argocd.cluster.api import ClusterApi
from tidegate.adapters.argocd.cluster.applications import ClusterApplications
from tidegate.adapters.http import Http

__all__ = ["ClusterApplications", "open_applications"]

_BODY_LIMIT = 256 * 2**20


def open_applications(
    context: str | None, env: Mapping[str, str], *, namespace: str, remaining: Callable[[], float]
) -> ClusterApplications:
    """Those of the Argo CD in a namespace of the cluster that a kubeconfig names, or that we run
    in. Raises as `open_access`."""
    access = open_access(context, env)
    http = Http(remaining=remaining, limit=_BODY_LIMIT, verify=access.verify)
    return ClusterApplications(ClusterApi(access, http), namespace=namespace)
