"""What a token for GitLab may not do that Tidegate does with it."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.gitlab.address import Address

_DEVELOPER = 30


def missing(address: Address, api: Api, job: bool) -> Sequence[str]:
    """A job's token is not for merge requests, whoever started the job; any other has scopes, and a
    role in the project."""
    if job:
        return ["scope: api (a job's token hasn't got it: make a project access token)"]
    found = []
    if "api" not in api.get("personal_access_tokens/self", "the token").texts("scopes"):
        found.append("scope: api")
    permissions = api.get(address.path(), "the project").inner("permissions")
    accesses = [permissions.inner(f"{whose}_access") for whose in ("project", "group")]
    levels = [access.number("access_level") for access in accesses if access.has("access_level")]
    if max(levels, default=0) < _DEVELOPER:
        found.append("role: Developer")
    return found
