"""One overlay's objects → everything that is to be said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from tidegate.domain.context import RuleContext
from tidegate.domain.custom_kind import CustomKind
from tidegate.domain.finding import Inspection, Severity, Violation
from tidegate.domain.manifest import Manifest, ObjectId, Rendered
from tidegate.domain.rulebook import Rulebook
from tidegate.errors import InputError, Problem
from tidegate.policy.namespaces import Namespaces
from tidegate.policy.rules import inspect
from tidegate.policy.schemas.cluster import Schemas
from tidegate.policy.schemas.completion import incomplete
from tidegate.policy.schemas.encryption import is_encrypted, seen, undecrypted
from tidegate.policy.schemas.rules import API_DEPRECATED, SCHEMA, SYNTAX, UNKNOWN_KIND
from tidegate.policy.schemas.substitution import unknown_values
from tidegate.policy.schemas.versions import default_version

if TYPE_CHECKING:
    from tidegate.policy.admission import AdmissionEngine

# The kind whose schema takes longest to compile, and which is in most overlays.
_USUAL = ("apps/v1", "Deployment")


class Examination:
    """Holds overlays against a Rulebook. Whatever is expensive to prepare is prepared once."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._schemas: dict[str, Schemas] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the Rulebook's policies; with any, nothing should be inspected."""
        return self._engine.problems if self._engine else ()

    @cached_property
    def _engine(self) -> AdmissionEngine | None:
        """None where there are no policies, as in most folders that aren't Tidegate's: a fifth of
        what a checking process loads."""
        if not self._rulebook.admission.policies:
            return None
        from tidegate.policy.admission import AdmissionEngine

        return AdmissionEngine(self._rulebook.admission, self._rulebook.custom)

    def expect(self, versions: Iterable[str]) -> None:
        """Makes ready what nearly every overlay for these versions of Kubernetes needs: that takes
        longer than to inspect one. Versions that nobody knows are told where they are used."""
        for version in versions:
            with suppress(InputError):
                self._schemas_of(version).expect(*_USUAL)

    def inspect(
        self, rendered: Rendered, context: RuleContext, beside: Sequence[CustomKind] = ()
    ) -> Inspection:
        """What all rules say; `beside` are custom kinds that the overlay itself defines. Takes as
        long as the overlay makes it: run it where it can be ended."""
        schemas = self._schemas_of(context.kubernetes or default_version(), beside)
        violations: list[Violation] = []
        unknown: list[tuple[str, str]] = []
        namespaces = Namespaces(rendered)
        alike = Counter(manifest.id for manifest in rendered.manifests)
        met: Counter[ObjectId] = Counter()
        for manifest in rendered.manifests:
            begin = len(violations)
            if manifest.id.kind and not schemas.knows(*manifest.id[:2]):
                unknown.append(manifest.id[:2])
                violations.extend(self._unknown(manifest))
            found = seen([manifest], schemas.judge(manifest))
            if is_encrypted(manifest.data) and (context.environment or context.delivery):
                found.append(undecrypted(manifest))
            violations.extend(found)
            # The API server, too, asks its policies only about objects of the right shape.
            if self._engine and all(violation.rule == API_DEPRECATED for violation in found):
                violations.extend(self._engine.judge(manifest, namespaces.of(manifest)))
            told = {violation.field for violation in violations[begin:]}
            violations.extend(seen([manifest], schemas.judge_inside(manifest, told)))
            if alike[manifest.id] > 1:
                which, met[manifest.id] = met[manifest.id], met[manifest.id] + 1
                violations[begin:] = [replace(v, which=which) for v in violations[begin:]]
        across, facts = inspect(rendered, context)
        if context.alone:
            across = ()
        refused = {(v.object, v.field) for v in violations if v.rule in (SCHEMA, SYNTAX)}
        # What the API server says of a field, no rule says again.
        more = [v for v in seen(rendered.manifests, across) if (v.object, v.field) not in refused]
        found = [*dict.fromkeys((*violations, *more))]
        if found:
            found = incomplete(rendered, found, context)
        if found and not (context.environment or context.delivery):
            found = unknown_values(rendered.manifests, found, flux=context.substituted)
        return Inspection(
            rendered.overlay,
            tuple(found),
            facts,
            len(rendered.manifests),
            tuple(unknown),
        )

    def _schemas_of(self, version: str, beside: Sequence[CustomKind] = ()) -> Schemas:
        if version not in self._schemas:
            self._schemas[version] = Schemas(version, self._rulebook.custom)
        schemas = self._schemas[version]
        more = [kind for kind in beside if not schemas.knows(kind.api_version, kind.kind)]
        return Schemas(version, (*self._rulebook.custom, *more)) if more else schemas

    def _unknown(self, manifest: Manifest) -> Iterator[Violation]:
        if self._rulebook.strict_kinds:
            api, kind = manifest.id[:2]
            message = f"there is no schema for {kind} of {api}, so nobody has checked its fields"
            yield Violation(UNKNOWN_KIND, Severity.DENY, message, manifest.id, ("kind",))
