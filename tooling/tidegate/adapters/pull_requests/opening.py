"""Opens whatever provider the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.api import ANSWER_LIMIT
from tidegate.domain.provider import Provider, ProviderKind
from tidegate.ports import PullRequests


def open_pull_requests(
    provider: Provider, env: Mapping[str, str], remaining: Callable[[], float]
) -> PullRequests:
    """The pull requests of a provider whose kind, url and repository are known, with the token that
    the environment has. Raises InputError where there is none."""
    http = Http(remaining=remaining, limit=ANSWER_LIMIT)
    if provider.kind is ProviderKind.GITLAB:
        return _gitlab(provider, env, http, remaining)
    return _github(provider, env, http, remaining)


def _github(
    provider: Provider, env: Mapping[str, str], http: Http, remaining: Callable[[], float]
) -> PullRequests:
    from tidegate.adapters.pull_requests import github

    address = github.address_of(provider.url or "", provider.repository or "")
    token, granted = github.find_token(env, address, provider.app, provider.installation, http)
    return github.GitHub(address, github.api_of(address, token, http, remaining=remaining), granted)


def _gitlab(
    provider: Provider, env: Mapping[str, str], http: Http, remaining: Callable[[], float]
) -> PullRequests:
    from tidegate.adapters.pull_requests import gitlab

    address = gitlab.address_of(provider.url or "", provider.repository or "")
    token, header = gitlab.find_token(env)
    api = gitlab.api_of(address, token, header, http, remaining=remaining)
    return gitlab.GitLab(address, api, job=header == gitlab.JOB_HEADER)
