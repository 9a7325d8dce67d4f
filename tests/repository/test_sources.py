"""What Git says of where Applications take their manifests from."""

from __future__ import annotations

import pytest
from tests.support.snapshots import snapshot

from tidegate.domain.source import Origin
from tidegate.repository.sources import read_origin

REMOTE = "https://token@git.example.com/models.git"
SET = """\
kind: ApplicationSet
spec:
  template:
    spec:
      source:
        repoURL: https://mirror.example.com/models.git
        kustomize: {namespace: shop}
"""


def origin(files: dict[str, str]) -> Origin:
    return read_origin(snapshot(files), "prod", "main", REMOTE)


def test_the_remote_and_what_the_environment_names() -> None:
    found = origin({"environments/prod/argocd/applicationset.yaml": SET})
    assert found.knows("git@git.example.com:models")
    assert found.knows("ssh://git@mirror.example.com/models.git")
    assert not found.knows("https://git.example.com/fork.git")
    assert found.overrides == {"kustomize.namespace"}


def test_what_starts_everything_counts_and_patches_do() -> None:
    patch = "- op: replace\n  path: /spec/source/repoURL\n  value: 'https://c.example.com/m'\n"
    found = origin(
        {
            "environments/bootstrap.yaml": "a: 1\n---\nsource: {repoURL: 'git@b.example.com:m'}",
            "environments/kustomization.yaml": f"patches: [{{patch: {patch!r}}}]",
            "environments/staging/argocd/other.yaml": "repoURL: https://other.example.com/m",
            "environments/prod/shop/kustomization.yaml": "repoURL: https://app.example.com/m",
        }
    )
    assert found.knows("https://b.example.com/m.git")
    assert found.knows("ssh://git@c.example.com/m")
    assert not found.knows("https://other.example.com/m")
    assert not found.knows("https://app.example.com/m")


@pytest.mark.parametrize(
    "text", ["", "kind: ConfigMap", "[", "spec: {source: {repoURL: '{{.repository}}'}}", "\0"]
)
def test_where_nobody_says_any_may_be(text: str) -> None:
    found = origin({"environments/prod/argocd/applicationset.yaml": text})
    assert found.knows("https://anything.example.com/m")
