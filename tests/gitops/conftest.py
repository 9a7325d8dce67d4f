"""One stack for all tests of the files for Argo CD."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.argocd_stack import missing, start
from tests.support.gitops_files import (
    DIGITS,
    RECOMMENDER,
    Place,
    bootstrap,
    monitor_kind,
    publish,
    release,
)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two apps released, each in one environment, and bootstrap.yaml applied."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with start(tmp_path_factory.mktemp("files")) as stack:
        stack.apply(monitor_kind())
        remote = publish(stack, "models")
        release(remote, "digits", "dev", "1")
        release(remote, "recommender", "staging", "7")
        head = remote.commit("two releases")
        stack.apply(*bootstrap(remote))
        found = Place(stack, remote)
        stack.wait_for(lambda: {DIGITS, RECOMMENDER} <= found.names())
        found.settles(DIGITS, head)
        found.settles(RECOMMENDER, head, healthy=False)
        yield found
