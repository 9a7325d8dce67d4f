"""What several documents say in the same form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.errors import ConfigurationError, TidegateError

if TYPE_CHECKING:
    from tidegate.domain.block import Block
    from tidegate.domain.difference import ObjectChange
    from tidegate.domain.ending import Written
    from tidegate.domain.hold import Hold
    from tidegate.domain.image import ImageRef
    from tidegate.domain.promotion import Receipt
    from tidegate.domain.release import OverlayState, Release

API = "tidegate.dev/v1"


def release(item: Release) -> dict[str, Any]:
    """What runs, or is to run."""
    return {
        "model": item.model,
        "version": item.version,
        "run": item.run_id,
        "image": image(item.image),
    }


def image(item: ImageRef) -> dict[str, Any]:
    """An image in its parts."""
    return {"name": item.name, "tag": item.tag, "digest": item.digest}


def overlay(state: OverlayState) -> dict[str, Any]:
    """What an overlay says."""
    return {
        "repository": state.repository,
        "tag": state.tag,
        "digest": state.digest,
        "version": state.version,
    }


def hold(item: Hold) -> dict[str, Any]:
    """Who holds something."""
    return {
        "by": item.by,
        "reason": item.reason,
        "until": item.until.isoformat() if item.until else None,
        "whole": item.whole,
    }


def block(item: Block) -> dict[str, Any]:
    """Which version is blocked, and by whom."""
    return {
        "model": item.model,
        "version": item.version,
        "digest": item.digest,
        "by": item.by,
        "reason": item.reason,
        "since": item.since.isoformat(),
    }


def changed(item: ObjectChange, old: str, new: str) -> dict[str, Any]:
    """An object that differs; `old` and `new` are what its two sides are called."""
    return {
        "apiVersion": item.id.api_version,
        "kind": item.id.kind,
        "namespace": item.id.namespace,
        "name": item.id.name,
        "change": item.change.value,
        "fields": [
            {"path": field.path, "change": field.change.value, old: field.old, new: field.new}
            for field in item.fields
        ],
    }


def commit(receipt: Receipt | None) -> dict[str, Any] | None:
    """What the remote has taken."""
    if receipt is None:
        return None
    return {
        "revision": receipt.revision,
        "remote": receipt.remote,
        "branch": receipt.branch,
    }


def written(item: Written) -> dict[str, Any]:
    """The end of every report of a verb that writes."""
    draft = item.draft
    return {
        "base": item.base,
        "commit": commit(item.receipt),
        "plan": {"message": draft.message, "diff": item.diff} if draft else None,
        "error": failure(item.error) if item.error else None,
    }


def failure(error: TidegateError) -> dict[str, Any]:
    """Why it ended; of wrong files, every problem."""
    problems = error.problems if isinstance(error, ConfigurationError) else ()
    return {
        "type": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "problems": [
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "key": problem.key,
                "message": problem.message,
                "expected": problem.expected,
                "nearest": problem.nearest,
            }
            for problem in problems
        ],
    }
