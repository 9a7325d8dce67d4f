"""What is wrong with an object as it stands in Git, and no more once it is applied."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Violation
from tidegate.domain.manifest import Manifest, Rendered, reach
from tidegate.policy.schemas.rules import API_DEPRECATED, API_REMOVED
from tidegate.policy.schemas.syntax.words import MISSING
from tidegate.policy.schemas.words import field_text

_OPTIONS = ("metadata", "annotations", "argocd.argoproj.io/sync-options")
# With both, Argo CD lays some fields over an object that somebody else made.
_IN_PART = frozenset({"ServerSideApply=true", "Validate=false"})
# Flux does so with objects that say it of themselves.
_MERGED = ("metadata", "annotations", "kustomize.toolkit.fluxcd.io/ssa")
_DEFAULT = "default"


def incomplete(
    rendered: Rendered, found: Iterable[Violation], context: RuleContext
) -> list[Violation]:
    """The violations, but for those of fields that are missing and will be there: of objects that
    are applied in part, and, where somebody gives a folder its namespace, that of the accounts in
    it which a binding names. Where objects would have been changed, only those stay that no such
    change would mend."""
    objects = {manifest.id: manifest for manifest in rendered.manifests}
    accounts = {m.id.name for m in rendered.manifests if m.id.kind == "ServiceAccount"}
    accounts.add(_DEFAULT)

    def comes(violation: Violation) -> bool:
        if context.unfinished and not _is_lasting(violation):
            return True
        manifest = objects.get(violation.object) if violation.object else None
        if manifest is None or not _is_missing(violation):
            return False
        return _is_in_part(manifest) or (context.namespaced and _has(accounts, manifest, violation))

    return [violation for violation in found if not comes(violation)]


def _is_lasting(violation: Violation) -> bool:
    """Whether it is about an API or a field that isn't there, whatever somebody makes of it."""
    if violation.rule in (API_REMOVED, API_DEPRECATED):
        return True
    return violation.message.startswith(f"{field_text(violation.field)} is not a known field")


def _is_missing(violation: Violation) -> bool:
    return violation.message.startswith(f"{field_text(violation.field)} {MISSING}")


def _is_in_part(manifest: Manifest) -> bool:
    merged, options = reach(manifest.data, _MERGED), reach(manifest.data, _OPTIONS)
    if isinstance(merged, str) and merged.lower() == "merge":
        return True
    if not isinstance(options, str):
        return False
    return {option.strip() for option in options.split(",")} >= _IN_PART


def _has(accounts: set[str], manifest: Manifest, violation: Violation) -> bool:
    """Whether the missing namespace is that of one of these accounts."""
    field = violation.field
    subject = field[:1] == ("subjects",) and field[-1] == "namespace"
    return subject and reach(manifest.data, (*field[:-1], "name")) in accounts
