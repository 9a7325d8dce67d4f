"""Where the Argo CD is that delivers an environment."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from posixpath import normpath


class Way(StrEnum):
    """How Argo CD's Applications are seen: through its own API, or through the cluster's."""

    API = "api"
    KUBERNETES = "kubernetes"


@dataclass(frozen=True, slots=True)
class Authorities:
    """Who must have signed a server's certificate. `file` is relative to the repository's root;
    `pem` is what the commit that names it has there, None where it lies outside the repository."""

    file: str
    pem: str | None = None

    @property
    def outside(self) -> bool:
        """Whether the file is the machine's, and not the repository's."""
        return normpath(self.file).startswith("..")


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """None means: not said. `server` is `host[:port]`; `root_path` what a proxy puts before the
    API's paths; `authorities` are all that are trusted then; `plain_text` sends the token without
    TLS; `namespace` is Argo CD's own; `context` is one of the kubeconfig's. `project` is
    the AppProject of the environment's Applications, which is called as the environment is where
    nothing else is said."""

    server: str | None = None
    via: Way | None = None
    project: str | None = None
    root_path: str | None = None
    authorities: Authorities | None = None
    plain_text: bool | None = None
    namespace: str | None = None
    context: str | None = None

    def over(self, usual: ControlPlane) -> ControlPlane:
        """This one, and the usual where nothing is said. Who names another server says all about
        how it is spoken to."""
        if self.server is not None and self.server != usual.server:
            usual = ControlPlane(via=usual.via, project=usual.project, namespace=usual.namespace)
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return ControlPlane(**{k: getattr(usual, k) if v is None else v for k, v in values.items()})
