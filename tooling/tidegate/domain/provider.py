"""Who has the pull requests: what the files say, and what the Git remote's address tells."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from tidegate.errors import InputError

# https://user:password@host:8443/path, ssh://git@host:22/path, and git@host:path.
_HOST, _PATH = r"(?P<host>[A-Za-z0-9.-]+{port})", r"(?P<path>[A-Za-z0-9_./-]+)"
_WEB = re.compile(rf"(?P<scheme>https?)://(?:[^@/\s]*@)?{_HOST.format(port='(:[0-9]+)?')}/{_PATH}")
_SSH = re.compile(rf"ssh://(?:[^@/\s]*@)?{_HOST.format(port='')}(?::[0-9]+)?/{_PATH}")
_SHORT = re.compile(rf"(?:[^@/:\s]+@)?{_HOST.format(port='')}:(?!//){_PATH}")
# Where SSH is spoken on the port of HTTPS.
_SSH_HOSTS = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}
_HINT = "set pullRequests.provider, .url and .repository in tidegate.yaml"


class ProviderKind(StrEnum):
    """Whose words are spoken."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Provider:
    """None means: not said. `url` is what people open, `repository` its path there; `app` and
    `installation` are the ids of a GitHub App and of its installation."""

    kind: ProviderKind | None = None
    url: str | None = None
    repository: str | None = None
    app: str | None = None
    installation: str | None = None

    def completed(self, remote: str) -> Provider:
        """With kind, address and repository, taken from a Git remote's address where nothing is
        said. Raises InputError where that doesn't tell them."""
        url, repository = _parts(remote)
        found = replace(self, url=self.url or url, repository=self.repository or repository)
        if found.url is None or found.repository is None:
            raise InputError("the Git remote doesn't tell where pull requests are", hint=_HINT)
        kind = self.kind or _kind(found.url)
        if kind is None:
            raise InputError(f"is {found.url} GitHub or GitLab?", hint=_HINT)
        return replace(found, kind=kind)


def _parts(remote: str) -> tuple[str | None, str | None]:
    match = _WEB.fullmatch(remote) or _SSH.fullmatch(remote) or _SHORT.fullmatch(remote)
    if match is None:
        return None, None
    host = _SSH_HOSTS.get(match["host"], match["host"])
    path = match["path"].strip("/").removesuffix(".git")
    return f"{match.groupdict().get('scheme', 'https')}://{host}", path


def _kind(url: str) -> ProviderKind | None:
    """What a host is called says what it is, where it does."""
    labels = url.partition("://")[2].partition(":")[0].lower().split(".")
    if "github" in labels or labels[-2:] == ["ghe", "com"]:
        return ProviderKind.GITHUB
    return ProviderKind.GITLAB if "gitlab" in labels else None
