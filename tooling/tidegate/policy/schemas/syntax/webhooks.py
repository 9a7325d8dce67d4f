"""Webhooks that are asked before the API server stores an object
(pkg/apis/admissionregistration/validation: validateValidatingWebhook, validateMutatingWebhook)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_1035_RULE,
    SUBDOMAIN_RULE,
    is_label_1035,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.resource_rules import (
    judge_conditions,
    judge_matching,
    judge_rules,
)
from tidegate.policy.schemas.syntax.words import MISSING, at_least, filled, needed, one_of, wrong
from tidegate.policy.schemas.words import choice, shown

_LONGEST_WAIT = 30  # seconds
_REVIEWS = ("v1", "v1beta1")
_VERSIONS = "admissionReviewVersions"
_CHOICES = {
    "sideEffects": ("None", "NoneOnDryRun"),
    "failurePolicy": ("Fail", "Ignore"),
    "reinvocationPolicy": ("Never", "IfNeeded"),
}


def judge_webhooks(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ValidatingWebhookConfiguration or MutatingWebhookConfiguration."""
    seen: set[str] = set()
    for item, path in items(data.get("webhooks"), ("webhooks",)):
        name = text(item.get("name"))
        if name in seen:
            yield Flaw((*path, "name"), f"is {shown(name)}, as an earlier webhook")
        elif not is_subdomain(name) or name.count(".") < 2:
            expected = "a domain of at least three parts, such as a.example.com"
            yield wrong((*path, "name"), name, expected)
        seen.add(name)
        for key, options in _CHOICES.items():
            yield from one_of(item, key, options, path)
            yield from filled(item, (key,), path)
        yield from at_least(item, "timeoutSeconds", 1, path, _LONGEST_WAIT)
        if isinstance(item.get(_VERSIONS), list):  # else its schema says so
            yield from judge_reviews(item[_VERSIONS], (*path, _VERSIONS))
        yield from judge_client(mapping(item.get("clientConfig")), (*path, "clientConfig"))
        yield from judge_matching(item, path)
        yield from judge_rules(item.get("rules"), (*path, "rules"))
        yield from judge_conditions(item.get("matchConditions"), (*path, "matchConditions"))


def judge_reviews(versions: Any, path: FieldPath) -> Iterator[Flaw]:
    """The versions of reviews that a webhook understands."""
    names = versions if isinstance(versions, list) else []
    if not names:
        yield Flaw(path, f"{MISSING}; expected versions such as v1")
    elif not {*_REVIEWS} & {*map(str, names)}:
        yield Flaw(path, f"names none that the server knows; expected {choice(_REVIEWS)}")
    else:
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Flaw((*path, index), f"is {shown(name)} again; expected each version once")
            elif isinstance(name, str) and not is_label_1035(name):
                yield wrong((*path, index), name, LABEL_1035_RULE)


def judge_client(config: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """Where a webhook is reached."""
    url, service = config.get("url"), config.get("service")
    if url is None and service is None:
        yield Flaw(path, "names nobody; expected url or service")
    elif url is not None and service is not None:
        yield Flaw((*path, "url"), "is set beside service; expected one of them")
    elif isinstance(url, str):
        scheme, _, rest = url.partition("://")
        if scheme.lower() != "https" or not rest.partition("/")[0] or "?" in url or "#" in url:
            yield wrong((*path, "url"), url, "https://host[/path]")
    elif isinstance(service, dict):
        own, where = part(config, "service"), (*path, "service")
        for key in ("name", "namespace"):
            yield from needed(own, key, where)
        yield from at_least(own, "port", 1, where, 65535)
        way = own.get("path")
        if isinstance(way, str) and way not in ("", "/"):
            yield from _judge_path(way, (*where, "path"))


def _judge_path(way: str, path: FieldPath) -> Iterator[Flaw]:
    """The server takes a path with a `/` at its end, and each step as a name."""
    steps = way.removeprefix("/").removesuffix("/").split("/")
    if not way.startswith("/"):
        yield wrong(path, way, "a path with '/' first")
    elif not all(is_subdomain(step) for step in steps):
        yield wrong(path, way, f"steps that are names: {SUBDOMAIN_RULE}")
