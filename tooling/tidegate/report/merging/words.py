"""Sentences about a merge, in words that every form of report shares."""

from __future__ import annotations

from tidegate.domain.merging import MergeReport


def outcome(report: MergeReport) -> str:
    """One word for programs."""
    if report.error:
        return "error"
    if report.already:
        return "already"
    if report.merged:
        return "merged"
    if report.queued:
        return "queued"
    return "ready" if report.ready else "refused"


def closing(report: MergeReport) -> str:
    """One sentence for people."""
    name = f"Pull request {report.pull_request.number}"
    commit = (report.merged or "")[:10]
    return {
        "error": f"{name} was not merged.",
        "already": f"{name} is merged already" + (f", as {commit}." if commit else "."),
        "merged": f"{name} is merged, as {commit}.",
        "queued": f"{name} will be merged by the provider, once its own rules are met.",
        "ready": f"Nothing speaks against pull request {report.pull_request.number}.",
        "refused": f"{name} can't be merged now.",
    }[outcome(report)]
