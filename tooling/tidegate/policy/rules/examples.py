"""Runs the examples that every rule has: overlays that pass, and overlays that fail.

An example is a file of several documents, the objects of one overlay of prod. Where it takes
several overlays, the annotation `example.tidegate.dev/overlay: staging/a` says whose an object
is. A document of kind Environment or Release (`tidegate.dev/v1`) stands for the file of that kind;
an Environment has its name under `metadata.name`. A Kustomization of kustomize's is the overlay's
own. Objects of Argo CD's own stand for
`environments/<env>/argocd/`, in a repository whose releases are committed to main.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tidegate.domain.app import Environment
from tidegate.domain.cluster import Cluster, RuleSetting
from tidegate.domain.context import RuleContext
from tidegate.domain.delivery import Delivery
from tidegate.domain.finding import Violation
from tidegate.domain.image import ImageRef
from tidegate.domain.image_entry import image_entries
from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest, Rendered, identify
from tidegate.domain.patch_target import patch_targets
from tidegate.domain.release import Release
from tidegate.policy.rules import RULES, collect, judge_overlay, judge_overlays
from tidegate.policy.rules.applications import APPLICATION, PROJECT, SET
from tidegate.policy.rules.shapes import at, mapping, sequence, text, texts

OVERLAY = "example.tidegate.dev/overlay"
_ALONE = "prod/example"
_OURS = "tidegate.dev/v1"
_KUSTOMIZE = "kustomize.config.k8s.io/v1beta1"
_ARGOCD = frozenset({APPLICATION, PROJECT, SET})
_BEFORE = {"prod": "staging", "staging": "dev"}


def run_example(documents: Iterable[Any]) -> tuple[tuple[str, Violation], ...]:
    """Everything that all rules find in an example, with its overlay."""
    overlays: dict[str, list[Manifest]] = {}
    environments: dict[str, Environment] = {}
    releases: dict[str, Release] = {}
    kustomizations: dict[str, Mapping[str, Any]] = {}
    for document in documents:
        if not isinstance(document, dict):
            continue
        ours = document.get("apiVersion") == _OURS
        if ours and document.get("kind") == "Environment":
            environment = _environment(document)
            environments[environment.name] = environment
        elif ours and document.get("kind") == "Release":
            release = _release(document)
            releases[f"{release.environment}/{release.app}"] = release
        else:
            name = text(mapping(at(document, "metadata", "annotations")).get(OVERLAY)) or _ALONE
            if identify(document)[:2] == (_KUSTOMIZE, "Kustomization"):
                kustomizations[name] = document
            else:
                overlays.setdefault(name, []).append(Manifest(identify(document), document))
    for name in overlays:
        place = name.partition("/")[0]
        environments.setdefault(place, Environment(place, None, _BEFORE.get(place)))
    return tuple(_run(overlays, environments, releases, kustomizations))


def _run(
    overlays: Mapping[str, list[Manifest]],
    environments: Mapping[str, Environment],
    releases: Mapping[str, Release],
    kustomizations: Mapping[str, Mapping[str, Any]],
) -> Iterator[tuple[str, Violation]]:
    facts = {}
    for name, manifests in sorted(overlays.items()):
        place, _, app = name.partition("/")
        release, fields = releases.get(name), kustomizations.get(name, {})
        images, patches = tuple(image_entries(fields)), tuple(patch_targets(fields))
        context = RuleContext(environments[place], release=release, images=images, patches=patches)
        rendered = Rendered(f"environments/{name}", tuple(manifests), place, app)
        if any(manifest.id.kind in _ARGOCD for manifest in manifests):
            folders = tuple(f"environments/{release}" for release in releases)
            context = RuleContext(delivery=Delivery("main", folders))
            rendered = Rendered(rendered.overlay, rendered.manifests)
        for violation in judge_overlay(rendered, context):
            yield rendered.overlay, violation
        facts[rendered.overlay] = collect(rendered, context)
    yield from judge_overlays(facts, environments)


def check_examples(rule: str, passes: Iterable[Any], fails: Iterable[Any]) -> Iterator[str]:
    """What is wrong with a rule's examples, a sentence each: nothing where the first passes
    every rule, and the second fails this one."""
    if rule not in RULES:
        yield f"'{rule}' is no rule of Tidegate's"
        return
    for overlay, found in run_example(passes):
        what = f"{found.rule}: {found.message}"
        yield f"the example of {rule} that passes doesn't, in {overlay}: {what}"
    if all(found.rule != rule for _, found in run_example(fails)):
        yield f"the example of {rule} that fails doesn't"


def _environment(document: Mapping[str, Any]) -> Environment:
    name = text(at(document, "metadata", "name")) or "prod"
    source = mapping(document.get("promotesFrom"))
    previous = text(source.get("environment")) or (None if source else _BEFORE.get(name))
    cluster = mapping(document.get("cluster"))
    return Environment(
        name,
        text(source.get("alias")) or None,
        previous,
        cluster=Cluster(
            text(cluster.get("kubernetes")) or None,
            texts(cluster.get("provides")),
            _words(cluster.get("components")),
            _words(cluster.get("compatibility")),
        ),
        rules=tuple(
            RuleSetting(
                text(item.get("rule")),
                text(item.get("severity")) or None,
                mapping(item.get("settings")),
                Location("environment.yaml"),
            )
            for item in sequence(document.get("rules"))
            if isinstance(item, dict)
        ),
    )


def _words(value: object) -> dict[str, str]:
    return {key: word for key, word in mapping(value).items() if isinstance(word, str)}


def _release(document: Mapping[str, Any]) -> Release:
    image = mapping(document.get("image"))
    parts = (text(image.get(key)) or None for key in ("tag", "digest"))
    return Release(
        text(document.get("app")),
        text(document.get("environment")),
        text(at(document, "model", "name")),
        text(at(document, "model", "version")),
        text(at(document, "model", "run")) or None,
        ImageRef(text(image.get("name")), *parts),
    )
