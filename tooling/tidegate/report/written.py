"""The plan and the closing lines of verbs that write, for people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.ending import Ending, Written
from tidegate.domain.text import one_line, printable
from tidegate.errors import TidegateError
from tidegate.report.escape import code, prose
from tidegate.report.verbatim import Verbatim

_DIFF_LIMIT = 40_000
_LINES = 50
STYLES = {
    Ending.DONE: "bold green",
    Ending.PROPOSED: "bold green",
    Ending.PLANNED: "bold green",
    Ending.ALREADY: "green",
    Ending.HELD_BACK: "yellow",
}


def lines(written: Written, ending: Ending) -> Iterator[RenderableType]:
    """What would be committed, and what was."""
    if written.proposals:
        return  # which tell all of it
    if written.draft and not written.receipt:
        yield Text()
        yield Text("The commit would say:", style="bold")
        yield Verbatim(written.draft.message)
        yield Text("and change:", style="bold")
        yield Verbatim(written.diff, diff=True)
    if written.error:
        return  # which comes last of all, on standard error
    if written.receipt:
        receipt = written.receipt
        place = one_line(f"{receipt.branch} of {receipt.remote}")
        yield Text(f"Committed {receipt.revision[:10]} to {place}.")
    elif written.draft:
        yield Text("Dry run: nothing was committed.")
    elif ending.stops:
        yield Text("Nothing was committed.")


def failure(error: TidegateError) -> Iterator[RenderableType]:
    """An error of one app, with what to do."""
    for line in error.message.splitlines():
        yield Padding(Text(printable(line), style="red"), (0, 0, 0, 4))
    if error.hint:
        yield Padding(Text(f"→ {one_line(error.hint, 1000)}"), (0, 0, 0, 4))


def markdown(written: Written) -> Iterator[str]:
    """The same for a pull request or a job's summary."""
    if written.proposals:
        return
    if written.draft:
        yield from changes(written.diff)
    if written.error:
        yield refusal(written.error)
    elif written.receipt:
        receipt = written.receipt
        yield f"Committed `{receipt.revision}` to {code(receipt.branch)}."
    else:
        yield "Nothing was committed."


def refusal(error: TidegateError) -> str:
    """An error, with what to do, as Markdown."""
    lines = [prose(line) for line in error.message.splitlines()[:_LINES]]
    if error.hint:
        lines.append(f"→ {prose(error.hint)}")
    return "❌ " + "<br>".join(lines)


def changes(diff: str) -> Iterator[str]:
    """A diff, folded, that nothing in it can end."""
    cut = diff if len(diff) <= _DIFF_LIMIT else diff[:_DIFF_LIMIT].rpartition("\n")[0] + "\n…\n"
    longest = max((len(run) for run in re.findall("`{3,}", cut)), default=2)
    fence = "`" * (longest + 1)
    yield "<details><summary>The change</summary>"
    yield ""
    yield f"{fence}diff"
    yield "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in cut).rstrip("\n")
    yield fence
    yield ""
    yield "</details>"
    yield ""
