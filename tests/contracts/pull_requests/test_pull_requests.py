"""What `ports.PullRequests` promises, asked of every provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.argocd import on, status
from tests.support.gitlab import FakeGitLab
from tests.support.http_fake import answer_lost
from tests.support.pull_request_worlds import WORLDS, FakeWorld, proposal

from tidegate.domain.app import MergeMethod
from tidegate.domain.pull_request import (
    PullRequest,
    PullRequestChange,
    PullRequestState,
    ReviewState,
    Status,
    StatusState,
    User,
)
from tidegate.errors import ConflictError, NotFound, Rejected

MARKER = "<!-- tidegate:progress -->"
HOSTILE = "/close\n/merge\n\n@everyone closes #1 <img src=x> `a|b` \u202e 🦀\n  /approve\nend"


@pytest.fixture(params=list(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeWorld]:
    with WORLDS[request.param](tmp_path) as found:
        yield found


@pytest.fixture
def opened(world: FakeWorld) -> PullRequest:
    return world.pull_requests.create(proposal(world))


def passed(revision: str, context: str = "tidegate/gates") -> Status:
    return Status(revision, context, StatusState.SUCCESS, "3 gates passed", "https://example.com/")


def test_what_was_proposed_is_there(world: FakeWorld) -> None:
    wanted = proposal(world, labels=("app:shop", "env:prod"), draft=True)
    created = world.pull_requests.finish(world.pull_requests.create(wanted))
    found = world.pull_requests.get(created.number)
    assert replace(found, mergeable=None) == replace(created, mergeable=None)
    assert (found.title, found.body, found.draft) == (wanted.title, wanted.body, True)
    assert (found.branch, found.base) == (wanted.branch, "main")
    assert found.revision == world.head(wanted.branch)
    assert sorted(found.labels) == ["app:shop", "env:prod"]
    assert found.author.key == world.us
    assert found.state is PullRequestState.OPEN
    assert not found.foreign
    assert not found.auto_merge
    assert found.merge_revision is None
    assert found.created is not None
    assert str(found.number) in found.url


def test_the_same_branch_is_proposed_once(world: FakeWorld, opened: PullRequest) -> None:
    again = replace(proposal(world, "other"), branch=opened.branch)
    with pytest.raises(ConflictError):
        world.pull_requests.create(again)
    (found,) = world.pull_requests.find(branch=opened.branch)
    assert (found.number, found.title) == (opened.number, opened.title)


def test_a_branch_that_is_not_there_is_rejected(world: FakeWorld) -> None:
    missing = replace(proposal(world), branch="promote/nobody")
    with pytest.raises((Rejected, NotFound)):
        world.pull_requests.create(missing)


def test_open_ones_are_found_by_branch_and_prefix(world: FakeWorld) -> None:
    pull_requests = world.pull_requests
    first = pull_requests.finish(pull_requests.create(proposal(world, "a")))
    second = pull_requests.finish(pull_requests.create(proposal(world, "b")))
    third = pull_requests.create(proposal(world, "c"))
    pull_requests.close(third.number)
    numbers = lambda found: [p.number for p in found]  # noqa: E731
    assert numbers(pull_requests.find(prefix=world.prefix)) == [second.number, first.number]
    assert numbers(pull_requests.find(branch=first.branch)) == [first.number]
    assert numbers(pull_requests.find(branch=third.branch)) == []


def test_what_is_not_there_is_not_found(world: FakeWorld, opened: PullRequest) -> None:
    pull_requests = world.pull_requests
    for ask in (pull_requests.get, pull_requests.comments, pull_requests.reviews):
        with pytest.raises(NotFound) as caught:
            ask(99_999_999)
        assert caught.value.message.isprintable()
    with pytest.raises(NotFound):
        pull_requests.update(replace(opened, number=99_999_999), PullRequestChange(title="x"))
    with pytest.raises(NotFound):
        pull_requests.auto_merge(99_999_999, "a" * 40, MergeMethod.SQUASH)


def test_an_update_changes_what_it_says(world: FakeWorld, opened: PullRequest) -> None:
    pull_requests = world.pull_requests
    after = pull_requests.update(opened, PullRequestChange(title="new", labels=("z",)))
    assert (after.title, after.body, after.labels) == ("new", opened.body, ("z",))
    draft = pull_requests.update(after, PullRequestChange(draft=True))
    assert (draft.draft, draft.title, draft.labels) == (True, "new", ("z",))
    again = pull_requests.update(draft, PullRequestChange(draft=True, body="other"))
    assert (again.draft, again.title, again.body) == (True, "new", "other")
    ready = pull_requests.update(again, PullRequestChange(draft=False, labels=()))
    assert (ready.draft, ready.title, ready.labels) == (False, "new", ())
    found = pull_requests.get(opened.number)
    assert (found.draft, found.title, found.body, found.labels) == (False, "new", "other", ())
    asked = len(world.server.requests)
    assert pull_requests.update(ready, PullRequestChange()).title == "new"
    assert len(world.server.requests) == asked


def test_texts_come_back_as_they_were(world: FakeWorld, opened: PullRequest) -> None:
    pull_requests = world.pull_requests
    title = 'promote("shop"): <b> & `x` 🦀'
    assert pull_requests.update(opened, PullRequestChange(title, HOSTILE)).body == HOSTILE
    found = pull_requests.get(opened.number)
    assert (found.title, found.body, found.state) == (title, HOSTILE, PullRequestState.OPEN)
    comment = pull_requests.keep_comment(opened.number, MARKER, HOSTILE)
    assert comment.body == f"{MARKER}\n{HOSTILE}"
    assert [c.body for c in pull_requests.comments(opened.number)] == [comment.body]


def test_reviewers_are_asked(world: FakeWorld) -> None:
    ann, bob = world.reviewers
    created = world.pull_requests.create(proposal(world, reviewers=(ann,)))
    assert created.reviewers == (ann,)
    updated = world.pull_requests.update(created, PullRequestChange(reviewers=(f"@{bob}",)))
    assert sorted(updated.reviewers) == sorted(world.reviewers)


def test_a_reviewer_whom_nobody_knows_is_rejected(world: FakeWorld) -> None:
    with pytest.raises(Rejected, match="reviewers of"):
        world.pull_requests.create(proposal(world, reviewers=("no-such-person-at-all",)))
    assert [p.reviewers for p in world.pull_requests.find(prefix=world.prefix)] in ([], [()])


def test_closing_says_why_and_once(world: FakeWorld, opened: PullRequest) -> None:
    world.pull_requests.close(opened.number, "superseded")
    world.pull_requests.close(opened.number, "superseded")
    assert world.pull_requests.get(opened.number).state is PullRequestState.CLOSED
    assert [c.body for c in world.pull_requests.comments(opened.number)] == ["superseded"]


def test_one_comment_is_kept_up_to_date(world: FakeWorld, opened: PullRequest) -> None:
    pull_requests, number = world.pull_requests, opened.number
    world.write(number, "eve", f"{MARKER}\nall is well")
    first = pull_requests.keep_comment(number, MARKER, "checks")
    assert first.author.key == world.us
    asked = len(world.server.requests)
    assert pull_requests.keep_comment(number, MARKER, "checks") == first
    assert world.server.written(asked) == []
    second = pull_requests.keep_comment(number, MARKER, "merged")
    assert second.id == first.id
    pull_requests.keep_comment(number, "<!-- other -->", "another")
    bodies = [c.body for c in pull_requests.comments(number)]
    assert bodies == [f"{MARKER}\nall is well", f"{MARKER}\nmerged", "<!-- other -->\nanother"]


def test_of_two_that_are_ours_one_stays(world: FakeWorld, opened: PullRequest) -> None:
    number = opened.number
    first = world.pull_requests.keep_comment(number, MARKER, "checks")
    world.write(number, world.us, f"{MARKER}\nchecks")  # whose answer was lost
    assert world.pull_requests.keep_comment(number, MARKER, "live").id == first.id
    assert [c.body for c in world.pull_requests.comments(number)] == [f"{MARKER}\nlive"]


def test_a_status_replaces_what_was_said(world: FakeWorld, opened: PullRequest) -> None:
    pull_requests, revision = world.pull_requests, opened.revision
    pending = Status(revision, "tidegate/gates", StatusState.PENDING, "judging", "")
    for said in (pending, pending, passed(revision), passed(revision, "tidegate/check")):
        pull_requests.set_status(said)
    found = {status.context: status for status in pull_requests.statuses(revision)}
    assert found["tidegate/gates"] == passed(revision)
    assert found["tidegate/check"] == passed(revision, "tidegate/check")
    failed = Status(revision, "tidegate/gates", StatusState.FAILURE, "x" * 400, "")
    pull_requests.set_status(failed)
    found = {status.context: status for status in pull_requests.statuses(revision)}
    assert found["tidegate/gates"].state is StatusState.FAILURE
    assert found["tidegate/gates"].description.endswith("…")


def test_a_review_is_of_the_head_that_was_seen(world: FakeWorld, opened: PullRequest) -> None:
    pull_requests, (ann, bob) = world.pull_requests, world.reviewers
    assert pull_requests.reviews(opened.number) == ()
    world.approve(opened.number, ann)
    (review,) = pull_requests.reviews(opened.number)
    assert review.author == User(ann)
    assert (review.state, review.revision) == (ReviewState.APPROVED, opened.revision)
    head = world.push(opened.branch)
    world.object_to(opened.number, bob)
    found = {review.author.key: review for review in pull_requests.reviews(opened.number)}
    assert found[ann].revision == opened.revision != head
    assert found[bob].state is ReviewState.CHANGES_REQUESTED
    world.approve(opened.number, ann)
    found = {review.author.key: review for review in pull_requests.reviews(opened.number)}
    assert found[ann].revision == head


@pytest.mark.parametrize("method", list(MergeMethod))
def test_a_merge_leaves_real_commits(
    world: FakeWorld, opened: PullRequest, method: MergeMethod
) -> None:
    pull_requests, base = world.pull_requests, world.head("main")
    if isinstance(world.server, FakeGitLab) and method is MergeMethod.REBASE:
        world.server.merge_method = "ff"
    message = "promote(shop): 2\n\nWhy it is so.\n\nTidegate-App: shop"
    merged = pull_requests.merge(opened.number, opened.revision, method, message)
    assert merged == world.head("main")
    parents = {MergeMethod.MERGE: [base, opened.revision]}.get(method, [base])
    assert world.parents(merged) == parents
    if method is not MergeMethod.REBASE:
        assert world.message(merged) == message
    after = pull_requests.get(opened.number)
    assert (after.state, after.merge_revision) == (PullRequestState.MERGED, merged)
    assert after.merged is not None
    assert pull_requests.merge(opened.number, opened.revision, method) == merged
    assert pull_requests.find(branch=opened.branch) == []
    origin = pull_requests.origin_of(merged)
    assert origin is not None
    assert (origin.number, origin.merge_revision) == (opened.number, merged)
    assert pull_requests.origin_of(base) is None


def test_a_merge_is_of_the_head_that_was_judged(world: FakeWorld, opened: PullRequest) -> None:
    world.push(opened.branch)
    base = world.head("main")
    with pytest.raises(ConflictError):
        world.pull_requests.merge(opened.number, opened.revision, MergeMethod.SQUASH)
    with pytest.raises(ConflictError):
        world.pull_requests.auto_merge(opened.number, opened.revision, MergeMethod.SQUASH)
    assert world.head("main") == base


def test_a_merge_that_the_rules_forbid_is_rejected(world: FakeWorld, opened: PullRequest) -> None:
    world.require("tidegate/verify")
    with pytest.raises(Rejected):
        world.pull_requests.merge(opened.number, opened.revision, MergeMethod.SQUASH)
    world.pull_requests.set_status(passed(opened.revision, "tidegate/verify"))
    assert world.pull_requests.merge(opened.number, opened.revision, MergeMethod.SQUASH)


def test_auto_merge_waits_for_the_rules(world: FakeWorld, opened: PullRequest) -> None:
    pull_requests, number = world.pull_requests, opened.number
    world.require("tidegate/verify")
    for _ in range(2):
        pull_requests.auto_merge(number, opened.revision, MergeMethod.SQUASH)
        assert pull_requests.get(number).auto_merge
    for _ in range(2):
        pull_requests.cancel_auto_merge(number)
        assert not pull_requests.get(number).auto_merge
    pull_requests.auto_merge(number, opened.revision, MergeMethod.SQUASH)
    pull_requests.set_status(passed(opened.revision, "tidegate/verify"))
    assert pull_requests.get(number).state is PullRequestState.MERGED
    pull_requests.auto_merge(number, opened.revision, MergeMethod.SQUASH)


@pytest.mark.parametrize("waiting", [True, False])
def test_auto_merge_says_what_it_was_told(
    world: FakeWorld, opened: PullRequest, waiting: bool
) -> None:
    if waiting:
        world.require("tidegate/verify")
    message = "promote(prod): shop\n\nTidegate-Promotion: prod/shop"
    world.pull_requests.auto_merge(opened.number, opened.revision, MergeMethod.SQUASH, message)
    world.pull_requests.set_status(passed(opened.revision, "tidegate/verify"))
    assert world.pull_requests.get(opened.number).state is PullRequestState.MERGED
    assert world.forge.git("log", "-1", "--format=%B", "main") == message


def test_auto_merge_merges_at_once_where_nothing_is_waited_for(
    world: FakeWorld, opened: PullRequest
) -> None:
    world.pull_requests.auto_merge(opened.number, opened.revision, MergeMethod.MERGE)
    found = world.pull_requests.get(opened.number)
    assert (found.state, found.merge_revision) == (PullRequestState.MERGED, world.head("main"))


def test_what_git_cannot_merge_is_said_so(world: FakeWorld, opened: PullRequest) -> None:
    assert world.pull_requests.get(opened.number).mergeable is True
    world.forge.commit("main", {"shop.txt": "something else\n"})
    assert world.pull_requests.get(opened.number).mergeable is False
    with pytest.raises(Rejected):
        world.pull_requests.merge(opened.number, opened.revision, MergeMethod.MERGE)


def test_a_deleted_branch_closes(world: FakeWorld, opened: PullRequest) -> None:
    world.forge.git("update-ref", "-d", f"refs/heads/{opened.branch}")
    assert world.pull_requests.find(prefix=world.prefix) == []


def test_members_of_a_team(world: FakeWorld) -> None:
    assert world.pull_requests.members(world.team) >= {*world.reviewers}
    assert "eve" not in world.pull_requests.members(f"@{world.team}")
    for team in ("acme/nobody", "acme", "acme/../../user", "/", "", "acme/.", f"{world.team}?a=b",
                 f"{world.team}#", f"{world.team}/x"):  # fmt: skip
        with pytest.raises(NotFound):
            world.pull_requests.members(team)


def test_the_token_speaks_for_us(world: FakeWorld) -> None:
    assert world.pull_requests.account() == User(world.us, bot=True)
    assert list(world.pull_requests.missing_permissions()) == []


def test_one_issue_is_kept_up_to_date(world: FakeWorld) -> None:
    pull_requests, marker = world.pull_requests, "<!-- tidegate:cve shop-prod -->"
    first = pull_requests.keep_issue(marker, "CVE-1 in prod", "a table", ["security"])
    assert (first.title, first.labels) == ("CVE-1 in prod", ("security",))
    assert first.body == f"{marker}\na table"
    asked = len(world.server.requests)
    again = pull_requests.keep_issue(marker, "CVE-1 in prod", "a table", ["security"])
    assert again == first
    assert world.server.written(asked) == []
    more = pull_requests.keep_issue(marker, "CVE-1 and CVE-2", "two rows", ["security", "prod"])
    assert (more.number, more.title) == (first.number, "CVE-1 and CVE-2")
    assert sorted(more.labels) == ["prod", "security"]
    other = pull_requests.keep_issue("<!-- tidegate:other -->", "other", "", [])
    assert other.number != first.number
    closed = pull_requests.close_issue(marker, "nothing any more")
    assert closed is not None
    assert (closed.number, closed.body) == (first.number, f"{marker}\nnothing any more")
    assert pull_requests.close_issue(marker, "nothing any more") is None
    assert pull_requests.keep_issue(marker, "again", "").number != first.number


def test_two_hundred_are_looked_at_with_two_requests(world: FakeWorld) -> None:
    world.forge.open_many(world.us, 200)
    for _ in range(2):
        asked = len(world.server.requests)
        found = world.pull_requests.find(prefix="promote/app-")
        assert len({p.number for p in found}) == 200
        assert len(world.server.requests) - asked == 2
    # The second time they were known, and count for no limit.
    assert all("if-none-match" in r.headers for r in world.server.requests[-2:])
    asked = len(world.server.requests)
    below = world.pull_requests.comments_of([p.number for p in found])
    assert len(below) in (0, 200)
    assert len(world.server.requests) - asked <= 9  # who we are, and twenty-five each


def test_a_change_takes_one_request_and_a_status_another(world: FakeWorld) -> None:
    made = world.pull_requests.create(proposal(world, labels=("promotion", "blocked")))
    asked = len(world.server.requests)
    change = PullRequestChange("newer", "newer", labels=("promotion",))
    updated = world.pull_requests.update(made, change)
    world.pull_requests.set_status(passed(made.revision))
    assert (updated.title, updated.labels) == ("newer", ("promotion",))
    assert len(world.server.requests) - asked == 2


def test_an_opening_takes_few_requests(world: FakeWorld) -> None:
    more = {"labels": ("promotion",), "reviewers": (world.reviewers[0],)}
    world.pull_requests.create(proposal(world, "first", **more))
    asked = len(world.server.requests)
    made = world.pull_requests.create(proposal(world, "second", **more))
    assert (made.labels, made.reviewers) == (("promotion",), (world.reviewers[0],))
    assert made.unfinished
    world.pull_requests.keep_comment(made.number, MARKER, "opened", ())
    made = world.pull_requests.finish(made)
    assert len(world.server.requests) - asked <= 4  # at GitHub reviewers, at GitLab their ids
    found = world.pull_requests.get(made.number)
    assert (found.body, found.labels, found.reviewers) == (made.body, made.labels, made.reviewers)
    assert not found.unfinished


def test_many_are_looked_at_together_where_that_can_be(world: FakeWorld) -> None:
    """What is told is what looking at each would tell."""
    pull_requests = world.pull_requests
    made = [pull_requests.create(proposal(world, name)) for name in "abc"]
    pull_requests.keep_comment(made[0].number, MARKER, "ours")
    world.write(made[0].number, "eve", f"{MARKER}\nnot ours")
    for number in range(11):
        world.write(made[1].number, "eve", str(number))
    pull_requests.set_status(passed(made[0].revision))
    pull_requests.set_status(passed(made[1].revision, "tidegate/check"))
    asked = len(world.server.requests)
    numbers, revisions = [p.number for p in made], [p.revision for p in made]
    below = pull_requests.comments_of([*numbers, 99_999_999, numbers[0]])
    said = pull_requests.statuses_of("tidegate/gates", [*revisions, "a" * 40, revisions[0]])
    assert len(world.server.requests) - asked <= 3  # and once who we are
    bodies = {number: [c.body for c in found] for number, found in below.items()}
    if isinstance(world.server, FakeGitLab):
        assert (bodies, said) == ({}, {})
        return
    assert bodies == {
        numbers[0]: [f"{MARKER}\nours", f"{MARKER}\nnot ours"],
        numbers[2]: [],
    }
    looked = pull_requests.comments(numbers[0])
    assert [c.id for c in below[numbers[0]]] == [c.id for c in looked]
    assert [c.author for c in below[numbers[0]]] == [c.author for c in looked]
    assert said == {revisions[0]: passed(revisions[0])}


def test_a_comment_whose_answer_is_lost_is_there_once(
    world: FakeWorld, opened: PullRequest
) -> None:
    for fault in (answer_lost, status(502)):
        world.server.faults.append(on("POST", "/(comments|notes|issues)$", fault))
        marker = f"<!-- {fault} -->"
        made = world.pull_requests.keep_comment(opened.number, marker, "text")
        found = [c for c in world.pull_requests.comments(opened.number) if marker in c.body]
        assert [c.id for c in found] == [made.id]
        world.server.faults.append(on("POST", "/issues$", fault))
        issue = world.pull_requests.keep_issue(marker, "a title", "text")
        assert world.pull_requests.close_issue(marker, "over") is not None
        assert world.pull_requests.close_issue(marker, "over") is None, issue


def test_people_are_told_where_it_is(world: FakeWorld) -> None:
    assert "acme/gitops" in world.pull_requests.place
