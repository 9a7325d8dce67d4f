"""tidegate.yaml → Settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.domain.configuration import Settings
from tidegate.domain.control_plane import Authorities, ControlPlane, Way
from tidegate.domain.provider import Provider, ProviderKind
from tidegate.repository.yaml import Document


def parse_settings(document: Document) -> Settings:
    """tidegate.yaml that fits its schema → Settings."""
    data: Mapping[str, Any] = document.data
    git, registry = data.get("git", {}), data.get("modelRegistry", {})
    images, scanner = data.get("images", {}), data.get("scanner", {})
    return Settings(
        remote=git.get("remote"),
        branch=git.get("branch"),
        registry_uri=registry.get("uri"),
        registry_timeout=registry.get("timeout", 10.0),
        mirrors={item["registry"]: item["folder"] for item in images.get("mirrors", [])},
        plain_http=frozenset(images.get("plainHttp", [])),
        scanner_offline=scanner.get("offline", False),
        scanner_timeout=scanner.get("timeout", 300.0),
        argocd=control_plane(data.get("argocd", {})),
        provider=_provider(data.get("pullRequests", {})),
    )


def _provider(data: Mapping[str, Any]) -> Provider:
    app = data.get("app", {})
    return Provider(
        kind=ProviderKind(data["provider"]) if "provider" in data else None,
        url=data.get("url"),
        repository=data.get("repository"),
        app=app.get("id"),
        installation=app.get("installation"),
    )


def control_plane(data: Mapping[str, Any]) -> ControlPlane:
    """Where an Argo CD is, as settings or an environment say it; the authorities are only named."""
    return ControlPlane(
        server=data.get("server"),
        via=Way(data["via"]) if "via" in data else None,
        project=data.get("project"),
        root_path=data.get("rootPath"),
        authorities=Authorities(data["caFile"]) if "caFile" in data else None,
        plain_text=data.get("plainText"),
        namespace=data.get("namespace"),
        context=data.get("context"),
    )
