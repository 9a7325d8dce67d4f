"""A small GitLab on loopback, over a `Forge`, as its documentation describes the REST API: what it
is asked is held to the parameters that are listed there.

with fake_gitlab(folder) as gitlab:
    gitlab.faults += [on("POST", "/merge_requests$", drop)]
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.argocd import Request
from tests.support.forge import Forge, Issue, Pull, Refusal, Status, new_forge, now
from tests.support.http_fake import Answer, FakeServer, segments

TOKEN, BOT, JOB = "glpat-0123456789abcdefghij", "project_1_bot_0a1b", "a-token-of-a-job"
_PAGES = {"page", "per_page"}
_MERGE = {
    *("sha", "squash", "squash_commit_message", "merge_commit_message", "auto_merge"),
    *("merge_when_pipeline_succeeds", "should_remove_source_branch"),
}
_CREATE = {
    *("source_branch", "target_branch", "title", "description", "labels", "reviewer_ids"),
    *("assignee_ids", "remove_source_branch", "squash", "target_project_id"),
}
_UPDATE = {*_CREATE, "state_event", "add_labels", "remove_labels"} - {"source_branch"}
_LIST = {*_PAGES, "state", "source_branch", "target_branch", "labels", "order_by", "sort", "scope"}
_MR = r"/projects/[^/]+/merge_requests"
_NOTES = {*_PAGES, "sort", "order_by"}
_ISSUE = {"title", "description", "labels", "state_event"}
# https://docs.gitlab.com/api/: which parameters each call has.
CALLS = {
    ("GET", r"/user"): set[str](),
    ("GET", r"/job"): set[str](),
    ("GET", r"/users"): {*_PAGES, "username"},
    ("GET", r"/users/\d+"): set[str](),
    ("GET", r"/personal_access_tokens/self"): set[str](),
    ("GET", r"/groups/[^/]+/members/all"): {*_PAGES, "query", "state"},
    ("GET", r"/projects/[^/]+"): {"license", "statistics"},
    ("GET", _MR): _LIST,
    ("POST", _MR): _CREATE,
    ("GET", rf"{_MR}/\d+"): {"include_diverged_commits_count", "include_rebase_in_progress"},
    ("PUT", rf"{_MR}/\d+"): _UPDATE,
    ("PUT", rf"{_MR}/\d+/merge"): _MERGE,
    ("POST", rf"{_MR}/\d+/cancel_merge_when_pipeline_succeeds"): set[str](),
    ("GET", rf"{_MR}/\d+/approvals"): set[str](),
    ("GET", rf"{_MR}/\d+/reviewers"): _PAGES,
    ("GET", rf"{_MR}/\d+/versions"): _PAGES,
    ("GET", rf"{_MR}/\d+/notes"): _NOTES,
    ("POST", rf"{_MR}/\d+/notes"): {"body", "created_at", "internal"},
    ("PUT", rf"{_MR}/\d+/notes/\d+"): {"body"},
    ("DELETE", rf"{_MR}/\d+/notes/\d+"): set[str](),
    ("GET", r"/projects/[^/]+/issues"): {*_PAGES, "state", "order_by", "sort", "labels"},
    ("POST", r"/projects/[^/]+/issues"): _ISSUE,
    ("PUT", r"/projects/[^/]+/issues/\d+"): _ISSUE,
    ("GET", r"/projects/[^/]+/repository/commits/[^/]+/merge_requests"): {*_PAGES, "state"},
    ("GET", r"/projects/[^/]+/repository/commits/[^/]+/statuses"): {*_PAGES, "ref", "stage", "all"},
    ("POST", r"/projects/[^/]+/statuses/[^/]+"): {
        *("state", "name", "context", "description", "target_url", "ref", "pipeline_id"),
    },
}
_QUICK_ACTION = re.compile(r"^/(close|merge|approve|label|assign)\b", re.MULTILINE)
_DRAFT = re.compile(r"^(draft:|\[draft\]|\(draft\))", re.IGNORECASE)
_MERGE_STATUS = {"moved": 409, "closed": 405, "rules": 405}


class FakeGitLab(FakeServer):
    """`tokens` maps each to the login that it speaks for; `actions` are the quick actions that were
    done, which nobody wants."""

    def __init__(self, forge: Forge) -> None:
        super().__init__()
        self.forge = forge
        forge.people.pop("tidegate[bot]", None)
        forge.people |= {BOT: True}
        self.tokens = {TOKEN: BOT}
        self.scopes, self.level = ["api"], 40
        self.merge_method = "merge"
        self.says_when = True
        self.actions: list[str] = []
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
        path = request.path.removeprefix("/api/v4")
        self._check(request, path)
        login = self.tokens.get(request.headers.get("private-token", ""))
        if request.headers.get("job-token") == JOB and path == "/job":
            return Answer(200, {"id": 1, "user": self._user("ann")})
        if login is None:
            return Answer(401, {"message": "401 Unauthorized"})
        with self.forge.lock:
            self.forge.look()
            try:
                return self._answer(request, segments(path), login)
            except Refusal as refusal:
                return Answer(_MERGE_STATUS[refusal.kind], {"message": refusal.text})
            except (KeyError, ValueError):
                return Answer(404, {"message": "404 Not found"})

    def _check(self, request: Request, path: str) -> None:
        for (method, pattern), parameters in CALLS.items():
            if method == request.method and re.fullmatch(pattern, path):
                given = {*request.query, *(request.body or {})}
                if given - parameters:
                    self.violations.append(f"{method} {path}: no {sorted(given - parameters)}")
                return
        self.violations.append(f"{request.method} {path}: there is no such call")

    def _answer(self, request: Request, parts: list[str], login: str) -> Answer:
        match parts:
            case ["user"]:
                return Answer(200, {**self._user(login), "bot": bool(self.forge.people[login])})
            case ["users"]:
                names = [n for n in self.forge.people if n == request.query["username"].lower()]
                return self.page(request, [self._user(name) for name in names])
            case ["users", number]:
                name = [*self.forge.people][int(number) - 1]
                return Answer(200, {**self._user(name), "bot": bool(self.forge.people[name])})
            case ["personal_access_tokens", "self"]:
                return Answer(200, {"id": 1, "scopes": self.scopes})
            case ["groups", group, "members", "all"]:
                found = [{**self._user(n), "access_level": 30} for n in self.forge.teams[group]]
                return self.page(request, found)
            case ["projects", self.forge.repository]:
                access = {"project_access": {"access_level": self.level}, "group_access": None}
                body = {"id": 1, "permissions": access, "merge_method": self.merge_method}
                return Answer(200, body)
            case ["projects", self.forge.repository, *rest]:
                return self._below(request, rest, login)
        raise KeyError(parts)

    def _below(self, request: Request, parts: list[str], login: str) -> Answer:
        forge, body = self.forge, request.body or {}
        match [request.method, *parts]:
            case ["GET", "merge_requests"]:
                found = [self.merge_request(pull) for pull in self._selected(request)]
                return self.page(request, found)
            case ["POST", "merge_requests"]:
                return self._open(body, login)
            case ["GET", "merge_requests", number]:
                return Answer(200, self.merge_request(forge.pulls[int(number)], whole=True))
            case ["PUT", "merge_requests", number]:
                return self._edit(forge.pulls[int(number)], body)
            case ["PUT", "merge_requests", number, "merge"]:
                return self._merge(forge.pulls[int(number)], body, login)
            case ["POST", "merge_requests", number, "cancel_merge_when_pipeline_succeeds"]:
                pull = forge.pulls[int(number)]
                if pull.auto_merge is None:
                    return Answer(406, {"message": "406 Not Acceptable"})
                pull.auto_merge = None
                return Answer(201, self.merge_request(pull))
            case ["GET", "merge_requests", number, "approvals"]:
                return Answer(200, {"approved_by": self._approvals(forge.pulls[int(number)])})
            case ["GET", "merge_requests", number, "reviewers"]:
                return self.page(request, self._reviewers(forge.pulls[int(number)]))
            case ["GET", "merge_requests", number, "versions"]:
                versions = [
                    {"head_commit_sha": revision, "created_at": _time(at)}
                    for revision, at in reversed(forge.pulls[int(number)].versions)
                ]
                return self.page(request, versions)
            case ["GET", "merge_requests", number, "notes"]:
                pull = forge.pulls[int(number)]
                system = {**self._note(-1, pull.author, "added 1 commit", now()), "system": True}
                notes = [self._note(c.id, c.author, c.body, c.at) for c in pull.comments]
                return self.page(request, [system, *notes])
            case ["POST", "merge_requests", number, "notes"]:
                self._act(body["body"])
                comment = forge.comment(int(number), login, body["body"])
                return Answer(201, self._note(comment.id, login, comment.body, comment.at))
            case [("PUT" | "DELETE"), "merge_requests", number, "notes", identity]:
                return self._change_note(request.method, int(number), int(identity), body, login)
            case ["GET", "issues"]:
                return self.page(
                    request, [self._issue(i) for i in forge.issues.values() if i.state == "open"]
                )
            case ["POST", "issues"]:
                self._act(body["description"])
                labels = [label for label in body["labels"].split(",") if label]
                issue = forge.open_issue(login, body["title"], body["description"], labels)
                return Answer(201, self._issue(issue))
            case ["PUT", "issues", number]:
                issue = forge.issues[int(number)]
                issue.title, issue.body = body.get("title", issue.title), body["description"]
                if "labels" in body:
                    issue.labels = [label for label in body["labels"].split(",") if label]
                if body.get("state_event") == "close":
                    issue.state = "closed"
                return Answer(200, self._issue(issue))
            case ["POST", "statuses", revision]:
                return self._set_status(revision, body, login)
            case ["GET", "repository", "commits", revision, "merge_requests"]:
                found = [self.merge_request(pull) for pull in forge.origins(revision)]
                return self.page(request, found)
            case ["GET", "repository", "commits", revision, "statuses"]:
                found = [self._status(s, revision) for s in forge.latest(revision).values()]
                return self.page(request, found)
        raise KeyError(parts)

    def _selected(self, request: Request) -> list[Pull]:
        query = request.query
        states = {"opened": "open", "merged": "merged", "closed": "closed"}
        return [
            pull
            for pull in sorted(self.forge.pulls.values(), key=lambda p: -p.number)
            if pull.state == states[query["state"]]
            if query.get("source_branch") in (None, pull.branch)
            if {*query.get("labels", "").split(",")} - {""} <= {*pull.labels}
        ]

    def _open(self, body: dict[str, Any], login: str) -> Answer:
        self._act(body["description"])
        values = {"title": body["title"], "body": body["description"]}
        values |= {"draft": bool(_DRAFT.match(body["title"]))}
        branch, base = body["source_branch"], body["target_branch"]
        try:
            pull = self.forge.open(login, {**values, "branch": branch, "base": base})
        except Refusal as refusal:
            if refusal.kind == "exists":
                said = "Another open merge request already exists for this source branch: "
                return Answer(409, {"message": [f"{said}!{refusal.text}"]})
            return Answer(400, {"message": {"source_branch": ["does not exist"]}})
        pull.labels = [label for label in body["labels"].split(",") if label]
        pull.reviewers = [self._name(number) for number in body["reviewer_ids"]]
        return Answer(201, self.merge_request(pull, whole=True))

    def _edit(self, pull: Pull, body: dict[str, Any]) -> Answer:
        self._act(body.get("description", ""))
        if "title" in body:
            pull.title, pull.draft = body["title"], bool(_DRAFT.match(body["title"]))
        pull.body = body.get("description", pull.body)
        if "labels" in body:
            pull.labels = [label for label in body["labels"].split(",") if label]
        if "reviewer_ids" in body:
            pull.reviewers = [self._name(number) for number in body["reviewer_ids"]]
        if body.get("state_event") == "close":
            pull.state, pull.auto_merge = "closed", None
        return Answer(200, self.merge_request(pull, whole=True))

    def _merge(self, pull: Pull, body: dict[str, Any], login: str) -> Answer:
        squash = body.get("squash", False)
        method = "squash" if squash else "ff" if self.merge_method == "ff" else "merge"
        key = "squash_commit_message" if squash else "merge_commit_message"
        if body.get("sha", pull.revision) != pull.revision:
            return Answer(409, {"message": "SHA does not match HEAD of source branch"})
        if body.get("auto_merge") and self.forge.mergeable(pull) and self.forge.unmet(pull):
            pull.auto_merge, pull.auto_merge_by = method, login
            pull.auto_message = body.get(key, "")
        else:
            self.forge.merge(pull.number, body.get("sha"), method, body.get(key, ""))
        return Answer(200, self.merge_request(pull, whole=True))

    def _approvals(self, pull: Pull) -> list[dict[str, Any]]:
        last = {review.author: review for review in pull.reviews}
        found = [review for review in last.values() if review.state == "APPROVED"]
        if not self.says_when:  # as older servers do
            return [{"user": self._user(review.author)} for review in found]
        return [{"user": self._user(r.author), "approved_at": _time(r.at)} for r in found]

    def _reviewers(self, pull: Pull) -> list[dict[str, Any]]:
        last = {review.author: review.state for review in pull.reviews}
        words = {"APPROVED": "approved", "CHANGES_REQUESTED": "requested_changes"}
        return [
            {"user": self._user(name), "state": words.get(last.get(name, ""), "unreviewed")}
            for name in dict.fromkeys((*pull.reviewers, *last))
        ]

    def _change_note(
        self, method: str, number: int, identity: int, body: dict[str, Any], login: str
    ) -> Answer:
        comments = self.forge.pulls[number].comments
        (comment,) = [c for c in comments if c.id == identity]
        if comment.author != login:
            return Answer(403, {"message": "403 Forbidden"})
        if method == "DELETE":
            comments.remove(comment)
            return Answer(204)
        self._act(body["body"])
        comment.body = body["body"]
        return Answer(200, self._note(comment.id, login, comment.body, comment.at))

    def _set_status(self, revision: str, body: dict[str, Any], login: str) -> Answer:
        known = self.forge.latest(revision).get(body["name"])
        pending = known is not None and known.state == "pending"
        if pending and body["state"] == "pending":
            words = "Cannot transition status via :enqueue from :pending (Reason(s): …)"
            return Answer(400, {"message": words})
        if len(body.get("description", "")) > 255:
            return Answer(400, {"message": {"description": ["is too long"]}})
        url, words = body.get("target_url", ""), body.get("description", "")
        status = Status(self.forge.next_id(), body["name"], body["state"], words, url, login, now())
        self.forge.set_status(revision, status)
        return Answer(201, self._status(status, revision))

    def _act(self, text: str) -> None:
        self.actions += _QUICK_ACTION.findall(text)

    def _name(self, number: int) -> str:
        return [*self.forge.people][number - 1]

    def _user(self, login: str) -> dict[str, Any]:
        number = [*self.forge.people].index(login) + 1
        return {"id": number, "username": login, "name": login, "state": "active"}

    def merge_request(self, pull: Pull, *, whole: bool = False) -> dict[str, Any]:
        """As lists have it, or alone."""
        states = {"open": "opened", "merged": "merged", "closed": "closed"}
        ff = pull.state == "merged" and self.merge_method == "ff" and not pull.squashed
        body: dict[str, Any] = {
            "id": 1000 + pull.number,
            "iid": pull.number,
            "web_url": f"{self.url}/{self.forge.repository}/-/merge_requests/{pull.number}",
            "state": states[pull.state],
            "title": pull.title,
            "description": pull.body,
            "draft": pull.draft,
            "author": self._user(pull.author),
            "labels": pull.labels,
            "reviewers": [self._user(name) for name in pull.reviewers],
            "source_branch": pull.branch,
            "target_branch": pull.base,
            "source_project_id": 1 if pull.source == self.forge.repository else 2,
            "target_project_id": 1,
            "sha": pull.revision,
            "merge_commit_sha": None if ff or pull.squashed else pull.merge_revision,
            "squash_commit_sha": pull.squashed,
            "user_notes_count": len(pull.comments),
            "merge_status": "unchecked",
            "merge_when_pipeline_succeeds": pull.auto_merge is not None,
            "created_at": _time(pull.created),
            "updated_at": _time(pull.updated),
            "merged_at": _time(pull.merged) if pull.merged else None,
        }
        if whole:
            mergeable = self.forge.mergeable(pull)
            body["merge_status"] = "can_be_merged" if mergeable else "cannot_be_merged"
            base = pull.base_revision
            body["diff_refs"] = {"base_sha": base, "head_sha": pull.revision, "start_sha": base}
        return body

    def _note(self, number: int, author: str, text: str, at: datetime) -> dict[str, Any]:
        user, moment = self._user(author), _time(at)
        return {"id": number, "author": user, "body": text, "created_at": moment, "system": False}

    def _issue(self, issue: Issue) -> dict[str, Any]:
        return {
            "iid": issue.number,
            "web_url": f"{self.url}/{self.forge.repository}/-/issues/{issue.number}",
            "title": issue.title,
            "description": issue.body,
            "labels": issue.labels,
            "author": self._user(issue.author),
        }

    def _status(self, status: Status, revision: str) -> dict[str, Any]:
        body = {"id": status.id, "sha": revision, "name": status.context, "status": status.state}
        return {**body, "description": status.description, "target_url": status.url or None}


@contextlib.contextmanager
def fake_gitlab(folder: Path) -> Iterator[FakeGitLab]:
    """One with a project whose `main` has a commit."""
    gitlab = FakeGitLab(new_forge(folder))
    try:
        yield gitlab
    finally:
        gitlab.close()
    assert (gitlab.violations, gitlab.actions) == ([], []), (gitlab.violations, gitlab.actions)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
