"""Merge requests at GitLab, at gitlab.com or on a server of one's own."""

from __future__ import annotations

from tidegate.adapters.pull_requests.gitlab.address import address_of, api_of
from tidegate.adapters.pull_requests.gitlab.client import GitLab
from tidegate.adapters.pull_requests.gitlab.token import JOB_HEADER, PRIVATE_HEADER
from tidegate.adapters.pull_requests.gitlab.token import find as find_token

__all__ = ["JOB_HEADER", "PRIVATE_HEADER", "GitLab", "address_of", "api_of", "find_token"]
