"""Where an overlay says which image runs, and which version: the places that a promotion edits."""

from __future__ import annotations

from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tidegate.domain.image import ImageRef
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.nodes import compose, problem
from tidegate.repository.quoting import quoted
from tidegate.repository.splice import Pair, is_null, is_string, pairs, scalar_text
from tidegate.repository.yaml import KeyPath, key_text

VERSION_LABEL = "app.kubernetes.io/version"

# Parts of field paths, in lower case, whose labels Kubernetes lets nobody change.
_FROZEN = frozenset({"selector", "volumeclaimtemplates"})


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """The entry under `images:` that a promotion edits, with its keys."""

    node: MappingNode
    path: KeyPath
    name: Pair
    new_name: Pair | None
    tag: Pair | None
    digest: Pair | None
    repository: str


@dataclass(frozen=True, slots=True)
class OverlayPlaces:
    """A parsed overlay; `version` is the pair of the version label, if there is one."""

    root: MappingNode
    image: ImageEntry
    version: Pair | None


def find_places(file: str, text: str, image: str) -> OverlayPlaces:
    """Finds the entry of `image` and the version label. Raises ConfigurationError with all
    problems. The text must not start with a byte order mark."""
    root = compose(file, text)
    if not isinstance(root, MappingNode):
        kind = "a list" if isinstance(root, SequenceNode) else "no mapping"
        what = "is empty" if root is None or is_null(root) else f"is {kind}"
        raise ConfigurationError([Problem(file, 1, 1, "", what, expected="a kustomization")])
    finder = _Finder(file, text)
    keys = pairs(file, root, (), finder.problems)
    entry = finder.image_entry(root, keys.get("images"), image)
    version = finder.version_label(keys.get("labels"), keys.get("commonLabels"))
    if finder.problems or entry is None:
        raise ConfigurationError(finder.problems)
    return OverlayPlaces(root, entry, version)


def missing_label(file: str, places: OverlayPlaces, version: str) -> Problem:
    """The Problem of an overlay without version label; it has the YAML to paste."""
    node = next((value for key, value in places.root.value if key.value == "labels"), None)
    field = ("- path: spec/template/metadata/labels", "  kind: {}", "  create: true")
    item = [
        "- pairs:",
        f"    {VERSION_LABEL}: {quoted(version)}",
        "  fields:",
        *("    " + line.format("Deployment") for line in field),
        *("    " + line.format("StatefulSet") for line in field),
    ]
    message = f"has no label {VERSION_LABEL}; {_to_paste('labels', node, item)}"
    return problem(file, (node or places.root).start_mark, message, "labels")


