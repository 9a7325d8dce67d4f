"""What GitHub and GitLab have behind their APIs: pull requests on a real bare repository, reviews,
statuses, comments and issues. Merges make real commits.

A branch is where Git says that it is: whoever pushes moves its pull request, whoever deletes it
closes it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

IDENTITY = {
    "GIT_AUTHOR_NAME": "forge",
    "GIT_AUTHOR_EMAIL": "forge@example.com",
    "GIT_COMMITTER_NAME": "forge",
    "GIT_COMMITTER_EMAIL": "forge@example.com",
}
REPOSITORY = "acme/gitops"
TEAM = "acme/ml-owners"


class Refusal(Exception):
    """The forge won't; `kind` says why, the text is what it tells people."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind, self.text = kind, text


@dataclass
class Comment:
    id: int
    author: str
    body: str
    at: datetime


@dataclass
class Review:
    id: int
    author: str
    state: str
    revision: str
    at: datetime


@dataclass
class Pull:
    """`state` is open, merged or closed; `versions` every head that it had, and since when."""

    number: int
    author: str
    branch: str
    base: str
    title: str
    body: str
    revision: str
    base_revision: str
    draft: bool
    created: datetime
    updated: datetime
    state: str = "open"
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    merge_revision: str | None = None
    squashed: str | None = None
    merged: datetime | None = None
    auto_merge: str | None = None
    auto_merge_by: str = ""
    auto_message: str = ""
    queued: bool = False
    source: str = REPOSITORY
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    versions: list[tuple[str, datetime]] = field(default_factory=list)


@dataclass
class Status:
    id: int
    context: str
    state: str
    description: str
    url: str
    creator: str
    at: datetime


@dataclass
class Issue:
    number: int
    author: str
    title: str
    body: str
    labels: list[str]
    at: datetime
    state: str = "open"


@dataclass
class Rules:
    """Those of the base branch."""

    statuses: set[str] = field(default_factory=set)
    approvals: int = 0
    queue: bool = False
    auto_merge: bool = True


