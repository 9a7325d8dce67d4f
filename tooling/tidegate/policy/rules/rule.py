"""What a rule is, what it is told, and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, ObjectId

if TYPE_CHECKING:
    from tidegate.policy.rules.facts import Landscape
    from tidegate.policy.rules.inventory import Inventory

OFF = "Off"


class Found(NamedTuple):
    """A mistake, before it has a severity. One that isn't `certain`, because what is missing may
    lie elsewhere, is a warning at most."""

    message: str
    object: ObjectId | None
    field: FieldPath = ()
    certain: bool = True
    fix: str | None = None


class Elsewhere(NamedTuple):
    """A mistake that shows when overlays are compared, and the overlay that makes it."""

    overlay: str
    found: Found


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a rule: `kind` is `names` (a list of texts) or `number` (a whole number from
    0), and `says` what it is for."""

    kind: str
    default: Any
    says: str


Settings = Mapping[str, Any]
Judge = Callable[["Inventory"], Iterable[Found]]
Tuned = Callable[["Inventory", Settings], Iterable[Found]]
Compare = Callable[["Landscape"], Iterable[Elsewhere]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One question. `judge` asks it of an overlay, `tuned` with the rule's settings, `compare` of
    all overlays together: each rule has one of them. `about` names the kinds without which there
    is nothing to say of an overlay, and is empty for any."""

    name: str
    severity: Severity
    category: str
    why: str
    fix: str
    link: str
    judge: Judge | None = None
    tuned: Tuned | None = None
    compare: Compare | None = None
    about: frozenset[str] = frozenset()
    settings: Mapping[str, Setting] = field(default_factory=dict)


def settings_of(rule: Rule, said: Mapping[str, Any]) -> Settings:
    """The rule's settings, defaults filled in; what is of the wrong type counts as not set, for
    `setting_problems` refuses it."""
    return {
        name: said[name] if name in said and fits(setting, said[name]) else setting.default
        for name, setting in rule.settings.items()
    }


def fits(setting: Setting, value: object) -> bool:
    """Whether a value is one that the setting can have."""
    if setting.kind == "number":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)
