"""GitHub on bad days: limits, tokens, lost answers, other hosts, and answers that make no sense."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.support import github_openapi
from tests.support.argocd import on, status
from tests.support.forge import now
from tests.support.github import APP, INSTALLATION, TOKEN, FakeGitHub, fake_github
from tests.support.http_fake import Answer, FakeServer, answer_lost
from tests.support.pull_request_worlds import github_of

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.github import AppToken, GitHub, address_of, api_of
from tidegate.adapters.token import from_text
from tidegate.domain.app import MergeMethod
from tidegate.domain.pull_request import (
    Proposal,
    PullRequestChange,
    PullRequestState,
    ReviewState,
    Status,
    StatusState,
)
from tidegate.errors import (
    ConflictError,
    Forbidden,
    InputError,
    NotFound,
    OutsideError,
    RateLimited,
    Rejected,
    TidegateError,
    Unreachable,
)

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
JSON = "application/json"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with fake_github(tmp_path) as fake:
        yield fake


def opened(github: FakeGitHub, name: str = "shop", **values: Any) -> int:
    github.forge.commit(f"promote/{name}", {name: "new\n"}, onto="main")
    wanted = Proposal(f"promote/{name}", "main", f"promote {name}", "a body", **values)
    return github_of(github).create(wanted).number


class Patient:
    """GitHub as it is for somebody with a clock of their own, which waiting moves."""

    def __init__(self, github: FakeGitHub, patience: float = 120.0) -> None:
        self.waited: list[float] = []
        self.clock = now()
        address = address_of(github.url, github.forge.repository)
        api = Api(
            address.rest,
            address.place,
            from_text(TOKEN, "the test"),
            Http(timeout=60, sleep=self.sleep),
            patience=patience,
            now=lambda: self.clock,
            sleep=self.sleep,
            jitter=lambda: 0.5,
        )
        self.pull_requests = GitHub(address, api)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock += timedelta(seconds=seconds)


def test_the_fake_is_held_to_githubs_document() -> None:
    if github_openapi.document() is None:
        pytest.skip(github_openapi.MISSING)
    wrong = {"title": 1, "head": "a", "base": "b", "colour": "red"}
    found = github_openapi.request_violations("POST", "/repos/a/b/pulls", {"x"}, wrong)
    assert len(found) == 3
    assert github_openapi.answer_violations("GET", "/repos/a/b/pulls", 200, [{"number": 1}])
    assert github_openapi.request_violations("GET", "/repos/a/b/nothing", set(), None)


@pytest.mark.parametrize(
    ("url", "rest", "graphql"),
    [
        ("https://github.com", "https://api.github.com", "https://api.github.com/graphql"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("https://git.acme.io/", "https://git.acme.io/api/v3", "https://git.acme.io/api/graphql"),
    ],
)
def test_each_server_has_its_apis_elsewhere(url: str, rest: str, graphql: str) -> None:
    address = address_of(url, "acme/gitops")
    assert (address.rest, address.graphql) == (rest, graphql)


@pytest.mark.parametrize("repository", ["", "acme", "a/b/c", "../..", "acme/..", "a b/c", "a/b\n"])
def test_a_name_that_is_no_repositorys_is_refused(repository: str) -> None:
    with pytest.raises(InputError, match="no repository"):
        address_of("https://github.com", repository)


def test_no_token_goes_out_without_tls() -> None:
    with pytest.raises(InputError, match="without TLS"):
        address_of("http://git.acme.io", "acme/gitops")


@pytest.mark.parametrize(
    ("code", "kind"),
    [(401, Forbidden), (403, Forbidden), (404, NotFound), (409, ConflictError), (410, NotFound),
     (422, Rejected), (500, Unreachable), (502, Unreachable), (301, OutsideError)],
)  # fmt: skip
def test_refusals_are_ours_and_hold_no_token(
    github: FakeGitHub, code: int, kind: type[TidegateError]
) -> None:
    body = json.dumps({"message": f"no\x1b[31m {TOKEN}\nat all"}).encode()
    github.faults.append(on("GET", "/pulls/1$", status(code, body, JSON), times=9))
    with pytest.raises(kind) as caught:
        github_of(github).get(1)
    assert type(caught.value) is kind
    assert caught.value.message.isprintable()
    assert TOKEN not in repr(caught.value)


def test_a_missing_permission_is_named(github: FakeGitHub) -> None:
    named = {"X-Accepted-GitHub-Permissions": "pull_requests=write"}
    body = b'{"message": "Resource not accessible by integration"}'
    github.faults.append(on("POST", "/statuses/", status(403, body, JSON, **named)))
    with pytest.raises(Forbidden, match="not accessible by integration") as caught:
        github_of(github).set_status(Status("a" * 40, "x", StatusState.SUCCESS))
    assert "pull_requests=write" in (caught.value.hint or "")


def test_the_primary_limit_is_waited_for(github: FakeGitHub) -> None:
    number = opened(github)
    github.left, github.resets = 0, now() + timedelta(seconds=30)
    patient = Patient(github)
    github.faults.append(on("GET", "/pulls/", lambda handler: _reset(github, patient), times=9))
    assert patient.pull_requests.get(number).number == number
    (waited,) = patient.waited
    assert 30 <= waited <= 36


def _reset(github: FakeGitHub, patient: Patient) -> bool:
    """GitHub's clock is the patient one's."""
    if patient.waited:
        github.left = None
    return False


def test_a_limit_that_lasts_is_told_with_its_end(github: FakeGitHub) -> None:
    github.left, github.resets = 0, now() + timedelta(hours=1)
    with pytest.raises(RateLimited, match="asked too often") as caught:
        Patient(github).pull_requests.find()
    assert caught.value.until is not None
    assert abs(caught.value.until - github.resets) < timedelta(seconds=2)
    assert len(github.requests) == 1


@pytest.mark.parametrize(
    ("code", "headers", "words", "least"),
    [
        (403, {"Retry-After": "7"}, "You have exceeded a secondary rate limit.", 7),
        (429, {"Retry-After": "40"}, "slow down", 40),
        (403, {}, "You have exceeded a secondary rate limit. Please wait.", 60),
        (403, {}, "You have triggered an abuse detection mechanism.", 60),
    ],
)
def test_secondary_limits_are_waited_for(
    github: FakeGitHub, code: int, headers: dict[str, str], words: str, least: float
) -> None:
    number = opened(github)
    body = json.dumps({"message": words}).encode()
    github.faults.append(on("PATCH", "/issues/", status(code, body, JSON, **headers)))
    patient = Patient(github)
    there, change = github_of(github).get(number), PullRequestChange(title="newer")
    assert patient.pull_requests.update(there, change).title == "newer"
    assert least <= patient.waited[0] <= least + 6


def test_what_has_not_changed_counts_for_no_limit(github: FakeGitHub) -> None:
    number = opened(github)
    pull_requests = github_of(github)
    first = pull_requests.get(number)
    assert pull_requests.get(number) == first
    assert github.requests[-1].headers["if-none-match"]
    github.forge.pulls[number].title = "changed"
    assert pull_requests.get(number).title == "changed"
    assert pull_requests.get(number).title == "changed"


def test_pages_at_another_host_are_not_followed(github: FakeGitHub) -> None:
    link = {"Link": '<https://evil.example/pulls?page=2>; rel="next"'}
    github.faults.append(on("GET", "/pulls$", status(200, b"[]", JSON, **link)))
    with pytest.raises(OutsideError, match="another host"):
        github_of(github).find()


class Listening(FakeServer):
    """Another host, which notes what it is told."""

    def answer(self, request: Any) -> Answer:
        return Answer(200, [])


def test_a_redirect_never_takes_the_token_to_another_host(github: FakeGitHub) -> None:
    other = Listening()
    try:
        location = {"Location": f"{other.url}/repos/acme/gitops/pulls"}
        github.faults.append(on("GET", "/pulls$", status(302, b"", JSON, **location)))
        with pytest.raises(OutsideError, match="to another host"):
            github_of(github).find()
        github.faults.append(on("POST", "/pulls$", status(307, b"", JSON, **location)))
        with pytest.raises(OutsideError, match="status 307"):
            opened(github)
        assert [request.method for request in other.requests] == ["GET"]
        assert "authorization" not in other.requests[0].headers
    finally:
        other.close()


def test_a_lost_answer_is_found_again(github: FakeGitHub) -> None:
    github.faults.append(on("POST", "/pulls$", answer_lost))
    with pytest.raises(Unreachable):
        opened(github)
    (found,) = github_of(github).find(branch="promote/shop")
    assert found.title == "promote shop"


def test_a_merge_whose_answer_is_lost_is_no_second_one(github: FakeGitHub) -> None:
    number = opened(github)
    pull_requests = github_of(github)
    head = pull_requests.get(number).revision
    github.faults.append(on("PUT", "/merge$", answer_lost))
    with pytest.raises(Unreachable):
        pull_requests.merge(number, head, MergeMethod.SQUASH)
    merged = pull_requests.merge(number, head, MergeMethod.SQUASH)
    assert merged == github.forge.head("main")
    assert len([r for r in github.requests if r.path.endswith("/merge")]) == 1


def test_what_may_be_repeated_is(github: FakeGitHub) -> None:
    number = opened(github)
    github.faults.append(on("PATCH", "/issues/", answer_lost))
    github.faults.append(on("POST", "/statuses/", status(502)))
    pull_requests = github_of(github)
    updated = pull_requests.update(pull_requests.get(number), PullRequestChange(title="newer"))
    pull_requests.set_status(Status(updated.revision, "x", StatusState.SUCCESS))
    assert updated.title == "newer"
    assert [s.context for s in pull_requests.statuses(updated.revision)] == ["x"]


def test_an_opening_that_was_cut_off_is_seen_without_labels(github: FakeGitHub) -> None:
    github.faults.append(on("POST", "/requested_reviewers$", status(500), times=9))
    with pytest.raises(Unreachable):
        opened(github, reviewers=("ann",))
    (there,) = github_of(github).find(branch="promote/shop")
    assert (there.unfinished, there.body, there.reviewers) == (True, "a body", ())
    github.faults.clear()
    again = PullRequestChange(body="a body", reviewers=("ann",))
    github_of(github).finish(github_of(github).update(there, again))
    (there,) = github_of(github).find(branch="promote/shop")
    assert (there.unfinished, there.body, there.reviewers) == (False, "a body", ("ann",))


def test_whom_another_run_has_asked_is_not_asked_again(github: FakeGitHub) -> None:
    """As where it found the pull request before whoever opened it was done."""
    opened(github, reviewers=("ann",), labels=("promotion",))
    (there,) = github_of(github).find(branch="promote/shop")
    assert (there.unfinished, there.reviewers) == (True, ("ann",))
    before = len(github.requests)
    again = PullRequestChange(body="a body", labels=("promotion",), reviewers=("@Ann",))
    assert github_of(github).update(there, again).reviewers == ("ann",)
    assert not [path for path in github.written(before) if "requested_reviewers" in path]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[1]", b"{}", b'{"number": "1"}', b'{"number": true}', b"[" * 100_000,
     b'{"number": 1, "labels": [1]}', b'{"number": 1, "merged_at": "now"}', b'{"number": 1}\xff'],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_said_so(github: FakeGitHub, body: bytes) -> None:
    github.faults.append(on("GET", "/pulls/1$", status(200, body, JSON)))
    with pytest.raises(OutsideError) as caught:
        github_of(github).get(1)
    assert "GitHub (127.0.0.1" in caught.value.message


def test_forks_are_left_out(github: FakeGitHub) -> None:
    number = opened(github)
    github.forge.pulls[number].source = "acme/fork"
    pull_requests = github_of(github)
    assert pull_requests.get(number).foreign
    assert pull_requests.find(branch="promote/shop") == []
    assert pull_requests.find(prefix="promote/") == []


def test_check_runs_are_statuses_too(github: FakeGitHub) -> None:
    head = github.forge.head("main") or ""
    runs = {"a": "success", "b": "skipped", "c": "failure", "d": "cancelled", "e": "neutral"}
    done = [{"name": n, "status": "completed", "conclusion": c} for n, c in runs.items()]
    github.forge.check_runs[head] = [*done, {"name": "f", "status": "queued", "conclusion": None}]
    found = {s.context: s.state.value for s in github_of(github).statuses(head)}
    wanted = {"a": "success", "b": "skipped", "c": "failure", "d": "error", "e": "success"}
    assert found == {**wanted, "f": "pending"}


def test_of_several_under_one_name_the_newest_counts_and_all_have_to_agree(
    github: FakeGitHub,
) -> None:
    head = github.forge.head("main") or ""
    actions, other = {"slug": "github-actions"}, {"slug": "other"}
    github.forge.check_runs[head] = [
        {"id": n, "name": name, "status": "completed", "conclusion": said, "app": app}
        for n, name, said, app in (
            (4, "again", "success", actions), (3, "again", "failure", actions),
            (5, "apps", "failure", other), (6, "apps", "success", actions),
            (7, "forged", "success", actions), (8, "both", "success", actions),
        )
    ]  # fmt: skip
    pull_requests = github_of(github)
    for name, state in (("forged", StatusState.FAILURE), ("both", StatusState.SUCCESS)):
        pull_requests.set_status(Status(head, name, state))
    found = {s.context: s.state.value for s in pull_requests.statuses(head)}
    said = {"again": "success", "apps": "failure", "forged": "failure", "both": "success"}
    assert found == said


def test_a_comment_takes_back_no_approval_and_a_dismissal_does(github: FakeGitHub) -> None:
    number = opened(github)
    github.forge.people["linter[bot]"] = True
    for login, state in (("ann", "APPROVED"), ("ann", "COMMENTED"), ("bob", "APPROVED"),
                         ("bob", "DISMISSED"), ("eve", "COMMENTED"), ("eve", "PENDING"),
                         ("linter[bot]", "APPROVED")):  # fmt: skip
        github.forge.review(number, login, state)
    found = {r.author.login: r for r in github_of(github).reviews(number)}
    assert {login: r.state for login, r in found.items()} == {
        "ann": ReviewState.APPROVED,
        "bob": ReviewState.DISMISSED,
        "eve": ReviewState.COMMENTED,
        "linter[bot]": ReviewState.APPROVED,
    }
    assert found["linter[bot]"].author.bot


def test_a_merge_queue_takes_it(github: FakeGitHub) -> None:
    number = opened(github)
    github.forge.rules.queue = True
    github.forge.rules.statuses.add("tidegate/verify")
    pull_requests = github_of(github)
    head = pull_requests.get(number).revision
    with pytest.raises(Rejected, match="merge queue"):
        pull_requests.merge(number, head, MergeMethod.SQUASH)
    pull_requests.auto_merge(number, head, MergeMethod.SQUASH)
    pull_requests.cancel_auto_merge(number)
    pull_requests.auto_merge(number, head, MergeMethod.SQUASH)
    pull_requests.set_status(Status(head, "tidegate/verify", StatusState.SUCCESS))
    assert pull_requests.get(number).state is PullRequestState.MERGED


def test_a_reviewer_whom_github_does_not_take_is_told_once(github: FakeGitHub) -> None:
    gone = b'{"message": "Reviews may only be requested from collaborators."}'
    github.faults.append(on("POST", "/requested_reviewers$", status(422, gone, JSON)))
    with pytest.raises(Rejected, match="collaborators"):
        opened(github, reviewers=("ann",), labels=("promotion",))
    (there,) = github_of(github).find(branch="promote/shop")
    assert there.labels == ("promotion",)


def test_a_newer_commit_gets_a_message_of_its_own(github: FakeGitHub) -> None:
    """What was asked for stays while somebody with rights pushes."""
    number = opened(github)
    github.forge.rules.statuses.add("ci/slow")
    for message in ("first", "second"):
        head = github.forge.commit("promote/shop", {"shop": f"{message}\n"})
        github_of(github).auto_merge(number, head, MergeMethod.SQUASH, message)
    github.forge.rules.statuses.clear()
    github.forge.look()
    assert github.forge.git("log", "-1", "--format=%B", "main") == "second"


def test_auto_merge_that_is_not_allowed_is_rejected(github: FakeGitHub) -> None:
    number = opened(github)
    github.forge.rules.auto_merge = False
    head = github_of(github).get(number).revision
    with pytest.raises(Rejected, match="not allowed for this repository"):
        github_of(github).auto_merge(number, head, MergeMethod.SQUASH)


def app_token(github: FakeGitHub, *, installation: str | None = None, key: str = PEM) -> AppToken:
    github.app_key = KEY
    address = address_of(github.url, github.forge.repository)
    return AppToken(address, APP, lambda: key, installation=installation, http=Http(timeout=60))


def as_app(github: FakeGitHub, token: AppToken) -> GitHub:
    address = address_of(github.url, github.forge.repository)
    return GitHub(address, api_of(address, token, Http(timeout=60)), token.granted)


@pytest.mark.parametrize("installation", [None, str(INSTALLATION)])
def test_an_app_signs_for_a_token_of_one_repository(
    github: FakeGitHub, installation: str | None
) -> None:
    pull_requests = as_app(github, app_token(github, installation=installation))
    assert pull_requests.find() == []
    assert pull_requests.find() == []
    assert pull_requests.account().bot
    made = [r for r in github.requests if r.path.endswith("/access_tokens")]
    assert [r.body for r in made] == [{"repositories": ["gitops"]}]


def test_a_token_is_renewed_before_its_end_and_when_it_is_refused(github: FakeGitHub) -> None:
    github.token_lasts = timedelta(minutes=4)
    pull_requests = as_app(github, app_token(github))
    pull_requests.find()
    first = github.requests[-1].headers["authorization"]
    pull_requests.find()
    second = github.requests[-1].headers["authorization"]
    assert first != second
    github.token_lasts = timedelta(hours=1)
    pull_requests.find()
    github.tokens.clear()
    assert pull_requests.find() == []


def test_what_an_app_may_not_do_is_told(github: FakeGitHub) -> None:
    github.permissions |= {"pull_requests": "read"}
    github.permissions.pop("issues")
    pull_requests = as_app(github, app_token(github))
    assert pull_requests.missing_permissions() == ["pull_requests: write", "issues: write"]


def test_what_another_token_may_not_do_is_told(github: FakeGitHub) -> None:
    github.scopes, github.may_push = "read:org, gist", False
    found = github_of(github).missing_permissions()
    assert found == ["scope: repo", "contents: write"]


@pytest.mark.parametrize("key", ["", "secret-key", PEM.replace("RSA", "DSA"), PEM[:300]])
def test_a_key_that_is_none_is_not_shown(github: FakeGitHub, key: str) -> None:
    with pytest.raises(InputError, match="private key") as caught:
        as_app(github, app_token(github, key=key)).find()
    assert "secret-key" not in str(caught.value)


def test_a_key_of_another_app_is_refused(github: FakeGitHub) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(Forbidden):
        as_app(github, app_token(github, key=pem.replace("\n", "\\n"))).find()


def test_pages_that_never_end_are_left(github: FakeGitHub) -> None:
    here = f"<{github.url}/api/v3/repos/acme/gitops/pulls?page=2>"
    link = {"Link": f'{here}; rel="next"'}
    github.faults.append(on("GET", "/pulls$", status(200, b"[]", JSON, **link), times=99))
    with pytest.raises(OutsideError, match="more than 5000"):
        github_of(github).find()
    assert len(github.requests) == 50
