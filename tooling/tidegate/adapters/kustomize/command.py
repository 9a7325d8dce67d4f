"""One call of kustomize: what it may see and use, and what it says."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tidegate.adapters import process
from tidegate.adapters.kustomize.binary import locate
from tidegate.errors import ToolFailed
from tidegate.repository.allowances import HELM, PLUGINS, REMOTE
from tidegate.repository.rendered import TREE

_SHOWN = 2_000
# Above this it collects garbage as often as it must: a definition of a megabyte becomes hundreds
# of them, and there are as many processes as cores.
_USUAL_MEMORY = 400 * 1024**2
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# How it says that its way out is closed (`_environment`).
_SHUT = re.compile(
    r'(Get "[^"]*"): (?:refusing to use HTTP_PROXY value in CGI environment; see \S+'
    r"|proxyconnect tcp: [^'\n]*connection refused|tls: failed to verify certificate: [^'\n]*)"
)
_KLOG = re.compile(r'^[EF]\d{4} [\d:.]+ +\d+ \S+\] "command failed" err="(?P<message>.*)"$', re.S)


@dataclass(frozen=True, slots=True)
class Command:
    """The binary with its arguments, limits and whole environment."""

    words: tuple[str, ...]
    root: Path
    timeout: float
    env: Mapping[str, str] = field(repr=False)

    @classmethod
    def find(
        cls,
        root: Path,
        *,
        timeout: float,
        path: str | None,
        env: Mapping[str, str],
        memory: int,
    ) -> Command:
        """The first of kustomize and kubectl on PATH. Raises ToolMissing."""
        words: tuple[str, ...] = locate(path)
        prlimit = shutil.which("prlimit")
        if prlimit:
            words = (prlimit, f"--as={memory}", "--", *words)
        return cls(words, root, timeout, {**_environment(root, path, memory), **env})

    def allowing(self, needs: Collection[str]) -> Command:
        """The same binary with more rights: to run helm or plugins, or to reach other places."""
        if not needs:
            return self
        kubectl = self.words[-1] == "kustomize"
        flags: list[str] = []
        if HELM in needs:
            flags += ["--enable-helm"]
        if PLUGINS in needs:  # kubectl's kustomize runs no programs, only containers
            flags += ["--enable-alpha-plugins", *([] if kubectl else ["--enable-exec"])]
        env = dict(self.env)
        if REMOTE in needs:
            for name in _CLOSED:
                env.pop(name, None)
            env.update((name, os.environ[name]) for name in _ROUTES if name in os.environ)
        return replace(self, words=(*self.words, *flags), env=env)

    def build(self, folder: Path) -> str:
        """What the folder renders to. Raises ToolFailed with a message that names the
        repository's own paths, Unreachable when the time is over, and ToolMissing."""
        try:
            done = process.run(
                [*self.words, str(folder)], timeout=self.timeout, env=self.env, cwd=self.root
            )
            return done.stdout.decode("utf-8")
        except ToolFailed as error:
            raise ToolFailed(self._clean(error.output) or error.message) from None
        except UnicodeDecodeError:
            raise ToolFailed("kustomize printed something that is not UTF-8 text") from None

    def _clean(self, output: str) -> str:
        lines = [line for line in output.splitlines() if not line.startswith("# Warning:")]
        text = "\n".join(lines).strip()
        found = _KLOG.match(text)
        if found:
            text = found["message"].replace('\\"', '"')
        text = text.removeprefix("Error: ").removeprefix("error: ")
        for variant in ("before", "after", TREE):
            tree = str(self.root / variant)
            text = text.replace(f"{tree}/", "").replace(tree, ".")
        text = _SHUT.sub(r"\1: nothing is fetched for a rendering", text)
        text = _CONTROL.sub("�", text.replace(f"{self.root}/", ""))
        return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


# What closes the way out, and what tells the way where there is one.
_CLOSED = (
    *("HTTP_PROXY", "HTTPS_PROXY", "REQUEST_METHOD", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    "GIT_ALLOW_PROTOCOL",
)
_ROUTES = (
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
)


def _environment(root: Path, path: str | None, memory: int) -> dict[str, str]:
    """All that the renderer gets: no credentials, no configuration of the user's, no way out.

    Remote entries are refused long before; should one slip through, as in a plugin's own
    configuration, the proxy is a closed port and Git may speak no protocol. Go asks no proxy about
    this very machine: so it is told to be a CGI script, which may use no proxy over HTTP and so
    gives up, and has no authority to trust over HTTPS.
    """
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": path if path is not None else os.environ.get("PATH", os.defpath),
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "home"),
        "KUBECONFIG": os.devnull,
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "REQUEST_METHOD": "NONE",
        "SSL_CERT_FILE": os.devnull,
        "SSL_CERT_DIR": os.devnull,
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        # Short processes: to collect garbage a quarter as often saves a third of the time.
        "GOGC": "400",
        "GOMEMLIMIT": str(min(memory // 2, _USUAL_MEMORY)),
    }
