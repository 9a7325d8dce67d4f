"""A pod's names, users and gates, but for its containers (pkg/apis/core/validation:
validatePodDNSConfig, ValidateHostAliases, validateSchedulingGates, ValidatePodSecurityContext)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.addresses import ADDRESS_RULE, is_address
from tidegate.policy.schemas.syntax.grammar import (
    KEY_RULE,
    SEARCH_RULE,
    SUBDOMAIN_RULE,
    is_key,
    is_search,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.words import at_least, filled, named, needed, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown

_GATES = (1, 27)  # before, the server drops them, unless it is told not to
_USERS = (1, 33)  # likewise
_MOST_ID = 2**31 - 1
_NAMESERVERS = 3
_CHANGES = ("Always", "OnRootMismatch")
_GROUPS = ("Merge", "Strict")
_LABELS = ("MountOption", "Recursive")
_OVERRIDDEN = (1, 35)  # before, the server drops it, unless it is told not to
_FILLED = ("fsGroupChangePolicy", "supplementalGroupsPolicy")
_SYSCTL = re.compile(r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?")
# Settings of what a pod has of its own, unless it shares its node's.
_SHARED = (
    ("net.", "hostNetwork"),
    *((start, "hostIPC") for start in ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")),
)
_SYSCTL_RULE = "a setting such as net.core.somaxconn"
_IDS = ("runAsUser", "runAsGroup", "fsGroup")


def judge_settings(pod: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """What a pod says of itself."""
    if minor >= _GATES:
        yield from _judge_gates(pod, path)
    yield from _judge_dns(part(pod, "dnsConfig"), (*path, "dnsConfig"), minor)
    for item, where in items(pod.get("hostAliases"), (*path, "hostAliases")):
        address = item.get("ip")
        if isinstance(address, str) and not is_address(address, minor):
            yield wrong((*where, "ip"), address, ADDRESS_RULE)
        hosts = item.get("hostnames")
        for index, host in enumerate(hosts if isinstance(hosts, list) else ()):
            if isinstance(host, str) and not is_subdomain(host):
                yield wrong((*where, "hostnames", index), host, SUBDOMAIN_RULE)
    for item, where in items(pod.get("readinessGates"), (*path, "readinessGates")):
        yield from named(item, "conditionType", is_key, KEY_RULE, where)
        yield from filled(item, ("conditionType",), where)
    yield from one_of(part(pod, "os"), "name", ("linux", "windows"), (*path, "os"))
    yield from filled(part(pod, "os"), ("name",), (*path, "os"))
    if pod.get("hostPID") is True and pod.get("shareProcessNamespace") is True:
        message = "is true beside hostPID; expected one of them"
        yield Flaw((*path, "shareProcessNamespace"), message)
    if pod.get("hostUsers") is False and minor >= _USERS:
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(key) is True:
                yield Flaw((*path, key), "is true; expected false where hostUsers is")
    if "securityContext" in pod:
        yield from _judge_security(pod, (*path, "securityContext"))
    if pod.get("hostnameOverride") is not None and minor >= _OVERRIDDEN:
        yield from _judge_override(pod, path)


def _judge_override(pod: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    yield from named(pod, "hostnameOverride", is_subdomain, SUBDOMAIN_RULE, path)
    for key in ("hostNetwork", "setHostnameAsFQDN"):
        if pod.get(key) is True:
            message = f"is set beside {key}: true; expected one of them"
            yield Flaw((*path, "hostnameOverride"), message)


def _judge_security(pod: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    context = part(pod, "securityContext")
    yield from one_of(context, "fsGroupChangePolicy", _CHANGES, path)
    yield from one_of(context, "supplementalGroupsPolicy", _GROUPS, path)
    yield from one_of(context, "seLinuxChangePolicy", _LABELS, path)
    yield from filled(context, _FILLED, path)
    yield from judge_users(context, path)
    yield from _judge_sysctls(context, (*path, "sysctls"), pod)


def judge_users(context: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The users and groups that a pod or a container runs as."""
    for key in _IDS:
        yield from at_least(context, key, 0, path, _MOST_ID)
    groups = context.get("supplementalGroups")
    for index, group in enumerate(groups if isinstance(groups, list) else ()):
        for flaw in at_least({"group": group}, "group", 0, (), _MOST_ID):
            yield flaw._replace(path=(*path, "supplementalGroups", index))


def _judge_gates(pod: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    if pod.get("schedulingGates") and pod.get("nodeName"):
        yield Flaw((*path, "nodeName"), "is set; expected none where there are schedulingGates")
    seen: set[str] = set()
    for item, where in items(pod.get("schedulingGates"), (*path, "schedulingGates")):
        name = item.get("name")
        if not isinstance(name, str):
            continue
        if not is_key(name):
            yield wrong((*where, "name"), name, KEY_RULE)
        elif name in seen:
            yield Flaw((*where, "name"), f"is {shown(name)}, as an earlier gate of the pod")
        seen.add(name)


def _judge_dns(config: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    servers, where = config.get("nameservers"), (*path, "nameservers")
    if isinstance(servers, list) and len(servers) > _NAMESERVERS:
        yield Flaw(where, f"has {len(servers)} addresses; expected at most {_NAMESERVERS}")
    for index, server in enumerate(servers if isinstance(servers, list) else ()):
        if isinstance(server, str) and not is_address(server, minor):
            yield wrong((*where, index), server, ADDRESS_RULE)
    searches = config.get("searches")
    for index, search in enumerate(searches if isinstance(searches, list) else ()):
        if isinstance(search, str) and not is_search(search):
            yield wrong((*path, "searches", index), search, SEARCH_RULE)
    for item, inner in items(config.get("options"), (*path, "options")):
        if not text(item.get("name")):
            yield Flaw((*inner, "name"), "is missing; expected an option's name")


def _judge_sysctls(context: dict[str, Any], path: FieldPath, pod: dict[str, Any]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for item, where in items(context.get("sysctls"), path):
        name = text(item.get("name"))
        if name and (len(name) > 253 or not _SYSCTL.fullmatch(name)):
            yield wrong((*where, "name"), name, _SYSCTL_RULE)
        elif not name:
            yield from needed(item, "name", where, "a setting's name")
        elif name in seen:
            yield Flaw((*where, "name"), f"is {shown(name)}, as an earlier one of the pod")
        seen.add(name)
        for start, sharing in _SHARED:
            if pod.get(sharing) is True and name.replace("/", ".").startswith(start):
                yield Flaw((*where, "name"), f"is {shown(name)}; expected none beside {sharing}")
