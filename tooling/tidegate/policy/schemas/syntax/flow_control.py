"""Priority and fairness of requests to the API server
(pkg/apis/flowcontrol/validation: ValidateFlowSchema, ValidatePriorityLevelConfiguration)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    SUBDOMAIN_RULE,
    is_label,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.words import (
    MISSING,
    at_least,
    filled,
    named,
    needed,
    one_of,
    wrong,
)
from tidegate.policy.schemas.words import choice, suggestion

_SPEC: FieldPath = ("spec",)
_LEAST_PRECEDENCE = 10_000
_SUBJECTS = {"Group": "group", "ServiceAccount": "serviceAccount", "User": "user"}
_VERBS = (
    *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
    "proxy",
)
_URL = re.compile(r"/(?!.*//)(?!/)[^\s*]*\*?")
_QUEUES = 10_000_000


def judge_flow_schema(data: dict[str, Any]) -> Iterator[Flaw]:
    """A FlowSchema."""
    spec = part(data, "spec")
    yield from at_least(spec, "matchingPrecedence", 0, _SPEC, _LEAST_PRECEDENCE)
    method, where = part(spec, "distinguisherMethod"), (*_SPEC, "distinguisherMethod")
    yield from one_of(method, "type", ("ByNamespace", "ByUser"), where)
    level, where = part(spec, "priorityLevelConfiguration"), (*_SPEC, "priorityLevelConfiguration")
    yield from named(level, "name", is_subdomain, SUBDOMAIN_RULE, where)
    for rule, path in items(spec.get("rules"), (*_SPEC, "rules")):
        if not rule.get("resourceRules") and not rule.get("nonResourceRules"):
            yield Flaw(path, "is about nothing; expected resourceRules or nonResourceRules")
        for subject, place in items(rule.get("subjects"), (*path, "subjects")):
            yield from _judge_subject(subject, place)
        for item, place in items(rule.get("resourceRules"), (*path, "resourceRules")):
            yield from _judge_verbs(item, place)
            yield from _judge_namespaces(item, place)
        for item, place in items(rule.get("nonResourceRules"), (*path, "nonResourceRules")):
            yield from _judge_verbs(item, place)
            yield from _judge_urls(item, place)


def judge_priority_level(data: dict[str, Any]) -> Iterator[Flaw]:
    """A PriorityLevelConfiguration."""
    spec = part(data, "spec")
    yield from one_of(spec, "type", ("Exempt", "Limited"), _SPEC)
    limited, path = part(spec, "limited"), (*_SPEC, "limited")
    for key in ("nominalConcurrencyShares", "borrowingLimitPercent"):
        yield from at_least(limited, key, 0, path)
    yield from at_least(limited, "lendablePercent", 0, path, 100)
    response, path = part(limited, "limitResponse"), (*path, "limitResponse")
    yield from one_of(response, "type", ("Queue", "Reject"), path)
    queuing, where = response.get("queuing"), (*path, "queuing")
    if response.get("type") == "Queue" and queuing is None:
        yield Flaw(where, f"{MISSING}; expected it for the type Queue")
    elif response.get("type") == "Reject" and queuing is not None:
        yield Flaw(where, "is set; expected none for the type Reject")
    yield from at_least(mapping(queuing), "queueLengthLimit", 0, where)
    yield from at_least(mapping(queuing), "queues", 0, where, _QUEUES)
    hand, queues = (number(mapping(queuing).get(key)) for key in ("handSize", "queues"))
    if hand is not None and queues and hand > queues > 0:
        yield wrong((*where, "handSize"), hand, f"at most queues, {queues}")


def _judge_subject(subject: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    kind = text(subject.get("kind"))
    yield from one_of(subject, "kind", tuple(_SUBJECTS), path)
    yield from filled(subject, ("kind",), path)
    for name, key in _SUBJECTS.items():
        own, where = subject.get(key), (*path, key)
        if name == kind and own is None:
            yield Flaw(where, f"{MISSING}; expected it for the kind {kind}")
        elif kind in _SUBJECTS and name != kind and own is not None:
            yield Flaw(where, f"is set; expected none for the kind {kind}")
        elif own is not None:
            yield from needed(mapping(own), "name", where, "a name")
    account, where = part(subject, "serviceAccount"), (*path, "serviceAccount")
    if account:
        if account.get("name") != "*":
            yield from named(account, "name", is_subdomain, SUBDOMAIN_RULE, where)
        yield from needed(account, "namespace", where, "the account's namespace")
        yield from named(account, "namespace", is_label, LABEL_RULE, where)


def _judge_verbs(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    found = item.get("verbs")
    for index, verb in enumerate(found if isinstance(found, list) else ()):
        if isinstance(verb, str) and verb != "*" and verb not in _VERBS:
            expected = f"'*' or {choice(_VERBS)}{suggestion(verb, _VERBS)}"
            yield wrong((*path, "verbs", index), verb, expected)


def _judge_namespaces(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    spaces, where = item.get("namespaces"), (*path, "namespaces")
    if not spaces and item.get("clusterScope") is not True:
        yield Flaw(where, f"{MISSING}; expected some, or clusterScope: true")
    for index, space in enumerate(spaces if isinstance(spaces, list) else ()):
        if isinstance(space, str) and space != "*" and not is_label(space):
            yield wrong((*where, index), space, f"'*', or {LABEL_RULE}")


def _judge_urls(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    urls = item.get("nonResourceURLs")
    for index, url in enumerate(urls if isinstance(urls, list) else ()):
        if isinstance(url, str) and url != "*" and not _URL.fullmatch(url):
            expected = "a path with '/' first, and '*' at its end at most"
            yield wrong((*path, "nonResourceURLs", index), url, expected)
