"""Whether an Application takes its manifests from where what was promoted lies."""

from __future__ import annotations

import posixpath

from tidegate.domain.application import Application
from tidegate.domain.source import Origin, same_address

_IMAGES = "kustomize.images"


def find_stray(application: Application, folder: str, origin: Origin | None) -> str:
    """Why what it renders isn't the overlay in a folder, as Git has it at its origin, and what to
    do; empty where it is, or where nobody names a folder. Pure."""
    if not folder:
        return ""
    if application.hydrated or not application.paths:
        return _without_folder(application, folder)
    if other := application.elsewhere(folder):
        return f"the Application renders {other}, and not {folder}"
    if posixpath.normpath(application.paths[0]) != folder:
        return f"the first of the Application's sources is {application.paths[0]}; put ours first"
    return _elsewhere(application, folder, origin) or _overridden(application, origin)


def _without_folder(application: Application, folder: str) -> str:
    if application.hydrated:
        what = "what its spec.sourceHydrator writes, whose commits aren't ours"
    else:
        what = "no folder: its spec.source has no path"
    return f"the Application renders {what}; let it render {folder}"


def _elsewhere(application: Application, folder: str, origin: Origin | None) -> str:
    """Another repository or branch may show our commit today, and won't show the next."""
    if origin is None:
        return ""
    if not origin.knows(application.repository):
        place = same_address(application.repository)
        return (
            f"the Application's spec.source.repoURL is {place}, which is neither the remote's nor"
            f" named in {posixpath.dirname(folder)}/argocd/; put it right, or name it there"
        )
    if not origin.follows(application.target_revision):
        return (
            f"the Application's spec.source.targetRevision is {application.target_revision};"
            f" let it follow {origin.branch}"
        )
    return ""


def _overridden(application: Application, origin: Origin | None) -> str:
    meant = origin.overrides if origin else frozenset()
    found = [key for key in application.overrides if key not in meant]
    if not found:
        return ""
    names = ", ".join(f"spec.source.{key}" for key in found)
    whose = ", as Argo CD Image Updater sets it," if _IMAGES in found else ""
    return f"the Application's {names}{whose} overrides what Git wants; take it out"
