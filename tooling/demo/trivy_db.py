"""A small vulnerability database for Trivy, made on the spot for a machine without a network.

Trivy keeps its database in a bbolt file, a tree of buckets of sorted keys. Ours is a single leaf
page (with as many overflow pages as it takes) whose buckets are all stored in line.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_PAGE = 4096
_LEAF, _META, _FREELIST = 2, 4, 16
_BUCKET = 1
_PAGE_HEADER = struct.Struct("<QHHI")  # id, flags, count of elements, overflow pages
_ELEMENT = struct.Struct("<IIII")  # flags, distance to the key, key size, value size
_BUCKET_HEADER = struct.Struct("<QQ")  # root page (0: in line), sequence
_META_BODY = struct.Struct("<IIIIQQQQQ")
_MAGIC, _VERSION = 0xED0CDAED, 2

_SOURCE = "pip::GitHub Security Advisory Pip"
_SEVERITIES = ("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL")

_Tree = Mapping[str, "bytes | _Tree"]


@dataclass(frozen=True, slots=True)
class Advisory:
    """A vulnerability of a Python package. `vulnerable` and `patched` are version ranges and
    versions as Trivy writes them (`<10.2.0`, `10.2.0`); without `patched`, Trivy takes the end of
    a range such as `<2.0` for it, so what nothing mends yet is `>=0`."""

    id: str
    package: str
    severity: str
    vulnerable: tuple[str, ...]
    patched: tuple[str, ...] = ()
    title: str = ""


def write_database(cache_directory: Path, advisories: Iterable[Advisory], built: datetime) -> None:
    """Writes a database that was `built` then into a Trivy cache folder; it counts as due for an
    update a day later. Raises ValueError for a severity that Trivy doesn't know."""
    directory = cache_directory / "db"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "trivy.db").write_bytes(_file(_contents(list(advisories))))
    updated = built.astimezone(UTC)
    metadata = {
        "Version": 2,
        "UpdatedAt": updated.isoformat(),
        "NextUpdate": (updated + timedelta(days=1)).isoformat(),
        "DownloadedAt": updated.isoformat(),
    }
    (directory / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")


def _contents(advisories: list[Advisory]) -> _Tree:
    packages: dict[str, dict[str, bytes]] = {}
    vulnerabilities: dict[str, bytes] = {}
    for advisory in advisories:
        ranges = {
            "VulnerableVersions": list(advisory.vulnerable),
            "PatchedVersions": list(advisory.patched),
        }
        packages.setdefault(advisory.package, {})[advisory.id] = _json(ranges)
        level = _SEVERITIES.index(advisory.severity)
        details = {
            "Title": advisory.title,
            "Severity": advisory.severity,
            "VendorSeverity": {"ghsa": level},
        }
        vulnerabilities[advisory.id] = _json(details)
    source = {
        "ID": "ghsa",
        "Name": "GitHub Security Advisory Pip",
        "URL": "https://github.com/advisories?query=type%3Areviewed+ecosystem%3Apip",
    }
    return {
        "data-source": {_SOURCE: _json(source)},
        _SOURCE: packages,
        "vulnerability": vulnerabilities,
    }


def _file(tree: _Tree) -> bytes:
    root = _leaf(3, tree)
    pages = -(-len(root) // _PAGE)
    root = _leaf(3, tree, overflow=pages - 1).ljust(pages * _PAGE, b"\0")
    freelist = _PAGE_HEADER.pack(2, _FREELIST, 0, 0).ljust(_PAGE, b"\0")
    count = 3 + pages
    return _meta(0, count) + _meta(1, count) + freelist + root


def _meta(number: int, count: int) -> bytes:
    # Both metas are valid; bbolt takes the one with the higher transaction id, here the second.
    body = _META_BODY.pack(_MAGIC, _VERSION, _PAGE, 0, 3, 0, 2, count, number)
    page = _PAGE_HEADER.pack(number, _META, 0, 0) + body + struct.pack("<Q", _fnv1a(body))
    return page.ljust(_PAGE, b"\0")


def _leaf(number: int, tree: _Tree, overflow: int = 0) -> bytes:
    """A leaf page: its header, its elements, then each element's key and value."""
    items = []
    for key in sorted(tree, key=str.encode):
        value = tree[key]
        if isinstance(value, bytes):
            items.append((0, key.encode(), value))
        else:
            items.append((_BUCKET, key.encode(), _BUCKET_HEADER.pack(0, 0) + _leaf(0, value)))
    elements, data = b"", b""
    for place, (flags, name, body) in enumerate(items):
        distance = (len(items) - place) * _ELEMENT.size + len(data)
        elements += _ELEMENT.pack(flags, distance, len(name), len(body))
        data += name + body
    return _PAGE_HEADER.pack(number, _LEAF, len(items), overflow) + elements + data


def _fnv1a(body: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in body:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True).encode()
