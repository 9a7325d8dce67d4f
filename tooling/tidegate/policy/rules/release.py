"""The overlay and the release beside it say the same: image, tag, digest, version label."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.image import ImageRef
from tidegate.domain.release import Release
from tidegate.policy.rules.inventory import Inventory, metadata_labels
from tidegate.policy.rules.pods import Pods
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import shown, text

VERSION_LABEL = "app.kubernetes.io/version"


def _judge(inventory: Inventory) -> Iterator[Found]:
    release = inventory.context.release
    if release is None:
        return
    running = False
    for pods in inventory.pods:
        mine = False
        for container in pods.containers:
            image = _image(container.data.get("image"))
            if image is None or image.name != release.image.name:
                continue
            running = mine = True
            for what, ours, theirs in (
                ("tag", image.tag, release.image.tag),
                ("digest", image.digest, release.image.digest),
            ):
                if ours != theirs:
                    message = (
                        f"{title(pods.owner)} runs {shown(image.name)} with the {what} "
                        f"{_said(ours)}, and release.yaml says {_said(theirs)}"
                    )
                    yield Found(message, pods.owner.id, (*container.path, "image"))
        if mine:
            yield from _other_version(pods, release)
    if not running and inventory.pods and not inventory.has_unknown_pods:
        message = (
            f"no container runs {shown(release.image.name)}, which release.yaml says is released"
        )
        yield Found(message, None)


def _image(value: object) -> ImageRef | None:
    try:
        return ImageRef.parse(text(value))
    except ValueError:
        return None


def _said(value: str | None) -> str:
    return f"'{shown(value)}'" if value else "nothing"


def _other_version(pods: Pods, release: Release) -> Iterator[Found]:
    places = (
        (("metadata", "labels"), metadata_labels(pods.owner)),
        ((*pods.path, "metadata", "labels"), pods.labels),
    )
    said = {path: labels.get(VERSION_LABEL) for path, labels in places}
    if not any(said.values()):
        message = (
            f"{title(pods.owner)} has no label {VERSION_LABEL}, and release.yaml says version "
            f"'{shown(release.version)}'"
        )
        yield Found(message, pods.owner.id, ("metadata", "labels"))
    for path, value in said.items():
        if value and value != release.version:
            message = (
                f"{title(pods.owner)} is labelled version '{shown(value)}', and release.yaml says "
                f"'{shown(release.version)}'"
            )
            yield Found(message, pods.owner.id, (*path, VERSION_LABEL))


RELEASE_AGREES = Rule(
    "release-agrees",
    Severity.DENY,
    "gitops",
    why="Where overlay and record disagree, one was edited by hand, past every gate.",
    fix="Revert the edit; `tidegate promote` writes both.",
    link="https://opengitops.dev/#principles",
    judge=_judge,
)
