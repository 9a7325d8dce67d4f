"""How a command may end: with one document or plain sentences, whatever has gone wrong."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from tests.support.gitops import Answer, World

from tidegate.repository.schemas import schema


def end(world: World, *arguments: str, root: Path | None = None, **environ: str) -> Answer:
    """Runs a command with `--format json`, and holds it to all that is promised of any ending:
    one valid document with the exit code in it, and nothing that only a programmer reads."""
    answer = world.tidegate(*arguments, "--format", "json", root=root, **environ)
    check(answer)
    return answer


def check(answer: Answer) -> None:
    """Holds a finished command with `--format json` to the published schema."""
    document = answer.json
    problems = [error.message for error in _reports().iter_errors(document)]
    assert not problems, problems
    assert document["exitCode"] == answer.code
    assert answer.code != 70, answer.err
    assert_plain(answer.err)


def long_enough(world: World, *arguments: str) -> str:
    """A `--timeout` that lets a command come further than this one does, however slow the machine
    is that it runs on."""
    started = time.monotonic()
    assert end(world, *arguments).code == 0
    return f"--timeout={2 + 3 * (time.monotonic() - started)}"


def say(
    world: World,
    *arguments: str,
    formats: Iterable[str] = ("text",),
    root: Path | None = None,
    **environ: str,
) -> str:
    """All that the same command says for people; it must change nothing. What no form may print
    is held to every hostile text in tests/report."""
    said = []
    for form in formats:
        answer = world.tidegate("-v", *arguments, "--format", form, root=root, **environ)
        assert answer.code != 70, answer.err
        assert_plain(answer.out + answer.err)
        said.append(answer.out + answer.err)
    return "\n".join(said)


def assert_plain(text: str) -> None:
    """No traceback, and no character that moves a terminal's cursor or turns its text around."""
    assert "Traceback" not in text, text
    assert "Error(" not in text, text
    odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"}
    assert not odd, f"{odd!r} in {text!r}"
    assert not set(text) & set("\u202e\u2066\u2028\u2029"), text


def reason(answer: Answer, app: str = "shop") -> str:
    """Why it ended so: the error's message and hint, or the sentences of the gates that block."""
    document = answer.json
    if document.get("error"):
        return _words(document["error"])
    report = next(item for item in document["apps"] if item["app"] == app)
    if report["error"]:
        return _words(report["error"])
    blocking = [g for g in report["gates"] if g["status"] in ("failed", "errored")]
    return "\n".join(" ".join([gate["sentence"], *gate["details"]]) for gate in blocking)


def _words(error: dict[str, str]) -> str:
    return f"{error['message']} {error['hint'] or ''}"


@cache
def _reports() -> Draft202012Validator:
    return Draft202012Validator(schema("report"))