class _Finder:
    """Looks for our places in one file, and collects every problem that it meets."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.problems: list[Problem] = []

    def image_entry(self, root: MappingNode, images: Pair | None, image: str) -> ImageEntry | None:
        """The one entry of that name; whatever else would change the image is a problem."""
        found = [self._entry(path, node) for path, node in self._items(images)]
        entries = [entry for entry in found if entry is not None]
        ours = [entry for entry in entries if entry.name.value.value == image]
        if not ours:
            if not self.problems:
                node = images.value if images else None
                add = _to_paste("images", node, [f"- name: {quoted(image)}"])
                self._report(node or root, ("images",), f"has no entry for {image!r}; {add}")
            return None
        for other in ours[1:]:
            line = ours[0].name.key.start_mark.line + 1
            message = f"is a second entry for {image!r}; the first is on line {line}"
            self.problems.append(other.name.problem(self.file, message, expected="one entry"))
        self._chained(entries, ours[0])
        return ours[0]

    def version_label(self, labels: Pair | None, common: Pair | None) -> Pair | None:
        """The version label's pair under `labels`, where it must change no selector."""
        found: list[Pair] = []
        for path, node in self._items(labels):
            if not isinstance(node, MappingNode):
                self._report(node, path, "is not a mapping", expected="pairs and fields")
                continue
            item = pairs(self.file, node, path, self.problems)
            label = self._label_in(item.get("pairs"))
            if label is not None:
                found.append(label)
                self._selectors(item.get("includeSelectors"), item.get("fields"))
        for label in found[1:]:
            line = found[0].key.start_mark.line + 1
            message = f"sets {VERSION_LABEL} again; the first place is on line {line}"
            self.problems.append(label.problem(self.file, message, expected="one place"))
        if (label := self._label_in(common)) is not None:
            message = "is set by commonLabels, which changes selectors too, and those can't change"
            where = "labels with pairs and fields"
            self.problems.append(label.problem(self.file, message, expected=where))
        return found[0] if found else None

    def _entry(self, path: KeyPath, node: Node) -> ImageEntry | None:
        if not isinstance(node, MappingNode):
            self._report(node, path, "is not a mapping", expected="an image with its name")
            return None
        keys = pairs(self.file, node, path, self.problems)
        name, new_name = keys.get("name"), keys.get("newName")
        if name is None:
            self._report(node, path, "has no name", expected="the name of an image")
            return None
        known = len(self.problems)
        text = scalar_text(self.file, self.text, name, self.problems)
        if text is None or not is_string(name):
            if len(self.problems) == known:
                wrong = name.problem(self.file, "is not text", expected="a name, in quotes")
                self.problems.append(wrong)
            return None
        renamed = new_name and scalar_text(self.file, self.text, new_name, self.problems)
        tag, digest = keys.get("newTag"), keys.get("digest")
        return ImageEntry(node, path, name, new_name, tag, digest, renamed or text)

    def _chained(self, entries: list[ImageEntry], ours: ImageEntry) -> None:
        """kustomize runs the entries one after the other, each on the names that the last left."""
        position = entries.index(ours)
        name = ours.name.value.value
        for entry in entries[:position]:
            if entry.new_name is not None and entry.repository == name != entry.name.value.value:
                message = f"renames another image to {name!r}, which the entry below then changes"
                self.problems.append(entry.new_name.problem(self.file, message))
        for entry in entries[position + 1 :]:
            if entry.name.value.value == ours.repository != name:
                line = ours.name.key.start_mark.line + 1
                message = f"changes the image again that the entry on line {line} sets"
                self.problems.append(entry.name.problem(self.file, message, expected="one entry"))
        if ours.new_name is not None and not _is_repository(ours.repository):
            message = "is no image name without tag and digest"
            wrong = ours.new_name.problem(self.file, message, expected="registry/repository")
            self.problems.append(wrong)

    def _items(self, pair: Pair | None) -> list[tuple[KeyPath, Node]]:
        if pair is None or is_null(pair.value):
            return []
        if not isinstance(pair.value, SequenceNode):
            self.problems.append(pair.problem(self.file, "is not a list", expected="a list"))
            return []
        return [((*pair.path, index), node) for index, node in enumerate(pair.value.value)]

    def _label_in(self, mapping: Pair | None) -> Pair | None:
        if mapping is None or is_null(mapping.value):
            return None
        if not isinstance(mapping.value, MappingNode):
            self.problems.append(mapping.problem(self.file, "is not a mapping", expected="labels"))
            return None
        return pairs(self.file, mapping.value, mapping.path, self.problems).get(VERSION_LABEL)

    def _selectors(self, flag: Pair | None, fields: Pair | None) -> None:
        wanted = "fields that reach pod templates only"
        if flag is not None and yaml.SafeLoader.bool_values.get(str(flag.value.value).lower()):
            message = f"puts {VERSION_LABEL} into selectors, which can't change"
            self.problems.append(flag.problem(self.file, message, expected=wanted))
        for path, node in self._items(fields):
            if not isinstance(node, MappingNode):
                continue
            field = pairs(self.file, node, path, self.problems).get("path")
            if field is None or not isinstance(field.value, ScalarNode):
                continue
            parts = field.value.value.lower().replace("[]", "").split("/")
            if not _FROZEN.isdisjoint(parts):
                message = f"puts {VERSION_LABEL} where Kubernetes allows no change"
                self.problems.append(field.problem(self.file, message, expected=wanted))

    def _report(self, node: Node, path: KeyPath, message: str, **more: str) -> None:
        self.problems.append(problem(self.file, node.start_mark, message, key_text(path), **more))


def _to_paste(key: str, node: Node | None, item: list[str]) -> str:
    """`add under 'images':` and the lines, indented like those that are there."""
    listed, column = False, 2
    if isinstance(node, SequenceNode):
        listed, column = True, 2 if node.flow_style else node.start_mark.column
    indent = " " * column
    lines = ([] if listed else [f"{key}:"]) + [indent + line for line in item]
    return (f"add under '{key}':\n" if listed else "add:\n") + "\n".join(lines)


def _is_repository(text: str) -> bool:
    try:
        image = ImageRef.parse(text)
    except ValueError:
        return False
    return image.tag is None and image.digest is None
