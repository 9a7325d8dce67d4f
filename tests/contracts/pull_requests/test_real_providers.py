"""The same promises, at a real GitHub or GitLab, so far as one token can ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import github, gitlab
from tests.support.forge import REPOSITORY, TEAM
from tests.support.github import fake_github
from tests.support.gitlab import fake_gitlab
from tests.support.real_providers import RealWorld, real_world

from tidegate.domain.app import MergeMethod
from tidegate.domain.provider import ProviderKind
from tidegate.domain.pull_request import (
    Proposal,
    PullRequest,
    PullRequestChange,
    PullRequestState,
    Status,
    StatusState,
)
from tidegate.errors import ConflictError, NotFound

MARKER = "<!-- tidegate:test -->"
BODY = "/close\n\n@nobody-at-all closes #1\n| a | b |"


_SMALL = {
    ProviderKind.GITHUB: (fake_github, github.TOKEN),
    ProviderKind.GITLAB: (fake_gitlab, gitlab.TOKEN),
}


@pytest.fixture(
    params=[(kind, small) for kind in ProviderKind for small in (False, True)],
    ids=lambda param: f"{'small' if param[1] else 'real'}-{param[0].value}",
)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealWorld]:
    """A real provider, or a small one that is spoken to in the same way: over HTTP alone."""
    kind, small = request.param
    if not small:
        with real_world(kind, tmp_path) as found:
            yield found
        return
    fake, token = _SMALL[kind]
    with fake(tmp_path) as server:
        values = {"URL": server.url, "REPOSITORY": REPOSITORY, "TOKEN": token}
        values |= {"REVIEWERS": "ann,bob", "TEAM": TEAM}
        environ = {f"TIDEGATE_TEST_{kind.name}_{key}": value for key, value in values.items()}
        with real_world(kind, tmp_path, environ) as found:
            yield found


@pytest.fixture
def opened(world: RealWorld) -> Iterator[PullRequest]:
    wanted = Proposal(world.branch("shop"), world.base, "a test", BODY, labels=("tidegate-test",))
    created = world.pull_requests.finish(world.pull_requests.create(wanted))
    yield created
    world.pull_requests.close(created.number)


def test_from_the_proposal_to_the_end(world: RealWorld, opened: PullRequest) -> None:
    pull_requests, number = world.pull_requests, opened.number
    found = pull_requests.get(number)
    assert (found.title, found.body, found.labels) == ("a test", BODY, ("tidegate-test",))
    assert (found.branch, found.revision) == (opened.branch, world.head(opened.branch))
    assert found.author.key == world.us
    assert [p.number for p in pull_requests.find(prefix=world.prefix)] == [number]
    with pytest.raises(ConflictError):
        pull_requests.create(Proposal(opened.branch, world.base, "again", ""))
    draft = pull_requests.update(found, PullRequestChange(title="newer", draft=True))
    assert (draft.title, draft.draft) == ("newer", True)
    assert not pull_requests.update(draft, PullRequestChange(draft=False)).draft
    after = pull_requests.get(number)
    assert (after.title, after.draft, after.labels) == ("newer", False, ("tidegate-test",))
    first = pull_requests.keep_comment(number, MARKER, BODY)
    known = pull_requests.comments_of([number]).get(number, [first])
    assert [(c.id, c.author.key) for c in known] == [(first.id, world.us)]
    assert pull_requests.keep_comment(number, MARKER, BODY) == first
    assert pull_requests.keep_comment(number, MARKER, "newer").id == first.id
    for state in (StatusState.PENDING, StatusState.PENDING, StatusState.SUCCESS):
        pull_requests.set_status(Status(found.revision, "tidegate/test", state, "words"))
    said = {s.context: s.state for s in pull_requests.statuses(found.revision)}
    assert said["tidegate/test"] is StatusState.SUCCESS
    glanced = pull_requests.statuses_of("tidegate/test", [found.revision])
    assert {s.state for s in glanced.values()} <= {StatusState.SUCCESS}
    assert list(pull_requests.reviews(number)) == []
    pull_requests.close(number, "done")
    assert pull_requests.get(number).state is PullRequestState.CLOSED


def test_a_merge_is_of_the_head_that_was_judged(world: RealWorld, opened: PullRequest) -> None:
    head = world.push(opened.branch)
    with pytest.raises(ConflictError):
        world.pull_requests.merge(opened.number, opened.revision, MergeMethod.SQUASH)
    message = "test: merge\n\nTidegate-App: shop"
    merged = world.pull_requests.merge(opened.number, head, MergeMethod.SQUASH, message)
    assert merged == world.head(world.base)
    assert world.message(merged) == message
    assert world.pull_requests.merge(opened.number, head, MergeMethod.SQUASH) == merged


def test_who_is_who(world: RealWorld) -> None:
    assert list(world.pull_requests.missing_permissions()) == []
    with pytest.raises(NotFound):
        world.pull_requests.get(99_999_999)
    if world.team:
        assert world.pull_requests.members(world.team) >= {r.casefold() for r in world.reviewers}
