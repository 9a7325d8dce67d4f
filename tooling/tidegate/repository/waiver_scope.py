"""Whether everything that waivers name is there: rules, gates, apps and environments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from tidegate.domain.app import Environment
from tidegate.domain.configuration import Configuration
from tidegate.domain.text import nearest, some_of
from tidegate.domain.waiver import Subject
from tidegate.errors import Problem
from tidegate.repository.schemas import schema
from tidegate.repository.yaml import Document, KeyPath

_ALWAYS_ON = ("hold", "block", "record")
_LISTED = 12
# Each slip is compared with all known names: thousands of them must not take minutes.
_COMPARED = 100


class Entry(NamedTuple):
    """A waiver that fits the schema, and where it stands."""

    document: Document
    path: KeyPath
    data: Mapping[str, Any]

    def problem(self, key: KeyPath, message: str, expected: str) -> Problem:
        """A Problem at one of its keys."""
        return self.document.problem((*self.path, *key), message, expected)


@dataclass
class Known:
    """All that a waiver may name. `rules` is None where the caller doesn't know them."""

    configuration: Configuration
    rules: Collection[str] | None
    _compared: int = 0
    _gates: dict[tuple[str, ...], set[str]] = field(default_factory=dict)

    def problems(self, entry: Entry, subject: Subject) -> Iterator[Problem]:
        """Each name in the waiver that stands for nothing."""
        yield from self._subject(entry, subject, entry.data[subject.value])
        if "objects" in entry.data and subject is not Subject.RULE:
            message = f"can't narrow the waiver of a {subject}"
            yield entry.problem(("objects",), message, "it beside `rule` only")
        for key, names in (
            ("apps", self.configuration.apps),
            ("environments", self.configuration.environments),
        ):
            for index, name in enumerate(entry.data.get(key, ())):
                if name not in names:
                    yield self._unknown(entry, (key, index), key[:-1], name, names)

    def reached(self, entry: Entry) -> list[Environment]:
        """The environments that the waiver is for, strictest first."""
        everywhere = self.configuration.environments
        named = entry.data.get("environments", everywhere)
        found = [everywhere[name] for name in named if name in everywhere]
        return sorted(found, key=lambda each: (each.waiver_days, each.name))

    def _subject(self, entry: Entry, subject: Subject, name: str) -> Iterator[Problem]:
        if subject is Subject.RULE and self.rules is not None and name not in self.rules:
            yield self._unknown(entry, ("rule",), "rule", name, self.rules)
        elif subject is Subject.GATE and name in _ALWAYS_ON:
            message = f"names the gate '{name}', which can't be waived"
            yield entry.problem(("gate",), message, "a gate that is configured")
        elif subject is Subject.GATE:
            everywhere = self.configuration.apps
            apps = tuple(entry.data.get("apps", everywhere))
            if any(app not in everywhere for app in apps):  # one slip is one problem
                apps = tuple(everywhere)
            if apps not in self._gates:
                self._gates[apps] = self._all_gates(apps)
            known = self._gates[apps]
            if name not in known:
                yield self._unknown(entry, ("gate",), "gate", name, known)

    def _all_gates(self, apps: Iterable[str]) -> set[str]:
        """The kinds of gates, each on the apps' metrics, and whatever is configured somewhere."""
        everything = self.configuration
        chosen = [everything.apps[name] for name in apps]
        metrics = {metric.name for app in chosen for metric in app.metrics}
        specs = [
            spec for environment in everything.environments.values() for spec in environment.gates
        ]
        specs += [spec for app in chosen for spec in app.gates]
        kinds = _kinds()
        return {
            *kinds,
            *(f"{kind}:{metric}" for kind, has in kinds.items() if has for metric in metrics),
            *(spec.key for spec in specs),
        }

    def _unknown(
        self, entry: Entry, key: KeyPath, kind: str, name: str, known: Iterable[str]
    ) -> Problem:
        names = sorted(known)
        expected = f"one of {some_of(names, _LISTED)}"
        self._compared += 1
        near = nearest(name, names) if self._compared <= _COMPARED else None
        message = f"names the {kind} '{name}', which does not exist"
        return entry.document.problem((*entry.path, *key), message, expected, near)


@cache
def _kinds() -> Mapping[str, bool]:
    """Each kind of gate, and whether it may name a metric."""
    definitions = schema("gate-set")["$defs"]
    kinds = definitions["gate"]["properties"]["gate"]["enum"]
    return {kind: "metric" in definitions[kind]["properties"] for kind in kinds}
