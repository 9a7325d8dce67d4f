"""Starts the stack, and stops it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import yaml
from tests.support import apiserver, processes
from tests.support.apiserver import ApiServer
from tests.support.argocd_stack import cluster, installation
from tests.support.argocd_stack.stack import Stack
from tests.support.processes import find, free_ports, server

ARGOCD = ("argocd", "git-verify-wrapper.sh", "redis-server", "git", "kustomize")
NAMES = ("etcd", "kube-apiserver", *cluster.NAMES, *ARGOCD)
_ACCOUNT = "admin"


def missing() -> str | None:
    """Why there can be no stack here; None where there can."""
    reason = processes.missing("openssl", *NAMES)
    if reason is None and installation.kinds_folder() is None:
        return "Argo CD's CRDs are neither in ARGOCD_CRDS nor in argocd-crds of TIDEGATE_TEST_BIN"
    return reason


@contextmanager
def start(folder: Path) -> Iterator[Stack]:
    """A fresh stack with everything it writes in `folder`; all of it ends with the context."""
    with ExitStack() as stack:
        api = stack.enter_context(apiserver.start(folder))
        kubeconfig = _write_kubeconfig(api, folder)
        result = Stack(kubernetes=api, folder=folder, kubeconfig=kubeconfig)
        result.servers.update(cluster.run_cluster(api, folder, kubeconfig, stack))
        crds = installation.kinds_folder()
        assert crds is not None
        for kind in installation.kinds(crds):
            result.apply(kind)
            installation.wait_until_served(api, kind)
        result.apply(*installation.objects())
        _run_argocd(result, stack)
        _log_in(result, stack)
        for running in result.servers.values():
            running.check()
        yield result


def _write_kubeconfig(api: ApiServer, folder: Path) -> Path:
    cluster = {"server": api.url, "insecure-skip-tls-verify": True}
    context = {"cluster": "tests", "user": "tests", "namespace": installation.NAMESPACE}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tests",
        "clusters": [{"name": "tests", "cluster": cluster}],
        "contexts": [{"name": "tests", "context": context}],
        "users": [{"name": "tests", "user": {"token": api.token}}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(document), "utf-8")
    return path


def _run_argocd(result: Stack, stack: ExitStack) -> None:
    """Each role of Argo CD is the one binary under another name."""
    redis, repository, web, *rest = free_ports(9)
    cache = [str(find("redis-server")), "--port", str(redis), "--bind", "127.0.0.1"]
    cache += ["--save", "", "--appendonly", "no"]
    folder = result.folder
    result.servers["redis-server"] = stack.enter_context(server(cache, folder / "redis.log"))
    environ = _environ(folder, result.kubeconfig)
    metrics = [f"--metrics-port={port}" for port in rest[:3]]
    hosts = [f"--redis=127.0.0.1:{redis}", f"--repo-server=127.0.0.1:{repository}"]
    hosts += ["--repo-server-plaintext"]
    roles = {
        "argocd-repo-server": [
            *("--address=127.0.0.1", f"--port={repository}", metrics[0]),
            *(f"--redis=127.0.0.1:{redis}", "--disable-tls", "--client-ca-path="),
        ],
        "argocd-application-controller": [*hosts, metrics[1]],
        "argocd-server": [
            *hosts,
            *("--address=127.0.0.1", f"--port={web}", metrics[2], "--insecure"),
        ],
        "argocd-applicationset-controller": [
            *(f"--metrics-addr=127.0.0.1:{rest[3]}", f"--probe-addr=127.0.0.1:{rest[4]}"),
            *(f"--webhook-addr=127.0.0.1:{rest[5]}", "--repo-server-plaintext"),
            f"--argocd-repo-server=127.0.0.1:{repository}",
        ],
    }
    for name, flags in roles.items():
        result.servers[name] = stack.enter_context(
            server(
                [str(find("argocd")), *flags],
                folder / f"{name}.log",
                {**environ, "ARGOCD_BINARY_NAME": name},
            )
        )
    result.url = f"http://127.0.0.1:{web}"
    result.applicationset_webhook = f"http://127.0.0.1:{rest[5]}/api/webhook"


def _environ(folder: Path, kubeconfig: Path) -> dict[str, str]:
    binaries = {str(path.parent) for path in map(find, ARGOCD) if path}
    home = folder / "home"
    for name in ("tls", "ssh", "plugin", "gpg"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "ssh" / "ssh_known_hosts").touch()
    return {
        **cluster.ENVIRON,
        "PATH": os.pathsep.join([*sorted(binaries), os.environ["PATH"]]),
        "HOME": str(home),
        "KUBECONFIG": str(kubeconfig),
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_TLS_DATA_PATH": str(home / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(home / "ssh"),
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_GNUPGHOME": str(home / "gpg"),
        "ARGOCD_PLUGINSOCKFILEPATH": str(home / "plugin"),
    }


def _log_in(result: Stack, stack: ExitStack) -> None:
    """Waits until Argo CD answers, and asks for the administrator's token."""
    client = stack.enter_context(httpx.Client(timeout=60, trust_env=False))
    result.servers["argocd-server"].wait_until(lambda: _answers(client, result.url))
    body = {"username": _ACCOUNT, "password": installation.PASSWORD}
    answer = client.post(f"{result.url}/api/v1/session", json=body).raise_for_status()
    result.log_in(result.url, answer.json()["token"], client)


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(f"{url}/api/version").is_success
    except httpx.TransportError:
        return False
