"""Which token is for which of Argo CD's projects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tidegate.adapters.token import Token, arguments, from_command, from_file, from_text
from tidegate.errors import InputError

TEXT = "ARGOCD_AUTH_TOKEN"
FILE, COMMAND = "TIDEGATE_ARGOCD_TOKEN_FILE", "TIDEGATE_ARGOCD_TOKEN_COMMAND"


def find(env: Mapping[str, str], project: str) -> Token:
    """The token that the environment has for a project: in a variable with its name at the end,
    else in one for all. Raises InputError where there is none."""
    for end in (f"_{re.sub('[^A-Z0-9]', '_', project.upper())}", ""):
        if env.get(TEXT + end):
            return from_text(env[TEXT + end], TEXT + end)
        if env.get(FILE + end):
            return from_file(Path(env[FILE + end]), f"the file that {FILE + end} names")
        if env.get(COMMAND + end):
            return from_command(arguments(env[COMMAND + end], COMMAND + end), env, COMMAND + end)
    raise InputError(
        f"there is no token for Argo CD's project {project}",
        hint=f"set {TEXT}, {FILE} or {COMMAND}, for one project with _ and its name at the end",
    )
