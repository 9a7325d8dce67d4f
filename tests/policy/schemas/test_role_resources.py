"""What a role names and nobody has: groups, resources, verbs."""

from __future__ import annotations

import pytest
import yaml

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas

SCHEMAS = Schemas("1.33")


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("{apiGroups: [apps], resources: [deployment]}", "did you mean 'deployments'?"),
        ("{apiGroups: [''], resources: [pod/log]}", "did you mean 'pods/log'?"),
        ("{apiGroups: [networking.k8s.io], resources: [ingress]}", "did you mean 'ingresses'?"),
        ("{apiGroups: [''], resources: [pods, deployments]}", "which is in the group 'apps'"),
        ("{apiGroups: [apps], resources: [services]}", "which is in the core group ''"),
        ("{apiGroups: [apps], resources: [deployments, deployments/scale]}", ""),
        ("{apiGroups: ['', apps], resources: [pods, deployments, '*']}", ""),
        ("{apiGroups: [extensions], resources: [deployments, ingresses]}", ""),
        ("{apiGroups: [events.k8s.io], resources: [events]}", ""),
        # Anything may be in all groups and in those of others; what is new, nobody knows.
        ("{apiGroups: ['*'], resources: [deployment]}", ""),
        ("{apiGroups: [metrics.k8s.io], resources: [pods, nodes]}", ""),
        ("{apiGroups: [''], resources: [bindings, componentstatuses]}", ""),
        # Another rule has it right: this one is only too long.
        (
            "{apiGroups: [''], resources: [pods, jobs]}, {apiGroups: [batch], resources: [jobs]}",
            "",
        ),
    ],
)
def test_resources_of_roles(rules: str, found: str) -> None:
    kind = "apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}"
    every = rules.replace("}", ", verbs: [get]}")
    data = yaml.safe_load(f"{{{kind}, rules: [{every}]}}")
    told = list(SCHEMAS.judge(Manifest(identify(data), data)))
    assert [v.severity for v in told] == ([Severity.WARN] if found else [])
    assert all(found in v.message and v.field[-2] == "resources" for v in told)


@pytest.mark.parametrize(
    ("rule", "field", "meant"),
    [
        ("{apiGroups: [v1], resources: [pods], verbs: [get]}", "apiGroups", "the core group"),
        ("{apiGroups: [apps/v1], resources: [a], verbs: [get]}", "apiGroups", "'apps'"),
        ("{apiGroups: [x.io/v1beta1], resources: [a], verbs: [get]}", "apiGroups", "'x.io'"),
        ("{apiGroups: [''], resources: [pods], verbs: [get, wach]}", "verbs", "'watch'"),
        ("{apiGroups: [''], resources: [pods], verbs: [List]}", "verbs", "'list'"),
        ("{apiGroups: [''], resources: [pods], verbs: [deletecollections]}", "verbs", "'delete"),
        ("{apiGroups: [v1.example.com], resources: [a], verbs: [get]}", "", ""),
        ("{apiGroups: [vx], resources: [a], verbs: [get]}", "", ""),
        ("{nonResourceURLs: [/metrics], verbs: [get, post]}", "", ""),
        ("{apiGroups: [security.openshift.io], resources: [a], verbs: [use, own]}", "", ""),
    ],
)
def test_groups_and_verbs_of_roles(rule: str, field: str, meant: str) -> None:
    kind = "apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}"
    data = yaml.safe_load(f"{{{kind}, rules: [{rule}]}}")
    told = list(SCHEMAS.judge(Manifest(identify(data), data)))
    assert [v.severity for v in told] == ([Severity.WARN] if field else [])
    assert all(meant in v.message and v.field[-2] == field for v in told)
