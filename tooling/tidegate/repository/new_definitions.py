"""Files with CustomResourceDefinitions in them, from anywhere → each definition by itself, with
the places of its fields, and the text of the file that is to hold it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.custom_kind import Definition
from tidegate.domain.manifest import FieldPath, Manifest, identify
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.crds import KIND, definition_of
from tidegate.repository.dumping import dump
from tidegate.repository.rendered import read_plain
from tidegate.repository.yaml import FILE_SIZE_LIMIT, Document, decode, read

SOURCE_LIMIT = 16 * 1024 * 1024
_ELEMENTS = 500_000
_DOCUMENTS = 2000

_MARKER = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_HEAD = re.compile(r"\A---[ \t]*\n|\A\n+")
# What only a cluster writes into metadata: such objects are written without what is its own.
_OWN = ("uid", "managedFields", "resourceVersion")
_KEPT = ("name", "labels", "annotations")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, slots=True)
class NewDefinition:
    """A definition as it was found; `text` is what its file in the repository would hold."""

    manifest: Manifest
    definition: Definition
    document: Document
    prefix: FieldPath
    text: str

    def problem(self, field: FieldPath, message: str) -> Problem:
        """A Problem at one of the definition's fields."""
        return self.document.problem((*self.prefix, *field), message)


def read_new_definitions(file: str, data: bytes) -> tuple[list[NewDefinition], int]:
    """The definitions of a file, and how many objects of other kinds it has. Raises
    ConfigurationError for what can't be read."""
    text = decode(file, data, SOURCE_LIMIT).removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    starts = [0, *(match.start() for match in _MARKER.finditer(text)), len(text)]
    if len(starts) > _DOCUMENTS + 2:
        raise ConfigurationError([Problem.whole(file, f"has over {_DOCUMENTS} documents")])
    found: list[NewDefinition] = []
    problems: list[Problem] = []
    others = line = 0
    for start, end in itertools.pairwise(starts):
        chunk = text[start:end]
        if KIND not in chunk:
            others += any(row.strip() and row[0] not in "#-" for row in chunk.split("\n"))
        else:
            try:
                document = _document(file, chunk, line)
                objects = list(_objects(document))
            except ConfigurationError as error:
                problems.extend(error.problems)
            else:
                own = [
                    _new(document, item, prefix, chunk)
                    for item, prefix in objects
                    if item.get("kind") == KIND
                ]
                found += own
                others += len(objects) - len(own)
        line += chunk.count("\n")
    if problems:
        raise ConfigurationError(problems)
    return found, others


def _document(file: str, chunk: str, line: int) -> Document:
    if len(chunk) > FILE_SIZE_LIMIT:
        limit = FILE_SIZE_LIMIT // 1024**2
        raise ConfigurationError([Problem(file, line + 1, 1, "", f"is larger than {limit} MiB")])
    # The empty lines before it give each field its place in the whole file.
    text = "\n" * line + chunk
    document, problems = read(file, text.encode(), size=len(text) * 4, elements=_ELEMENTS)
    if problems:
        raise ConfigurationError(problems)
    return document


def _objects(document: Document) -> Iterator[tuple[dict[str, Any], FieldPath]]:
    data = document.data
    if not isinstance(data, dict):
        return
    items = data.get("items")
    if isinstance(items, list) and str(data.get("kind", "")).endswith("List"):
        yield from ((item, ("items", i)) for i, item in enumerate(items) if isinstance(item, dict))
    else:
        yield data, ()


def _new(document: Document, item: dict[str, Any], prefix: FieldPath, chunk: str) -> NewDefinition:
    where = document.place((*prefix, "kind"))
    manifest = Manifest(identify(item), item, document.file)
    return NewDefinition(
        manifest, definition_of(item, where), document, prefix, _text(item, prefix, chunk)
    )


def _text(item: Mapping[str, Any], prefix: FieldPath, chunk: str) -> str:
    """As it stands, comments included, where it stands alone; else anew."""
    metadata = item.get("metadata")
    live = isinstance(metadata, dict) and any(key in metadata for key in _OWN)
    text = _HEAD.sub("", chunk).strip("\n") + "\n"
    if not prefix and not live and _says(text, [item]):
        return text
    return dump([_without_clusters_own(item) if live else item])


def _says(text: str, items: Sequence[Mapping[str, Any]]) -> bool:
    try:
        return [manifest.data for manifest in read_plain("", text)] == items
    except ConfigurationError:
        return False


def _without_clusters_own(item: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: item["metadata"][key] for key in _KEPT if key in item["metadata"]}
    notes = metadata.get("annotations")
    if isinstance(notes, dict):
        metadata["annotations"] = {k: v for k, v in notes.items() if k != _LAST_APPLIED}
    kept = {key: value for key, value in item.items() if key != "status"}
    return {**kept, "metadata": metadata}