class Forge:
    """`people` maps logins to whether they are bots; `teams` `org/team` to who belongs to it."""

    def __init__(self, git_dir: Path, repository: str = REPOSITORY) -> None:
        self.git_dir, self.repository = git_dir, repository
        self.people = {"tidegate[bot]": True, "ann": False, "bob": False, "eve": False}
        self.teams = {TEAM: ["ann", "bob"]}
        self.rules = Rules()
        self.pulls: dict[int, Pull] = {}
        self.issues: dict[int, Issue] = {}
        self.statuses: dict[str, list[Status]] = {}
        self.check_runs: dict[str, list[dict[str, Any]]] = {}
        self.lock = threading.RLock()
        self._ids = 1000

    def git(self, *arguments: str, okay: tuple[int, ...] = (0,)) -> str:
        """What git says about the bare repository."""
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **IDENTITY}
        done = subprocess.run(
            ["git", "--git-dir", str(self.git_dir), *arguments],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert done.returncode in okay, f"git {arguments}: {done.stderr}"
        return done.stdout.strip() if done.returncode == 0 else ""

    def commit(self, branch: str, files: dict[str, str], *, onto: str | None = None) -> str:
        """A commit on a branch, which begins at `onto` where it is new."""
        parent = self.head(branch) or (self.head(onto) if onto else None)
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            if parent:
                self._with(index, "read-tree", parent)
            for path, text in files.items():
                file = Path(folder, "blob")
                file.write_text(text)
                blob = self.git("hash-object", "-w", str(file))
                self._with(index, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
            tree = self._with(index, "write-tree")
        parents = ("-p", parent) if parent else ()
        commit = self.git("commit-tree", tree, *parents, "-m", f"change {', '.join(files)}")
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def update(self, branch: str, base: str) -> str:
        """A merge of the base into the branch, as by the provider's button."""
        parents = (f"refs/heads/{branch}", f"refs/heads/{base}")
        tree = self.git("merge-tree", "--write-tree", *parents)
        text = f"Merge branch '{base}' into {branch}"
        made = self.git("commit-tree", tree, "-p", parents[0], "-p", parents[1], "-m", text)
        self.git("update-ref", parents[0], made)
        return made

    def head(self, branch: str) -> str | None:
        """Where a branch is."""
        return self.git("rev-parse", "-q", "--verify", f"refs/heads/{branch}", okay=(0, 1)) or None

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def look(self) -> None:
        """Takes in what was pushed meanwhile, and merges what waits for nothing more."""
        with self.lock:
            found = self.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")
            heads = dict(line.split() for line in found.splitlines())
            for pull in self.pulls.values():
                if pull.state != "open" or pull.source != self.repository:
                    continue
                head = heads.get(f"refs/heads/{pull.branch}")
                if head is None:
                    pull.state, pull.auto_merge, pull.queued = "closed", None, False
                elif head != pull.revision:
                    pull.revision = head
                    pull.versions.append((head, now()))
                    pull.queued = False
                pull.base_revision = heads.get(f"refs/heads/{pull.base}", pull.base_revision)
                if (pull.auto_merge or pull.queued) and not self.unmet(pull):
                    self._merge(pull, pull.auto_merge or "merge", pull.auto_message)

    def open_issue(self, author: str, title: str, body: str, labels: list[str]) -> Issue:
        """A new issue; it has a number among those of the pull requests."""
        number = 1 + max((*self.pulls, *self.issues), default=0)
        self.issues[number] = Issue(number, author, title, body, labels, now())
        return self.issues[number]

    def open(self, author: str, values: dict[str, Any]) -> Pull:
        """A new pull request; `values` has title, body, branch, base and draft."""
        with self.lock:
            self.look()
            head, base = self.head(values["branch"]), self.head(values["base"])
            if head is None or base is None:
                raise Refusal("invalid", "head")
            for pull in self.pulls.values():
                if pull.state == "open" and pull.branch == values["branch"]:
                    raise Refusal("exists", str(pull.number))
            if not self.git("rev-list", "-1", f"{base}..{head}"):
                raise Refusal(
                    "empty", f"No commits between {values['base']} and {values['branch']}"
                )
            number = 1 + max((*self.pulls, *self.issues), default=0)
            moment = now()
            pull = Pull(
                number,
                author,
                revision=head,
                base_revision=base,
                created=moment,
                updated=moment,
                versions=[(head, moment)],
                **values,
            )
            self.pulls[number] = pull
            return pull

    def open_many(self, author: str, number: int) -> None:
        """That many more, all with the same change."""
        with self.lock:
            head, base = self.commit("many", {"many": "many"}, onto="main"), self.head("main")
            assert base is not None
            first, moment = 1 + max(self.pulls, default=0), now()
            lines = [f"create refs/heads/promote/app-{n} {head}\n" for n in range(number)]
            environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
            subprocess.run(
                ["git", "--git-dir", str(self.git_dir), "update-ref", "--stdin"],
                input="".join(lines),
                text=True,
                env=environment,
                check=True,
            )
            for n in range(number):
                texts = (f"promote app-{n}", "a body " * 20)
                pull = Pull(first + n, author, f"promote/app-{n}", "main", *texts, head, base,
                            draft=False, created=moment, updated=moment)  # fmt: skip
                self.pulls[pull.number] = pull

    def unmet(self, pull: Pull) -> str:
        """What keeps it from being merged; nothing where it may be."""
        if pull.draft:
            return "Pull Request is still a draft"
        if not self.mergeable(pull):
            return "Pull Request is not mergeable"
        latest = self.latest(pull.revision)
        for context in sorted(self.rules.statuses):
            if latest.get(context) is None or latest[context].state != "success":
                return f'Required status check "{context}" is expected.'
        approvals = {r.author for r in pull.reviews if r.state == "APPROVED"}
        if len(approvals) < self.rules.approvals:
            return f"At least {self.rules.approvals} approving review is required"
        return ""

    def mergeable(self, pull: Pull) -> bool:
        """Whether Git can merge it."""
        return bool(self._merged_tree(pull))

    def merge(self, number: int, revision: str | None, method: str, message: str) -> Pull:
        """Merges now, or refuses."""
        with self.lock:
            self.look()
            pull = self.pulls[number]
            if pull.state != "open":
                raise Refusal("closed", "Pull Request is not mergeable")
            if revision is not None and pull.revision != revision:
                raise Refusal("moved", "Head branch was modified. Review and try the merge again.")
            if self.rules.queue:
                raise Refusal("rules", "Changes must be made through the merge queue")
            unmet = self.unmet(pull)
            if unmet:
                raise Refusal("rules", unmet)
            self._merge(pull, method, message)
            return pull

    def origins(self, revision: str) -> list[Pull]:
        """Those that brought a commit, or would."""
        return [
            pull
            for pull in self.pulls.values()
            if pull.merge_revision == revision
            or revision in self.git("rev-list", pull.revision, f"^{pull.base_revision}").split()
        ]

    def review(self, number: int, author: str, state: str = "APPROVED") -> Review:
        """Somebody reviews the present head."""
        with self.lock:
            self.look()
            pull = self.pulls[number]
            review = Review(self.next_id(), author, state, pull.revision, now())
            pull.reviews.append(review)
            if author in pull.reviewers:
                pull.reviewers.remove(author)
            self.look()
            return review

    def comment(self, number: int, author: str, body: str) -> Comment:
        """Somebody writes below a pull request."""
        with self.lock:
            comment = Comment(self.next_id(), author, body, now())
            self.pulls[number].comments.append(comment)
            return comment

    def set_status(self, revision: str, status: Status) -> None:
        """Said of a commit."""
        with self.lock:
            self.statuses.setdefault(revision, []).append(status)
            self.look()

    def latest(self, revision: str) -> dict[str, Status]:
        """The last status under each context."""
        return {status.context: status for status in self.statuses.get(revision, [])}

    def _merged_tree(self, pull: Pull) -> str:
        if pull.state == "closed":
            return ""
        arguments = ("merge-tree", "--write-tree", f"refs/heads/{pull.base}", pull.revision)
        return self.git(*arguments, okay=(0, 1))

    def _merge(self, pull: Pull, method: str, message: str) -> None:
        base = self.head(pull.base)
        assert base is not None
        tree = self._merged_tree(pull)
        text = message or f"{pull.title} (#{pull.number})"
        if method == "ff":
            merged = pull.revision
        elif method == "rebase":
            merged = self._rebased(base, pull.revision)
        else:
            parents = ("-p", base, *(("-p", pull.revision) if method == "merge" else ()))
            merged = self.git("commit-tree", tree, *parents, "-m", text)
        self.git("update-ref", f"refs/heads/{pull.base}", merged, base)
        pull.state, pull.merge_revision, pull.merged = "merged", merged, now()
        pull.squashed = merged if method == "squash" else None
        pull.auto_merge, pull.queued = None, False

    def _rebased(self, base: str, head: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            self.git("worktree", "add", "-q", "--detach", folder, base)
            try:
                environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **IDENTITY}
                for arguments in (("cherry-pick", f"{base}..{head}"), ("rev-parse", "HEAD")):
                    done = subprocess.run(
                        ["git", "-C", folder, *arguments],
                        capture_output=True,
                        text=True,
                        env=environment,
                        check=True,
                    )
                return done.stdout.strip()
            finally:
                self.git("worktree", "remove", "--force", folder)

    def _with(self, variables: dict[str, str], *arguments: str) -> str:
        done = subprocess.run(
            ["git", "--git-dir", str(self.git_dir), *arguments],
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **IDENTITY, **variables},
            check=True,
        )
        return done.stdout.strip()


def now() -> datetime:
    return datetime.now(UTC)


def new_forge(folder: Path) -> Forge:
    """A forge on a new bare repository, whose `main` has one file."""
    git_dir = folder / "origin.git"
    subprocess.run(
        ["git", "init", "-q", "--bare", "--template=", "-b", "main", str(git_dir)], check=True
    )
    subprocess.run(
        ["git", "--git-dir", str(git_dir), "config", "http.receivepack", "true"], check=True
    )
    forge = Forge(git_dir)
    forge.commit("main", {"README.md": "a repository\n"})
    return forge
