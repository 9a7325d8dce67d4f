"""Where an Application may take its manifests from, for what it runs to be what Git wants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>[^:/\s]+):(?!//)(?P<path>.+)")
_USUAL_PORTS = {"https": 443, "http": 80}
# They say how the overlay is rendered, or label what comes of it: what runs stays the same.
_HARMLESS = frozenset(
    {
        *("version", "kubeVersion", "apiVersions", "ignoreMissingComponents"),
        *("commonLabels", "labelWithoutSelector", "labelIncludeTemplates", "forceCommonLabels"),
        *("commonAnnotations", "commonAnnotationsEnvsubst", "forceCommonAnnotations"),
    }
)
_TOOLS = ("helm", "directory", "plugin", "chart")
_OVERLAID = frozenset({"kustomize", *_TOOLS})
# These two are the remote's own branch, as far as anybody can tell: the commit decides.
_DEFAULT_BRANCH = ("", "HEAD")


@dataclass(frozen=True, slots=True)
class Origin:
    """`branch` is the one that releases are commits on; `addresses` are what the remote is known
    by (see `same_address`), empty where any may be; `overrides` those that Git itself asks for."""

    branch: str
    addresses: frozenset[str] = frozenset()
    overrides: frozenset[str] = frozenset()

    def follows(self, revision: str) -> bool:
        """Whether whoever follows a target revision follows the branch."""
        name = revision.removeprefix("refs/heads/")
        return revision in _DEFAULT_BRANCH or name == self.branch

    def knows(self, address: str) -> bool:
        """Whether the repository at an address is ours, as far as anybody can tell."""
        return not self.addresses or same_address(address) in self.addresses


def same_address(address: str) -> str:
    """An address of a Git repository without what tells no two apart, nor anything secret: scheme,
    user, usual port, `.git`, closing slash and, as for Argo CD, whether letters are small."""
    bare = address.strip()
    if "://" in bare:
        host, path = _split(bare)
    elif scp := _SCP.fullmatch(bare):
        host, path = scp["host"], scp["path"]
    else:
        host, path = "", bare
    path = path.strip("/").removesuffix(".git").rstrip("/")
    return f"{host}/{path}".lower()


def overrides(source: Mapping[str, Any]) -> tuple[str, ...]:
    """What a source has rendered otherwise than its folder says, as keys such as
    `kustomize.images`."""
    if _OVERLAID.isdisjoint(source):  # nearly always
        return ()
    kustomize = source.get("kustomize")
    own = kustomize if isinstance(kustomize, Mapping) else {}
    keys = [f"kustomize.{key}" for key, value in own.items() if value and key not in _HARMLESS]
    return (*sorted(keys), *(tool for tool in _TOOLS if _says_anything(source.get(tool))))


def _split(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "", address.rpartition("@")[2]
    web = parts.scheme in _USUAL_PORTS
    shown = f":{port}" if web and port not in (None, _USUAL_PORTS[parts.scheme]) else ""
    return f"{parts.hostname or ''}{shown}", parts.path


def _says_anything(value: object) -> bool:
    """Argo CD takes a tool whose settings are all empty for none."""
    if isinstance(value, Mapping):
        return any(map(_says_anything, value.values()))
    return bool(value)
