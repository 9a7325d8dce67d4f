"""Promotions, judged again on the base with evidence of now, and written again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tidegate.domain.app import Delivery
from tidegate.domain.audit import Deed
from tidegate.domain.promotion import AppReport, Outcome, Request
from tidegate.domain.proposal import Proposal
from tidegate.domain.release import Release
from tidegate.domain.verification import Objection, Proven
from tidegate.errors import ConfigurationError, NotFound, OutsideError, Problem, TidegateError
from tidegate.flows.judgement import Judged, Judgement
from tidegate.flows.plan import trailer
from tidegate.flows.verification.change import Claimed
from tidegate.flows.verification.record import retell
from tidegate.flows.verification.writing import Remade
from tidegate.ports import Connections, Progress
from tidegate.repository.layout import release_file
from tidegate.repository.release import evidence_digest, format_release, read_release

Result = Remade | Sequence[Objection]


def promote_again(
    claims: Sequence[Claimed], proposal: Proposal, connections: Connections, progress: Progress
) -> Iterator[tuple[Claimed, Result]]:
    """Each promotion as it would be written now, or why it wouldn't."""
    told: dict[str, list[tuple[Claimed, Release]]] = {}
    for claim in claims:
        # Its claim was read in this very record: it is there, and can be read.
        release = read_release(proposal.after, claim.environment, claim.app or "")
        if release:
            told.setdefault(claim.environment, []).append((claim, release))
    for environment, several in told.items():
        apps = {release.app: release.version for _, release in several}
        request = Request(
            environment, apps=tuple(apps), versions=apps, delivery=Delivery.PULL_REQUEST
        )
        judged = _judge(request, proposal, connections, progress)
        for claim, release in several:
            answer = judged if isinstance(judged, TidegateError) else judged[release.app]
            yield claim, _result(answer, release, connections)


def object_to(
    error: TidegateError, environment: str, app: str | None, file: str
) -> list[Objection]:
    """The objections that an error is: of wrong files, each problem. What isn't there is a
    reason; what doesn't answer is none."""
    if isinstance(error, ConfigurationError):
        return [_problem(problem, environment, app) for problem in error.problems]
    outside = isinstance(error, OutsideError) and not isinstance(error, NotFound)
    return [Objection(error.message, file, 1, environment, app, error.hint, outside=outside)]


def _problem(problem: Problem, environment: str, app: str | None) -> Objection:
    said = str(problem._replace(line=0, column=0)).removeprefix(f"{problem.file}: ")
    return Objection(said, problem.file, problem.line, environment, app)


def _judge(
    request: Request, proposal: Proposal, connections: Connections, progress: Progress
) -> Mapping[str, Judged] | TidegateError:
    try:
        judged = Judgement(request, connections, progress).make_on(proposal.base)
    except TidegateError as error:
        return error
    return {item.app: item for item in judged}


def _result(answer: Judged | TidegateError, told: Release, connections: Connections) -> Result:
    environment, app = told.environment, told.app
    file = release_file(environment, app)
    if isinstance(answer, TidegateError):
        return object_to(answer, environment, app, file)
    if isinstance(answer, AppReport):
        return list(_refusals(answer, environment, file))
    evidence = retell(answer.release.evidence, told.evidence, connections.now())
    release = replace(answer.release, evidence=evidence)
    made = replace(answer, release=release, evidence_digest=evidence_digest(evidence))
    edits: dict[str, bytes | None] = {**answer.edits, file: format_release(release)}
    before = answer.champion.version if answer.champion else None
    proven = Proven(Deed.PROMOTED, environment, app, before, release, answer.verdict)
    return Remade("promote", edits, trailer(made), proven)


def _refusals(report: AppReport, environment: str, file: str) -> Iterator[Objection]:
    """Why `promote` would write nothing."""
    where = (environment, report.app)
    if report.error:
        yield from object_to(report.error, *where, file)
    elif report.outcome is Outcome.BLOCKED and report.verdict:
        for result in report.verdict.blocking:
            text = f"gate {result.gate} {result.status.value}: {result.sentence}"
            yield Objection(text, file, 1, *where)
    elif report.outcome is Outcome.ALREADY:
        text = "this version and digest run there already: `promote` writes nothing"
        yield Objection(text, file, 1, *where)
    else:
        yield Objection(report.note or "there is nothing to promote", file, 1, *where)
