"""Pull requests at GitHub, at github.com or on an Enterprise server."""

from __future__ import annotations

from tidegate.adapters.pull_requests.github.address import address_of, api_of
from tidegate.adapters.pull_requests.github.app import AppToken
from tidegate.adapters.pull_requests.github.client import GitHub
from tidegate.adapters.pull_requests.github.token import find as find_token

__all__ = ["AppToken", "GitHub", "address_of", "api_of", "find_token"]
