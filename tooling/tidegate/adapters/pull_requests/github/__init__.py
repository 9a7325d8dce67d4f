"""Pull requests at GitHub, at github.com or on an Enterprise server."""

from __future__ import annotations

from tidegate.adapters.pull_requests.github.address import address_of
from tidegate.adapters.pull_requests.github.app import AppToken
from tidegate.adapters.pull_requests.github.client import HEADERS, GitHub

__all__ = ["HEADERS", "AppToken", "GitHub", "address_of"]
