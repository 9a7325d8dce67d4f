"""GitHub's GraphQL API, as much of it as is needed, in GitHub's own words for types and fields."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync
from tests.support.forge import Comment, Forge, Pull, Status

_SCHEMA = """
scalar GitObjectID
scalar DateTime
scalar URI
enum StatusState { EXPECTED ERROR FAILURE PENDING SUCCESS }
enum PullRequestState { OPEN CLOSED MERGED }
enum PullRequestMergeMethod { MERGE SQUASH REBASE }
type Query {
  viewer: User!
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
}
type Repository {
  pullRequest(number: Int!): PullRequest
  object(expression: String, oid: GitObjectID): GitObject
}
interface GitObject { oid: GitObjectID! }
type Commit implements GitObject { oid: GitObjectID!, status: Status }
type Status { context(name: String!): StatusContext }
type StatusContext {
  context: String!
  state: StatusState!
  description: String
  targetUrl: URI
}
interface Actor { login: String! }
type Bot implements Actor { login: String! }
type User implements Actor { login: String! }
type PageInfo { hasNextPage: Boolean! }
type IssueComment {
  author: Actor
  body: String!
  createdAt: DateTime!
  databaseId: Int
  url: URI!
  viewerDidAuthor: Boolean!
}
type IssueCommentConnection { nodes: [IssueComment], pageInfo: PageInfo! }
type AutoMergeRequest { mergeMethod: PullRequestMergeMethod! }
type PullRequest {
  id: ID!
  state: PullRequestState!
  isDraft: Boolean!
  headRefOid: GitObjectID!
  isInMergeQueue: Boolean!
  isMergeQueueEnabled: Boolean!
  autoMergeRequest: AutoMergeRequest
  comments(first: Int): IssueCommentConnection!
}
input EnablePullRequestAutoMergeInput {
  clientMutationId: String
  pullRequestId: ID!
  commitHeadline: String
  commitBody: String
  mergeMethod: PullRequestMergeMethod = MERGE
  authorEmail: String
  expectedHeadOid: GitObjectID
}
input DisablePullRequestAutoMergeInput { clientMutationId: String, pullRequestId: ID! }
input DequeuePullRequestInput { clientMutationId: String, id: ID! }
input ConvertPullRequestToDraftInput { clientMutationId: String, pullRequestId: ID! }
input MarkPullRequestReadyForReviewInput { clientMutationId: String, pullRequestId: ID! }
type Payload { clientMutationId: String }
type Mutation {
  enablePullRequestAutoMerge(input: EnablePullRequestAutoMergeInput!): Payload
  disablePullRequestAutoMerge(input: DisablePullRequestAutoMergeInput!): Payload
  dequeuePullRequest(input: DequeuePullRequestInput!): Payload
  convertPullRequestToDraft(input: ConvertPullRequestToDraftInput!): Payload
  markPullRequestReadyForReview(input: MarkPullRequestReadyForReviewInput!): Payload
}
"""


@cache
def _schema() -> GraphQLSchema:
    return build_schema(_SCHEMA)


class Unprocessable(GraphQLError):
    """GitHub understands, and won't."""


class Missing(GraphQLError):
    """There is no such thing."""


def execute(forge: Forge, url: str, login: str, body: Any) -> dict[str, Any]:
    """The answer to a query or mutation of GitHub at that address."""
    root = _Root(forge, url, login)
    done = graphql_sync(
        _schema(), body["query"], root_value=root, variable_values=body["variables"]
    )
    answer: dict[str, Any] = {"data": done.data}
    if done.errors:
        answer["errors"] = [
            {"type": _type(error), "message": error.message, "path": error.path}
            for error in done.errors
        ]
    return answer


def _type(error: GraphQLError) -> str:
    kinds = {Unprocessable: "UNPROCESSABLE", Missing: "NOT_FOUND"}
    return kinds.get(type(error.original_error or error), "INVALID")


def _of(kind: str, **fields: Any) -> Any:
    """A value of one of several types."""
    return {"__typename": kind, **fields}


def _context(status: Status | None) -> Any:
    if status is None:
        return None
    return SimpleNamespace(
        context=status.context,
        state=status.state.upper(),
        description=status.description or None,
        targetUrl=status.url or None,
    )


