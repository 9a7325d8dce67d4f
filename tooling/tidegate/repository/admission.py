"""policies/admission/ → Admission: policies, bindings and parameters, each held against what the
API server asks of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tidegate.domain.admission import AdmissionPolicy, Binding, Parameter
from tidegate.domain.rulebook import Admission
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import nearest
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.admission_documents import Source, documents
from tidegate.repository.admission_objects import binding_of, own_rules, policy_of
from tidegate.repository.layout import ADMISSION, KUSTOMIZATIONS
from tidegate.repository.schemas import check
from tidegate.repository.yaml import Document

GROUP = "admissionregistration.k8s.io"
KINDS = {
    "ValidatingAdmissionPolicy": "admission-policy",
    "ValidatingAdmissionPolicyBinding": "admission-binding",
}
_SUFFIXES = (".yaml", ".yml", ".json")
_OTHERS = (*KUSTOMIZATIONS, "passes.yaml", "fails.yaml")


def read_admission(snapshot: Snapshot, folder: str = ADMISSION) -> Admission:
    """Every policy, binding and parameter below the folder; empty where there is no folder.

    Raises ConfigurationError with all mistakes of all files at once.
    """
    files = [path for path in snapshot.files(folder) if _is_meant(snapshot, path)]
    snapshot.prefetch(files)
    reader = _Reader()
    for path in files:
        if snapshot.is_file(path):
            reader.read(path, snapshot.read(path))
        else:
            message = "is a symbolic link or a submodule"
            reader.problems.append(Problem.whole(path, message, expected="a regular file"))
    reader.compare()
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return Admission(
        tuple(reader.policies.values()),
        tuple(binding for binding, _ in reader.bindings.values()),
        tuple(reader.parameters.values()),
    )


class _Reader:
    """Reads one file after the other, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.policies: dict[str, AdmissionPolicy] = {}
        self.bindings: dict[str, tuple[Binding, Document]] = {}
        self.parameters: dict[tuple[str, ...], Parameter] = {}
        # Policies with mistakes are no reason to tell their bindings off.
        self.broken: set[str] = set()

    def read(self, path: str, data: bytes) -> None:
        try:
            found, problems = documents(path, data)
        except ConfigurationError as error:
            self.problems.extend(error.problems)
            return
        self.problems.extend(problems)
        source = Source(data)
        for document in found:
            self._take(document, source)

    def compare(self) -> None:
        """Holds the bindings against the policies that they name."""
        for binding, document in self.bindings.values():
            if binding.policy not in self.policies.keys() | self.broken:
                message = f"names the policy '{binding.policy}', which is not in {ADMISSION}"
                near = nearest(binding.policy, self.policies)
                self.problems.append(
                    document.problem(("spec", "policyName"), message, nearest=near)
                )

    def _take(self, document: Document, source: Source) -> None:
        data = document.data if isinstance(document.data, dict) else {}
        version, kind = str(data.get("apiVersion", "")), str(data.get("kind", ""))
        if version.partition("/")[0] != GROUP:
            self._parameter(document, version, kind)
            return
        schema = KINDS.get(kind)
        if version != f"{GROUP}/v1" or schema is None:
            key = "kind" if version == f"{GROUP}/v1" else "apiVersion"
            wrong = str(data.get(key))
            message = f"is {wrong}, which is not supported here"
            expected = f"{GROUP}/v1 with the kind " + " or ".join(KINDS)
            near = nearest(kind, KINDS) if key == "kind" else None
            self.problems.append(document.problem((key,), message, expected, near))
            return
        problems = list(check(schema, document))
        if not problems:
            problems = list(own_rules(document))
        self.problems.extend(problems)
        name = _name(data)
        if problems:
            self.broken.add(name)
        elif kind == "ValidatingAdmissionPolicy":
            self._once(name, self.policies, document)
            self.policies[name] = policy_of(document, source)
        else:
            self._once(name, self.bindings, document)
            self.bindings[name] = binding_of(document), document

    def _parameter(self, document: Document, version: str, kind: str) -> None:
        data = document.data
        if not version or not kind or not _name(data):
            message = "is no object that policies could take parameters from"
            expected = "apiVersion, kind and metadata.name"
            self.problems.append(document.problem((), message, expected))
            return
        metadata = data["metadata"]
        key = (version, kind, str(metadata.get("namespace", "")), _name(data))
        self._once(key, self.parameters, document)
        self.parameters[key] = Parameter(data, document.place(("metadata", "name")))

    def _once(self, name: Any, known: Iterable[Any], document: Document) -> None:
        if name in known:
            shown = name if isinstance(name, str) else "/".join(filter(None, name))
            message = f"is '{shown}', which is there twice"
            self.problems.append(document.problem(("metadata", "name"), message))


def _is_meant(snapshot: Snapshot, path: str) -> bool:
    """A link's name tells nothing: there may be policies behind it."""
    name = path.rpartition("/")[2]
    return name not in _OTHERS and (name.lower().endswith(_SUFFIXES) or not snapshot.is_file(path))


def _name(data: Any) -> str:
    metadata = data.get("metadata") if isinstance(data, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""
