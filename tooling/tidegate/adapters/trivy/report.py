"""What Trivy printed → what it means. Anything unexpected is an error, never a clean scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tidegate.domain.scan import Severity, Vulnerability
from tidegate.errors import OutsideError

_TITLE_LIMIT = 200
_SCHEMA = 2


@dataclass(frozen=True, slots=True)
class Installed:
    """A Trivy with its databases. `java_database` tells apart what its scans rest on beside the
    vulnerabilities; None where it has no such database."""

    version: str
    database_updated: datetime
    java_database: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What must have been scanned: an image's own id (its configuration's digest) or a digest
    in a registry; one of them is set."""

    image_id: str | None = None
    repository_digest: str | None = None


def parse_version(output: bytes) -> Installed | None:
    """What `trivy version` says; None where there is no vulnerability database."""
    document = _object(output)
    version, database = document.get("Version"), document.get("VulnerabilityDB")
    if not isinstance(version, str) or not version:
        raise _nonsense("has no version")
    if database is None:
        return None
    java = document.get("JavaDB")
    return Installed(
        version,
        _time(database.get("UpdatedAt") if isinstance(database, dict) else None),
        str(java.get("UpdatedAt")) if isinstance(java, dict) else None,
    )


def parse_report(output: bytes, subject: Subject) -> tuple[tuple[Vulnerability, ...], int]:
    """The findings, worst first, each once, and the number of packages that were looked at."""
    document = _object(output)
    if document.get("SchemaVersion") != _SCHEMA:
        raise _nonsense(f"is not of schema version {_SCHEMA}")
    if document.get("ArtifactType") != "container_image":
        raise _nonsense("is not about a container image")
    _require_subject(document.get("Metadata"), subject)
    found: dict[Vulnerability, None] = {}
    packages = 0
    for result in _objects(document, "Results"):
        if result.get("ExperimentalModifiedFindings"):
            raise OutsideError(
                "Trivy was told to ignore findings",
                hint="remove what tells it so, such as a VEX file that comes with the image",
            )
        packages += sum(1 for _ in _objects(result, "Packages"))
        found.update((_vulnerability(entry), None) for entry in _objects(result, "Vulnerabilities"))
    return tuple(sorted(found, key=lambda v: (-v.severity, v.id, v.package, v.installed))), packages


def _require_subject(metadata: Any, subject: Subject) -> None:
    if not isinstance(metadata, dict):
        raise _nonsense("does not say what was scanned")
    if subject.image_id is not None and metadata.get("ImageID") != subject.image_id:
        raise _nonsense("is about another image")
    if subject.repository_digest is not None:
        digests = metadata.get("RepoDigests")
        scanned = digests if isinstance(digests, list) else []
        if not any(str(each).endswith("@" + subject.repository_digest) for each in scanned):
            raise _nonsense("is about another image")


def _vulnerability(entry: dict[str, Any]) -> Vulnerability:
    severity = entry.get("Severity")
    if not isinstance(severity, str) or severity not in Severity.__members__:
        raise _nonsense(f"has an unknown severity, {str(severity)[:40]!r}")
    identifier = _text(entry, "VulnerabilityID")
    if not identifier:
        raise _nonsense("has a vulnerability without an id")
    return Vulnerability(
        id=identifier,
        package=_text(entry, "PkgName"),
        installed=_text(entry, "InstalledVersion"),
        fixed=_text(entry, "FixedVersion") or None,
        severity=Severity[severity],
        title=_text(entry, "Title")[:_TITLE_LIMIT],
    )


def _text(entry: dict[str, Any], key: str) -> str:
    """A text that Trivy leaves out where it is empty."""
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise _nonsense(f"has a {key} that is no text")
    return value


def _objects(owner: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    """The objects of a list that Trivy leaves out, or writes as null, where it is empty."""
    value = owner.get(key)
    if value is None:
        return
    if not isinstance(value, list):
        raise _nonsense(f"has a {key} that is no list")
    for entry in value:
        if not isinstance(entry, dict):
            raise _nonsense(f"has something else than objects in {key}")
        yield entry


def _time(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _nonsense("does not say when its database was made") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _object(output: bytes) -> dict[str, Any]:
    try:
        document = json.loads(output)
    except (ValueError, RecursionError):
        raise _nonsense("is not JSON") from None
    if not isinstance(document, dict):
        raise _nonsense("is not a JSON object")
    return document


def _nonsense(what: str) -> OutsideError:
    return OutsideError(
        f"what Trivy printed {what}", hint="is `trivy` on PATH the real one, 0.61 or newer?"
    )
