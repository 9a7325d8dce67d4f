from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tidegate.adapters.cache import FileCache
from tidegate.adapters.git.command import GitCommand
from tidegate.adapters.git.stats import Stats
from tidegate.adapters.git.worktree import SIZE_LIMIT, Clone, Folder, take
from tidegate.domain.snapshot import EXECUTABLE, FILE, SUBMODULE, SYMLINK, TREE
from tidegate.errors import InputError, OutsideError


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    answer = subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return answer.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a.yaml").write_text("a: 1\n")
    (tmp_path / "gone.yaml").write_text("gone\n")
    (tmp_path / ".gitignore").write_text("ignored\n")
    (tmp_path / "run").write_text("#!/bin/sh\n")
    (tmp_path / "run").chmod(0o755)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def tree(clone: Path) -> Clone:
    return Clone(clone, GitCommand(clone, lambda: 60.0))


def test_a_clone_shows_what_is_on_disk_and_could_be_committed(clone: Path) -> None:
    (clone / "kept" / "a.yaml").write_text("a: 2\n")
    (clone / "new é.yaml").write_text("new\n")
    (clone / "ignored").write_text("secret\n")
    (clone / "gone.yaml").unlink()
    (clone / "link").symlink_to("/etc/passwd")
    os.mkfifo(clone / "pipe")
    git(clone, "init", "-q", "other")
    (clone / "other" / "a.yaml").write_text("a: 3\n")
    snapshot = tree(clone).snapshot()
    assert {path: entry.mode for path, entry in snapshot.entries.items()} == {
        ".gitignore": FILE,
        "kept": TREE,
        "kept/a.yaml": FILE,
        "link": SYMLINK,
        "new é.yaml": FILE,
        "other": SUBMODULE,
        "run": EXECUTABLE,
    }
    assert snapshot.read("kept/a.yaml") == b"a: 2\n"
    assert snapshot.read_many(["link"]) == {"link": b"/etc/passwd"}


@pytest.mark.parametrize("ignored", [False, True])
def test_what_a_link_in_a_folders_place_leads_to_is_not_read(
    clone: Path, tmp_path_factory: pytest.TempPathFactory, ignored: bool
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.yaml").write_text("secret\n")
    (clone / "kept" / "a.yaml").unlink()
    (clone / "kept").rmdir()
    (clone / "kept").symlink_to(elsewhere)
    if ignored:
        (clone / ".gitignore").write_text("/kept\n")
    entries = tree(clone).snapshot().entries
    assert "kept/a.yaml" not in entries
    assert ("kept" not in entries) if ignored else entries["kept"].mode == SYMLINK


def test_ids_are_those_of_git(clone: Path) -> None:
    listing = git(clone, "ls-tree", "-r", "HEAD")
    ids = {line.split("\t")[1]: line.split()[2] for line in listing.splitlines()}
    snapshot = tree(clone).snapshot()
    assert {path: snapshot.id(path) for path in ids} == ids


def test_a_commit_is_seen_as_it_was(clone: Path) -> None:
    (clone / "kept" / "a.yaml").write_text("a: 2\n")
    snapshot = tree(clone).at("main")
    assert snapshot.read("kept/a.yaml") == b"a: 1\n"
    assert snapshot.revision == git(clone, "rev-parse", "HEAD")


def test_what_changed_counts_new_deleted_and_committed_paths(clone: Path) -> None:
    git(clone, "checkout", "-qb", "topic")
    (clone / "committed").write_text("x\n")
    git(clone, "add", "committed")
    git(clone, "commit", "-qm", "second")
    (clone / "kept" / "a.yaml").write_text("a: 2\n")
    (clone / "gone.yaml").unlink()
    (clone / "new").write_text("x\n")
    (clone / "ignored").write_text("x\n")
    changed = tree(clone).changed("main")
    assert changed.paths == {"committed", "kept/a.yaml", "gone.yaml", "new"}
    assert changed.moved == {"committed", "gone.yaml", "new"}
    assert tree(clone).changed("topic").paths == {"kept/a.yaml", "gone.yaml", "new"}


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_was_told_not_to_look_at_is_compared_all_the_same(clone: Path, flag: str) -> None:
    names = ("same", "other", "link", "gone", "new é")
    for name in names[:4]:
        (clone / name).write_text(f"{name}\n")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "second")
    (clone / "new é").write_text("x\n")
    git(clone, "add", "-A")
    git(clone, "update-index", flag, *names)
    (clone / "same").write_text("same\n")
    (clone / "other").write_text("changed\n")
    (clone / "link").unlink()
    (clone / "link").symlink_to("link\n")  # the same bytes
    (clone / "gone").unlink()
    changed = tree(clone).changed("HEAD")
    # What a sparse checkout left out hasn't gone.
    gone = {"gone"} if flag == "--assume-unchanged" else set()
    assert changed.paths == {"other", "link", "new é", *gone}
    assert changed.moved == {"new é", *gone}


def test_what_a_sparse_checkout_leaves_out_is_known(clone: Path) -> None:
    (clone / "here.yaml").write_text("x\n")
    git(clone, "add", "-A")
    git(clone, "update-index", "--skip-worktree", "kept/a.yaml", "here.yaml")
    (clone / "kept" / "a.yaml").unlink()
    (clone / "gone.yaml").unlink()
    snapshot = tree(clone).snapshot()
    assert snapshot.absent == {"kept/a.yaml"}
    assert "here.yaml" in snapshot


