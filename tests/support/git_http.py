"""Git over HTTP, as providers speak it: `git http-backend` behind a token."""

from __future__ import annotations

import base64
import binascii
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class GitAnswer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer(
    git_dir: Path,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    user: str | None,
) -> GitAnswer:
    """What git says to a request below a bare repository; `path` is what comes after its name, and
    `user` whom the token is, None for nobody: who may neither read nor write."""
    if user is None:
        return GitAnswer(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_PROJECT_ROOT": str(git_dir.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{git_dir.name}/{path}",
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "REMOTE_USER": user,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        "GIT_PROTOCOL": headers.get("git-protocol", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, capture_output=True, env=environment, check=True
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    found = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
    status = int(found.pop("Status", "200").split()[0])
    return GitAnswer(status, found, content)


def password(authorization: str) -> str:
    """The token in a header, which git sends as a password."""
    try:
        said = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return said.partition(":")[2]
