"""The fields of a kustomization that set fields of objects by themselves: images, replicas,
labels, annotations, the namespace, and parts of names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.domain.location import Location
from tidegate.repository.provenance.nodes import Mapping, Node, Scalar, mappings, text_of
from tidegate.repository.provenance.selector import Question, Target
from tidegate.repository.provenance.setters import Claim, Setter, place
from tidegate.repository.provenance.steps import Item

_SCALED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
_CONTAINERS = ("containers", "initContainers")
_IMAGE = re.compile(r"(?P<name>[^@]*?)(?::(?P<tag>[^:/@]*))?(?:@(?P<digest>.*))?", re.DOTALL)
_HOLDERS = ("labels", "matchLabels", "selector")

_TRANSFORMERS = {
    "LabelTransformer": ("labels", _HOLDERS),
    "AnnotationsTransformer": ("annotations", ("annotations",)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """An entry of `images`."""

    where: Location
    name: str
    tag: str | None
    digest: str | None

    def selects(self, target: Target) -> bool:  # noqa: ARG002 a Setter's shape
        """Images are found by their own names."""
        return True

    def claim(self, question: Question) -> Claim | None:
        """A container's image that is now what the entry says."""
        steps, value = question.steps, question.value
        if len(steps) < 3 or steps[-1] != "image" or not isinstance(value, str):
            return None
        holder = steps[-2]
        if not isinstance(holder, Item) or holder.field not in _CONTAINERS:
            return None
        found = _IMAGE.fullmatch(value[:2_000])
        if found is None or found["name"] != self.name:
            return None
        if self.tag not in (None, found["tag"]) or self.digest not in (None, found["digest"]):
            return None
        return Claim(self.where, len(steps), sure=True)


@dataclass(frozen=True, slots=True, eq=False)
class Replicas:
    """An entry of `replicas`."""

    where: Location
    name: str
    count: Node

    def selects(self, target: Target) -> bool:
        """A workload of that name."""
        return target.id.kind in _SCALED and self.name in target.names

    def claim(self, question: Question) -> Claim | None:
        """Its number of replicas."""
        if question.steps != ("spec", "replicas"):
            return None
        return Claim(self.where, 2, self.count)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One label or annotation. `holders` are the names of the mappings that it goes into, and
    `paths` the only ones where it isn't everywhere."""

    where: Location
    name: str
    value: Node
    holders: tuple[str, ...]
    paths: frozenset[str] | None

    def selects(self, target: Target) -> bool:  # noqa: ARG002 a Setter's shape
        """Every object gets it."""
        return True

    def claim(self, question: Question) -> Claim | None:
        """The label, wherever it is put."""
        steps = question.steps
        if len(steps) < 3 or steps[-1] != self.name or steps[-2] not in self.holders:
            return None
        path = "/".join(step for step in steps[:-1] if isinstance(step, str))
        if self.paths is not None and path not in self.paths:
            return None
        return Claim(self.where, len(steps), self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """The `namespace` of everything in the overlay."""

    where: Location
    name: str

    def selects(self, target: Target) -> bool:  # noqa: ARG002 a Setter's shape
        """Every object gets it."""
        return True

    def claim(self, question: Question) -> Claim | None:
        """The object's namespace, and those of whom it speaks."""
        named = question.target.id.kind == "Namespace" and question.steps == ("metadata", "name")
        if question.value != self.name or not (named or question.steps[-1:] == ("namespace",)):
            return None
        return Claim(self.where, len(question.steps), sure=True)


@dataclass(frozen=True, slots=True, eq=False)
class Affix:
    """`namePrefix` or `nameSuffix`."""

    where: Location
    text: str
    prefix: bool

    def selects(self, target: Target) -> bool:
        """An object whose name is no longer as it was written."""
        name = target.id.name
        # A hash may follow the suffix.
        fits = name.startswith(self.text) if self.prefix else self.text in name
        return fits and target.written != name

    def claim(self, question: Question) -> Claim | None:
        """The object's name."""
        if question.steps != ("metadata", "name"):
            return None
        return Claim(self.where, 2, sure=True)


def workload_setters(file: str, root: Mapping) -> Iterator[Setter]:
    """Images and replicas, the last one that kustomize applies first."""
    yield from reversed(list(_images(file, root)))
    yield from reversed(list(_replicas(file, root)))


def metadata_setters(file: str, root: Mapping) -> Iterator[Setter]:
    """Annotations, labels, names and namespace, which kustomize applies before those."""
    yield from _pairs(file, root, "commonAnnotations", ("annotations",), None)
    for item in reversed(list(mappings(root.value("labels")))):
        yield from _pairs(file, item, "pairs", _HOLDERS, _label_paths(item))
    yield from _pairs(file, root, "commonLabels", _HOLDERS, None)
    for name in ("nameSuffix", "namePrefix"):
        found = root.field(name)
        text = text_of(found[1]) if found else None
        if found and text:
            yield Affix(place(file, found[0]), text, name == "namePrefix")
    namespace = root.field("namespace")
    if namespace and (text := text_of(namespace[1])):
        yield Namespace(place(file, namespace[0]), text)


def transformer_setters(file: str, root: Mapping) -> Iterator[Setter]:
    """What a file of `transformers` puts on objects: labels and annotations."""
    field, holders = _TRANSFORMERS.get(text_of(root.get("kind")) or "", ("", ()))
    yield from _pairs(file, root, field, holders, frozenset(_paths(root, "fieldSpecs")))


def affixes(root: Mapping) -> tuple[str, str]:
    """What the kustomization puts before and after names."""
    return (text_of(root.value("namePrefix")) or "", text_of(root.value("nameSuffix")) or "")


def _images(file: str, root: Mapping) -> Iterator[Image]:
    for item in mappings(root.value("images")):
        keys = {name: item.field(name) for name in ("newTag", "digest", "newName", "name")}
        texts = {name: text_of(pair[1]) if pair else None for name, pair in keys.items()}
        name = texts["newName"] or texts["name"]
        at = next((keys[key] for key in ("newTag", "digest", "newName") if texts[key]), None)
        if name and at:
            yield Image(place(file, at[0]), name, texts["newTag"], texts["digest"])


def _replicas(file: str, root: Mapping) -> Iterator[Replicas]:
    for item in mappings(root.value("replicas")):
        name, count = text_of(item.value("name")), item.field("count")
        if name and count:
            yield Replicas(place(file, count[0]), name, count[1])


def _pairs(
    file: str, root: Mapping, field: str, holders: tuple[str, ...], paths: frozenset[str] | None
) -> Iterator[Pair]:
    found = root.value(field)
    for name, (key, value) in found.own().items() if isinstance(found, Mapping) else ():
        if isinstance(value, Scalar):
            yield Pair(place(file, key), name, value, holders, paths)


def _label_paths(item: Mapping) -> frozenset[str] | None:
    """Where an entry of `labels` puts its labels; None where it is everywhere."""
    if (text_of(item.value("includeSelectors")) or "").lower() == "true":
        return None
    paths = {"metadata/labels"}
    if (text_of(item.value("includeTemplates")) or "").lower() == "true":
        workload = "template/metadata/labels"
        paths |= {f"spec/{workload}", f"spec/jobTemplate/spec/{workload}"}
        paths |= {"spec/jobTemplate/metadata/labels", "spec/volumeClaimTemplates/metadata/labels"}
    return frozenset(paths.union(_paths(item, "fields")))


def _paths(item: Mapping, field: str) -> Iterator[str]:
    for entry in mappings(item.value(field)):
        if path := text_of(entry.value("path")):
            yield path.replace("[]", "").strip("/")
