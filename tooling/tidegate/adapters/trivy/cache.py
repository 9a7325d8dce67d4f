"""Scans that were made before, as files that may be lost, broken or shared at any time."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from tidegate.domain.scan import Scan, Severity, Vulnerability

_FORMAT = 1
_SIZE_LIMIT = 64 * 2**20
_POLL_SECONDS = 0.05


class ScanCache:
    """One file a digest and ground (scanner and databases). A folder that somebody else could
    write to is not used at all; nothing here ever raises for what is on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, digest: str, ground: str) -> Scan | None:
        """The scan of that digest on that ground; None where there is none that makes sense."""
        if not self._is_ours():
            return None
        try:
            with self._path(digest, ground).open("rb") as file:
                document = json.loads(file.read(_SIZE_LIMIT))
            scan = _scan(document["scan"])
            same = (document["format"], document["ground"]) == (_FORMAT, ground)
            return scan if same and scan.digest == digest else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def write(self, scan: Scan, ground: str) -> None:
        """Keeps a scan, in place of those of the same digest on other grounds."""
        path = self._path(scan.digest, ground)
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._is_ours():
                return
            body = json.dumps({"format": _FORMAT, "ground": ground, "scan": _document(scan)})
            descriptor, new = tempfile.mkstemp(prefix=".new-", dir=self._folder)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(body)
                Path(new).replace(path)
            except BaseException:
                Path(new).unlink(missing_ok=True)
                raise
            for old in self._folder.glob(f"{_name(scan.digest)}-*.json"):
                if old != path:
                    old.unlink(missing_ok=True)

    @contextlib.contextmanager
    def claim(self, digest: str, seconds: float) -> Iterator[None]:
        """Lets one thread of one process at a time in for a digest. Who has waited `seconds` gets
        in anyway: scanning twice does no harm, waiting for ever does."""
        descriptor = None
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._folder / f"{_name(digest)}.lock"
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(lock, flags, 0o600)
        try:
            if descriptor is not None:
                _wait_for(descriptor, seconds)
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _path(self, digest: str, ground: str) -> Path:
        key = hashlib.sha256(ground.encode()).hexdigest()[:16]
        return self._folder / f"{_name(digest)}-{key}.json"

    def _is_ours(self) -> bool:
        try:
            status = self._folder.stat()
        except OSError:
            return False
        return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _wait_for(descriptor: int, seconds: float) -> None:
    # Polled, as a lock that blocks could neither be given up nor interrupted in a thread.
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_POLL_SECONDS)
        except OSError:
            return  # this file system has no locks
        else:
            return


def _name(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _document(scan: Scan) -> dict[str, Any]:
    document = asdict(scan)
    document["database_updated"] = scan.database_updated.isoformat()
    return document


def _scan(document: dict[str, Any]) -> Scan:
    vulnerabilities = tuple(
        Vulnerability(**{**entry, "severity": Severity(entry["severity"])})
        for entry in document["vulnerabilities"]
    )
    scan = Scan(
        digest=document["digest"],
        vulnerabilities=vulnerabilities,
        packages=document["packages"],
        scanner=document["scanner"],
        database_updated=datetime.fromisoformat(document["database_updated"]),
    )
    texts = [scan.scanner]
    for each in vulnerabilities:
        texts += [each.id, each.package, each.installed, each.fixed or "", each.title]
    if not all(isinstance(text, str) for text in texts) or type(scan.packages) is not int:
        raise TypeError("not a scan")
    if scan.database_updated.tzinfo is None:
        raise TypeError("a time without a zone")
    return scan
