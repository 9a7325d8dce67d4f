"""What a Git remote's address tells about who has the pull requests."""

from __future__ import annotations

import pytest

from tidegate.domain.provider import Provider, ProviderKind
from tidegate.errors import InputError

GITHUB = ProviderKind.GITHUB


@pytest.mark.parametrize(
    ("remote", "url", "repository"),
    [
        ("https://github.com/acme/gitops.git", "https://github.com", "acme/gitops"),
        ("https://github.com/acme/gitops/", "https://github.com", "acme/gitops"),
        ("https://x:secret@github.com/acme/gitops", "https://github.com", "acme/gitops"),
        ("git@github.com:acme/gitops.git", "https://github.com", "acme/gitops"),
        ("ssh://git@ssh.github.com:443/acme/gitops.git", "https://github.com", "acme/gitops"),
        ("ssh://git@github.acme.io:2222/acme/gitops", "https://github.acme.io", "acme/gitops"),
        ("https://acme.ghe.com:8443/a/b", "https://acme.ghe.com:8443", "a/b"),
        ("git@gitlab.com:acme/ml/gitops.git", "https://gitlab.com", "acme/ml/gitops"),
        ("ssh://git@altssh.gitlab.com:443/acme/x", "https://gitlab.com", "acme/x"),
        ("https://gitlab.acme.io:8443/a/b.git", "https://gitlab.acme.io:8443", "a/b"),
    ],
)
def test_it_is_read(remote: str, url: str, repository: str) -> None:
    kind = ProviderKind.GITLAB if "gitlab" in url else GITHUB
    assert Provider().completed(remote) == Provider(kind, url, repository)


def test_what_is_said_counts_first() -> None:
    said = Provider(GITHUB, "https://git.acme.io", app="1")
    found = said.completed("git@github.com:acme/gitops.git")
    assert found == Provider(GITHUB, "https://git.acme.io", "acme/gitops", app="1")
    whole = Provider(GITHUB, "https://git.acme.io", "a/b")
    assert whole.completed("/srv/git/gitops.git") == whole


@pytest.mark.parametrize(
    "remote",
    ["", "/srv/git/gitops.git", "../gitops", "file:///srv/gitops", "https://github.com",
     "https://user:pa/ss@github.com/acme/gitops", "https://git.acme.io/acme/gitops",
     "https://github.com/acme/git ops", "C:\\gitops", "https://evil.example\n/a/b"],
)  # fmt: skip
def test_what_it_does_not_tell_has_to_be_said(remote: str) -> None:
    with pytest.raises(InputError) as caught:
        Provider().completed(remote)
    assert "pullRequests" in (caught.value.hint or "")
    assert "pa" not in caught.value.message.partition("://")[2]
