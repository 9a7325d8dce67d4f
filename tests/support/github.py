"""A small GitHub on loopback, over a `Forge`: REST, GraphQL, App tokens, pages and ETags. What it
is asked and answers is held to GitHub's OpenAPI document where that is at hand.

with fake_github(folder) as github:
    github.faults += [on("POST", "/pulls$", drop)]
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support import github_openapi
from tests.support.argocd import Request
from tests.support.forge import Forge, Pull, Refusal, Status, new_forge, now
from tests.support.github_graph import execute
from tests.support.github_openapi import completed
from tests.support.http_fake import Answer, FakeServer, segments

TOKEN, BOT = "ghs_0123456789abcdefghijklmnopqrstuvwxyz", "tidegate[bot]"
APP, INSTALLATION = "4711", 77
LONGEST_BODY = 65_536
# What the document that the tests have doesn't have.
_ELSEWHERE = re.compile(
    r"/repos/[^/]+/[^/]+/(issues(/\d+)?|installation|commits/[^/]+/pulls)|/orgs/.*|/app/.*"
)
_MERGE_STATUS = {"moved": 409, "closed": 405, "rules": 405}


class FakeGitHub(FakeServer):
    """`tokens` maps each to the login that it speaks for. `left` counts the requests that the
    primary limit still allows, None where there is none; `resets` is when it does again."""

    usual_page = 30

    def __init__(self, forge: Forge) -> None:
        super().__init__()
        self.forge = forge
        self.tokens = {TOKEN: BOT}
        self.permissions = {
            "contents": "write",
            "pull_requests": "write",
            "statuses": "write",
            "checks": "read",
            "issues": "write",
            "metadata": "read",
        }
        self.scopes: str | None = None
        self.may_push = True
        self.app_key: Any = None
        self.token_lasts = timedelta(hours=1)
        self.left: int | None = None
        self.resets = now() + timedelta(hours=1)
        self.violations: list[str] = []

    @property
    def git_url(self) -> str:
        """What to clone and push to, with a token as the password."""
        return f"{self.url}/{self.forge.repository}.git"

    def repository(self, path: str) -> tuple[Path, str] | None:
        found = path.removeprefix(f"/{self.forge.repository}.git/")
        return None if found == path else (self.forge.git_dir, found)

    def user_of(self, token: str) -> str | None:
        return self.tokens.get(token)

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/api/v3")
        if path == "/api/graphql":
            return self._guarded(request, lambda login: self._graphql(request, login))
        elsewhere = _ELSEWHERE.fullmatch(path)
        if not elsewhere:
            self.violations += github_openapi.request_violations(
                request.method, path, {*request.query}, request.body
            )
        if path.startswith("/app/") or path.endswith("/installation"):
            return self._app(request, segments(path))
        found = self._guarded(request, lambda login: self._rest(request, segments(path), login))
        if not elsewhere:
            self.violations += github_openapi.answer_violations(
                request.method, path, found.status, found.body
            )
        return found

    def _guarded(self, request: Request, then: Callable[[str], Answer]) -> Answer:
        login = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if login is None:
            return _refusal(401, "Bad credentials")
        if self.left is not None and self.left <= 0:
            headers = {"X-RateLimit-Remaining": "0"}
            headers["X-RateLimit-Reset"] = str(int(self.resets.timestamp()) + 1)
            if now() < self.resets:
                return _refusal(403, "API rate limit exceeded for installation.", headers)
            self.left = None
        if self.left is not None:
            self.left -= 1
        with self.forge.lock:
            self.forge.look()
            try:
                return then(login)
            except Refusal as refusal:
                return _refused(refusal)
            except KeyError:
                return _refusal(404, "Not Found")

    def _graphql(self, request: Request, login: str) -> Answer:
        return Answer(200, execute(self.forge, self.url, login, request.body))

    def _rest(self, request: Request, parts: list[str], login: str) -> Answer:
        match parts:
            case ["orgs", organisation, "teams", team, "members"]:
                members = self.forge.teams[f"{organisation}/{team}"]
                return self.page(request, [self.user(name) for name in members])
            case ["repos", owner, name, *rest] if f"{owner}/{name}" == self.forge.repository:
                return self._below(request, rest, login)
        return _refusal(404, "Not Found")

    def _below(self, request: Request, parts: list[str], login: str) -> Answer:
        forge, body = self.forge, request.body or {}
        match [request.method, *parts]:
            case ["GET"]:
                return Answer(200, self._repository(), {"X-OAuth-Scopes": self.scopes or ""})
            case ["GET", "pulls"]:
                return self.page(request, [self.pull(p) for p in self._selected(request)])
            case ["POST", "pulls"]:
                return self._open(body, login)
            case ["GET", "pulls", number]:
                return Answer(200, self.pull(forge.pulls[int(number)], whole=True))
            case ["PATCH", "pulls", number]:
                return self._edit(forge.pulls[int(number)], body)
            case ["GET", "pulls", number, "reviews"]:
                reviews = forge.pulls[int(number)].reviews
                return self.page(request, [self._review(r, int(number)) for r in reviews])
            case ["POST", "pulls", number, "requested_reviewers"]:
                return self._ask(forge.pulls[int(number)], body)
            case ["PUT", "pulls", number, "merge"]:
                message = "\n\n".join(
                    body[key] for key in ("commit_title", "commit_message") if body.get(key)
                )
                method = body.get("merge_method", "merge")
                pull = forge.merge(int(number), body.get("sha"), method, message)
                merged = {"sha": pull.merge_revision, "merged": True, "message": "merged"}
                return Answer(200, merged)
            case ["GET", "issues", number, "comments"]:
                comments = forge.pulls[int(number)].comments
                return self.page(request, [self.comment(c) for c in comments])
            case ["POST", "issues", number, "comments"]:
                if len(body["body"]) > LONGEST_BODY:
                    return _refusal(422, "Body is too long (maximum is 65536 characters)")
                return Answer(201, self.comment(forge.comment(int(number), login, body["body"])))
            case [("PATCH" | "DELETE"), "issues", "comments", identity]:
                return self._change_comment(request.method, int(identity), body, login)
            case ["GET", "issues"]:
                found = [self._issue(i) for i in forge.issues.values() if i.state == "open"]
                pulls = [{**found[0], "pull_request": {}}] if found else []
                return self.page(request, [*pulls, *found])
            case ["POST", "issues"]:
                issue = forge.open_issue(login, body["title"], body["body"], body["labels"])
                return Answer(201, self._issue(issue))
            case ["PATCH", "issues", number] if int(number) in forge.pulls:
                return self._edit(forge.pulls[int(number)], body, as_issue=True)
            case ["PATCH", "issues", number]:
                issue = forge.issues[int(number)]
                issue.title, issue.body = body.get("title", issue.title), body["body"]
                issue.labels = body.get("labels", issue.labels)
                issue.state = body.get("state", issue.state)
                return Answer(200, self._issue(issue))
            case ["POST", "statuses", revision]:
                return self._set_status(revision, body, login)
            case ["GET", "commits", revision, "pulls"]:
                return self.page(request, [self.pull(p) for p in forge.origins(revision)])
            case ["GET", "commits", revision, "status"]:
                return self._combined(request, revision)
            case ["GET", "commits", revision, "check-runs"]:
                known = enumerate(forge.check_runs.get(revision, []), 1)
                runs = [completed("check-run", {"id": n} | run) for n, run in known]
                page = self.page(request, runs)
                return Answer(200, {"total_count": len(runs), "check_runs": page.body})
        return _refusal(404, "Not Found")

    def _selected(self, request: Request) -> list[Pull]:
        owner, _, branch = request.query.get("head", "").partition(":")
        found = [
            pull
            for pull in self.forge.pulls.values()
            if (pull.state == "open") == (request.query.get("state", "open") == "open")
            if not branch or (pull.branch, pull.source.partition("/")[0]) == (branch, owner)
        ]
        newest_first = request.query.get("direction") == "desc"
        return sorted(found, key=lambda pull: pull.number, reverse=newest_first)

    def _open(self, body: dict[str, Any], login: str) -> Answer:
        if len(body["body"]) > LONGEST_BODY:
            return _invalid("PullRequest", "body", "body is too long (maximum is 65536 characters)")
        values = {"title": body["title"], "body": body["body"], "draft": body.get("draft", False)}
        try:
            pull = self.forge.open(login, {**values, "branch": body["head"], "base": body["base"]})
        except Refusal as refusal:
            said = {
                "exists": f"A pull request already exists for acme:{body['head']}.",
                "invalid": "",
            }.get(refusal.kind, refusal.text)
            return _invalid("PullRequest", "head", said)
        return Answer(201, self.pull(pull, whole=True))

    def _edit(self, pull: Pull, body: dict[str, Any], *, as_issue: bool = False) -> Answer:
        if len(body.get("body", "")) > LONGEST_BODY:
            return _invalid("PullRequest", "body", "body is too long (maximum is 65536 characters)")
        pull.title, pull.body = body.get("title", pull.title), body.get("body", pull.body)
        if body.get("state") == "closed" and pull.state == "open":
            pull.state, pull.auto_merge, pull.queued = "closed", None, False
        if as_issue:  # which alone has labels
            pull.labels = list(dict.fromkeys(body.get("labels", pull.labels)))
        pull.updated = now()
        if as_issue:
            found = {**self._issue(pull), "pull_request": {}, "comments": len(pull.comments)}
            return Answer(200, found)
        return Answer(200, self.pull(pull, whole=True))

    def _ask(self, pull: Pull, body: dict[str, Any]) -> Answer:
        people, teams = body.get("reviewers", []), body.get("team_reviewers", [])
        owner = self.forge.repository.partition("/")[0]
        known = all(p in self.forge.people for p in people)
        if not known or not all(f"{owner}/{team}" in self.forge.teams for team in teams):
            return _refusal(
                422,
                "Reviews may only be requested from collaborators. One or more of the users or "
                "teams you specified is not a collaborator of the acme/gitops repository.",
            )
        asked = [*people, *(f"{owner}/{team}" for team in teams)]
        pull.reviewers = list(dict.fromkeys((*pull.reviewers, *asked)))
        return Answer(201, self.pull(pull))

    def _change_comment(
        self, method: str, identity: int, body: dict[str, Any], login: str
    ) -> Answer:
        for pull in self.forge.pulls.values():
            for comment in pull.comments:
                if comment.id == identity:
                    if comment.author != login:
                        return _refusal(403, "Resource not accessible by integration")
                    if method == "DELETE":
                        pull.comments.remove(comment)
                        return Answer(204)
                    comment.body = body["body"]
                    return Answer(200, self.comment(comment))
        return _refusal(404, "Not Found")

    def _set_status(self, revision: str, body: dict[str, Any], login: str) -> Answer:
        if not self.forge.git("rev-parse", "-q", "--verify", f"{revision}^{{commit}}", okay=(0, 1)):
            return _refusal(422, f"No commit found for SHA: {revision}")
        if len(body.get("description") or "") > 140:
            return _invalid("Status", "description", "description is too long")
        status = Status(
            self.forge.next_id(),
            body.get("context", "default"),
            body["state"],
            body.get("description") or "",
            body.get("target_url") or "",
            login,
            now(),
        )
        self.forge.set_status(revision, status)
        return Answer(201, {**self._status(status, "status"), "creator": self.user(login)})

    def _combined(self, request: Request, revision: str) -> Answer:
        statuses = [
            self._status(s, "simple-commit-status") for s in self.forge.latest(revision).values()
        ]
        page = self.page(request, statuses)
        body = {"sha": revision, "statuses": page.body, "state": "pending"}
        body |= {"total_count": len(statuses)}
        return Answer(200, completed("combined-commit-status", body), page.headers)

    def _app(self, request: Request, parts: list[str]) -> Answer:
        """Whoever signs with the App's key is the App."""
        if not self._is_app(request.headers.get("authorization", "").removeprefix("Bearer ")):
            return _refusal(401, "A JSON web token could not be decoded")
        if parts[-1] == "installation":
            return Answer(200, {"id": INSTALLATION, "app_id": int(APP)})
        token = f"ghs_{self.forge.next_id():036d}"
        self.tokens[token] = BOT
        ends = f"{now() + self.token_lasts:%Y-%m-%dT%H:%M:%SZ}"
        return Answer(201, {"token": token, "expires_at": ends, "permissions": self.permissions})

    def _is_app(self, token: str) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        head, claims, signature = (
            base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")
        )
        signed = token.rpartition(".")[0].encode()
        try:
            self.app_key.public_key().verify(signature, signed, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        said, moment = json.loads(claims), time.time()
        fresh = said["iat"] <= moment < said["exp"] <= moment + 600
        return bool(json.loads(head)["alg"] == "RS256" and said["iss"] == APP and fresh)

    def user(self, login: str) -> dict[str, Any]:
        kind = "Bot" if self.forge.people.get(login) else "User"
        return completed("simple-user", {"login": login, "type": kind})

    def pull(self, pull: Pull, *, whole: bool = False) -> dict[str, Any]:
        """As lists have it, or alone."""
        home = {"full_name": self.forge.repository}
        teams = [t for t in pull.reviewers if "/" in t]
        body: dict[str, Any] = {
            "number": pull.number,
            "html_url": f"{self.url}/{self.forge.repository}/pull/{pull.number}",
            "state": "open" if pull.state == "open" else "closed",
            "title": pull.title,
            "body": pull.body or None,
            "draft": pull.draft,
            "user": self.user(pull.author),
            "labels": [_label(name) for name in pull.labels],
            "requested_reviewers": [self.user(r) for r in pull.reviewers if "/" not in r],
            "requested_teams": [
                completed("team-simple" if whole else "team", {"slug": team.partition("/")[2]})
                for team in teams
            ],
            "created_at": _time(pull.created),
            "updated_at": _time(pull.updated),
            "merged_at": _time(pull.merged) if pull.merged else None,
            "merge_commit_sha": pull.merge_revision or "f" * 40,
            "auto_merge": self._auto_merge(pull),
            "head": {"ref": pull.branch, "sha": pull.revision, "repo": {"full_name": pull.source}},
            "base": {"ref": pull.base, "sha": pull.base_revision, "repo": home},
        }
        if not whole:
            return completed("pull-request-simple", body)
        mergeable = self.forge.mergeable(pull) if pull.state == "open" else None
        body |= {"merged": pull.state == "merged", "mergeable": mergeable}
        return completed("pull-request", body)

    def _auto_merge(self, pull: Pull) -> dict[str, Any] | None:
        if pull.auto_merge is None:
            return None
        by, method = self.user(pull.auto_merge_by), pull.auto_merge
        return {"enabled_by": by, "merge_method": method, "commit_title": "", "commit_message": ""}

    def comment(self, comment: Any) -> dict[str, Any]:
        at = _time(comment.at)
        body = {"id": comment.id, "user": self.user(comment.author), "body": comment.body}
        return completed("issue-comment", {**body, "created_at": at, "updated_at": at})

    def _review(self, review: Any, number: int) -> dict[str, Any]:
        body = {"id": review.id, "user": self.user(review.author), "state": review.state}
        body |= {"commit_id": review.revision, "submitted_at": _time(review.at), "body": ""}
        return completed("pull-request-review", body)

    def _status(self, status: Status, schema: str) -> dict[str, Any]:
        body = {"id": status.id, "context": status.context, "state": status.state}
        body |= {"description": status.description, "target_url": status.url or None}
        return completed(schema, body)

    def _issue(self, issue: Any) -> dict[str, Any]:
        return {
            "number": issue.number,
            "html_url": f"{self.url}/{self.forge.repository}/issues/{issue.number}",
            "title": issue.title,
            "body": issue.body,
            "labels": [{"name": name} for name in issue.labels],
            "user": self.user(issue.author),
        }

    def _repository(self) -> dict[str, Any]:
        permissions = {"admin": False, "pull": True, "push": self.may_push}
        body = {"full_name": self.forge.repository, "permissions": permissions}
        return completed("full-repository", body)


@contextlib.contextmanager
def fake_github(folder: Path) -> Iterator[FakeGitHub]:
    """One with a repository whose `main` has a commit."""
    github = FakeGitHub(new_forge(folder))
    try:
        yield github
    finally:
        github.close()
    assert github.violations == [], github.violations


def _label(name: str) -> dict[str, Any]:
    return completed("label", {"name": name, "description": ""})


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _refused(refusal: Refusal) -> Answer:
    return _refusal(_MERGE_STATUS[refusal.kind], refusal.text)


def _refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    return Answer(status, body, headers or {})


def _invalid(resource: str, name: str, message: str) -> Answer:
    error = {"resource": resource, "code": "custom" if message else "invalid", "field": name}
    if message:
        error = {"resource": resource, "code": "custom", "message": message}
    body = {"message": "Validation Failed", "errors": [error]}
    return Answer(422, {**body, "documentation_url": "https://docs.github.com/rest"})
