"""passes.yaml and fails.yaml beside a policy → Examples."""

from __future__ import annotations

from typing import Any

from tidegate.domain.catalogue import Example, Expected
from tidegate.domain.manifest import Manifest, identify
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.admission_documents import documents
from tidegate.repository.yaml import Document

# Which environment an example is judged in, and the one for examples that don't say.
ENVIRONMENT = "example.tidegate.dev/environment"
USUAL = "prod"


def read_examples(snapshot: Snapshot, folder: str) -> tuple[Example, ...]:
    """The examples of the policies whose file lies in the folder, in the order of the files.

    Raises ConfigurationError with every mistake of both files at once.
    """
    found: list[Example] = []
    problems: list[Problem] = []
    for expected in Expected:
        path = f"{folder}/{expected.value}.yaml"
        if not snapshot.is_file(path):
            continue
        data = snapshot.read(path)
        try:
            read, wrong = documents(path, data)
        except ConfigurationError as error:
            problems.extend(error.problems)
            continue
        problems.extend(wrong)
        chunks = _chunks(data.decode("utf-8").removeprefix("\ufeff"))
        for document in read:
            example = _example(document, expected, chunks)
            if isinstance(example, Problem):
                problems.append(example)
            else:
                found.append(example)
    if problems:
        raise ConfigurationError(problems)
    return tuple(found)


def read_objects(snapshot: Snapshot, path: str) -> tuple[Any, ...]:
    """The data of every document of a file; nothing where there is no such file.

    Raises ConfigurationError.
    """
    if not snapshot.is_file(path):
        return ()
    found, problems = documents(path, snapshot.read(path))
    if problems:
        raise ConfigurationError(problems)
    return tuple(document.data for document in found)


def _chunks(text: str) -> list[tuple[int, str]]:
    """Each document's text, with the line that it begins on."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("---")]
    found = zip([-1, *starts], [*starts, len(lines)], strict=True)
    return [(start + 2, "\n".join(lines[start + 1 : end]).strip("\n")) for start, end in found]


def _example(
    document: Document, expected: Expected, chunks: list[tuple[int, str]]
) -> Example | Problem:
    data = document.data if isinstance(document.data, dict) else {}
    id = identify(data)
    if not (id.api_version and id.kind and id.name):
        needs = "apiVersion, kind and metadata.name"
        return document.problem((), "is no Kubernetes object", needs)
    annotations = data["metadata"].get("annotations")
    notes = annotations if isinstance(annotations, dict) else {}
    environment = notes.get(ENVIRONMENT, USUAL)
    if not isinstance(environment, str):
        path = ("metadata", "annotations", ENVIRONMENT)
        return document.problem(path, "is no environment's name", "text")
    where = document.place(("kind",))
    text = next(text for start, text in reversed(chunks) if start <= where.line)
    manifest = Manifest(id, data, where.file)
    return Example(manifest, expected, environment, where, text)
