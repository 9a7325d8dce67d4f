"""What each kind's objects may be called (the strategies and validations of the API server)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tidegate.policy.schemas.syntax.grammar import (
    LABEL_1035_RULE,
    LABEL_RULE,
    SEGMENT_RULE,
    SUBDOMAIN_RULE,
    is_label,
    is_label_1035,
    is_segment,
    is_subdomain,
)
from tidegate.policy.schemas.versions import Minor


class NameRule(NamedTuple):
    """Which names a kind's objects may have, and how that is said."""

    test: Callable[[str], bool]
    words: str


_SUBDOMAIN = NameRule(is_subdomain, SUBDOMAIN_RULE)
_LABEL = NameRule(is_label, LABEL_RULE)
_LABEL_1035 = NameRule(is_label_1035, LABEL_1035_RULE)
_SEGMENT = NameRule(is_segment, SEGMENT_RULE)
_CRONJOB = NameRule(
    lambda name: len(name) <= 52 and is_subdomain(name),
    SUBDOMAIN_RULE.replace("253", "52, for its jobs' names are longer"),
)
_JOB = NameRule(
    lambda name: len(name) <= 63 and is_subdomain(name),
    SUBDOMAIN_RULE.replace("253", "63, for it is a label of its pods"),
)
_RBAC = "rbac.authorization.k8s.io"
_KINDS = {
    ("", "Namespace"): _LABEL,
    ("batch", "CronJob"): _CRONJOB,
    ("batch", "Job"): _JOB,
    **{
        (_RBAC, f"{scope}{what}"): _SEGMENT
        for scope in ("", "Cluster")
        for what in ("Role", "RoleBinding")
    },
    # The server looks at none but what its path can't have.
    ("policy", "PodDisruptionBudget"): _SEGMENT,
    ("", "Event"): _SEGMENT,
    # Named by version and group, and that of the core group ends in a dot.
    ("apiregistration.k8s.io", "APIService"): _SEGMENT,
    # Named by the pieces that they are made of, which nobody writes by hand.
    ("networking.k8s.io", "IPAddress"): _SEGMENT,
    ("certificates.k8s.io", "ClusterTrustBundle"): _SEGMENT,
}
# Since when the server takes more for a Service (any label), and less for a StatefulSet.
_RELAXED, _STRICTER = (1, 35), (1, 36)


def name_rule(group: str, kind: str, minor: Minor, *, known: bool) -> NameRule:
    """A kind's rule. Of a kind that nobody knows only so much is sure: its name ends up in a
    URL."""
    if (group, kind) == ("", "Service"):
        return _LABEL if minor >= _RELAXED else _LABEL_1035
    if (group, kind) == ("apps", "StatefulSet") and minor >= _STRICTER:
        return _LABEL
    found = _KINDS.get((group, kind))
    if found:
        return found
    return _SUBDOMAIN if known else _SEGMENT
