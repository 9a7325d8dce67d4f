"""What a verb writes, held against what is proposed: byte by byte, with the line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tidegate.domain.proposal import Proposal
from tidegate.domain.snapshot import EXECUTABLE, FILE, READ_LIMIT, Snapshot
from tidegate.domain.text import printable
from tidegate.domain.verification import Objection, Proven

_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Remade:
    """What the verb writes now, on the base: its files, and the trailer that names them."""

    verb: str
    edits: Mapping[str, bytes | None]
    trailer: str
    proven: Proven


def compare(remade: Remade, changed: Collection[str], proposal: Proposal) -> Iterator[Objection]:
    """Each file in which the proposal differs from what the verb writes."""
    verb, where = remade.verb, (remade.proven.environment, remade.proven.app)
    for path in sorted({*changed, *remade.edits}):
        if path not in remade.edits:
            line = first_difference(read(proposal.base, path), read(proposal.after, path))
            unwritten = f"`{verb}` doesn't write this file"
            yield Objection(unwritten, path, line, *where, hint="propose it by itself")
            continue
        wanted, found = remade.edits[path], proposal.after.entries.get(path)
        if wanted is None:
            if found is not None:
                yield Objection(f"`{verb}` removes this file", path, 1, *where)
        elif found is None:
            yield Objection(f"`{verb}` writes this file, and it isn't there", path, 0, *where)
        elif found.mode != _mode(proposal.base, path):
            mode = f"has the mode {found.mode}; `{verb}` leaves it {_mode(proposal.base, path)}"
            yield Objection(mode, path, 0, *where)
        elif (proposed := read(proposal.after, path)) != wanted:
            yield _difference(verb, path, wanted, proposed, where)


def read(snapshot: Snapshot, path: str) -> bytes:
    """A file's bytes; none where there is no such file, or one that is too large to be ours."""
    entry = snapshot.entries.get(path)
    if entry is None or not snapshot.is_file(path) or entry.size > READ_LIMIT:
        return b""
    return snapshot.read(path)


def first_difference(old: bytes, new: bytes) -> int:
    """The first line of the new text that the old one doesn't have there; from 1."""
    olds, news = old.split(b"\n"), new.split(b"\n")
    pairs = zip(olds, news, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(olds), len(news)))
    return min(same + 1, max(len(news), 1))


def _mode(base: Snapshot, path: str) -> str:
    entry = base.entries.get(path)
    return EXECUTABLE if entry and entry.mode == EXECUTABLE else FILE


def _difference(
    verb: str, path: str, wanted: bytes, found: bytes, where: tuple[str, str | None]
) -> Objection:
    line = first_difference(wanted, found)
    if _line(wanted, line - 1) == "evidence:":  # its digest only sums up what comes below
        skipped = (data.split(b"\n")[line:] for data in (wanted, found))
        rest = [b"\n".join(lines) for lines in skipped]
        line += first_difference(*rest) if rest[0] != rest[1] else 0
    ours, theirs = _line(wanted, line), _line(found, line)
    if ours == theirs:
        return Objection(f"differs from what `{verb}` writes in bytes that don't show", path, line)
    text = f"`{verb}` writes {ours or 'nothing'} here, not {theirs or 'nothing'}"
    return Objection(text, path, line, *where)


def _line(data: bytes, number: int) -> str:
    lines = data.split(b"\n")
    text = lines[number - 1].decode("utf-8", "replace") if number <= len(lines) else ""
    return printable(text.strip(), _SHOWN)
