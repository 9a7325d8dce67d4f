"""What the commits of a proposal say and leave behind on their way to its end."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tidegate.domain.commit import Commit
from tidegate.domain.proposal import Proposal
from tidegate.domain.text import one_line
from tidegate.domain.verification import Objection
from tidegate.flows.message import HOLD, LIFT, PROMOTION, ROLLBACK
from tidegate.flows.verification.writing import Remade
from tidegate.ports import Repository

_KEYS = (PROMOTION, ROLLBACK, HOLD, LIFT)
_SQUASH = "where the branch has older candidates behind it, squash it into one commit"


def compare_trailers(
    proposal: Proposal, remade: Collection[Remade], faulty: Collection[str]
) -> Iterator[Objection]:
    """Each deed must be told by a commit, word for word, and nothing else may be told: rollbacks
    and audits believe these lines. Of the `faulty` places, such as `prod/shop`, enough is said."""
    said: set[str] = set()
    wanted = {item.trailer: item for item in remade if _place(item.trailer) not in faulty}
    for commit in proposal.commits:
        for number, text in _claims(commit):
            said.add(text)
            if text not in wanted and _place(text) not in faulty:
                place = f"commit {commit.revision[:10]}, line {number} of its message"
                yield Objection(f"{place}, tells what isn't so: {one_line(text)}", hint=_SQUASH)
    for text, item in wanted.items():
        if text not in said:
            file, *_ = sorted(item.edits)
            where = (item.proven.environment, item.proven.app)
            yield Objection(f"no commit says so; expected the trailer: {text}", file, 1, *where)


def find_strays(proposal: Proposal, repository: Repository) -> Iterator[Objection]:
    """Records on the way that are neither of the base's history nor of the head: a rollback could
    go back to them one day, and no gate has seen them."""
    before, after = proposal.base, proposal.after
    suspects = [
        (commit, path, blob)
        for commit in proposal.commits
        for path, blob in sorted(commit.blobs.items())
        if blob and _is_record(path) and blob not in (before.id(path), after.id(path))
    ]
    if not suspects:
        return
    paths = sorted({path for _, path, _ in suspects})
    past = repository.history(before.revision, paths)
    known = {(path, blob) for commit in past for path, blob in commit.blobs.items()}
    for commit, path, blob in suspects:
        if (path, blob) not in known:
            text = f"commit {commit.revision[:10]} writes a record that is gone at the end"
            yield Objection(text, path, 1, hint=_SQUASH)


def _claims(commit: Commit) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(commit.message.split("\n"), start=1):
        if any(line.startswith(f"{key}: ") for key in _KEYS):
            yield number, line.rstrip()


def _place(trailer: str) -> str:
    return trailer.partition(": ")[2].partition(" ")[0]


def _is_record(path: str) -> bool:
    return path.endswith("/release.yaml") and path.count("/") == 3
