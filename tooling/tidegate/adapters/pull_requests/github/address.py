"""Where GitHub's web pages and its APIs are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.api import Api, Bearer
from tidegate.adapters.pull_requests.transport import check_transport
from tidegate.errors import InputError

# As GitHub allows them; no name leads to another path.
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "tidegate",
}


@dataclass(frozen=True, slots=True)
class Address:
    """`web` is what people open, `rest` and `graphql` what programs do; `repository` is
    `owner/name`."""

    web: str
    rest: str
    graphql: str
    repository: str

    @property
    def owner(self) -> str:
        """Whose repository it is."""
        return self.repository.partition("/")[0]

    @property
    def name(self) -> str:
        """The repository's own name."""
        return self.repository.partition("/")[2]

    @property
    def place(self) -> str:
        """For people."""
        return f"GitHub ({urlsplit(self.web).netloc}/{self.repository})"

    def path(self, *parts: str | int) -> str:
        """A path below the repository's."""
        return "/".join(("repos", self.repository, *(quote(str(p), safe="") for p in parts)))


def api_of(
    address: Address,
    token: Bearer,
    http: Http,
    *,
    remaining: Callable[[], float] = lambda: math.inf,
) -> Api:
    """Its REST API, asked with a token."""
    place = address.place
    return Api(address.rest, place, token, http, headers=_HEADERS, remaining=remaining)


def address_of(url: str, repository: str) -> Address:
    """The address of a repository at github.com, on an Enterprise server, or at GHE.com. Raises
    InputError for what can't be one."""
    parts = urlsplit(url)
    if not _REPOSITORY.fullmatch(repository) or ".." in repository.split("/"):
        raise InputError(
            f"{repository!r} is no repository at GitHub",
            hint="set pullRequests.repository in tidegate.yaml to owner/name",
        )
    host = parts.hostname or ""
    web = f"{parts.scheme}://{parts.netloc}"
    check_transport(url)
    if host == "github.com" or host.endswith(".ghe.com"):
        api = f"{parts.scheme}://api.{parts.netloc}"
        return Address(web, api, f"{api}/graphql", repository)
    return Address(web, f"{web}/api/v3", f"{web}/api/graphql", repository)
