"""What a token for GitHub may not do that Tidegate does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.fields import one, parse
from tidegate.adapters.pull_requests.github.address import Address

Granted = Callable[[], Mapping[str, str]]

# As GitHub names them, where an App or a workflow asks for them.
_NEEDED = {
    "contents": "write",
    "pull_requests": "write",
    "statuses": "write",
    "checks": "read",
    "issues": "write",
}
_ENOUGH = {"read": {"read", "write", "admin"}, "write": {"write", "admin"}}
_SCOPES = frozenset({"repo", "public_repo"})


def missing(address: Address, api: Api, granted: Granted | None) -> Sequence[str]:
    """An App's installation tells all; a classic token its scopes, and any other only whether it
    may push, if that."""
    if granted is not None:
        have = granted()
        return [
            f"{name}: {level}"
            for name, level in _NEEDED.items()
            if have.get(name) not in _ENOUGH[level]
        ]
    answer = api.answer(address.path(), "the repository")
    found = []
    scopes = answer.headers.get("x-oauth-scopes")
    if scopes and not _SCOPES & {scope.strip() for scope in scopes.split(",")}:
        found.append("scope: repo")
    permissions = one(api.place, parse(api.place, answer.body)).inner("permissions")
    if permissions.flag("push") is False:
        found.append("contents: write")
    return found
