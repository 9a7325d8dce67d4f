"""Pods, wherever they are described (pkg/apis/core/validation: ValidatePodSpec)."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.claims import judge_resource_claims
from tidegate.policy.schemas.syntax.containers import judge_containers, judge_profile
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    SUBDOMAIN_RULE,
    is_label,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.lifecycle import judge_sleeps
from tidegate.policy.schemas.syntax.metadata import judge_labels
from tidegate.policy.schemas.syntax.pod_resources import judge_pod_resources
from tidegate.policy.schemas.syntax.pod_settings import judge_settings
from tidegate.policy.schemas.syntax.ports import judge_host_ports
from tidegate.policy.schemas.syntax.reading import mapping, part
from tidegate.policy.schemas.syntax.restarts import judge_file_keys
from tidegate.policy.schemas.syntax.scheduling import judge_scheduling
from tidegate.policy.schemas.syntax.volumes import judge_devices, judge_volumes, volume_names
from tidegate.policy.schemas.syntax.windows import judge_system
from tidegate.policy.schemas.syntax.words import MISSING, at_least, filled, named, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import choice, shown

ALWAYS = ("Always",)
_POLICIES = ("Always", "OnFailure", "Never")
_DNS = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
_LONGEST = 2**31 - 1  # seconds
_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_PROFILES = ("", "runtime/default", "unconfined")
_PREEMPTION = ("PreemptLowerPriority", "Never")


def judge_template(
    template: Any,
    path: FieldPath,
    minor: Minor,
    policies: tuple[str, ...],
    claims: Set[str] = frozenset(),
) -> Iterator[Flaw]:
    """A pod template: `policies` are the restart policies that its owner allows, `claims` the
    volumes that its owner adds."""
    data = mapping(template)
    yield from judge_labels(part(data, "metadata"), (*path, "metadata"))
    yield from judge_armor(part(data, "metadata"), (*path, "metadata"))
    pod = data.get("spec")
    if isinstance(pod, dict):
        where = (*path, "spec")
        yield from judge_pod(pod, where, minor, claims)
        yield from _judge_policy(pod, where, policies)
        if pod.get("ephemeralContainers"):
            message = "is set; expected none in a template"
            yield Flaw((*where, "ephemeralContainers"), message)
    elif pod is None and isinstance(template, dict):
        message = f"{MISSING}; expected containers"
        yield Flaw((*path, "spec"), message)


def judge_armor(metadata: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The annotations by which a container's AppArmor profile was named before it had a field."""
    for key, profile in part(metadata, "annotations").items():
        if not str(key).startswith(_ARMOR) or not isinstance(profile, str):
            continue
        if profile not in _PROFILES and not profile.startswith("localhost/"):
            expected = f"{choice(_PROFILES[1:])}, or localhost/ with a profile's name"
            yield wrong((*path, "annotations", key), profile, expected)


def judge_pod(
    pod: dict[str, Any],
    path: FieldPath,
    minor: Minor,
    claims: Set[str] = frozenset(),
) -> Iterator[Flaw]:
    """A pod's own specification."""
    yield from judge_volumes(pod, path)
    yield from judge_containers(pod, path, minor, volume_names(pod) | claims)
    yield from judge_host_ports(pod, path)
    yield from judge_devices(pod, path, claims)
    yield from judge_file_keys(pod, path, minor)
    yield from judge_sleeps(pod, path, minor)
    yield from judge_settings(pod, path, minor)
    yield from judge_system(pod, path)
    yield from judge_scheduling(pod, path, minor)
    yield from judge_resource_claims(pod, path, minor)
    if "resources" in pod:
        yield from judge_pod_resources(pod, path, minor)
    yield from one_of(pod, "restartPolicy", _POLICIES, path)
    yield from one_of(pod, "dnsPolicy", _DNS, path)
    yield from one_of(pod, "preemptionPolicy", _PREEMPTION, path)
    if pod.get("dnsPolicy") == "None" and not part(pod, "dnsConfig").get("nameservers"):
        yield Flaw(
            (*path, "dnsConfig"), "has no nameservers; expected some where dnsPolicy is None"
        )
    yield from named(pod, "serviceAccountName", is_subdomain, SUBDOMAIN_RULE, path)
    yield from named(pod, "priorityClassName", is_subdomain, SUBDOMAIN_RULE, path)
    yield from named(pod, "runtimeClassName", is_subdomain, SUBDOMAIN_RULE, path)
    yield from filled(pod, ("runtimeClassName", "preemptionPolicy"), path)
    yield from named(pod, "nodeName", is_subdomain, SUBDOMAIN_RULE, path)
    yield from named(pod, "hostname", is_label, LABEL_RULE, path)
    yield from named(pod, "subdomain", is_label, LABEL_RULE, path)
    for flaw in at_least(pod, "terminationGracePeriodSeconds", 0, path):
        yield flaw._replace(severity=Severity.WARN)  # the server takes it, and gives one second
    yield from at_least(pod, "activeDeadlineSeconds", 1, path, _LONGEST)
    for key in ("seccompProfile", "appArmorProfile"):
        profile = part(pod, "securityContext").get(key)
        yield from judge_profile(profile, (*path, "securityContext", key))


def _judge_policy(
    pod: dict[str, Any], path: FieldPath, policies: tuple[str, ...]
) -> Iterator[Flaw]:
    policy, where = pod.get("restartPolicy"), (*path, "restartPolicy")
    if policies == ALWAYS and pod.get("activeDeadlineSeconds") is not None:
        message = "is set; expected none for pods that are kept running"
        yield Flaw((*path, "activeDeadlineSeconds"), message)
    if policy in (None, "") and policies and "Always" not in policies:
        yield Flaw(where, f"is missing; expected {choice(policies)} (the default is 'Always')")
    elif policies and policy in _POLICIES and policy not in policies:
        yield Flaw(where, f"is {shown(policy)}; expected {choice(policies)}")
