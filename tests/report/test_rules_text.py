"""The rules, as people read them."""

from __future__ import annotations

import io
from typing import Any

from rich.console import RenderableType
from tests.support import reports as samples

from tidegate.cli.answer import find
from tidegate.cli.terminal import Terminal
from tidegate.domain.catalogue import Catalogue


def report(kind: str, *parts: Any) -> Any:
    return find(kind, "text")(*parts)


def show(item: RenderableType) -> list[str]:
    out = io.StringIO()
    Terminal(out, io.StringIO(), {}).show(item)
    return out.getvalue().splitlines()


def test_the_list_has_a_column_for_each_environment() -> None:
    lines = show(report("catalogue", samples.catalogue("shop")))
    assert lines == [
        "category  rule       dev    staging  prod  why",
        "shop      shop       Audit  Warn     Deny  shop",
        "network   elsewhere  –      –        Deny  shop",
        "",
        "2 rules; 1 of them looks at more than one object.",
    ]


def test_an_empty_list_says_so() -> None:
    assert show(report("catalogue", Catalogue((), ()))) == [
        "There are no rules: policies/admission has no policy."
    ]


def test_a_rule_is_shown_whole() -> None:
    lines = show(report("rule", samples.rule("shop")))
    assert lines[0] == "shop  shop"
    assert "written in  policies/shop/policy.yaml:4:3" in lines
    assert "in prod     Deny" in lines
    assert "    shop: Deny where shop, with the parameters shop" in lines
    assert "    shop: Warn where shop" in lines
    assert [line.split()[0] for line in lines if " in shop  policies" in line] == [
        "passes",
        "fails",
    ]


def test_a_rule_of_tidegates_own_has_settings_in_place_of_expressions() -> None:
    lines = show(report("rule", samples.rule("shop", across=True)))
    assert "written in    Tidegate itself" in lines
    assert "setting shop  shop (usually shop)" in lines


def test_examples_that_hold_take_one_line() -> None:
    assert show(report("examples", samples.examples("shop", holds=True))) == [
        "7 examples of 2 rules: all are as they should be."
    ]


def test_each_that_does_not_is_named() -> None:
    assert show(report("examples", samples.examples("shop"))) == [
        "shop:1:1: shop: shop",
        "b: a: shop",
        "7 examples of 2 rules: 2 are not as they should be.",
    ]
