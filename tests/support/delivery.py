"""A world with releases, and a small Argo CD that follows its branch.

from tests.support.argocd import fake_argocd  # noqa: F401
from tests.support.delivery import Delivery, argo_cd_that_follows  # noqa: F401
from tests.support.releases import Past, past  # noqa: F401
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.argocd import TOKEN, FakeArgoCd
from tests.support.argocd_answers import Document, application
from tests.support.gitops import Answer
from tests.support.releases import Past, release


@dataclass
class Delivery:
    """`argocd` compares with the branch at every refresh; `status` is laid over what it finds
    then, by the Application's name."""

    past: Past
    argocd: FakeArgoCd
    status: dict[str, dict[str, Any]] = field(default_factory=dict)

    def deploy(self, app: str, version: str, cluster: str = "") -> str:
        """An Application that runs a version as of now, and that follows the branch."""
        name = f"{app}-prod{cluster}"
        labels = {"tidegate.dev/app": app, "tidegate.dev/environment": "prod"}
        document = application(
            name, project="prod", labels=labels, revision=self.past.head(), **running(app, version)
        )
        self.argocd.put(document)
        return name

    def refresh(self, document: Document) -> None:
        """What Argo CD does when it is asked to."""
        status = document["status"]
        status["sync"]["revision"] = self.past.head()
        status["reconciledAt"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        status.update(self.status.get(document["metadata"]["name"], {}))

    def tidegate(self, *arguments: str, **environ: str) -> Answer:
        """The command line, with a token."""
        return self.past.tidegate(*arguments, ARGOCD_AUTH_TOKEN=TOKEN, **environ)


def running(app: str, version: str) -> dict[str, Any]:
    """The part of a status that tells what runs."""
    return {"summary": {"images": [str(release(app, "prod", version).image)]}}


@pytest.fixture(name="delivery")
def argo_cd_that_follows(past: Past, argocd: FakeArgoCd) -> Delivery:
    """An empty Argo CD beside the world's branch."""
    settings = past.show("tidegate.yaml")
    settings += f"\nargocd: {{server: '{argocd.server}', plainText: true}}\n"
    past.push({"tidegate.yaml": settings}, "where Argo CD is")
    made = Delivery(past, argocd)
    argocd.on_refresh = made.refresh
    return made
