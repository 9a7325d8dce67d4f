"""What the commits of a proposal say and leave behind on their way to its end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.commit import Commit
from tidegate.domain.proposal import Proposal
from tidegate.domain.release import Release
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import one_line
from tidegate.domain.verification import Objection
from tidegate.errors import TidegateError
from tidegate.flows.claim import claim_of_release
from tidegate.flows.holding import hold_file
from tidegate.flows.message import HOLD, LIFT, REQUESTED_BY, is_agreement, is_claim
from tidegate.flows.verification.writing import Remade
from tidegate.ports import Repository
from tidegate.repository.release import parse_own_release

_SQUASH = "squash the branch into one commit, or delete it and let `tidegate promote` make it anew"


@dataclass(frozen=True, slots=True)
class Stray:
    """A record that a commit wrote on the way; `release` is None where it can't be read, and
    `known` says that the base's history has it."""

    commit: Commit
    path: str
    release: Release | None
    known: bool = False

    def is_told_by(self, line: str) -> bool:
        """Whether a line of a commit's message is this record's trailer."""
        if self.release is None:
            return False
        told = replace(self.commit, message=line)
        release = self.release
        return claim_of_release(told, release.environment, release.app, release) is not None


def find_strays(proposal: Proposal, repository: Repository) -> Sequence[Stray]:
    """Every record that an older commit wrote, and of the newest what is neither the base's nor
    there at the end: it is told by its commit, though the base may have taken it before. What is
    new at the end is no stray: of that, only what is done again may be told."""
    base, after = proposal.base, proposal.after
    suspects = [
        (commit, path, blob)
        for number, commit in enumerate(proposal.commits)
        for path, blob in sorted(commit.blobs.items())
        if blob and _is_record(path)
        if number or blob not in (base.id(path), after.id(path))
    ]
    if not suspects:
        return ()
    past = repository.history(base.revision, sorted({path for _, path, _ in suspects}))
    known = {(path, blob) for commit in past for path, blob in commit.blobs.items()}
    contents = repository.read(sorted({blob for *_, blob in suspects}))
    return [
        Stray(commit, path, _read(path, contents[blob]), (path, blob) in known)
        for commit, path, blob in suspects
        if (path, blob) in known or blob != after.id(path)
    ]


def compare_strays(strays: Collection[Stray], rebased: Collection[str]) -> Iterator[Objection]:
    """An older candidate of the branch tells of its record. What nobody tells of could be gone
    back to one day, and no gate has seen it; in `rebased` environments each of them could, for
    every commit gets into the history there. What ran there before harms nobody."""
    for stray in strays:
        if stray.known:
            continue
        strict = stray.path.split("/")[1] in rebased
        if strict or not any(stray.is_told_by(line) for _, line in _claims(stray.commit)):
            text = f"commit {stray.commit.revision[:10]} writes a record that is gone at the end"
            yield Objection(text, stray.path, 1, hint=_SQUASH)


def compare_trailers(
    proposal: Proposal,
    remade: Collection[Remade],
    strays: Collection[Stray],
    faulty: Collection[str],
) -> Iterator[Objection]:
    """Each deed must be told by a commit, word for word, and nothing else may be told but what an
    older commit of the branch did, which a newer one took back or brought up to date: rollbacks
    and audits believe these lines. Of the `faulty` places, such as `prod/shop`, enough is said."""
    said: set[str] = set()
    wanted = {item.trailer: item for item in remade if _place(item.trailer) not in faulty}
    goals = {_goal(line) for line in wanted}
    for position, commit in enumerate(proposal.commits):
        older = [stray for stray in strays if stray.commit is commit]
        for number, text in _claims(commit):
            said.add(text)
            known = text in wanted or _place(text) in faulty
            if position:
                known = known or _goal(text) in goals or _came_true(text, commit, proposal.base)
            if not known and not any(stray.is_told_by(text) for stray in older):
                place = f"commit {commit.revision[:10]}, line {number} of its message"
                yield Objection(f"{place}, tells what isn't so: {one_line(text)}", hint=_SQUASH)
    for text, item in wanted.items():
        if text not in said:
            file, *_ = sorted(item.edits)
            where = (item.proven.environment, item.proven.app)
            yield Objection(f"no commit says so; expected the trailer: {text}", file, 1, *where)


def find_agreements(proposal: Proposal, *, by_hand: bool) -> Iterator[Objection]:
    """Lines that say who agreed. `merge` alone writes them, as the provider says it is; where the
    provider's own button merges, a branch's lines would come to the base, and people believe
    them. Of an edit `by_hand` no line says who asked for it either: no verb wrote that."""
    for commit in proposal.commits:
        for number, line in enumerate(commit.message.split("\n"), start=1):
            if is_agreement(line) or (by_hand and line.startswith(f"{REQUESTED_BY}: ")):
                place = f"commit {commit.revision[:10]}, line {number} of its message"
                text = f"{place}, says who agreed, which no branch can: {one_line(line)}"
                yield Objection(text, hint=_SQUASH)


def find_encodings(proposal: Proposal) -> Iterator[Objection]:
    """Messages that are not in UTF-8, as they say: others could read other lines in them."""
    for commit in proposal.commits:
        if commit.encoding.lower() not in ("utf-8", "utf8"):
            named = one_line(commit.encoding)
            text = f"commit {commit.revision[:10]} says that its message is in {named}, not UTF-8"
            yield Objection(text, hint=_SQUASH)


def _claims(commit: Commit) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(commit.message.split("\n"), start=1):
        if is_claim(line):
            yield number, line.rstrip()


def _goal(trailer: str) -> str:
    """What a rollback's trailer leads to, or which place is held or let go, whatever was there
    when that was written."""
    if trailer.startswith(f"{LIFT}: "):
        return f"{LIFT}: {_place(trailer)}"
    return trailer.partition(" from ")[0]


def _came_true(trailer: str, commit: Commit, base: Snapshot) -> bool:
    """Whether the base has by now what the commit did to a hold."""
    environment, _, app = _place(trailer).partition("/")
    file = hold_file(environment, app or None)
    if not trailer.startswith((f"{HOLD}: ", f"{LIFT}: ")) or file not in commit.blobs:
        return False
    return commit.blobs[file] == base.id(file)


def _place(trailer: str) -> str:
    return trailer.partition(": ")[2].partition(" ")[0]


def _is_record(path: str) -> bool:
    return path.endswith("/release.yaml") and path.count("/") == 3


def _read(path: str, data: bytes) -> Release | None:
    _, environment, app, _ = path.split("/")
    try:
        return parse_own_release(environment, app, data)
    except TidegateError:
        return None
