"""What only GitHub's GraphQL API can do: drafts, auto-merge, merge queues, many things at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.fields import Fields
from tidegate.adapters.pull_requests.github.address import Address
from tidegate.domain.app import MergeMethod
from tidegate.domain.text import one_line
from tidegate.errors import Forbidden, NotFound, OutsideError, RateLimited, Rejected

_VIEWER = "query Viewer { viewer { login } }"
_LOOK = """\
query Look($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id state isDraft headRefOid isInMergeQueue isMergeQueueEnabled
      autoMergeRequest { mergeMethod }
    }
  }
}"""
_SEVERAL = """\
query Several($owner: String!, $name: String!, {given}) {{
  repository(owner: $owner, name: $name) {{
{fields}
  }}
}}"""
_MUTATION = """\
mutation Change($input: {kind}Input!) {{
  {field}(input: $input) {{ clientMutationId }}
}}"""
_ERRORS = {"NOT_FOUND": NotFound, "FORBIDDEN": Forbidden, "RATE_LIMITED": RateLimited}


@dataclass(frozen=True, slots=True)
class Look:
    """What REST doesn't tell of a pull request. `id` is GraphQL's; `method` that of the auto-merge
    that is asked for; `queue` says that merges into its base go through a merge queue."""

    id: str
    open: bool
    merged: bool
    draft: bool
    revision: str
    queue: bool
    queued: bool
    method: MergeMethod | None


class Graph:
    """The GraphQL API of one repository. Raises as `ports.PullRequests` says."""

    def __init__(self, api: Api, address: Address) -> None:
        self._api, self._address = api, address

    def login(self) -> str:
        """Whom the token speaks for, which REST tells to people alone."""
        return self._ask(_VIEWER, {}, "the token's account").inner("viewer").text("login")

    def look(self, number: int) -> Look:
        """One pull request."""
        address = self._address
        variables = {"owner": address.owner, "name": address.name, "number": number}
        subject = f"pull request {number}"
        answer = self._ask(_LOOK, variables, subject).inner("repository")
        if not answer.has("pullRequest"):
            raise NotFound(f"{self._api.place} has no {subject}")
        found = answer.inner("pullRequest")
        method = found.inner("autoMergeRequest").text("mergeMethod").lower()
        return Look(
            id=found.text("id"),
            open=found.text("state") == "OPEN",
            merged=found.text("state") == "MERGED",
            draft=bool(found.flag("isDraft")),
            revision=found.text("headRefOid"),
            queue=bool(found.flag("isMergeQueueEnabled")),
            queued=bool(found.flag("isInMergeQueue")),
            method=MergeMethod(method) if method in [*MergeMethod] else None,
        )

    def several(
        self, kind: str, field: str, values: Sequence[str | int], subject: str, *, together: int
    ) -> Iterator[Fields]:
        """A field of the repository for each of the values, which are of a GraphQL kind and stand
        for its `%s`, so many a request; empty where there is none, or GitHub won't tell."""
        address = self._address
        for start in range(0, len(values), together):
            part = dict(enumerate(values[start : start + together]))
            query = _SEVERAL.format(
                given=", ".join(f"$v{n}: {kind}!" for n in part),
                fields="\n".join(f"    f{n}: {field % f'$v{n}'}" for n in part),
            )
            variables: dict[str, Any] = {"owner": address.owner, "name": address.name}
            variables |= {f"v{n}": value for n, value in part.items()}
            found = self._ask(query, variables, subject, partly=True).inner("repository")
            yield from (found.inner(f"f{n}") for n in part)

    def change(self, field: str, subject: str, values: dict[str, Any]) -> None:
        """One mutation."""
        query = _MUTATION.format(kind=field[0].upper() + field[1:], field=field)
        self._ask(query, {"input": values}, subject)

    def _ask(
        self, query: str, variables: dict[str, Any], subject: str, *, partly: bool = False
    ) -> Fields:
        """What comes back; `partly` takes an answer from which something is missing."""
        body = {"query": query, "variables": variables}
        # None of ours does harm when it is asked twice.
        answer = self._api.send("POST", self._address.graphql, subject, body, repeatable=True)
        errors = answer.items("errors")
        if not errors or (partly and answer.inner("data").has("repository")):
            return answer.inner("data")
        words = "; ".join(error.text("message") for error in errors[:10])
        message = f"{self._api.place} refuses {subject}: {one_line(words, 1000)}"
        kind: type[OutsideError] = _ERRORS.get(errors[0].text("type"), Rejected)
        raise kind(message)
