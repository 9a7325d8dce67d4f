"""Opens whatever provider the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.api import ANSWER_LIMIT
from tidegate.domain.provider import Provider
from tidegate.ports import PullRequests


def open_pull_requests(
    provider: Provider, env: Mapping[str, str], remaining: Callable[[], float]
) -> PullRequests:
    """The pull requests of a provider whose kind, url and repository are known, with the token that
    the environment has. Raises InputError where there is none."""
    from tidegate.adapters.pull_requests.github import GitHub, address_of, api_of, find_token

    address = address_of(provider.url or "", provider.repository or "")
    http = Http(remaining=remaining, limit=ANSWER_LIMIT)
    token, granted = find_token(env, address, provider.app, provider.installation, http)
    return GitHub(address, api_of(address, token, http, remaining=remaining), granted)
