"""Which place an image is looked for in: a mirror folder, or its registry."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from tidegate.adapters.oci.hosts import speaks_plain_http
from tidegate.adapters.oci.mirror import Mirror
from tidegate.domain.image import ImageLocation, ImageRef
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.adapters.http import Http
    from tidegate.adapters.oci.registry import Registry


class Images:
    """`ports.ImageRegistry`.

    `mirrors` maps a registry's host to a folder of OCI image layouts that is asked instead;
    `plain_http` names the hosts that are spoken to without TLS (loopback ones always are);
    `env` is where Docker's credentials are looked for (DOCKER_CONFIG, HOME, PATH); `timeout` is in
    seconds for one answer, and `remaining` gives those that are left for all; `connect` makes the
    client, once, when a registry is first asked.
    """

    def __init__(
        self,
        *,
        mirrors: Mapping[str, Path],
        env: Mapping[str, str],
        plain_http: frozenset[str] = frozenset(),
        timeout: float = 30.0,
        remaining: Callable[[], float] = lambda: math.inf,
        connect: Callable[[], Http] | None = None,
    ) -> None:
        self._mirrors = {host.lower(): Mirror(folder) for host, folder in mirrors.items()}
        self._plain_http = frozenset(host.lower() for host in plain_http)
        self._env, self._connect = env, connect
        self._timeout, self._remaining = timeout, remaining
        self._remote: Registry | None = None
        self._lock = Lock()

    def digest(self, image: ImageRef) -> str:
        """The digest that the image's tag points at now; its manifest was seen and matches.

        Raises InputError for an image without a tag, NotFound, Unreachable, and OutsideError
        for refused credentials and answers that make no sense.
        """
        if image.tag is None:
            raise InputError(f"the image {image} has no tag", hint="write registry/repository:tag")
        mirror = self._mirror(image)
        if mirror:
            return mirror.digest(image, image.tag)
        return self._registry().digest(image, image.tag)

    def has(self, image: ImageRef) -> bool:
        """Whether the image is there under its digest; raises as `digest` for the rest."""
        if image.digest is None:
            raise InputError(f"the image {image} has no digest")
        mirror = self._mirror(image)
        if mirror:
            return mirror.has(image, image.digest)
        return self._registry().has(image, image.digest)

    def location(self, image: ImageRef) -> ImageLocation:
        """Where a scanner finds it; no I/O."""
        mirror = self._mirror(image)
        if mirror:
            return ImageLocation(image, layout=mirror.layout(image))
        plain = speaks_plain_http(image.registry, self._plain_http)
        return ImageLocation(image, plain_http=plain)

    def _mirror(self, image: ImageRef) -> Mirror | None:
        return self._mirrors.get(image.registry.lower())

    def _registry(self) -> Registry:
        # The HTTP library is slow to import, and a run on mirrors never needs it.
        from tidegate.adapters.http import Http
        from tidegate.adapters.oci.credentials import DockerCredentials
        from tidegate.adapters.oci.registry import Registry

        with self._lock:
            if self._remote is None:
                http = (
                    self._connect()
                    if self._connect
                    else Http(timeout=self._timeout, remaining=self._remaining)
                )
                self._remote = Registry(http, DockerCredentials(self._env), self._plain_http)
            return self._remote
