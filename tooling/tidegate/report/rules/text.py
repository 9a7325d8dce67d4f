"""The rules, for people: the list, one of them whole, and what their examples showed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.catalogue import Catalogue, Example, ExamplesReport, Expected, RuleSheet
from tidegate.domain.text import count, one_line
from tidegate.report.sheet import Sheet
from tidegate.report.verbatim import Verbatim

_STYLE = {"Deny": "bold red", "Warn": "yellow", "Audit": "dim"}
_NAME = 63
_SENTENCE = 500


def catalogue(report: Catalogue) -> RenderableType:
    """One line a rule, by category."""
    if not report.entries:
        return Text("There are no rules: policies/admission has no policy.")
    table = Sheet("category", "rule", *report.environments, "why", grouped=True)
    for entry in report.entries:
        table.add(
            one_line(entry.category, _NAME),
            Text(one_line(entry.name, _NAME), style="bold"),
            *(_severity(entry.severities, name) for name in report.environments),
            one_line(entry.why, _SENTENCE),
        )
    across = sum(entry.across for entry in report.entries)
    verb = "looks" if across == 1 else "look"
    words = (
        f"{count(len(report.entries), 'rule')}; {across} of them {verb} at more than one object."
    )
    return Group(table, Text(), Text(words))


def rule(report: RuleSheet) -> RenderableType:
    """Everything about one rule: what it is for first, how it is written after that."""
    entry = report.entry
    title = Text(one_line(entry.name, _NAME), style="bold")
    title.append(f"  {one_line(entry.category, _NAME)}", style="dim")
    facts = Sheet()
    for name, words in (
        ("why", entry.why),
        ("fix", report.fix),
        ("see", report.link),
        ("written in", str(report.where) if report.where else "Tidegate itself"),
    ):
        if words:
            facts.add(Text(name, style="dim"), one_line(words, _SENTENCE))
    for name in entry.severities:
        facts.add(
            Text(f"in {one_line(name, _NAME)}", style="dim"), _severity(entry.severities, name)
        )
    for setting in report.settings:
        words = f"{setting.says} (usually {setting.default})"
        facts.add(
            Text(f"setting {one_line(setting.name, _NAME)}", style="dim"),
            one_line(words, _SENTENCE),
        )
    return Group(title, facts, *_expressions(report), *_bindings(report), *_examples(report))


def examples(report: ExamplesReport) -> RenderableType:
    """Each example that isn't as it should be, or one line that says that all are."""
    looked = f"{count(report.examples, 'example')} of {count(report.rules, 'rule')}"
    if not report.mismatches:
        return Text(f"{looked}: all are as they should be.")
    lines: list[RenderableType] = []
    for mismatch in report.mismatches:
        line = Text(f"{one_line(str(mismatch.where), _SENTENCE)}: ")
        line.append(one_line(mismatch.rule, _SENTENCE), style="bold")
        line.append(f": {one_line(mismatch.message, _SENTENCE)}")
        lines.append(line)
    wrong = len(report.mismatches)
    words = "1 is not as it" if wrong == 1 else f"{wrong} are not as they"
    return Group(*lines, Text(f"{looked}: {words} should be.", style="bold red"))


def _severity(severities: Mapping[str, str], environment: str) -> Text:
    word = severities.get(environment)
    return Text(word, style=_STYLE.get(word, "")) if word else Text("–", style="dim")


def _expressions(report: RuleSheet) -> Iterator[RenderableType]:
    for key, text in report.expressions:
        yield Text()
        yield Text(one_line(key, _SENTENCE), style="cyan")
        yield Verbatim(text)


def _bindings(report: RuleSheet) -> Iterator[RenderableType]:
    if report.bindings:
        yield Text()
        yield Text("bindings", style="cyan")
    for binding in report.bindings:
        words = f"{', '.join(binding.actions)} where {binding.where}"
        if binding.parameters:
            words += f", with the parameters {binding.parameters}"
        name = one_line(binding.name, _NAME)
        yield Padding(Text(f"{name}: {one_line(words, _SENTENCE)}"), (0, 0, 0, 4))


def _examples(report: RuleSheet) -> Iterator[RenderableType]:
    for example in report.examples:
        yield Text()
        yield _heading(example)
        yield Verbatim(example.text)


def _heading(example: Example) -> Text:
    passes = example.expected is Expected.PASSES
    words = Text(example.expected.value, style="green" if passes else "red")
    words.append(f" in {one_line(example.environment, _NAME)}", style="dim")
    words.append(f"  {one_line(str(example.where), _SENTENCE)}", style="dim")
    return words
