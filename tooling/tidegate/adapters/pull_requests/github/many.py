"""What is said of many commits and pull requests at GitHub, many a request."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tidegate.adapters.pull_requests.fields import Fields
from tidegate.adapters.pull_requests.github import documents
from tidegate.adapters.pull_requests.github.graph import Graph
from tidegate.domain.pull_request import Comment, Status, User

_STATUSES_TOGETHER = 50
_STATUS = """\
object(oid: %s) {{
      ... on Commit {{
        status {{ context(name: {name}) {{ context state description targetUrl }} }}
      }}
    }}"""
# Ours is among the first: it comes with the opening. Each text may have 65,536 characters of four
# bytes, and an answer 64 MiB.
_COMMENTS_TOGETHER = 25
_COMMENTS = """\
pullRequest(number: %s) {
      comments(first: 8) {
        nodes { url body viewerDidAuthor author { __typename login } }
        pageInfo { hasNextPage }
      }
    }"""
_NUMBER = re.compile(r"#issuecomment-([0-9]{1,19})\Z")


def statuses(graph: Graph, context: str, revisions: Sequence[str]) -> dict[str, Status]:
    """What each commit status of that name says, by the commit; check runs are none."""
    field = _STATUS.format(name=json.dumps(context).replace("%", "%%"))
    asked = list(dict.fromkeys(revisions))
    subject = f"the statuses {context}"
    found = graph.several("GitObjectID", field, asked, subject, together=_STATUSES_TOGETHER)
    said = zip(asked, (commit.inner("status").inner("context") for commit in found), strict=True)
    return {
        revision: documents.status_context(fields, revision)
        for revision, fields in said
        if fields.has("state")
    }


def comments(graph: Graph, numbers: Sequence[int], us: User) -> dict[int, list[Comment]]:
    """All comments below each pull request, by its number; those with more than eight are left
    out."""
    asked = list(dict.fromkeys(numbers))
    subject = "the comments of pull requests"
    found = graph.several("Int", _COMMENTS, asked, subject, together=_COMMENTS_TOGETHER)
    read: dict[int, list[Comment]] = {}
    for number, there in zip(asked, found, strict=True):
        page = there.inner("comments")
        nodes = [_comment(node, us) for node in page.items("nodes")]
        known = [comment for comment in nodes if comment]
        if page.inner("pageInfo").flag("hasNextPage") is False and len(known) == len(nodes):
            read[number] = known
    return read


def _comment(node: Fields, us: User) -> Comment | None:
    """GraphQL's own numbers are too small for all comments: the address has the whole one."""
    by, number = node.inner("author"), _NUMBER.search(node.text("url"))
    if number is None:
        return None
    author = User(by.text("login"), bot=by.text("__typename") == "Bot")
    if node.flag("viewerDidAuthor"):
        author = us
    elif author.bot:  # as REST calls it, so that nobody is taken for a person of that name
        author = User(f"{author.login}[bot]", bot=True)
    return Comment(int(number[1]), author, node.text("body"))
