"""Runs Trivy so that it overlooks nothing: by digest, in an empty folder, on our settings."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from tidegate.adapters import process
from tidegate.adapters.trivy.cache import ScanCache
from tidegate.adapters.trivy.environment import for_trivy
from tidegate.adapters.trivy.layout import ARCHITECTURE, OS, isolate
from tidegate.adapters.trivy.report import Installed, Subject, parse_report, parse_version
from tidegate.domain.image import ImageLocation
from tidegate.domain.scan import Scan, Severity
from tidegate.errors import InputError, OutsideError, TidegateError, ToolFailed, Unreachable

_HINT = "https://trivy.dev tells how to install it"
_VERSION_TIMEOUT = 30.0
# Everything that could narrow a scan is said here, however it may be set elsewhere.
_WHOLE = (
    "--scanners=vuln",
    f"--severity={','.join(Severity.__members__)}",
    "--pkg-types=os,library",
    "--list-all-pkgs",
    "--show-suppressed",
    "--exit-code=0",
    "--format=json",
    "--quiet",
    "--skip-version-check",
    # The cache on disk is locked by one process at a time, and the others give up after 5 s.
    "--cache-backend=memory",
    # The database is brought up to date once, before the first scan.
    "--skip-db-update",
)


class Trivy:
    """`ports.Scanner`. Safe for several threads at once; each image is scanned once for each
    version of Trivy and of its databases.

    `offline` never updates the databases, and asks nobody about packages; `timeout` bounds one
    run, in seconds, and `remaining` gives those that are left for all; scans are kept in
    `cache_directory`; `env` is the environment (only where Trivy's database is and how it reaches
    registries is taken from it); `path` is where to look for `trivy`, env's PATH by default. Of an
    image for several platforms, linux/amd64 is scanned.
    """

    def __init__(
        self,
        *,
        cache_directory: Path,
        env: Mapping[str, str],
        offline: bool = False,
        timeout: float = 300.0,
        remaining: Callable[[], float] = lambda: math.inf,
        path: str | None = None,
    ) -> None:
        self._cache = ScanCache(cache_directory)
        self._env, self._offline = env, offline
        self._timeout, self._remaining = timeout, remaining
        self._path = env.get("PATH", "") if path is None else path
        self._lock = Lock()
        self._installed: tuple[str, Installed] | TidegateError | None = None

    def scan(self, location: ImageLocation) -> Scan:
        """The findings for the image's digest.

        Raises InputError for an image without a digest, ToolMissing, Unreachable when the time is
        over, and OutsideError for anything else that leaves no answer to be trusted.
        """
        digest = location.image.digest
        if digest is None:
            raise InputError(f"the image {location.image} has no digest, so it can't be scanned")
        binary, installed = self._prepared()
        ground = (
            f"trivy {installed.version}, database {installed.database_updated.isoformat()},"
            f" Java database {installed.java_database}"
        )
        known = self._cache.read(digest, ground)
        if known is not None:
            return known
        with self._cache.claim(digest, self._left()):
            known = self._cache.read(digest, ground)
            if known is not None:
                return known
            scan = self._scan(binary, installed, location, digest)
            self._cache.write(scan, ground)
            return scan

    def database(self) -> datetime | None:
        """When the vulnerability database that is here was built, None where there is none; it is
        not brought up to date. Raises ToolMissing, and OutsideError as `scan` does."""
        binary = process.find(("trivy",), hint=_HINT, path=self._path)
        with tempfile.TemporaryDirectory(prefix="tidegate-scan-") as folder:
            scratch = Path(folder)
            installed = self._look(binary, scratch, for_trivy(self._env, scratch))
        return installed.database_updated if installed else None

    def _scan(
        self, binary: str, installed: Installed, location: ImageLocation, digest: str
    ) -> Scan:
        with tempfile.TemporaryDirectory(prefix="tidegate-scan-") as folder:
            scratch = Path(folder)
            env = for_trivy(self._env, scratch)
            if location.layout is not None:
                isolated = isolate(location.layout, digest, scratch / "image")
                subject = Subject(image_id=isolated.config_digest)
                # Relative, as Trivy splits the path at `:` and `@`.
                what = ["--input=image"]
            else:
                subject = Subject(repository_digest=digest)
                what = ["--image-src=remote", f"--platform={OS}/{ARCHITECTURE}"]
                what.append(f"{location.image.name}@{digest}")
                if location.plain_http:
                    env["TRIVY_INSECURE"] = "true"
            if self._offline:
                what = ["--offline-scan", "--skip-java-db-update", *what]
            # Modules are plugins that may rewrite findings; an empty folder has none.
            modules = f"--module-dir={scratch / 'modules'}"
            limit = f"--timeout={self._left():g}s"
            command = [binary, "image", *_WHOLE, modules, limit, *what]
            output = self._run(command, scratch, env, f"Trivy can't scan {location.image}")
        vulnerabilities, packages = parse_report(output, subject)
        return Scan(
            digest=digest,
            vulnerabilities=vulnerabilities,
            packages=packages,
            scanner=f"trivy {installed.version}",
            database_updated=installed.database_updated,
        )

    def _prepared(self) -> tuple[str, Installed]:
        """The binary and its databases, found (and brought up to date) once for all threads."""
        with self._lock:
            if self._installed is None:
                try:
                    self._installed = self._prepare()
                except TidegateError as error:
                    self._installed = error
            if isinstance(self._installed, TidegateError):
                raise self._installed
            return self._installed

    def _prepare(self) -> tuple[str, Installed]:
        binary = process.find(("trivy",), hint=_HINT, path=self._path)
        with tempfile.TemporaryDirectory(prefix="tidegate-scan-") as folder:
            scratch = Path(folder)
            env = for_trivy(self._env, scratch)
            if not self._offline:
                update = [binary, "image", "--download-db-only", "--quiet", "--skip-version-check"]
                # Two that fetch at once would write over each other's database.
                with self._cache.claim("database", self._left()):
                    self._run(update, scratch, env, "Trivy can't update its database")
            installed = self._look(binary, scratch, env)
        if installed is None:
            raise OutsideError(
                "Trivy has no vulnerability database, so nothing can be scanned",
                hint="run `trivy image --download-db-only`, or bring its cache folder from a"
                " machine that can, and name it in TRIVY_CACHE_DIR",
            )
        return binary, installed

    def _left(self) -> float:
        """The seconds that one run may take. Never none, for which Trivy would wait for ever."""
        return max(min(self._timeout, self._remaining()), 0.1)

    def _look(self, binary: str, scratch: Path, env: Mapping[str, str]) -> Installed | None:
        asked = [binary, "version", "--format=json"]
        return parse_version(
            self._run(asked, scratch, env, "Trivy does not work", _VERSION_TIMEOUT)
        )

    def _run(
        self,
        command: Sequence[str],
        scratch: Path,
        env: Mapping[str, str],
        failure: str,
        timeout: float | None = None,
    ) -> bytes:
        limit = min(self._left(), timeout or self._timeout)
        try:
            return process.run(command, cwd=scratch, env=env, timeout=limit).stdout
        except ToolFailed as error:
            raise ToolFailed(
                f"{failure}: {error.message}", output=error.output, hint=error.hint
            ) from error
        except Unreachable as error:
            raise Unreachable(f"{failure}: {error.message}", hint=error.hint) from error
