"""Pull requests at GitHub, and merge requests at GitLab."""

from __future__ import annotations

from tidegate.adapters.pull_requests.opening import open_pull_requests

__all__ = ["open_pull_requests"]
