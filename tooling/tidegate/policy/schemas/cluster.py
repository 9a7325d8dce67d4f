"""What a cluster of one version accepts, and what it says of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import islice

from tidegate.domain.custom_kind import CustomKind
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import FieldPath, Manifest, ObjectId
from tidegate.policy.schemas.availability import judge_availability, served
from tidegate.policy.schemas.custom import CustomKinds
from tidegate.policy.schemas.custom_fields import judge_custom_fields
from tidegate.policy.schemas.custom_triggers import judge_triggers
from tidegate.policy.schemas.custom_versions import judge_custom_version
from tidegate.policy.schemas.definitions import definitions
from tidegate.policy.schemas.deprecations import judge_deprecations
from tidegate.policy.schemas.discretion import without_secrets
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.lists import is_list, unfold
from tidegate.policy.schemas.placeholders import with_placeholder
from tidegate.policy.schemas.pod_templates import pieces
from tidegate.policy.schemas.removals import GUIDE
from tidegate.policy.schemas.rules import API_REMOVED
from tidegate.policy.schemas.syntax import judge_controlled, judge_syntax
from tidegate.policy.schemas.syntax.pods import judge_template
from tidegate.policy.schemas.validator import Validator
from tidegate.policy.schemas.versions import resolve
from tidegate.policy.schemas.words import field_text

_MOST = 100
_DEPLOYMENT = ("apps/v1", "Deployment")


class Schemas:
    """What a cluster of one version accepts."""

    def __init__(self, version: str, custom: Sequence[CustomKind] = ()) -> None:
        """Raises InputError for a version that there are no schemas for."""
        self._minor = resolve(version)
        self._definitions = definitions(self._minor)
        self._custom = CustomKinds(custom, self._definitions)
        self._validators: dict[tuple[str, str], Validator | None] = {}

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """Kubernetes' own kinds, each with its apiVersion, in order; lists of them left out."""
        kinds = self._definitions.kinds
        return tuple(
            (api, kind)
            for api, kind in sorted(kinds)
            if not (kind.endswith("List") and (api, kind.removesuffix("List")) in kinds)
        )

    def expect(self, api_version: str, kind: str) -> None:
        """Makes a kind's schema ready, if it is one of Kubernetes' own."""
        self._validator(api_version, kind)

    def knows(self, api_version: str, kind: str) -> bool:
        """Whether something of its own is held against objects of a kind; else only what holds
        for every object is."""
        return (
            self._custom.knows(api_version, kind)
            or served(api_version, kind, self._definitions)
            or is_list(api_version, kind)
        )

    def judge(self, manifest: Manifest) -> Iterator[Violation]:
        """Everything that the API server would refuse or warn of in an object, each mistake once,
        the first hundred; for a list, in each of its items."""
        for item, path in unfold(manifest):
            for number, flaw in enumerate(self._flaws(item)):
                if number == _MOST:
                    break
                yield _violation(manifest.id, _told(item, flaw), path)

    def judge_inside(self, manifest: Manifest, told: Set[FieldPath]) -> Iterator[Violation]:
        """What a custom kind's controller would refuse, or Kubernetes in the pods that it makes,
        and what is mistyped in a kind without a definition, but for fields of which something is
        told. The API server takes such an object, and asks its policies about it."""
        for item, path in unfold(manifest):
            broken = set(told)
            for flaw in islice(self._inside(item), _MOST):
                if not _covered((*path, *flaw.path), broken):
                    broken.add((*path, *flaw.path))
                    yield _violation(manifest.id, _told(item, flaw), path)

    def _inside(self, manifest: Manifest) -> Iterator[Flaw]:
        if not self._custom.knows(manifest.id.api_version, manifest.id.kind):
            yield from judge_custom_version(manifest)
            yield from judge_custom_fields(manifest)
            yield from judge_triggers(manifest)
        yield from judge_controlled(manifest)
        yield from self._pods(manifest)

    def _flaws(self, manifest: Manifest) -> Iterator[Flaw]:
        custom = self._custom.knows(manifest.id.api_version, manifest.id.kind)
        if not custom:
            available = list(judge_availability(manifest, self._minor))
            yield from available
            if any(flaw.severity is Severity.DENY for flaw in available):
                return
        found = self._custom.flaws(manifest) if custom else self._own(manifest)
        broken: set[FieldPath] = set()
        for flaw in found:
            broken.add(flaw.path)
            yield flaw
        known = custom or self._validators.get(manifest.id[:2]) is not None
        for flaw in judge_syntax(manifest, self._minor, known=known):
            if not broken or not _covered(flaw.path, broken):
                yield flaw
        yield from judge_deprecations(manifest, self._minor)

    def _own(self, manifest: Manifest) -> Iterator[Flaw]:
        validator = self._validator(*manifest.id[:2])
        return iter(()) if validator is None else validator.flaws(manifest.data)

    def _validator(self, api_version: str, kind: str) -> Validator | None:
        key = api_version, kind
        if key not in self._validators:
            schema = self._definitions.bundle(*key)
            self._validators[key] = None if schema is None else Validator(schema)
        return self._validators[key]

    def _pods(self, manifest: Manifest) -> Iterator[Flaw]:
        """What Kubernetes would refuse in the pods that a custom kind describes, for a Deployment
        would hold them likewise."""
        for piece in pieces(manifest):
            validator = self._validator(*_DEPLOYMENT)
            owner = {"spec": {"selector": {}, "template": piece.template}}
            broken: set[FieldPath] = set()
            for flaw in validator.flaws(owner) if validator else ():
                if flaw.path[:2] == ("spec", "template"):
                    broken.add(flaw.path[2:])
                    yield flaw._replace(path=piece.place(flaw.path[2:]))
            for flaw in judge_template(piece.template, (), self._minor, (), piece.added):
                if not _covered(flaw.path, broken):
                    yield flaw._replace(path=piece.place(flaw.path))


def _told(manifest: Manifest, flaw: Flaw) -> Flaw:
    return with_placeholder(manifest, without_secrets(manifest, flaw))


def _violation(object_id: ObjectId, flaw: Flaw, path: FieldPath) -> Violation:
    field = (*path, *flaw.path)
    message = f"{field_text(field) or 'the object'} {flaw.message}"
    link = GUIDE if flaw.rule == API_REMOVED else None
    return Violation(flaw.rule, flaw.severity, message, object_id, field, flaw.fix, link)


def _covered(path: FieldPath, broken: Set[FieldPath]) -> bool:
    """Whether something was said already of the field, or of what is around it."""
    return any(path[:length] in broken for length in range(1, len(path) + 1))
