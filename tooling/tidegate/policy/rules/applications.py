"""Argo CD's Applications, as objects and as the templates of ApplicationSets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.shapes import at, entries, mapping, text

GROUPS = frozenset({"argoproj.io"})
APPLICATION, SET, PROJECT = "Application", "ApplicationSet", "AppProject"
_DEEP = 3
_ENVIRONMENTS, _ARGOCD = "environments", "argocd"


class Application(NamedTuple):
    """What an Application is to be: its `spec`, and where in which object that stands."""

    manifest: Manifest
    path: FieldPath
    spec: Mapping[str, Any]

    @property
    def title(self) -> str:
        """How messages call it."""
        made = "an Application of " if self.manifest.id.kind == SET else ""
        return f"{made}{title(self.manifest)}"

    @property
    def project(self) -> str:
        """Its project's name; `default` where it names none."""
        return text(self.spec.get("project")) or "default"

    @property
    def sources(self) -> Iterator[tuple[FieldPath, Mapping[str, Any]]]:
        """Where its manifests come from, one place or several."""
        if "source" in self.spec:
            yield (*self.path, "source"), mapping(self.spec.get("source"))
        for index, source in entries(self.spec, "sources"):
            yield (*self.path, "sources", index), source


class Generator(NamedTuple):
    """A git generator of an ApplicationSet, however deep in a matrix or merge."""

    manifest: Manifest
    path: FieldPath
    git: Mapping[str, Any]

    @property
    def patterns(self) -> tuple[str, ...]:
        """The paths that it looks for, of files and of folders, without those it leaves out."""
        return tuple(
            text(item.get("path"))
            for kind in ("files", "directories")
            for _, item in entries(self.git, kind)
            if item.get("exclude") is not True
        )


def find_applications(inventory: Inventory) -> Iterator[Application]:
    """Every Application that these objects are, or make."""
    for manifest in inventory.of(APPLICATION, groups=GROUPS):
        yield Application(manifest, ("spec",), mapping(manifest.data.get("spec")))
    for manifest in inventory.of(SET, groups=GROUPS):
        spec = mapping(at(manifest.data, "spec", "template", "spec"))
        yield Application(manifest, ("spec", "template", "spec"), spec)


def find_generators(inventory: Inventory) -> Iterator[Generator]:
    """Every git generator of every ApplicationSet."""
    for manifest in inventory.of(SET, groups=GROUPS):
        yield from _generators(manifest, ("spec",), mapping(manifest.data.get("spec")), _DEEP)


def serves_releases(application: Application) -> bool:
    """Whether it applies apps of this repository, by its path or by what makes it."""
    manifest = application.manifest
    if manifest.id.kind == SET:
        spec = mapping(manifest.data.get("spec"))
        made_by = _generators(manifest, ("spec",), spec, _DEEP)
        return any(_is_app(pattern) for generator in made_by for pattern in generator.patterns)
    return any(_is_app(text(source.get("path"))) for _, source in application.sources)


def own_repositories(inventory: Inventory) -> frozenset[str]:
    """The addresses by which these objects know the repository that they lie in."""
    found: set[str] = set()
    for generator in find_generators(inventory):
        if any(map(_is_ours, generator.patterns)):
            found.add(text(generator.git.get("repoURL")))
    for application in find_applications(inventory):
        for _, source in application.sources:
            if _is_ours(text(source.get("path"))):
                found.add(text(source.get("repoURL")))
    return frozenset(found - {""})


def is_template(value: str) -> bool:
    """Whether only Argo CD can tell what a text will say."""
    return "{{" in value


def _is_ours(path: str) -> bool:
    return path.strip("/").partition("/")[0] == _ENVIRONMENTS


def _is_app(path: str) -> bool:
    """Whether a path leads to apps of an environment, not to Argo CD's own objects."""
    parts = path.strip("/").split("/")
    return len(parts) > 2 and parts[0] == _ENVIRONMENTS and parts[2] != _ARGOCD


def _generators(
    manifest: Manifest, path: FieldPath, holder: Mapping[str, Any], deep: int
) -> Iterator[Generator]:
    for index, item in entries(holder, "generators"):
        place = (*path, "generators", index)
        if "git" in item:
            yield Generator(manifest, (*place, "git"), mapping(item.get("git")))
        for kind in ("matrix", "merge"):
            if kind in item and deep:
                inner = mapping(item.get(kind))
                yield from _generators(manifest, (*place, kind), inner, deep - 1)
