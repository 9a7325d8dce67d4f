"""An opening or an update is over when people are told of it; what cuts it off before, the next run
makes up for, at every provider."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.argocd import on, status
from tests.support.faults import ANY, Script
from tests.support.http_fake import answer_lost
from tests.support.pull_request_worlds import WORLDS, FakeWorld, proposal

from tidegate.domain.progress import MARKER, Course
from tidegate.domain.proposed import Action, Proposed
from tidegate.domain.pull_request import PullRequest, PullRequestChange
from tidegate.errors import Unreachable
from tidegate.flows.progress_comment import tell_at

COMMENTS, TEXTS = "/(comments|notes)$", "/(issues|merge_requests)/[0-9]+$"


@pytest.fixture(params=list(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeWorld]:
    with WORLDS[request.param](tmp_path) as found:
        yield found


def tell(
    world: FakeWorld,
    there: PullRequest,
    action: Action,
    last: PullRequestChange | None = None,
) -> Proposed:
    def write(course: Course) -> str:
        return ", ".join(step.stage.value for step in course.steps)

    wanted = Proposed(("shop",), there.branch, action, there, last=last)
    (told,) = tell_at(world.pull_requests, [wanted], write)
    return told


def faults_before_the_comment() -> list[Script]:
    return [on(ANY, "", status(502), times=math.inf)]


def faults_after_the_comment() -> list[Script]:
    return [on("POST", COMMENTS, answer_lost), on("GET", "", status(502), times=math.inf)]


def faults_before_the_end() -> list[Script]:
    return [on(method, TEXTS, status(502), times=math.inf) for method in ("PATCH", "PUT")]


@pytest.mark.parametrize(
    ("faults", "written"),
    [
        (faults_before_the_comment, 0),
        (faults_after_the_comment, 1),
        (faults_before_the_end, 1),
    ],
    ids=["before-the-comment", "after-the-comment", "before-the-end"],
)
def test_an_opening_that_was_cut_off_is_made_up_for(
    world: FakeWorld, faults: Callable[[], list[Script]], written: int
) -> None:
    wanted = proposal(world, labels=("promotion",))
    made = world.pull_requests.create(wanted)
    world.server.faults += faults()
    cut = tell(world, made, Action.OPENED)
    assert (cut.action, type(cut.error)) == (Action.FAILED, Unreachable)
    assert len(world.forge.pulls[made.number].comments) == written
    world.server.faults.clear()
    # The next run.
    (there,) = world.pull_requests.find(branch=wanted.branch)
    assert (there.unfinished, there.body) == (True, wanted.body)
    change = PullRequestChange("newer", "a newer body", wanted.labels)
    there = world.pull_requests.update(there, change)
    assert there.unfinished
    assert tell(world, there, Action.UPDATED).error is None
    (there,) = world.pull_requests.find(branch=wanted.branch)
    assert not there.unfinished
    assert (there.title, there.body, there.labels) == ("newer", "a newer body", ("promotion",))
    (comment,) = world.pull_requests.comments(there.number)
    assert comment.body == f"{MARKER}\nopened, check passed"


@pytest.mark.parametrize(
    "faults",
    [faults_before_the_comment, faults_before_the_end],
    ids=["before-the-comment", "before-the-end"],
)
def test_an_update_that_was_cut_off_is_made_up_for(
    world: FakeWorld, faults: Callable[[], list[Script]]
) -> None:
    wanted = proposal(world)
    made = world.pull_requests.create(wanted)
    assert tell(world, world.pull_requests.finish(made), Action.MARKED).error is None
    (there,) = world.pull_requests.find(branch=wanted.branch)
    change = PullRequestChange("newer", "a newer body", ("promotion",))
    world.server.faults += faults()
    cut = tell(world, there, Action.UPDATED, change)
    assert (cut.action, type(cut.error)) == (Action.FAILED, Unreachable)
    world.server.faults.clear()
    # The next run finds that it doesn't say yet what it should.
    assert world.pull_requests.find(branch=wanted.branch) == [there]
    told = tell(world, there, Action.UPDATED, change)
    assert (told.error, told.last) == (None, None)
    (after,) = world.pull_requests.find(branch=wanted.branch)
    assert (after.title, after.body, after.labels) == ("newer", "a newer body", ("promotion",))
    (comment,) = world.pull_requests.comments(there.number)
    assert comment.body == f"{MARKER}\nopened, check passed"


def test_two_runners_that_open_it_together_leave_one_comment(world: FakeWorld) -> None:
    made = world.pull_requests.create(proposal(world))
    (there,) = world.pull_requests.find(branch=made.branch)
    assert tell(world, there, Action.UPDATED).error is None
    # Whoever opened it knows that there was no comment then.
    told = tell(world, made, Action.OPENED)
    assert (told.error, told.note) == (None, "")
    (comment,) = world.pull_requests.comments(made.number)
    assert comment.body == f"{MARKER}\nopened, check passed"


def test_who_may_not_comment_has_ended_the_opening(world: FakeWorld) -> None:
    made = world.pull_requests.create(proposal(world))
    world.server.faults.append(on("POST", COMMENTS, status(403), times=math.inf))
    told = tell(world, made, Action.OPENED)
    assert (told.action, told.error) == (Action.OPENED, None)
    assert "could not be told" in told.note
    assert not world.pull_requests.get(made.number).unfinished


def test_a_mark_of_a_reason_ends_no_opening(world: FakeWorld) -> None:
    """Its reviewers may not have been asked yet."""
    made = world.pull_requests.create(proposal(world))
    assert tell(world, made, Action.MARKED).error is None
    assert world.pull_requests.get(made.number).unfinished
