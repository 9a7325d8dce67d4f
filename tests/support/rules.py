"""Overlays for the rules across objects: written as YAML, in a Tidegate repository or outside."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

from tidegate.domain.app import Environment
from tidegate.domain.cluster import Cluster, RuleSetting
from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Violation
from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest, Rendered, identify
from tidegate.policy.rules import judge_overlay

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "policies" / "rules"
PROD = Environment("prod", None, "staging")


def documents(text: str) -> list[Any]:
    """The documents of a YAML text."""
    return [item for item in yaml.load_all(text, yaml.CSafeLoader) if item is not None]


def example(rule: str, kind: str) -> list[Any]:
    """A rule's example: `passes` or `fails`."""
    return documents((EXAMPLES / rule / f"{kind}.yaml").read_text("utf-8"))


def rendered(objects: Iterable[Any], *, inside: bool = True, app: str | None = "shop") -> Rendered:
    """An overlay of these objects, of an app in prod or of nobody."""
    manifests = tuple(Manifest(identify(item), item) for item in objects)
    if not inside:
        return Rendered("manifests", manifests)
    return Rendered("environments/prod/shop", manifests, "prod", app)


def said(rule: str, severity: str | None = None, **settings: Any) -> RuleSetting:
    """What an environment says of a rule."""
    return RuleSetting(rule, severity, settings, Location("environment.yaml", 3, 5))


def prod(*rules: RuleSetting, **cluster: Any) -> Environment:
    """Prod with these rules, on such a cluster."""
    return Environment("prod", None, "staging", cluster=Cluster(**cluster), rules=rules)


def findings(
    text: str,
    *,
    environment: Environment | None = PROD,
    rule: str | None = None,
    **context: Any,
) -> list[Violation]:
    """What the rules find in an overlay written as YAML: in an environment, or with None
    outside of any repository; of one rule, or of all."""
    overlay = rendered(documents(dedent(text)), inside=environment is not None)
    found = judge_overlay(overlay, RuleContext(environment, **context))
    return [violation for violation in found if rule in (None, violation.rule)]


def messages(text: str, **more: Any) -> list[str]:
    """The messages alone."""
    return [violation.message for violation in findings(text, **more)]
