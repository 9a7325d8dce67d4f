"""How the cluster's API server is reached: as the kubeconfig says, or as a pod inside."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line
from tidegate.errors import InputError, OutsideError, ToolMissing


@dataclass(frozen=True, slots=True)
class Access:
    """`authorization` gives the header's value, asked for again when it has run out."""

    base: str
    verify: ssl.SSLContext | None = field(default=None, repr=False)
    authorization: Callable[[], str | None] = field(default=lambda: None, repr=False)


def open_access(context: str | None, env: Mapping[str, str]) -> Access:
    """The kubeconfig of KUBECONFIG, or the usual one; inside of a cluster, the pod's own account
    where no kubeconfig and no context is named. Raises ToolMissing without the package
    `kubernetes`, InputError for a configuration that can't be used, and OutsideError."""
    try:
        from kubernetes import client, config  # takes a second
    except ImportError:
        raise ToolMissing(
            "the package kubernetes is not installed", hint="install tidegate[kubernetes]"
        ) from None
    settings = client.Configuration()
    named = env.get("KUBECONFIG") or None
    try:
        if env.get("KUBERNETES_SERVICE_HOST") and not named and not context:
            config.load_incluster_config(client_configuration=settings)
        else:
            config.load_kube_config(
                config_file=named,
                context=context,
                client_configuration=settings,
                persist_config=False,
            )
        return Access(settings.host.rstrip("/"), _trust(settings), _authorization(settings))
    except config.ConfigException as error:
        raise InputError(f"no cluster can be reached: {one_line(redact(str(error)))}") from None
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise OutsideError(f"the kubeconfig can't be used: {type(error).__name__}") from None


def _trust(settings: Any) -> ssl.SSLContext | None:
    if not settings.host.startswith("https://"):
        return None
    if not settings.verify_ssl:
        raise InputError(
            "the kubeconfig's cluster says insecure-skip-tls-verify, which Tidegate doesn't do",
            hint="name the cluster's certificate-authority there instead",
        )
    trust = ssl.create_default_context(cafile=settings.ssl_ca_cert)
    if settings.cert_file:
        trust.load_cert_chain(settings.cert_file, settings.key_file)
    return trust


def _authorization(settings: Any) -> Callable[[], str | None]:
    def ask() -> str | None:
        found = settings.get_api_key_with_prefix("authorization")
        return str(found) if found else None

    return ask
