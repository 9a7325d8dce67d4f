"""Which files decide what may pass, or who looks at it: changes of these are for their owners."""

from __future__ import annotations

import re

_OWNED = (
    (re.compile(r"policies/(gates|waivers|admission)/.+"), "what is asked before anything passes"),
    (re.compile(r"policies/.+"), "what files and manifests are held to"),
    (re.compile(r"tidegate\.yaml"), "where the evidence comes from"),
    (re.compile(r"environments/[^/]+/environment\.yaml"), "what is asked in an environment"),
    (re.compile(r"apps/[^/]+/app\.yaml"), "what an app is, and what is asked of it"),
    (re.compile(r"environments/[^/]+/argocd/.+|environments/[^/]+"), "what Argo CD may do"),
    (re.compile(r"(.+/)?CODEOWNERS"), "who has to look at changes"),
    (re.compile(r"\.github/.+|\.gitlab/.+|\.gitlab-ci\.yml|action\.yml|ci/.+"), "the pipelines"),
    (re.compile(r"tooling/.+|requirements/.+|pyproject\.toml|Makefile"), "what judges it all"),
    (re.compile(r"(.+/)?\.git(attributes|modules)"), "how Git checks files out"),
)


def owned_as(path: str) -> str | None:
    """What a file decides; None for one that decides nothing of the kind."""
    return next((what for pattern, what in _OWNED if pattern.fullmatch(path)), None)