class _Root:
    """What the schema's fields are: methods take the place and the arguments."""

    def __init__(self, forge: Forge, url: str, login: str) -> None:
        self._forge, self._url, self._login = forge, url, login
        self.viewer = SimpleNamespace(login=login)

    def repository(self, info: Any, owner: str, name: str, followRenames: bool = True) -> Any:
        if f"{owner}/{name}" != self._forge.repository:
            return None
        return SimpleNamespace(
            pullRequest=lambda info, number: self._seen(number), object=self._object
        )

    def _object(self, info: Any, oid: str | None = None, expression: str | None = None) -> Any:
        if not self._forge.git("rev-parse", "-q", "--verify", f"{oid}^{{commit}}", okay=(0, 1)):
            return None
        said = self._forge.latest(str(oid))
        status = SimpleNamespace(context=lambda info, name: _context(said.get(name)))
        return _of("Commit", oid=oid, status=status if said else None)

    def _seen(self, number: int) -> Any:
        pull = self._forge.pulls.get(number)
        if pull is None:
            words = f"Could not resolve to a PullRequest with the number of {number}."
            raise Missing(words)
        method = pull.auto_merge
        return SimpleNamespace(
            id=f"PR_{pull.number}",
            state=pull.state.upper(),
            isDraft=pull.draft,
            headRefOid=pull.revision,
            isInMergeQueue=pull.queued,
            isMergeQueueEnabled=self._forge.rules.queue,
            autoMergeRequest=SimpleNamespace(mergeMethod=method.upper()) if method else None,
            comments=lambda info, first: SimpleNamespace(
                nodes=[self._comment(pull, comment) for comment in pull.comments[:first]],
                pageInfo=SimpleNamespace(hasNextPage=len(pull.comments) > first),
            ),
        )

    def _comment(self, pull: Pull, comment: Comment) -> Any:
        bot = self._forge.people.get(comment.author)
        page = f"{self._url}/{self._forge.repository}/pull/{pull.number}"
        return SimpleNamespace(
            author=_of("Bot" if bot else "User", login=comment.author.removesuffix("[bot]")),
            body=comment.body,
            createdAt=comment.at.isoformat(),
            databaseId=None,
            url=f"{page}#issuecomment-{comment.id}",
            viewerDidAuthor=comment.author == self._login,
        )

    def _pull(self, identity: str) -> Pull:
        return self._forge.pulls[int(identity.removeprefix("PR_"))]

    def enablePullRequestAutoMerge(self, info: Any, input: dict[str, Any]) -> Any:
        pull, forge = self._pull(input["pullRequestId"]), self._forge
        if not forge.rules.auto_merge and not forge.rules.queue:
            raise Unprocessable('["Auto merge is not allowed for this repository"]')
        if input.get("expectedHeadOid", pull.revision) != pull.revision:
            raise Unprocessable('["Head sha didn\'t match the expected head sha"]')
        if not forge.rules.queue and not forge.unmet(pull):
            raise Unprocessable('["Pull request Pull request is in clean status"]')
        if forge.rules.queue and not forge.unmet(pull):
            pull.queued = True
        pull.auto_merge, pull.auto_merge_by = input["mergeMethod"].lower(), self._login
        said = (input.get("commitHeadline", ""), input.get("commitBody", ""))
        pull.auto_message = "\n\n".join(part for part in said if part)
        return SimpleNamespace(clientMutationId=None)

    def disablePullRequestAutoMerge(self, info: Any, input: dict[str, Any]) -> Any:
        pull = self._pull(input["pullRequestId"])
        if pull.auto_merge is None:
            raise Unprocessable("Can't disable auto-merge for this pull request.")
        pull.auto_merge = None
        return SimpleNamespace(clientMutationId=None)

    def dequeuePullRequest(self, info: Any, input: dict[str, Any]) -> Any:
        self._pull(input["id"]).queued = False
        return SimpleNamespace(clientMutationId=None)

    def convertPullRequestToDraft(self, info: Any, input: dict[str, Any]) -> Any:
        self._pull(input["pullRequestId"]).draft = True
        return SimpleNamespace(clientMutationId=None)

    def markPullRequestReadyForReview(self, info: Any, input: dict[str, Any]) -> Any:
        self._pull(input["pullRequestId"]).draft = False
        return SimpleNamespace(clientMutationId=None)