@pytest.mark.parametrize("tracked", [True, False])
def test_another_repository_within_is_a_submodule(clone: Path, *, tracked: bool) -> None:
    other = clone / "other"
    other.mkdir()
    git(other, "init", "-q")
    (other / "a.yaml").write_text("x\n")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "first")
    if tracked:
        git(clone, "add", "other")
    snapshot = tree(clone).snapshot()
    assert snapshot.entries["other"].mode == SUBMODULE
    assert not any(path.startswith("other/") for path in snapshot.entries)


@pytest.mark.parametrize(
    "revision", ["nope", "--output=x", "", "HEAD~9", "main:run", "a b", "^main"]
)
def test_a_revision_that_is_none_is_refused(clone: Path, revision: str) -> None:
    for ask in (tree(clone).at, tree(clone).changed):
        with pytest.raises(InputError):
            ask(revision)
    assert not (clone / "x").exists()


def test_a_folder_without_git(tmp_path: Path) -> None:
    (tmp_path / "a" / ".git").mkdir(parents=True)
    (tmp_path / "a" / ".git" / "config").write_text("x\n")
    (tmp_path / "a" / "b.yaml").write_text("b\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / os.fsdecode(b"odd\xff")).write_text("x\n")
    folder = Folder(tmp_path)
    snapshot = folder.snapshot()
    assert {*snapshot.entries} == {"a", "a/b.yaml", "loop", "odd\udcff"}
    for ask in (folder.at, folder.changed):
        with pytest.raises(InputError, match="no Git clone"):
            ask("HEAD")


def test_a_folder_too_deep_to_be_read_is_told(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):  # together longer than a path may be
        os.mkdir("a" * 250, dir_fd=here)
        inner = os.open("a" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    with pytest.raises(OutsideError, match="can't be read: File name too long"):
        Folder(tmp_path).snapshot()


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(SIZE_LIMIT * 10)
    snapshot = Folder(tmp_path).snapshot()
    assert snapshot.entries["huge.yaml"].size == SIZE_LIMIT * 10


LATER_NS = 60 * 10**9


def later() -> int:
    """A clock by which everything that is here was touched long ago."""
    return time.time_ns() + LATER_NS


def test_what_was_not_touched_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    first = Stats(clock=later)
    read = take(tmp_path, [b"a"], first)
    # An id that nothing has: it can only come from what was remembered.
    invented = "0" * 40
    data = first.dump().replace((read.id("a") or "").encode(), invented.encode())
    assert take(tmp_path, [b"a"], Stats.load(data)).id("a") == invented
    (tmp_path / "a").write_text("longer")
    assert take(tmp_path, [b"a"], Stats.load(data)).id("a") not in (invented, read.id("a"))


def test_a_change_that_leaves_size_and_time_alone_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("a")
    before = file.stat()
    stats = Stats(clock=later)
    old = take(tmp_path, [b"a"], stats)
    while file.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of files is a coarse one
        file.write_text("b")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    new = take(tmp_path, [b"a"], Stats.load(stats.dump()))
    assert new.id("a") != old.id("a")
    assert new.read("a") == b"b"


def test_what_was_touched_just_before_it_was_read_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    stats = Stats()
    take(tmp_path, [b"a"], stats)
    assert stats.dump() == b"{}"


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"{", b"[]", b"3", b'{"a": 1}', b'{"a": [1, 2]}', b"[" * 100_000, b"\xff\x00"],
)
def test_rubbish_about_files_is_as_good_as_nothing(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "a").write_text("a")
    fresh = take(tmp_path, [b"a"], Stats())
    assert take(tmp_path, [b"a"], Stats.load(rubbish)).entries == fresh.entries


def test_every_edit_is_seen_through_a_cache(clone: Path, tmp_path_factory: Any) -> None:
    """Many edits of the same size in the same moment, which a coarse clock can't tell apart."""
    cache = FileCache(tmp_path_factory.mktemp("cache") / "c")
    git = GitCommand(clone, lambda: 60.0)
    for number in range(20):
        (clone / "kept" / "a.yaml").write_text(f"a: {number % 10}\n")
        snapshot = Clone(clone, git, cache).snapshot()
        assert snapshot.read("kept/a.yaml") == f"a: {number % 10}\n".encode()
        assert snapshot.entries == Clone(clone, git).snapshot().entries


def test_a_file_that_was_read_for_its_id_is_what_it_was_then(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    snapshot = Folder(tmp_path).snapshot()
    (tmp_path / "a").write_text("b")
    assert snapshot.read("a") == b"a"


def test_a_file_that_changes_after_its_id_was_known_is_told(tmp_path: Path) -> None:
    """Or its new contents would be remembered as the old ones."""
    (tmp_path / "a").write_text("a")
    stats = Stats(clock=later)
    take(tmp_path, [b"a"], stats)
    snapshot = take(tmp_path, [b"a"], Stats.load(stats.dump(), clock=later))
    (tmp_path / "a").write_text("b")
    with pytest.raises(OutsideError, match="was changed while it was being read"):
        snapshot.read("a")
