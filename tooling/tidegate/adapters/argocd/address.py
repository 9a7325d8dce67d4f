"""Where one Argo CD answers, and how it is spoken to."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from tidegate.domain.application import ApplicationName
from tidegate.domain.text import one_line
from tidegate.errors import InputError, NotFound

# As Kubernetes wants it, so that no name leads to another path.
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class Address:
    """`base` is what the API's paths are put after; `verify` whom the certificate must be from,
    None for the system's usual authorities."""

    base: str
    verify: ssl.SSLContext | None = field(default=None, repr=False)

    def url(self, path: str, query: Mapping[str, str | None]) -> str:
        """An address of the API, with those parameters that have a value."""
        said = {key: value for key, value in query.items() if value}
        return f"{self.base}/api/{path}" + (f"?{urlencode(said)}" if said else "")


def address_of(
    server: str, *, root_path: str = "", plain_text: bool = False, authorities: str | None = None
) -> Address:
    """The address of a server `host[:port]`, below a path where a proxy puts it there. The
    `authorities` are certificates in PEM form. Raises InputError where there are none in them."""
    path = quote(root_path.strip("/"), safe="/")
    scheme = "http" if plain_text else "https"
    base = f"{scheme}://{server}" + (f"/{path}" if path else "")
    return Address(base, _trusting(authorities) if authorities is not None else None)


def path_of(name: ApplicationName, *more: str) -> str:
    """An Application's path below `/api/`. Raises NotFound for what can't be its name."""
    return "/".join(("v1/applications", checked(name.name), *more))


def checked(name: str) -> str:
    """An Application's name. Raises NotFound for what can't be one."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise NotFound(f"no Application can be called {one_line(name, 100)!r}")
    return name


def _trusting(authorities: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=authorities or "none")
    except (ssl.SSLError, ValueError, TypeError) as error:
        reason = getattr(error, "reason", None) or "unusable"
        raise InputError(
            f"argocd.caFile holds no certificate authorities: {reason}",
            hint="it names a file of certificates in PEM form",
        ) from None
