"""`merge`: judges a pull request again, as it and its base are now, and merges that very commit.

Pull request → what stands in its way → verification → approvals → merge, pinned to the head
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tidegate.domain.app import MergeMethod
from tidegate.domain.audit import Deed
from tidegate.domain.commit import Commit
from tidegate.domain.configuration import Configuration
from tidegate.domain.evidence import Approvals
from tidegate.domain.merging import Approved, MergeReport, MergeRequest
from tidegate.domain.pull_request import PullRequest, PullRequestState, StatusState
from tidegate.domain.unavailable import Unavailable
from tidegate.domain.verification import Conclusion, Proven, VerifyReport
from tidegate.errors import ConflictError, InputError, TidegateError
from tidegate.flows.merge_message import branch_message, merge_message, requesters
from tidegate.flows.pull_requests import GATES
from tidegate.flows.verify import verify
from tidegate.gates.approval import Approval
from tidegate.ports import Progress, PullRequests, Verifying
from tidegate.repository.configuration import load_configuration

_TRIES = 5
# Whoever stops something or goes back waits for no check.
_STOPPING = (Deed.ROLLED_BACK, Deed.HELD)


def merge(
    request: MergeRequest, connections: Verifying, progress: Progress, *, dry_run: bool = False
) -> MergeReport:
    """Merges what nothing speaks against. Raises InputError for a pull request that isn't about
    promotions here, and OutsideError where provider or branch can't be asked; what the provider
    says to the merge itself is in the report."""
    for _ in range(_TRIES):
        base = connections.repository.fetch()
        configuration = load_configuration(base)
        provider = connections.pull_requests(configuration.settings)
        there = provider.get(request.number)
        if there.state is PullRequestState.MERGED:
            return MergeReport(there, merged=there.merge_revision, already=True)
        report = _judge(
            there, base.revision, request.method, configuration, provider, connections, progress
        )
        if dry_run or not report.ready:
            return report
        # What was judged is this head on this base: where the base has moved, it is judged again.
        if connections.repository.fetch().revision == base.revision:
            return _merge(request, report, provider, connections)
        progress("the base has moved; judging again")
    error = ConflictError(
        f"the base moved each of {_TRIES} times", hint="run the same command again"
    )
    return replace(report, error=error)


def _judge(
    there: PullRequest,
    base: str,
    method: MergeMethod,
    configuration: Configuration,
    provider: PullRequests,
    connections: Verifying,
    progress: Progress,
) -> MergeReport:
    obstacles = list(_obstacles(there, connections.repository.branch))
    if obstacles:
        return MergeReport(there, obstacles=tuple(obstacles))
    head = connections.branch(there.branch).head()
    if head != there.revision:
        error = ConflictError(
            f"{there.branch} moved while pull request {there.number} was read",
            hint="run the same command again",
        )
        return MergeReport(there, error=error)
    progress("reading what is proposed")
    proposal = connections.proposals.read(base, there.revision)
    verification = verify(proposal, connections, progress, method)
    if verification.conclusion is Conclusion.NOTHING:
        raise InputError(
            f"pull request {there.number} changes nothing that Tidegate writes",
            hint="merge it as you merge any other",
        )
    progress("looking at statuses and approvals")
    asked = requesters(_commits(verification, connections), verification.trailers)
    return MergeReport(
        there,
        verification,
        tuple(_approvals(there, verification, asked, configuration, provider)),
        tuple(_unmet(there, verification, configuration, provider)),
    )


def _obstacles(there: PullRequest, branch: str) -> Iterator[str]:
    """Why there is nothing to judge."""
    if there.state is PullRequestState.CLOSED:
        yield "it was closed without being merged"
    if there.foreign:
        yield "its branch lies in another repository"
    if there.draft:
        yield "it is a draft"
    if there.base != branch:
        yield f"it goes into {there.base}, and Argo CD follows {branch}"
    if there.mergeable is False:
        yield "it is in conflict with its base: let the same command bring it up to date"


def _unmet(
    there: PullRequest,
    verification: VerifyReport,
    configuration: Configuration,
    provider: PullRequests,
) -> Iterator[str]:
    """The statuses that must be there, and aren't, or don't say yes."""
    promoted = {p.environment for p in verification.proven if p.deed is Deed.PROMOTED}
    wanted = dict.fromkeys((GATES,) if promoted else ())
    waiting = [p for p in verification.proven if p.deed not in _STOPPING]
    for name in sorted({proven.environment for proven in waiting}):
        wanted |= dict.fromkeys(configuration.environments[name].reviewing.statuses)
    if not wanted:
        return  # whoever goes back needs no right to see them
    said = {status.context: status for status in provider.statuses(there.revision)}
    for context in wanted:
        found = said.get(context)
        if found is None:
            yield f"the status {context} is missing on its head"
        elif found.state is not StatusState.SUCCESS:
            yield f"the status {context} says {found.state.value}: {found.description}"


def _approvals(
    there: PullRequest,
    verification: VerifyReport,
    asked: frozenset[str],
    configuration: Configuration,
    provider: PullRequests,
) -> Iterator[Approved]:
    """What owners say, where the base's gates ask for that."""
    for proven in verification.proven:
        for gate in _gates(proven, configuration):
            owners = configuration.apps[str(proven.app)].owners
            found = _ask(there, owners, asked, provider)
            yield Approved(proven.environment, str(proven.app), gate.judge_reviews(found))


def _gates(proven: Proven, configuration: Configuration) -> list[Approval]:
    if proven.deed is not Deed.PROMOTED or proven.app is None:
        return []  # going back is never stopped
    app = configuration.apps[proven.app]
    environment = configuration.environments[proven.environment]
    specs = [s for s in configuration.gates(app, environment) if s.gate == "approval"]
    return [Approval.configure(spec.key, spec.settings) for spec in specs]


def _ask(
    there: PullRequest, owners: tuple[str, ...], asked: frozenset[str], provider: PullRequests
) -> Approvals | Unavailable:
    keys: set[str] = set()
    try:
        for owner in owners:
            name = owner.removeprefix("@")
            keys |= provider.members(name) if "/" in name else {name.casefold()}
        reviews = tuple(provider.reviews(there.number))
    except TidegateError as error:
        return Unavailable(error.message)
    return Approvals(there.author, there.revision, reviews, frozenset(keys), asked)


def _merge(
    request: MergeRequest, report: MergeReport, provider: PullRequests, connections: Verifying
) -> MergeReport:
    there, verification = report.pull_request, report.verification
    if verification is None:
        raise RuntimeError("it is judged before it is merged")
    try:
        # The trailers must be on the base's own commit: a squash would lose those of the branch.
        reviews = provider.reviews(there.number)
        message = merge_message(there, _message(verification, connections), reviews)
        if request.later:
            provider.auto_merge(there.number, there.revision, request.method, message)
            return replace(report, queued=True)
        merged = provider.merge(there.number, there.revision, request.method, message)
    except TidegateError as error:
        return replace(report, error=error)
    return replace(report, merged=merged)


def _message(verification: VerifyReport, connections: Verifying) -> str:
    """What the branch does, and who asked for it."""
    return branch_message(_commits(verification, connections), verification)


def _commits(verification: VerifyReport, connections: Verifying) -> Sequence[Commit]:
    return connections.proposals.read(verification.base, verification.head).commits
