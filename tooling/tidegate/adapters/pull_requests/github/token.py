"""Which token is for GitHub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.api import Bearer
from tidegate.adapters.pull_requests.github.address import Address
from tidegate.adapters.pull_requests.github.app import AppToken
from tidegate.adapters.pull_requests.github.rights import Granted
from tidegate.adapters.token import arguments, from_command, from_file, from_text
from tidegate.errors import InputError, OutsideError

KEY, KEY_FILE = "TIDEGATE_GITHUB_APP_KEY", "TIDEGATE_GITHUB_APP_KEY_FILE"
FILE, COMMAND = "TIDEGATE_GITHUB_TOKEN_FILE", "TIDEGATE_GITHUB_TOKEN_COMMAND"
TEXT = "GITHUB_TOKEN"
_KEY_LIMIT = 2**16


def find(
    env: Mapping[str, str], address: Address, app: str | None, installation: str | None, http: Http
) -> tuple[Bearer, Granted | None]:
    """The token that the environment has, and, of an App, what it was granted. An App's key counts
    before a token: in a workflow GITHUB_TOKEN is always there. Raises InputError where there is
    none."""
    if env.get(KEY) or env.get(KEY_FILE):
        if app is None:
            raise InputError(
                f"{KEY if env.get(KEY) else KEY_FILE} is the key of a GitHub App that isn't named",
                hint="set pullRequests.app in tidegate.yaml to its id or client id",
            )
        token = AppToken(address, app, _key(env), installation=installation, http=http)
        return token, token.granted
    if env.get(FILE):
        return from_file(Path(env[FILE]), f"the file that {FILE} names"), None
    if env.get(COMMAND):
        return from_command(arguments(env[COMMAND], COMMAND), env, COMMAND), None
    if env.get(TEXT):
        return from_text(env[TEXT], TEXT), None
    raise InputError(
        "there is no token for GitHub",
        hint=f"set {TEXT}, {FILE} or {COMMAND}, or {KEY_FILE} for a GitHub App",
    )


def _key(env: Mapping[str, str]) -> Callable[[], str]:
    if env.get(KEY):
        return lambda: env[KEY]

    def read() -> str:
        try:
            with Path(env[KEY_FILE]).open("rb") as file:
                return file.read(_KEY_LIMIT).decode("ascii", "replace")
        except OSError as error:
            raise OutsideError(
                f"the file that {KEY_FILE} names can't be read: {error.strerror}"
            ) from None

    return read
