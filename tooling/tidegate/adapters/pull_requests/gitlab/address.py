"""Where GitLab's web pages and its API are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.api import Api, Bearer
from tidegate.adapters.pull_requests.transport import check_transport
from tidegate.errors import InputError


@dataclass(frozen=True, slots=True)
class Address:
    """`web` is what people open, with a path where GitLab is below one; `project` is
    `group/…/name`."""

    web: str
    project: str

    @property
    def place(self) -> str:
        """For people."""
        return f"GitLab ({self.web.partition('://')[2]}/{self.project})"

    def path(self, *parts: str | int) -> str:
        """A path below the project's."""
        return "/".join(quote(str(part), safe="") for part in ("projects", self.project, *parts))


def address_of(url: str, project: str) -> Address:
    """The address of a project at gitlab.com or on a server of one's own. Raises InputError for
    what can't be one."""
    parts = urlsplit(url)
    if "/" not in project or not all(part.strip(".") for part in project.split("/")):
        raise InputError(
            f"{project!r} is no project at GitLab",
            hint="set pullRequests.repository in tidegate.yaml to group/project",
        )
    check_transport(url)
    return Address(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", project)


def api_of(
    address: Address,
    token: Bearer,
    header: str,
    http: Http,
    *,
    remaining: Callable[[], float] = lambda: math.inf,
) -> Api:
    """Its REST API, asked with a token in that header."""
    base = f"{address.web}/api/v4"
    headers = {"Accept": "application/json", "User-Agent": "tidegate"}
    place = address.place
    return Api(base, place, token, http, header=(header, ""), headers=headers, remaining=remaining)
