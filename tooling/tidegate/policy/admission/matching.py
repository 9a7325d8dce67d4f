"""Whether a policy or a binding is about a request, by the API server's own steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tidegate.domain.admission import MatchResources, ResourceRule
from tidegate.policy.admission.resources import Resource

OPERATION = "CREATE"

# A group and a version.
Version = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What matching looks at. `labels` are those of the namespace, or None where there is none;
    a Namespace is in itself."""

    resource: Resource
    name: str
    namespace: str
    labels: Mapping[str, str] | None

    @property
    def _is_namespace(self) -> bool:
        return (self.resource.group, self.resource.plural) == ("", "namespaces")

    def in_scope(self, scope: str) -> bool:
        """Whether a rule of that scope can be meant; namespaces are of the cluster."""
        if scope == "*":
            return True
        namespaced = bool(self.namespace) and not self._is_namespace
        return namespaced == (scope == "Namespaced")


def matched_version(match: MatchResources, request: Request) -> Version | None:
    """The group and version under which a policy asks for the object; None where it doesn't. What
    selectors say of the object's own labels is left to the caller."""
    own = request.resource.group, request.resource.version
    if request.labels is not None and not match.namespaces.selects(request.labels):
        return None
    if _matched(match.excluded, match.exact, request) is not None:
        return None
    if not match.rules:
        return own
    return _matched(match.rules, match.exact, request)


def _matched(rules: Iterable[ResourceRule], exact: bool, request: Request) -> Version | None:
    own = request.resource.group, request.resource.version
    versions = (own,) if exact else (own, *request.resource.equivalents)
    for version in versions if rules else ():
        if any(_applies(rule, version, request) for rule in rules):
            return version
    return None


def _applies(rule: ResourceRule, version: Version, request: Request) -> bool:
    return (
        request.in_scope(rule.scope)
        and not rule.operations.isdisjoint(("*", OPERATION))
        and not rule.groups.isdisjoint(("*", version[0]))
        and not rule.versions.isdisjoint(("*", version[1]))
        and any(_resource(name, request.resource.plural) for name in rule.resources)
        and (not rule.names or request.name in rule.names)
    )


def _resource(wanted: str, plural: str) -> bool:
    """`pods/*` means the pods too, `pods/exec` doesn't."""
    name, _, part = wanted.partition("/")
    return name in ("*", plural) and part in ("", "*")
