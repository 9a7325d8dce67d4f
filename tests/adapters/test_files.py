from __future__ import annotations

import os
from pathlib import Path

import pytest

from tidegate.adapters.files import DiskFiles
from tidegate.errors import InputError, OutsideError


def test_a_file_is_put_in_place_with_its_folders_and_over_another(tmp_path: Path) -> None:
    files = DiskFiles(tmp_path)
    files.write("a/b/c.yaml", b"one")
    files.write("a/b/c.yaml", b"two")
    assert (tmp_path / "a/b/c.yaml").read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c.yaml"]


@pytest.mark.parametrize("link", ["a", "a/b", "a/b/c.yaml"])
def test_nothing_is_written_through_a_link(tmp_path: Path, link: str) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    (other / "b").mkdir(parents=True)
    (other / "c.yaml").write_text("theirs", "utf-8")
    place = root / link
    place.parent.mkdir(parents=True)
    place.symlink_to(other / "c.yaml" if link.endswith("yaml") else other)
    with pytest.raises(InputError, match="symbolic link"):
        DiskFiles(root).write("a/b/c.yaml", b"ours")
    assert (other / "c.yaml").read_text("utf-8") == "theirs"
    assert sorted(path.name for path in other.iterdir()) == ["b", "c.yaml"]


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match="no file"):
        DiskFiles(tmp_path).write("a", b"x")
    (tmp_path / "b").write_bytes(b"")
    with pytest.raises(InputError, match="no folder"):
        DiskFiles(tmp_path).write("b/c", b"x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutsideError, match="can't be written"):
        DiskFiles(tmp_path).write("a", b"x")


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    files = DiskFiles(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 11)
    (tmp_path / "loop").symlink_to("loop")
    for name, said in (
        ("pipe", "is no file"),
        ("", "can't be read|is no file"),
        ("gone", "No such file"),
        ("loop", "can't be read"),
        ("large", "is larger than"),
        ("a\0b", "can't be read"),
    ):
        with pytest.raises(InputError, match=said):
            files.read(str(tmp_path / name), 10)
    assert files.read(str(tmp_path / "large"), 11) == b"x" * 11
