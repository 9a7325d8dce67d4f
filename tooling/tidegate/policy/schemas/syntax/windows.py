"""What pods of one operating system don't have of the other (pkg/apis/core/validation:
validateWindows, validateLinux, validateWindowsSecurityContextOptions)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import SUBDOMAIN_RULE, is_subdomain
from tidegate.policy.schemas.syntax.reading import items, part
from tidegate.policy.schemas.syntax.words import named

_POD = ("hostPID", "hostIPC", "shareProcessNamespace")  # false is as good as none
_EITHER = ("seLinuxOptions", "seccompProfile", "appArmorProfile", "runAsUser", "runAsGroup")
_POD_CONTEXT = (
    *(*_EITHER, "fsGroup", "fsGroupChangePolicy", "sysctls", "supplementalGroups"),
    "supplementalGroupsPolicy",
)
_CONTEXT = (
    *(*_EITHER, "capabilities", "readOnlyRootFilesystem", "privileged"),
    *("allowPrivilegeEscalation", "procMount"),
)
_WINDOWS = "windowsOptions"


def judge_system(pod: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A pod's settings, where it says for which system they are."""
    places = [(part(pod, "securityContext"), (*path, "securityContext"), _POD_CONTEXT)]
    for key in ("initContainers", "containers"):
        for container, where in items(pod.get(key), (*path, key)):
            own = part(container, "securityContext")
            places.append((own, (*where, "securityContext"), _CONTEXT))
    for context, where, _ in places:
        options = part(context, _WINDOWS)
        rule = f"a name: {SUBDOMAIN_RULE}"
        inner = (*where, _WINDOWS)
        yield from named(options, "gmsaCredentialSpecName", is_subdomain, rule, inner)
    system = part(pod, "os").get("name")
    if system == "windows":
        for key in _POD:
            if pod.get(key):
                yield _foreign((*path, key), "Windows")
        if pod.get("hostUsers") is not None:
            yield _foreign((*path, "hostUsers"), "Windows")
    if system in ("linux", "windows"):
        for context, where, keys in places:
            for key in keys if system == "windows" else (_WINDOWS,):
                if context.get(key) not in (None, []):
                    yield _foreign((*where, key), system.capitalize())


def _foreign(path: FieldPath, system: str) -> Flaw:
    return Flaw(path, f"is set; expected none for a pod of {system}, as spec.os.name says")
