"""Files that look like the cluster's objects and are read by other programs alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tidegate.domain.manifest import Manifest

_VENDORED = re.compile(
    r"(?:^|/)(?:vendor|node_modules|\.github|\.gitlab|\.venv|\.chainsaw-test|\.kyverno-test)/"
)
_GROUPLESS = re.compile(
    rb"apiVersion[\"']?[ \t]*:[ \t]*[\"']?(?!v1\b)[A-Za-z0-9]+[\"']?\s*(?:[#,}].*)?$",
    re.MULTILINE,
)

# What has metadata all the same: OpenShift's installer reads it.
_INSTALLED_BY = frozenset({"AgentConfig"})


def is_vendored(path: str, paths: Sequence[str]) -> bool:
    """Whether a file lies in a folder of other people's files, or of what pipelines and tests have
    for themselves, and none of the paths leads to it or into that folder."""
    if not _VENDORED.search(path):
        return False
    below = [named for named in paths if not named or path == named or path.startswith(f"{named}/")]
    return all(_VENDORED.search(path[len(named) :]) for named in below)


def may_be_foreign(data: bytes) -> bool:
    """Whether something has an apiVersion without a group; `are_foreign` says what that means."""
    return _GROUPLESS.search(data) is not None


def are_foreign(manifests: Iterable[Manifest]) -> bool:
    """Whether no document is an object of the cluster: each has an apiVersion without a group that
    isn't `v1`, the only one that Kubernetes has, and no metadata, as Talos' machines have them, or
    is of a kind that an installer reads; or it has no apiVersion at all."""
    return all(map(_is_foreign, manifests))


def _is_foreign(manifest: Manifest) -> bool:
    version, data = manifest.id.api_version, manifest.data
    if not version:
        return "apiVersion" not in data and "kind" not in data
    if "/" in version or version == "v1":
        return False
    return "metadata" not in data or manifest.id.kind in _INSTALLED_BY
