"""A real Argo CD for tests, on a real Kubernetes, as plain processes on loopback.

from tests.support.argocd_stack import Stack  # the fixture itself is in tests/conftest.py

pytestmark = pytest.mark.xdist_group("argocd")  # one stack for all tests that want one

def test_it(argocd_stack: Stack):
    remote = argocd_stack.remote("mine")                  # a bare repository; remote.url is file://…
    argocd_stack.apply({"kind": "Application", …})         # server-side apply of objects
    argocd_stack.api("GET", "applications/a", params={"refresh": "normal"})
    Client(argocd_stack.url, argocd_stack.token)           # the administrator's
    argocd_stack.project_token("prod", "pipeline")
    argocd_stack.servers["argocd-application-controller"].pause()  # or stop() and start()

The binaries (`NAMES`) are looked for in the folder that TIDEGATE_TEST_BIN names, then on PATH;
Argo CD's CRDs in the folder that ARGOCD_CRDS names, then in `argocd-crds/` of that one. Without
them the tests are skipped. Pods become ready at once, but for images with the tag `never-ready`.
Whoever uses the stack leaves nothing behind that others could trip over: names of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.argocd_stack.run import NAMES, missing, start
from tests.support.argocd_stack.stack import (
    Administration,
    Remote,
    Stack,
    borrow_remote,
    make_remote,
)

__all__ = [
    "NAMES",
    "Administration",
    "Remote",
    "Stack",
    "argocd_stack",
    "borrow_remote",
    "make_remote",
    "missing",
    "start",
]


@pytest.fixture(scope="session")
def argocd_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack for the session's tests."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with start(tmp_path_factory.mktemp("argocd")) as stack:
        yield stack
