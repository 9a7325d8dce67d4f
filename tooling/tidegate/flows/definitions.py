"""`schemas add`: definitions of custom kinds, held against what the API server asks of them, and
put where checks find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tidegate.domain.custom_kind import Definition
from tidegate.domain.finding import Severity
from tidegate.domain.location import Location
from tidegate.domain.schema_catalogue import Addition, AdditionReport, Outcome
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import one_line
from tidegate.errors import ConfigurationError, InputError, Problem
from tidegate.policy.schemas.cluster import Schemas
from tidegate.policy.schemas.versions import default_version
from tidegate.policy.schemas.words import field_text
from tidegate.repository.crds import definition_files, definition_of, read_manifests
from tidegate.repository.layout import DEFINITIONS
from tidegate.repository.new_definitions import NewDefinition, read_new_definitions


class _Kept(NamedTuple):
    """A definition that the repository has; `replaceable` says that its file has nothing else."""

    file: str
    data: Mapping[str, Any]
    definition: Definition
    replaceable: bool


def add_definitions(
    snapshot: Snapshot,
    sources: Mapping[str, bytes],
    write: Callable[[str, bytes], None],
    *,
    replace: bool,
    dry_run: bool,
) -> AdditionReport:
    """Adds every definition of the sources (path → contents), or none of them; `write` puts a
    file of the repository in place. Raises ConfigurationError for what the API server would
    refuse, and for what is there already and says something else, unless it is to be replaced;
    InputError where the sources have none."""
    read, others = _read(sources)
    _refuse(read)
    found = list({new.definition.name: new for new in read}.values())
    kept = list(_kept(snapshot))
    additions: list[Addition] = []
    problems: list[Problem] = []
    for new in found:
        name = new.definition.name
        problems.extend(_claims(new, kept))
        old = next((item for item in kept if item.definition.name == name), None)
        addition = _addition(new, old)
        if old and addition.outcome is Outcome.REPLACED and not (replace and old.replaceable):
            problems.append(_differs(addition, old))
        additions.append(addition)
    if problems:
        raise ConfigurationError(problems)
    for new, addition in zip(found, additions, strict=True):
        if not dry_run and addition.outcome is not Outcome.UNCHANGED:
            write(addition.file, new.text.encode("utf-8"))
    return AdditionReport(tuple(additions), others, dry_run)


def _read(sources: Mapping[str, bytes]) -> tuple[list[NewDefinition], int]:
    found: list[NewDefinition] = []
    problems: list[Problem] = []
    others = 0
    for path, data in sources.items():
        try:
            new, more = read_new_definitions(one_line(path), data)
        except ConfigurationError as error:
            problems.extend(error.problems)
            continue
        found += new
        others += more
    if problems:
        raise ConfigurationError(problems)
    if not found:
        raise InputError(
            f"no CustomResourceDefinition is in {', '.join(map(one_line, sources))}",
            hint="add the file that `kubectl get crd NAME -o yaml` prints, or the project's own",
        )
    return found, others


def _refuse(found: Sequence[NewDefinition]) -> None:
    """Raises ConfigurationError with everything that the newest known API server would refuse."""
    schemas = Schemas(default_version())
    problems: list[Problem] = []
    first: dict[str, NewDefinition] = {}
    for new in found:
        for violation in schemas.judge(new.manifest):
            if violation.severity is Severity.DENY:
                message = violation.message.removeprefix(f"{field_text(violation.field)} ")
                problems.append(new.problem(violation.field, message))
        other = first.setdefault(new.definition.name, new)
        if other is not new and other.manifest.data != new.manifest.data:
            message = f"is another {new.definition.name} than that of {other.definition.where}"
            problems.append(new.problem(("metadata", "name"), message))
    if problems:
        raise ConfigurationError(problems)


def _kept(snapshot: Snapshot) -> Iterator[_Kept]:
    """What the repository has, as far as it can be read: of the rest `check` tells."""
    for path in definition_files(snapshot):
        try:
            manifests = read_manifests(snapshot, path)
        except ConfigurationError:
            continue
        for manifest in manifests:
            definition = definition_of(manifest.data, Location(path, 1, 1))
            single = len(manifests) == 1 and not path.endswith(".json")
            yield _Kept(path, manifest.data, definition, single)


def _claims(new: NewDefinition, kept: Sequence[_Kept]) -> Iterator[Problem]:
    """A kind that another definition has already: a cluster would serve only one of them."""
    own = new.definition
    for old in kept:
        other = old.definition
        same = (other.group, other.kind) == (own.group, own.kind)
        if same and other.name != own.name:
            message = f"is {own.kind} of {own.group}, which {old.file} has as {other.name}"
            yield new.problem(("spec", "names", "kind"), message)


def _addition(new: NewDefinition, old: _Kept | None) -> Addition:
    if old is None:
        return Addition(new.definition, f"{DEFINITIONS}/{new.definition.name}.yaml", Outcome.ADDED)
    same = _meaning(old.data) == _meaning(new.manifest.data)
    outcome = Outcome.UNCHANGED if same else Outcome.REPLACED
    return Addition(new.definition, old.file, outcome, None if same else old.definition)


def _meaning(data: Mapping[str, Any]) -> Any:
    """What decides how objects are judged."""
    return data.get("spec")


def _differs(addition: Addition, old: _Kept) -> Problem:
    message = f"has {addition.definition.name} already, and it is not the same"
    expected = "`--replace`, to write over it"
    if not old.replaceable:
        expected = "that you change it there, for it is not a YAML file of its own"
    return Problem.whole(addition.file, message, expected)
