"""Things looked up by namespace and by labels, in time that doesn't grow with all the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from tidegate.policy.rules.labels import RUNTIME_LABELS, Labels, Selector

T = TypeVar("T")


class Places(Generic[T]):
    """Things by the namespace that they are in, empty where nobody wrote one."""

    def __init__(self) -> None:
        self._all: list[T] = []
        self._by_namespace: dict[str, list[tuple[int, T]]] = {}
        self._answers: dict[str, tuple[T, ...]] = {}

    def add(self, namespace: str, item: T) -> None:
        """One more thing; all are added before the first question."""
        self._by_namespace.setdefault(namespace, []).append((len(self._all), item))
        self._all.append(item)

    def at(self, namespace: str) -> tuple[T, ...]:
        """What is in the namespace, or may be, in the order in which it was added."""
        found = self._answers.get(namespace)
        if found is None:
            found = self._answers[namespace] = tuple(self._find(namespace))
        return found

    def _find(self, namespace: str) -> Iterable[T]:
        if not namespace:
            return self._all
        own, left_open = (self._by_namespace.get(name, []) for name in (namespace, ""))
        if own and left_open:
            return (item for _, item in sorted((*own, *left_open), key=lambda pair: pair[0]))
        return (item for _, item in own or left_open)

    def __len__(self) -> int:
        return len(self._all)


class Labelled(Generic[T]):
    """Things by their labels."""

    def __init__(self, items: Iterable[tuple[str, Labels, T]]) -> None:
        """`items` are namespace, labels and thing."""
        self._all: Places[tuple[Labels, T]] = Places()
        self._by_pair: dict[tuple[str, str], Places[tuple[Labels, T]]] = {}
        self._answers: dict[tuple[str, Selector], tuple[T, ...]] = {}
        for namespace, labels, item in items:
            self._all.add(namespace, (labels, item))
            for pair in labels.items():
                self._by_pair.setdefault(pair, Places()).add(namespace, (labels, item))

    def select(self, selector: Selector, namespace: str) -> tuple[T, ...]:
        """What a selector in a namespace means; the same tuple for the same question."""
        key = (namespace, selector)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = tuple(
                item
                for labels, item in self._rarest(selector).at(namespace)
                if selector.matches(labels)
            )
        return found

    def _rarest(self, selector: Selector) -> Places[tuple[Labels, T]]:
        """Everything that has that pair of the selector which fewest have."""
        asked = (pair for pair in selector.pairs if pair[0] not in RUNTIME_LABELS)
        none: Places[tuple[Labels, T]] = Places()
        return min((self._by_pair.get(pair, none) for pair in asked), key=len, default=self._all)
