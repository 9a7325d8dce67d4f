"""Names of container images: registry/repository, tag and digest."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# The grammar of the OCI distribution specification and of its reference implementation.
_DOMAIN = (
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
    r"|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
)
_PATH = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_DOMAIN}/)?{_PATH}(?:/{_PATH})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
# Whoever writes a URL instead may leave a user name and a password in it, which nobody repeats.
_USERINFO = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)?.*@(?!sha256:)", re.DOTALL)
_NAME_LIMIT = 255
_TEXT_LIMIT = _NAME_LIMIT + 128 + 80

DIGEST_PATTERN = r"^sha256:[0-9a-f]{64}$"


def name_of(image: str) -> str:
    """Any text of an image without its tag and digest; a port is no tag."""
    before = image.partition("@")[0]
    name, colon, tag = before.rpartition(":")
    return name if colon and "/" not in tag else before


@dataclass(frozen=True, slots=True)
class ImageRef:
    """`name` is registry and repository together, as in `registry.example.com/shop/recommender`."""

    name: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> ImageRef:
        """Reads `registry/repository:tag@sha256:…`; raises ValueError for anything else."""
        match = _REFERENCE.fullmatch(text) if len(text) <= _TEXT_LIMIT else None
        if match is None or len(match["name"]) > _NAME_LIMIT:
            shown = _USERINFO.sub(lambda found: f"{found['scheme'] or ''}***@", text)
            shown = shown if len(shown) <= 80 else shown[:77] + "…"
            raise ValueError(f"{shown!r} is not an image reference (registry/repository:tag)")
        return cls(match["name"], match["tag"], match["digest"])

    @property
    def registry(self) -> str:
        """The host, with its port; Docker's default where the name has none."""
        return self._split()[0] or "docker.io"

    @property
    def repository(self) -> str:
        """What comes after the host: `shop/recommender`."""
        host, rest = self._split()
        return rest if host or "/" in rest else f"library/{rest}"

    def _split(self) -> tuple[str, str]:
        first, slash, rest = self.name.partition("/")
        hosted = slash and (first == "localhost" or "." in first or ":" in first)
        return (first, rest) if hosted else ("", self.name)

    def with_digest(self, digest: str | None) -> ImageRef:
        """The same image, pinned."""
        return replace(self, digest=digest)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


@dataclass(frozen=True, slots=True)
class ImageLocation:
    """Where a scanner finds an image: an OCI layout on disk, or the registry itself."""

    image: ImageRef
    layout: Path | None = None
    plain_http: bool = False
