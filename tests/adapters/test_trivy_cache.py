"""Kept scans: what is broken, foreign or not ours counts for nothing."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tidegate.adapters.trivy.cache import ScanCache
from tidegate.domain.scan import Scan, Severity, Vulnerability

DIGEST = "sha256:" + "a" * 64
GROUND = "trivy 1, database 2"
SCAN = Scan(
    digest=DIGEST,
    vulnerabilities=(
        Vulnerability("CVE-1", "p", "1", None, Severity.HIGH, "t"),
        Vulnerability("CVE-2", "q", "1", "2", Severity.LOW),
    ),
    packages=3,
    scanner="trivy 1",
    database_updated=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "scans"


@pytest.fixture
def cache(folder: Path) -> ScanCache:
    return ScanCache(folder)


def _file(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


def test_what_was_written_is_read(cache: ScanCache) -> None:
    assert cache.read(DIGEST, GROUND) is None
    cache.write(SCAN, GROUND)
    assert cache.read(DIGEST, GROUND) == SCAN
    assert cache.read(DIGEST, "another ground") is None
    assert cache.read("sha256:" + "b" * 64, GROUND) is None


@pytest.mark.parametrize(
    "rubbish", [b"", b"{", b"[]", b"3", b"{}", b"\xff", b'{"scan": 3}', b"[" * 100_000]
)
def test_rubbish_is_ignored_and_written_over(
    cache: ScanCache, folder: Path, rubbish: bytes
) -> None:
    cache.write(SCAN, GROUND)
    _file(folder).write_bytes(rubbish)
    assert cache.read(DIGEST, GROUND) is None
    cache.write(SCAN, GROUND)
    assert cache.read(DIGEST, GROUND) == SCAN


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("digest", "sha256:" + "b" * 64),
        ("vulnerabilities", None),
        ("vulnerabilities", [{}]),
        ("vulnerabilities", [{"id": "x", "severity": 9}]),
        ("packages", "3"),
        ("packages", True),
        ("scanner", 3),
        ("database_updated", "yesterday"),
        ("database_updated", "2026-01-01T00:00:00"),
    ],
)
def test_a_scan_that_makes_no_sense_is_ignored(
    cache: ScanCache, folder: Path, key: str, value: object
) -> None:
    cache.write(SCAN, GROUND)
    document = json.loads(_file(folder).read_bytes())
    document["scan"][key] = value
    _file(folder).write_text(json.dumps(document), encoding="utf-8")
    assert cache.read(DIGEST, GROUND) is None


def test_a_scan_of_another_ground_under_the_right_name_is_ignored(
    cache: ScanCache, folder: Path
) -> None:
    cache.write(SCAN, GROUND)
    name = _file(folder).name
    cache.write(SCAN, "another")
    _file(folder).rename(folder / name)
    assert cache.read(DIGEST, GROUND) is None


def test_a_folder_that_others_may_write_to_is_not_used(cache: ScanCache, folder: Path) -> None:
    cache.write(SCAN, GROUND)
    folder.chmod(0o777)
    assert cache.read(DIGEST, GROUND) is None
    cache.write(SCAN, "another")
    folder.chmod(0o700)
    assert cache.read(DIGEST, GROUND) == SCAN


def test_one_at_a_time_gets_in_for_a_digest(cache: ScanCache, folder: Path) -> None:
    entered, leave, second = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with cache.claim(DIGEST, 30):
            entered.set()
            leave.wait(30)

    def other() -> None:
        with ScanCache(folder).claim(DIGEST, 30):
            second.set()

    threads = [threading.Thread(target=first), threading.Thread(target=other)]
    threads[0].start()
    assert entered.wait(30)
    threads[1].start()
    assert not second.wait(0.2)
    with cache.claim("sha256:" + "b" * 64, 0):
        pass
    with cache.claim(DIGEST, 0.0):
        pass  # who has waited long enough gets in anyway
    leave.set()
    assert second.wait(30)
    for thread in threads:
        thread.join()


def test_a_place_that_can_not_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cache = ScanCache(tmp_path / "file" / "scans")
    with cache.claim(DIGEST, 1):
        cache.write(SCAN, GROUND)
    assert cache.read(DIGEST, GROUND) is None
