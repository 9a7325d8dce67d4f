"""When a container is started again, and variables that it reads from a file
(pkg/apis/core/validation: validateContainerRestartPolicyRules, validateFileKeySelector)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import LABEL_RULE, is_label, is_variable
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.words import MISSING, filled, named, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown, suggestion

_SINCE = (1, 35)  # before, the server drops both, unless it is told not to
_ACTIONS = ("Restart", "RestartAllContainers")
_OPERATORS = ("In", "NotIn")


def judge_restarts(container: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """A container's rules for exit codes."""
    rules = container.get("restartPolicyRules")
    if minor < _SINCE or not rules:
        return
    if container.get("restartPolicy") is None:
        yield Flaw((*path, "restartPolicy"), f"{MISSING}; expected one beside restartPolicyRules")
    for rule, where in items(rules, (*path, "restartPolicyRules")):
        yield from one_of(rule, "action", _ACTIONS, where)
        yield from filled(rule, ("action",), where)
        codes = rule.get("exitCodes")
        if codes is None:
            yield Flaw((*where, "exitCodes"), f"{MISSING}; expected the codes that are meant")
        yield from one_of(mapping(codes), "operator", _OPERATORS, (*where, "exitCodes"))
        yield from filled(mapping(codes), ("operator",), (*where, "exitCodes"))


def judge_file_keys(pod: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """Variables from files, which lie in an emptyDir of the pod."""
    if minor < _SINCE:
        return
    volumes = {text(item.get("name")): item for item, _ in items(pod.get("volumes"), ())}
    for key in ("initContainers", "containers"):
        for container, inner in items(pod.get(key), (*path, key)):
            for item, where in items(container.get("env"), (*inner, "env")):
                reference = part(item, "valueFrom", "fileKeyRef")
                if reference:
                    place = (*where, "valueFrom", "fileKeyRef")
                    yield from _judge_file_key(reference, place, volumes)


def _judge_file_key(
    reference: dict[str, Any], path: FieldPath, volumes: dict[str, dict[str, Any]]
) -> Iterator[Flaw]:
    yield from filled(reference, ("volumeName", "key", "path"), path)
    name, file = text(reference.get("volumeName")), text(reference.get("path"))
    volume = volumes.get(name)
    if name and not is_label(name):
        yield wrong((*path, "volumeName"), name, LABEL_RULE)
    elif name and volume is None:
        message = f"is {shown(name)}, and the pod has no such volume{suggestion(name, volumes)}"
        yield Flaw((*path, "volumeName"), message)
    elif volume and volume.get("emptyDir") is None and set(volume) != {"name"}:
        yield wrong((*path, "volumeName"), name, "a volume of the type emptyDir")
    if ".." in file.split("/"):
        yield wrong((*path, "path"), file, "a path without '..'")
    rule = "printable ASCII characters other than '='"
    yield from named(reference, "key", lambda key: is_variable(key, relaxed=True), rule, path)
