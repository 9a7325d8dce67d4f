"""Which token is for GitLab, and in which header it goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tidegate.adapters.pull_requests.api import Bearer
from tidegate.adapters.token import arguments, from_command, from_file, from_text
from tidegate.errors import InputError

FILE, COMMAND = "TIDEGATE_GITLAB_TOKEN_FILE", "TIDEGATE_GITLAB_TOKEN_COMMAND"
TEXT, JOB = "GITLAB_TOKEN", "CI_JOB_TOKEN"
PRIVATE_HEADER, JOB_HEADER = "PRIVATE-TOKEN", "JOB-TOKEN"


def find(env: Mapping[str, str]) -> tuple[Bearer, str]:
    """The token that the environment has: a project's, group's or person's before a job's, which
    may do less. Raises InputError where there is none."""
    if env.get(FILE):
        return from_file(Path(env[FILE]), f"the file that {FILE} names"), PRIVATE_HEADER
    if env.get(COMMAND):
        return from_command(arguments(env[COMMAND], COMMAND), env, COMMAND), PRIVATE_HEADER
    if env.get(TEXT):
        return from_text(env[TEXT], TEXT), PRIVATE_HEADER
    if env.get(JOB):
        return from_text(env[JOB], JOB), JOB_HEADER
    raise InputError(
        "there is no token for GitLab", hint=f"set {TEXT}, {FILE} or {COMMAND}; in a job {JOB} is"
    )
