"""Entries of a kustomization's `images` that change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.policy.rules.hearsay import texts_of
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.kinds import TEMPLATES
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import shown, text
from tidegate.policy.rules.spelling import nearest_name, suggestion

_MOST = 200  # more than any kustomization that a person wrote


def _judge(inventory: Inventory) -> Iterator[Found]:
    if not inventory.context.images or not inventory.pods:
        return
    images = {text(c.data.get("image")) for pods in inventory.pods for c in pods.containers}
    names = sorted({_name(image) for image in images if image})
    for entry in inventory.context.images[:_MOST]:
        result = entry.result
        made = (f"{result}:", f"{result}@")
        if any(image == result or image.startswith(made) for image in images):
            continue
        # Fields of other kinds are changed too, where a configuration says so.
        if _says(inventory.once("texts", _texts), result):
            continue
        start = f"images names '{shown(entry.name)}', and"
        message = (
            f"{start} kustomize leaves it as it is: '{shown(result)}' is nowhere in this overlay"
            if entry.name in names
            else f"{start} no container of this overlay runs it"
            f"{suggestion(nearest_name(entry.name, names))}"
        )
        yield Found(message, None, ("images", entry.position))


def _name(image: str) -> str:
    """The image without its digest and tag."""
    path, slash, last = image.partition("@")[0].rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}"


def _texts(inventory: Inventory) -> str:
    return "\0".join(said for manifest in inventory.manifests for said in texts_of(manifest.data))


def _says(texts: str, image: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(image)}(?![\w./-])", texts) is not None


IMAGE_ENTRY = Rule(
    "image-entry",
    Severity.WARN,
    "gitops",
    why="kustomize says nothing of an entry that fits no image: the old one goes on running.",
    fix="Name the image as the base does, without tag and digest, or remove the entry.",
    link="https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/",
    judge=_judge,
    about=frozenset(TEMPLATES),
)
