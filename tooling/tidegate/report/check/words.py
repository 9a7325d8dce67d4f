"""What a check found, in words that every form of report shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Finding, Severity
from tidegate.domain.manifest import field_text
from tidegate.domain.redaction import redact
from tidegate.domain.text import count, one_line

_LEVELS = {Severity.DENY: "error", Severity.WARN: "warning", Severity.AUDIT: "note"}
WAIVED = "waived"
# How an overlay is called that is the root itself.
ROOT = "."
ORDER = ("error", "warning", "note", WAIVED)

_OVERLAYS_SHOWN = 3
_KINDS_SHOWN = 8
_MESSAGE = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What people have to see once: the same mistake on the same line, in whichever overlays it
    ends up."""

    finding: Finding
    overlays: tuple[str, ...]

    @property
    def level(self) -> str:
        """See `level`."""
        return level(self.finding)


def level(finding: Finding) -> str:
    """`error`, `warning`, `note` or `waived`."""
    return WAIVED if finding.waiver else _LEVELS[finding.violation.severity]


def entries(findings: Iterable[Finding]) -> list[Entry]:
    """The findings in their order, those that differ in nothing but the overlay as one."""
    found: dict[object, tuple[Finding, list[str]]] = {}
    for finding in findings:
        said = finding.violation
        key = (
            *(finding.where, said.rule, said.severity, said.message, said.field, said.fix),
            *(said.object and said.object._replace(namespace=""), finding.waiver),
        )
        found.setdefault(key, (finding, []))[1].append(finding.overlay)
    return [Entry(first, tuple(dict.fromkeys(overlays))) for first, overlays in found.values()]


def select(found: Sequence[Entry], limit: int) -> tuple[list[Entry], list[Entry]]:
    """At most so many, the severest ones, and the rest; both in their order."""
    if len(found) <= limit:
        return list(found), []
    ranked = sorted(range(len(found)), key=lambda n: ORDER.index(found[n].level))
    chosen = set(ranked[:limit])
    return (
        [entry for n, entry in enumerate(found) if n in chosen],
        [entry for n, entry in enumerate(found) if n not in chosen],
    )


def tally(levels: Iterable[str]) -> str:
    """`2 errors, 1 warning, 3 waived`; empty for nothing."""
    counts = dict.fromkeys(ORDER, 0)
    for name in levels:
        counts[name] += 1
    parts = [
        f"{number} {WAIVED}" if name == WAIVED else count(number, name)
        for name, number in counts.items()
        if number
    ]
    return ", ".join(parts)


def verdict(report: CheckReport) -> str:
    """How the check ended, in one sentence."""
    found = tally(level(finding) for finding in report.findings)
    if not found:
        return "The check passes: nothing was found."
    where = count(len({finding.overlay for finding in report.findings}), "overlay")
    plural = " (warnings count as errors)" if report.warnings_as_errors else ""
    end = "fails" if report.failed else "passes"
    return f"The check {end}: {found} in {where}{plural}."


def coverage(seen: Coverage) -> str:
    """How much was checked, against what, from where it came, what had no schema, what was left
    out."""
    text = f"Checked {count(seen.overlays, 'overlay')} with {count(seen.objects, 'object')}"
    against = [f"Kubernetes {one_line(', '.join(seen.kubernetes), 80)}"] if seen.kubernetes else []
    if seen.rules:
        against.append(count(seen.rules, "rule"))
    if against:
        text += f" against {' and '.join(against)}"
    text += f": {seen.cached} from the cache, {seen.rendered} rendered"
    broken = seen.overlays - seen.cached - seen.rendered
    if broken:
        text += f", {broken} could not be"
    if seen.unknown_kinds:
        text += f"; no schema for {unknown_kinds(seen)}"
    if seen.unlisted:
        left_out, them = count(seen.unlisted, "file"), "it" if seen.unlisted == 1 else "them"
        text += f"; {left_out} of objects not read, for no kustomization lists {them}"
    return text + "."


def unknown_kinds(seen: Coverage) -> str:
    """`ServiceMonitor (2), Rollout (1)`: the most frequent ones."""
    ranked = sorted(seen.unknown_kinds.items(), key=lambda item: (-item[1], item[0]))
    told = [
        f"{one_line(kind, 63) or 'a kind without name'} ({number})"
        for (_, kind), number in ranked[:_KINDS_SHOWN]
    ]
    if len(ranked) > len(told):
        told.append(f"{count(len(ranked) - len(told), 'more kind')}")
    return ", ".join(told)


def message(finding: Finding) -> str:
    """The sentence, clean and in one line."""
    return one_line(redact(finding.violation.message), _MESSAGE)


def fix(finding: Finding) -> str:
    """What to do, clean and in one line; empty where nobody knows."""
    return one_line(redact(finding.violation.fix or ""), _MESSAGE)


def subject(finding: Finding) -> str:
    """`Deployment prod/shop spec.replicas`; empty where the whole overlay is meant."""
    said = finding.violation
    parts = [str(said.object)] if said.object else []
    if said.field:
        parts.append(field_text(said.field))
    return one_line(redact(" ".join(parts)))


def overlays(entry: Entry) -> str:
    """`in environments/prod/shop`, or in how many."""
    names = [one_line(name or ROOT, 120) for name in entry.overlays]
    if len(names) <= _OVERLAYS_SHOWN:
        return "in " + " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    told = ", ".join(names[:_OVERLAYS_SHOWN])
    return f"in {len(names)} overlays: {told}, …"


def waived(finding: Finding) -> str:
    """By whom, until when and why; empty for what isn't waived."""
    waiver = finding.waiver
    if waiver is None:
        return ""
    return one_line(redact(f"{waiver.signature}; {waiver.grounds}"))
