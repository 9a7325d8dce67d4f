"""ConfigMaps and Secrets that a kustomization generates."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Data
from dataclasses import dataclass
from typing import Any

from tidegate.domain.location import Location
from tidegate.repository.provenance.agreement import same_scalar
from tidegate.repository.provenance.nodes import Mapping, Node, Scalar, items, mappings, text_of
from tidegate.repository.provenance.selector import Question, Target
from tidegate.repository.provenance.setters import Claim, place

_DATA = ("data", "binaryData", "stringData")
# The name of a file that an entry refers to, and its lines; nothing where it can't be read.
Lines = Callable[[str], tuple[str, tuple[str, ...]] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Generator:
    """One entry. `keys` are the data keys with their places, and with their values where those
    stand in the kustomization or in a file of variables."""

    where: Location
    kind: str
    name: str
    keys: Data[str, tuple[Location, str | None]]
    options: tuple[tuple[str, Mapping], ...]

    def selects(self, target: Target) -> bool:
        """What it made, or adds to."""
        return target.id.kind == self.kind and self.name in target.names

    def claim(self, question: Question) -> Claim | None:
        """A key of the data, a label or annotation of its options, or the entry itself."""
        steps = question.steps
        if steps == ("metadata", "name"):
            return Claim(self.where, 2, Scalar(0, 0, self.name, None, 0))
        if len(steps) == 2 and steps[0] in _DATA and steps[1] in self.keys:
            where, text = self.keys[str(steps[1])]
            same = text is None or _is(question.value, text, secret=self.kind == "Secret")
            return Claim(where, 2, sure=same)
        for file, options in self.options:
            pair = _option(options, question)
            if pair:
                return Claim(place(file, pair[0]), len(steps), pair[1])
        return Claim(self.where, 0)


def generators(
    file: str, root: Mapping, field: str, kind: str, lines: Lines
) -> Iterator[Generator]:
    """The entries of one field, the last one first."""
    shared = root.value("generatorOptions")
    for item in reversed(list(mappings(root.value(field)))):
        name, own = item.field("name"), item.value("options")
        text = text_of(name[1]) if name else None
        if name is None or not text:
            continue
        said = tuple((file, node) for node in (own, shared) if isinstance(node, Mapping))
        keys = dict(_keys(file, item, lines))
        yield Generator(place(file, name[0]), kind, text, keys, said)


def _keys(
    file: str, item: Mapping, lines: Lines
) -> Iterator[tuple[str, tuple[Location, str | None]]]:
    for node in _entries(item, "files"):
        entry = text_of(node) or ""
        key = entry.partition("=")[0] if "=" in entry else entry.rpartition("/")[2]
        yield key, (place(file, node), None)
    for field in ("envs", "env"):
        for node in _entries(item, field):
            found = lines(text_of(node) or "")
            for number, line in enumerate(found[1] if found else (), 1):
                key, equals, value = line.partition("=")
                if found and equals and not line.lstrip().startswith("#"):
                    yield key.strip(), (Location(found[0], number, 1), value)
    for node in _entries(item, "literals"):
        key, equals, value = (text_of(node) or "").partition("=")
        if equals:
            yield key, (place(file, node), value)


def _entries(item: Mapping, field: str) -> Iterator[Node]:
    found = item.value(field)
    if isinstance(found, Scalar):
        yield found
    yield from items(found)


def _is(value: Any, text: str, *, secret: bool) -> bool:
    if secret and isinstance(value, str):
        try:
            value = base64.b64decode(value[:100_000]).decode()
        except (binascii.Error, ValueError):
            return False
    unquoted = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
    return value in (text, unquoted)


def _option(options: Mapping, question: Question) -> tuple[Node, Node] | None:
    steps = question.steps
    if len(steps) == 3 and steps[0] == "metadata" and steps[1] in ("labels", "annotations"):
        inner = options.value(str(steps[1]))
        return inner.pair(str(steps[2])) if isinstance(inner, Mapping) else None
    if steps == ("immutable",):
        found = options.field("immutable")
        agreed = found and isinstance(found[1], Scalar) and same_scalar(found[1], question.value)
        return found if agreed else None
    return None
