"""Pull requests at GitHub, and merge requests at GitLab."""

from __future__ import annotations
