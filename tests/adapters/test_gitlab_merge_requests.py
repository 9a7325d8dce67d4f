"""What GitLab does differently, and GitLab on bad days."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.argocd import on, status
from tests.support.gitlab import BOT, JOB, TOKEN, FakeGitLab, fake_gitlab
from tests.support.http_fake import Answer, FakeServer, answer_lost
from tests.support.pull_request_worlds import gitlab_of

from tidegate.adapters.pull_requests.gitlab import (
    JOB_HEADER,
    PRIVATE_HEADER,
    address_of,
    find_token,
)
from tidegate.adapters.pull_requests.gitlab.text import as_written, bare, harmless, titled
from tidegate.domain.app import MergeMethod
from tidegate.domain.pull_request import (
    Proposal,
    PullRequestChange,
    ReviewState,
    Status,
    StatusState,
)
from tidegate.errors import (
    ConflictError,
    Forbidden,
    InputError,
    OutsideError,
    RateLimited,
    Rejected,
    TidegateError,
    Unreachable,
)

JSON = "application/json"


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[FakeGitLab]:
    with fake_gitlab(tmp_path) as fake:
        yield fake


def opened(gitlab: FakeGitLab, **values: Any) -> int:
    gitlab.forge.commit("promote/shop", {"shop": "new\n"}, onto="main")
    wanted = Proposal("promote/shop", "main", "promote shop", "a body", **values)
    return gitlab_of(gitlab).create(wanted).number


@pytest.mark.parametrize(
    "text",
    ["/merge", "a\n/close\nb", "  /approve", "\t/label ~x", "/", "a/b", "// x", "- /merge", ""],
)
def test_quick_actions_are_shown_and_not_done(text: str) -> None:
    assert as_written(harmless(text)) == text
    assert not any(line.strip().startswith(("/m", "/c", "/a", "/l"))
                   for line in harmless(text).splitlines())  # fmt: skip


@pytest.mark.parametrize("title", ["x", "Draft: x", "[Draft] draft: x", "(draft)x", "DRAFT:  x"])
def test_a_title_says_what_is_a_draft(title: str) -> None:
    assert bare(title) == "x"
    assert titled(title, True) == "Draft: x"
    assert titled(title, False) == "x"
    assert bare("drafting: x") == "drafting: x"


def test_addresses_may_have_a_path() -> None:
    address = address_of("https://acme.io/gitlab/", "acme/ml/gitops")
    assert address.place == "GitLab (acme.io/gitlab/acme/ml/gitops)"
    assert address.path("merge_requests", 1) == "projects/acme%2Fml%2Fgitops/merge_requests/1"
    with pytest.raises(InputError, match="without TLS"):
        address_of("http://git.acme.io", "acme/gitops")
    for project in ("acme", "", "acme/..", "../acme", "a//b"):
        with pytest.raises(InputError, match="no project"):
            address_of("https://gitlab.com", project)


def test_a_projects_token_counts_before_a_jobs(tmp_path: Path) -> None:
    env = {"CI_JOB_TOKEN": "job"}
    token, header = find_token(env)
    assert (token.current(), token.where, header) == ("job", "CI_JOB_TOKEN", JOB_HEADER)
    env["GITLAB_TOKEN"] = "own"
    assert find_token(env)[0].current() == "own"
    env["TIDEGATE_GITLAB_TOKEN_COMMAND"] = json.dumps(["echo", "from-command"])
    assert find_token(env)[0].current() == "from-command"
    (tmp_path / "token").write_text("from-file")
    env["TIDEGATE_GITLAB_TOKEN_FILE"] = str(tmp_path / "token")
    token, header = find_token(env)
    assert (token.current(), header) == ("from-file", PRIVATE_HEADER)
    with pytest.raises(InputError, match="no token for GitLab"):
        find_token({})


def test_a_job_is_told_what_it_may_not_do(gitlab: FakeGitLab) -> None:
    merge_requests = gitlab_of(gitlab, JOB, JOB_HEADER)
    assert merge_requests.account().login == "ann"
    assert "job's token" in merge_requests.missing_permissions()[0]
    with pytest.raises(Forbidden, match="401 Unauthorized"):
        merge_requests.find()


def test_what_the_token_lacks_is_told(gitlab: FakeGitLab) -> None:
    gitlab.scopes, gitlab.level = ["read_api"], 20
    assert gitlab_of(gitlab).missing_permissions() == ["scope: api", "role: Developer"]


def test_an_approval_of_which_nothing_is_told_is_of_no_head(gitlab: FakeGitLab) -> None:
    number = opened(gitlab)
    gitlab.says_when = False
    gitlab.forge.review(number, "ann")
    (review,) = gitlab_of(gitlab).reviews(number)
    assert (review.state, review.revision) == (ReviewState.APPROVED, None)


def test_an_approval_is_of_the_head_that_was_there(gitlab: FakeGitLab) -> None:
    number = opened(gitlab)
    head = gitlab.forge.head("promote/shop")
    gitlab.forge.review(number, "ann")
    gitlab.forge.commit("promote/shop", {"evil": "x\n"})
    gitlab.forge.look()
    (review,) = gitlab_of(gitlab).reviews(number)
    assert review.revision == head != gitlab.forge.head("promote/shop")


def test_a_bot_that_approves_is_one(gitlab: FakeGitLab) -> None:
    number = opened(gitlab)
    gitlab.forge.people |= {"helpful-linter": True}
    gitlab.forge.review(number, "helpful-linter")
    gitlab.forge.review(number, "ann")
    bots = {r.author.login: r.author.bot for r in gitlab_of(gitlab).reviews(number)}
    assert bots == {"helpful-linter": True, "ann": False}


def test_what_gitlab_has_no_word_for_is_refused(gitlab: FakeGitLab) -> None:
    with pytest.raises(InputError, match="no group"):
        opened(gitlab, reviewers=("acme/ml-owners",))
    with pytest.raises(InputError, match="comma"):
        opened(gitlab, labels=("a,b",))
    number = opened(gitlab)
    head = gitlab_of(gitlab).get(number).revision
    for ask in (gitlab_of(gitlab).merge, gitlab_of(gitlab).auto_merge):
        with pytest.raises(Rejected, match="not by rebase"):
            ask(number, head, MergeMethod.REBASE)


def test_reviewers_are_added_to_those_who_are_there(gitlab: FakeGitLab) -> None:
    number = opened(gitlab, reviewers=("Ann",))
    there = gitlab_of(gitlab).get(number)
    gitlab_of(gitlab).update(there, PullRequestChange(reviewers=("bob",)))
    assert sorted(gitlab.forge.pulls[number].reviewers) == ["ann", "bob"]


def test_jobs_are_statuses_too(gitlab: FakeGitLab) -> None:
    head = gitlab.forge.head("main") or ""
    words = {"success": "success", "failed": "failure", "running": "pending", "manual": "skipped",
             "skipped": "skipped", "canceled": "error", "created": "pending"}  # fmt: skip
    for state in words:
        body = {"state": state, "name": state}
        gitlab.answer(_posted(f"/api/v4/projects/acme%2Fgitops/statuses/{head}", body))
    found = {s.context: s.state.value for s in gitlab_of(gitlab).statuses(head)}
    assert found == words


def _posted(path: str, body: dict[str, str]) -> Any:
    from tests.support.argocd import Request

    return Request("POST", path, {}, {"private-token": TOKEN}, body)


def test_forks_are_left_out(gitlab: FakeGitLab) -> None:
    number = opened(gitlab)
    gitlab.forge.pulls[number].source = "eve/gitops"
    assert gitlab_of(gitlab).get(number).foreign
    assert gitlab_of(gitlab).find(branch="promote/shop") == []


def test_a_lost_answer_is_found_again(gitlab: FakeGitLab) -> None:
    gitlab.faults.append(on("POST", "/merge_requests$", answer_lost))
    with pytest.raises(Unreachable):
        opened(gitlab)
    merge_requests = gitlab_of(gitlab)
    (found,) = merge_requests.find(branch="promote/shop")
    gitlab.faults.append(on("PUT", "/merge$", answer_lost))
    with pytest.raises(Unreachable):
        merge_requests.merge(found.number, found.revision, MergeMethod.SQUASH)
    merged = merge_requests.merge(found.number, found.revision, MergeMethod.SQUASH)
    assert merged == gitlab.forge.head("main")


@pytest.mark.parametrize(
    ("code", "body", "kind"),
    [
        (401, {"message": f"401 {TOKEN}"}, Forbidden),
        (403, {"message": "403 Forbidden"}, Forbidden),
        (409, {"message": ["Another one"]}, ConflictError),
        (400, {"message": {"title": ["is too long (maximum is 255 characters)"]}}, Rejected),
        (400, {"error": "labels is invalid"}, Rejected),
        (406, {}, Rejected),
        (422, {"message": "Branch cannot be merged"}, Rejected),
        (500, {"message": "500 Internal Server Error"}, Unreachable),
    ],
)
def test_refusals_are_ours_and_hold_no_token(
    gitlab: FakeGitLab, code: int, body: Any, kind: type[TidegateError]
) -> None:
    answer = status(code, json.dumps(body).encode(), JSON)
    gitlab.faults.append(on("POST", "/merge_requests$", answer))
    with pytest.raises(kind) as caught:
        opened(gitlab)
    assert type(caught.value) is kind
    assert caught.value.message.isprintable()
    assert TOKEN not in repr(caught.value)
    if code == 400:
        assert next(iter(body)) in ("message", "error")
        assert "is too long" in caught.value.message or "is invalid" in caught.value.message


def test_a_limit_is_told_with_its_end(gitlab: FakeGitLab) -> None:
    limit = status(429, b"Retry later", "text/plain", Retry_After="3600")
    gitlab.faults.append(on("POST", "/statuses/", limit, times=9))
    with pytest.raises(RateLimited) as caught:
        gitlab_of(gitlab).set_status(Status("a" * 40, "x", StatusState.SUCCESS))
    assert caught.value.until is not None


class Listening(FakeServer):
    """Another host, which notes what it is told."""

    def answer(self, request: Any) -> Answer:
        return Answer(200, [])


@pytest.mark.parametrize(("header", "token"), [(PRIVATE_HEADER, TOKEN), (JOB_HEADER, JOB)])
def test_a_redirect_never_takes_the_token_to_another_host(
    gitlab: FakeGitLab, header: str, token: str
) -> None:
    other = Listening()
    try:
        location = {"Location": f"{other.url}/api/v4/elsewhere"}
        gitlab.faults.append(on("GET", "/merge_requests$", status(302, b"", JSON, **location)))
        with pytest.raises(OutsideError, match="to another host"):
            gitlab_of(gitlab, token, header).find()
        (asked,) = other.requests
        assert not {"private-token", "job-token", "authorization"} & {*asked.headers}
    finally:
        other.close()


def test_the_bot_is_known_by_its_name(gitlab: FakeGitLab) -> None:
    number = opened(gitlab)
    author = gitlab_of(gitlab).get(number).author
    assert (author.login, author.bot) == (BOT, True)
