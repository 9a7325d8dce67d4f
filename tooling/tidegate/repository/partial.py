"""Files that hold parts of objects: patches for `kubectl patch`, and what tests look for in a
cluster. Nobody applies them as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tidegate.domain.manifest import Manifest, reach

# As kuttl and chainsaw have them: 00-assert.yaml, crd-assert.yaml, 01-errors.yaml.
_ASSERTION = re.compile(r"(?:^|/)(?:(?:[\w.-]+-)?assert(?:-[\w.-]+)?|\d+-errors?)\.ya?ml$")
_PATCH = re.compile(r"(?:^|[/._-])patch(?:es)?(?:[._-][\w.-]*)?\.(?:ya?ml|json)$", re.IGNORECASE)
# What no such object can be made without.
_NEEDED = {
    ("apps", "Deployment"): ("spec", "selector"),
    ("apps", "StatefulSet"): ("spec", "selector"),
    ("apps", "DaemonSet"): ("spec", "selector"),
    ("batch", "Job"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "schedule"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): ("spec", "names"),
}
_CONTAINERS = ("spec", "template", "spec", "containers")


def is_assertion(path: str) -> bool:
    """Whether a file is named as what a test looks for."""
    return _ASSERTION.search(path) is not None


def is_called_patch(path: str) -> bool:
    """Whether a file is named as a patch; `are_patches` says whether it is one."""
    return _PATCH.search(path) is not None


def are_patches(manifests: Iterable[Manifest]) -> bool:
    """Whether each of the objects that can be told by it lacks what none can be made without."""
    told = [item for item in manifests if (item.id.group, item.id.kind) in _NEEDED]
    return bool(told) and all(map(_is_part, told))


def _is_part(manifest: Manifest) -> bool:
    needed = _NEEDED[manifest.id.group, manifest.id.kind]
    containers: Any = reach(manifest.data, _CONTAINERS)
    listed = containers if isinstance(containers, list) else []
    return reach(manifest.data, needed) is None or any(
        isinstance(item, dict) and "image" not in item for item in listed
    )
