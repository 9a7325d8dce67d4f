"""The Git repository, with real bare remotes and clones."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tidegate.adapters.git.command import GitCommand, find_root
from tidegate.adapters.git.repository import GitRepository
from tidegate.domain.commit import Moved
from tidegate.domain.snapshot import EXECUTABLE, FILE, READ_LIMIT, SUBMODULE, SYMLINK, TREE
from tidegate.errors import InputError, OutsideError, ToolFailed, Unreachable


def plenty() -> float:
    return 60.0


@dataclass(frozen=True)
class Place:
    """A bare remote, and a clone of it in which the repository works."""

    folder: Path
    clone: Path
    remote: Path

    def git(self, *arguments: str, cwd: Path | None = None, **environ: str) -> str:
        answer = subprocess.run(
            ["git", *arguments], cwd=cwd or self.clone, env=os.environ | environ,
            capture_output=True, check=False,
        )  # fmt: skip
        assert answer.returncode == 0, answer.stderr.decode()
        return answer.stdout.decode("utf-8", "surrogateescape").strip()

    def repository(self, clone: Path | None = None, branch: str = "main") -> GitRepository:
        return GitRepository(
            GitCommand(clone or self.clone, plenty),
            "origin",
            branch,
            locks=self.clone.parent / "locks",
        )

    def push(self, message: str = "more", **files: str) -> str:
        """Commits files in a clone of somebody else's."""
        other = self.folder / "other"
        if not other.exists():
            self.git("clone", "-q", str(self.remote), str(other), cwd=self.folder)
        self.git("pull", "-q", cwd=other)
        for name, text in files.items():
            (other / name).write_text(text)
        self.git("add", "-A", cwd=other)
        self.git("commit", "-q", "--allow-empty", "-m", message, cwd=other)
        self.git("push", "-q", "origin", "HEAD:main", cwd=other)
        return self.git("rev-parse", "HEAD", cwd=other)

    def hook(self, name: str, script: str, folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n name = Ann\n email = a@b.c\n[init]\n defaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    found = Place(tmp_path, tmp_path / "clone", tmp_path / "remote.git")
    found.git("init", "-q", "--bare", "-b", "main", str(found.remote), cwd=tmp_path)
    found.git("clone", "-q", str(found.remote), str(found.clone), cwd=tmp_path)
    (found.clone / "a").write_text("one\n")
    found.git("add", "-A")
    found.git("commit", "-q", "-m", "first")
    found.git("push", "-q", "origin", "HEAD:main")
    return found


def users_own(place: Place) -> tuple[object, ...]:
    """Everything of the user's that a fetch or a commit must leave alone."""
    git = place.clone / ".git"
    refs = place.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return (
        [ref for ref in refs if not ref.startswith("refs/tidegate/")],
        (git / "HEAD").read_text(),
        (git / "index").read_bytes(),
        (git / "FETCH_HEAD").exists(),
        place.git("status", "--porcelain"),
        place.git("stash", "list"),
        sorted(path.name for path in place.clone.iterdir()),
    )


def test_nothing_of_the_users_changes(place: Place) -> None:
    place.git("config", "fetch.prune", "true")
    place.git("config", "fetch.pruneTags", "true")
    place.git("config", "push.followTags", "true")
    place.git("tag", "-a", "-m", "mine", "mine")
    place.git("branch", "mine")
    (place.clone / "a").write_text("dirty\n")
    (place.clone / "staged").write_text("staged\n")
    place.git("add", "staged")
    place.push(b="two\n")
    before = users_own(place)
    repository = place.repository()
    snapshot = repository.fetch()
    assert snapshot.read("b") == b"two\n"
    assert snapshot.read("a") == b"one\n"
    commit = repository.commit(snapshot.revision, {"a": b"new\n"}, "mine\n")
    assert users_own(place) == before
    assert repository.push(commit) is None
    place.git("update-ref", "refs/remotes/origin/main", "refs/heads/main")  # as any push moves it
    assert users_own(place) == before
    assert place.git("for-each-ref", "refs/tags", cwd=place.remote) == ""


def test_refs_of_ours_do_not_pile_up(place: Place) -> None:
    for _ in range(3):
        head = place.repository().fetch().revision
    refs = place.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/tidegate")
    assert refs == f"refs/tidegate/remotes/origin/main {head}"
    with pytest.raises(InputError):
        place.repository(branch="nope").fetch()
    assert place.git("for-each-ref", "--format=%(refname)", "refs/tidegate").count("\n") == 0


def test_refs_that_a_killed_command_left_are_swept_by_a_later_one(place: Place) -> None:
    now = 1_800_000_000
    head = place.git("rev-parse", "HEAD")
    folder = "refs/tidegate/fetch"
    dead = [f"{folder}/{now - 7_200 - n}-{n:032x}" for n in range(3)]
    alive = [f"{folder}/{now + 600}-{0:032x}", f"{folder}/{now - 60}-{1:032x}"]
    others = [f"{folder}/theirs", f"{folder}/{now - 9_999}", "refs/tidegate/other"]
    for ref in (*dead, *alive, *others):
        place.git("update-ref", ref, head)
    place.git("pack-refs", "--all")
    git = GitCommand(place.clone, plenty)
    repository = GitRepository(git, "origin", "main", locks=place.folder, now=lambda: now)
    repository.fetch()
    left = place.git("for-each-ref", "--format=%(refname)", "refs/tidegate").splitlines()
    assert left == sorted([*alive, *others, "refs/tidegate/remotes/origin/main"])


def test_many_fetches_at_once_in_one_clone(place: Place) -> None:
    head = place.push(b="two\n")
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: place.repository().fetch().revision, range(6)))
    assert found == [head] * 6


def test_paths_of_every_kind(place: Place) -> None:
    names = ["new\nline", "emoji 🚢", 'quo"te', "tab\t", "-dash", "a b", "ä", "back\\slash", "$(x)"]
    names.append(os.fsdecode(b"latin \xe9"))
    for name in names:
        (place.clone / "dir" / name).parent.mkdir(exist_ok=True)
        (place.clone / "dir" / name).write_text(name, "utf-8", "surrogateescape")
    (place.clone / "link").symlink_to("../../etc/passwd")
    (place.clone / "run").write_text("#!/bin/sh\n")
    (place.clone / "run").chmod(0o755)
    (place.clone / "empty").write_bytes(b"")
    place.git("add", "-A")
    head = place.git("rev-parse", "HEAD")
    place.git("update-index", "--add", "--cacheinfo", f"160000,{head},module")
    place.git("commit", "-q", "-m", "odd")
    place.git("push", "-q", "origin", "HEAD:main")
    snapshot = place.repository().fetch()
    assert set(snapshot.children("dir")) == set(names)
    for name in names:
        assert snapshot.read(f"dir/{name}") == os.fsencode(name)
    modes = {name: snapshot.entries[name].mode for name in ("a", "dir", "link", "run", "module")}
    assert modes == {
        "a": FILE, "dir": TREE, "link": SYMLINK, "run": EXECUTABLE, "module": SUBMODULE,
    }  # fmt: skip
    assert snapshot.read_many(["link"]) == {"link": b"../../etc/passwd"}
    assert (snapshot.is_file("link"), snapshot.is_file("run")) == (False, True)
    assert snapshot.entries["empty"].size == 0
    assert snapshot.read("empty") == b""


def test_a_commit_changes_these_files_and_nothing_else(place: Place) -> None:
    place.hook("pre-commit", "touch ../../was-run; exit 1", place.clone / ".git" / "hooks")
    (place.clone / "run").write_text("x")
    (place.clone / "run").chmod(0o755)
    place.git("add", "-A")
    place.git("commit", "-q", "--no-verify", "-m", "executable")
    place.git("push", "-q", "origin", "HEAD:main")
    (place.clone / ".gitattributes").write_text("* text eol=crlf\n")
    repository = place.repository()
    parent = repository.fetch().revision
    edits = {"run": b"y\r\n", "deep/er/new": b"z\n", "a": b"\xff\x00\r\n"}
    commit = repository.commit(parent, edits, "subject\n\nA: b\n")
    assert repository.push(commit) is None
    listing = place.git("ls-tree", "-r", "--format=%(objectmode) %(path)", "main", cwd=place.remote)
    assert listing.splitlines() == ["100644 a", "100644 deep/er/new", "100755 run"]
    after = place.repository().fetch()
    assert {path: after.read(path) for path in edits} == edits
    assert place.git("log", "-1", "--format=%an %P", "main", cwd=place.remote) == f"Ann {parent}"
    assert place.git("log", "-1", "--format=%B", "main", cwd=place.remote) == "subject\n\nA: b"
    # On a parent that another process fetched, files keep their modes too.
    again = place.repository().commit(parent, {"run": b"again"}, "x\n")
    assert place.git("ls-tree", again, "run").startswith("100755")


def test_a_commit_takes_paths_away(place: Place) -> None:
    repository = place.repository()
    base = place.push(**{"a.txt": "a", "b.txt": "b"})
    repository.fetch()
    commit = repository.commit(base, {"a.txt": None, "never.txt": None, "c/d.txt": b"d"}, "gone\n")
    assert repository.push(commit) is None
    changed = place.git("diff", "--name-status", base, commit, cwd=place.remote)
    assert changed.split("\n") == ["D\ta.txt", "A\tc/d.txt"]


def test_it_knows_whose_name_its_commits_carry(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place.git("config", "user.name", "Ann Example")
    assert place.repository().identity() == "Ann Example"
    place.git("config", "--unset-all", "user.name")
    place.git("config", "user.useConfigOnly", "true")
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with pytest.raises(InputError, match="who you are"):
        place.repository().identity()


def test_a_lost_race_is_no_error(place: Place) -> None:
    repository = place.repository()
    base = repository.fetch().revision
    place.push()
    head = place.push()
    commit = repository.commit(base, {"a": b"x"}, "mine\n")
    assert isinstance(repository.push(commit), Moved)
    assert repository.fetch().revision == head
    assert repository.distance(base, head) == 2
    assert repository.contains(head, base)
    assert not repository.contains(head, commit)


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        ("echo 'policy: no'; exit 1", "policy: no"),
        ("echo 'non-fast-forward is what we call it'; exit 1", "what we call it"),
        ("echo 'error 4033'; exit 1", "hook or a branch rule"),
        ("exit 1", "hook or a branch rule"),
    ],
)
def test_a_hook_that_says_no_is_reported_with_its_words(
    place: Place, hook: str, words: str
) -> None:
    place.hook("pre-receive", hook, place.remote / "hooks")
    repository = place.repository()
    commit = repository.commit(repository.fetch().revision, {"a": b"x"}, "mine\n")
    with pytest.raises(ToolFailed) as caught:
        repository.push(commit)
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_a_pre_push_hook_is_asked(place: Place) -> None:
    place.hook("pre-push", "echo 'not today' >&2; exit 1", place.clone / ".git" / "hooks")
    repository = place.repository()
    commit = repository.commit(repository.fetch().revision, {"a": b"x"}, "mine\n")
    with pytest.raises(OutsideError, match="not today"):
        repository.push(commit)


def test_remotes_that_are_not_there(place: Place) -> None:
    with pytest.raises(InputError, match="no Git remote named 'nope'"):
        GitRepository(GitCommand(place.clone, plenty), "nope", "main", locks=place.clone).fetch()
    with pytest.raises(InputError, match="has no branch 'nope'"):
        place.repository(branch="nope").fetch()
    place.remote.rename(place.folder / "gone")
    with pytest.raises(OutsideError):
        place.repository().fetch()


def test_no_time_left(place: Place) -> None:
    with pytest.raises(Unreachable, match="no time"):
        GitCommand(place.clone, lambda: 0.0).run("status")
    assert GitCommand(place.clone, plenty).run("cat-file", "--batch", stdin=b"").stdout == b""


def test_a_clone_that_is_gone(place: Place) -> None:
    git = GitCommand(place.clone, plenty)
    place.clone.rename(place.folder / "elsewhere")
    with pytest.raises(ToolFailed, match="can't be started in "):
        git.run("rev-parse", "HEAD")


def test_the_root_is_found(place: Place) -> None:
    (place.clone / "deep").mkdir()
    assert find_root(place.clone / "deep", plenty) == place.clone.resolve()
    for folder in (place.folder, place.folder / "nope"):
        with pytest.raises(InputError):
            find_root(folder, plenty)


def test_several_branches_are_brought_at_once_and_found_by_their_ids_alone(place: Place) -> None:
    heads = [place.push("one"), place.push("two")]
    for name, head in zip(("tidegate/a", "tidegate/b"), heads, strict=True):
        place.git("update-ref", f"refs/heads/{name}", head, cwd=place.remote)
    repository, before = place.repository(), users_own(place)
    assert [repository.has(head) for head in heads] == [False, False]
    repository.bring(["tidegate/a", "tidegate/b"])
    assert [repository.has(head) for head in heads] == [True, True]
    assert users_own(place) == before
    for name in ("main", "HEAD", "", heads[0][:12], "--help", f"{heads[0]}~1"):
        assert not repository.has(name)


def test_what_cannot_be_brought_is_no_error(place: Place) -> None:
    repository = place.repository()
    repository.bring([])
    repository.bring(["tidegate/gone"])
    place.remote.rename(place.folder / "elsewhere")
    repository.bring(["main"])


def test_a_missing_object_is_an_error(place: Place) -> None:
    with pytest.raises(OutsideError, match="missing"):
        place.repository().read(["0" * 40])


def history(
    place: Place, *paths: str, clone: Path | None = None
) -> list[tuple[str, dict[str, bool]]]:
    repository = place.repository(clone)
    commits = repository.history(repository.fetch().revision, paths)
    return [
        (c.subject, {path: blob is not None for path, blob in c.blobs.items()}) for c in commits
    ]


def test_history_follows_the_first_parent(place: Place) -> None:
    place.git("checkout", "-q", "-b", "side")
    for number in range(2):
        (place.clone / "a").write_text(f"side {number}\n")
        place.git("commit", "-q", "-am", f"side {number}")
    place.git("checkout", "-q", "main")
    place.git("merge", "-q", "--no-ff", "-m", "merged", "side")
    place.git("mv", "a", "moved")
    place.git("commit", "-q", "-m", "renamed")
    place.git("push", "-q", "origin", "HEAD:main")
    place.git("config", "log.showSignature", "true")
    place.git("config", "log.follow", "true")
    place.git("config", "diff.renames", "copies")
    place.git("config", "color.ui", "always")
    assert history(place, "a") == [
        ("renamed", {"a": False}), ("merged", {"a": True}), ("first", {"a": True}),
    ]  # fmt: skip
    assert history(place, "mov*") == [("renamed", {"moved": True})]
    assert history(place, "no*such") == []


def test_a_star_stays_within_a_folder_and_other_signs_are_themselves(place: Place) -> None:
    for name in ("x/y/f", "x/f", "x/[f]", "x/f?"):
        (place.clone / name).parent.mkdir(parents=True, exist_ok=True)
        (place.clone / name).write_text(name)
    place.git("add", "-A")
    place.git("commit", "-q", "-m", "many")
    place.git("push", "-q", "origin", "HEAD:main")
    assert history(place, "*/f") == [("many", {"x/f": True})]
    assert history(place, "x/[f]") == [("many", {"x/[f]": True})]


def test_a_shallow_clone_is_deepened_or_refused(place: Place) -> None:
    for number in range(3):
        place.push(f"push {number}", a=f"{number}\n")
    shallow = place.folder / "shallow"
    url = place.remote.as_uri()
    place.git("clone", "-q", "--depth", "1", url, str(shallow), cwd=place.folder)
    assert len(place.repository(shallow).fetch().entries) == 1
    assert [subject for subject, _ in history(place, "a", clone=shallow)] == [
        "push 2", "push 1", "push 0", "first",
    ]  # fmt: skip
    again = place.folder / "again"
    place.git("clone", "-q", "--depth", "1", url, str(again), cwd=place.folder)
    repository = place.repository(again)
    head = repository.fetch().revision
    place.remote.rename(place.folder / "gone")
    with pytest.raises(OutsideError, match="shallow"):
        repository.history(head, ["a"])


def test_commits_of_every_kind_are_read(place: Place) -> None:
    key = place.folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    place.git("config", "gpg.format", "ssh")
    place.git("config", "user.signingKey", str(key))
    identity = {
        "GIT_AUTHOR_NAME": "Zoë Müller", "GIT_COMMITTER_DATE": "1700000000 -0930",
    }  # fmt: skip
    for arguments in (["-S", "-m", "signed"], ["-m", "plain ü"]):
        place.git("commit", "-q", "--allow-empty", *arguments, **identity)
    (place.clone / "a").write_text("latin")
    (place.folder / "message").write_bytes("für alle\n\nA: b\n".encode("latin-1"))
    place.git(
        "-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-S", "-q", "-a",
        "-F", str(place.folder / "message"),
        GIT_AUTHOR_NAME=os.fsdecode("Jürgen".encode("latin-1")),
        GIT_COMMITTER_DATE="1700000000 +0545",
    )  # fmt: skip
    place.git("push", "-q", "origin", "HEAD:main")
    repository = place.repository()
    (latin, _) = repository.history(repository.fetch().revision, ["a"])
    assert (latin.subject, latin.author) == ("für alle", "Jürgen")
    assert latin.trailer("A") == "b"
    assert latin.committed == datetime.fromtimestamp(1700000000, UTC)
    assert str(latin.committed.utcoffset()) == "5:45:00"


def test_promoters_of_one_branch_take_turns_from_whichever_clone(place: Place) -> None:
    tree = place.folder / "tree"
    place.git("worktree", "add", "-q", "-b", "side", str(tree))
    said: list[str] = []
    with place.repository(tree).alone(said.append) as waited:
        assert (waited, said) == (False, [])
    (lock,) = (place.clone.parent / "locks").iterdir()
    assert stat.S_ISREG(lock.stat().st_mode)
    assert stat.S_IMODE(lock.parent.stat().st_mode) == 0o700
    with lock.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        def progress(text: str) -> None:
            said.append(text)
            held.close()

        with place.repository().alone(progress) as waited:
            assert (waited, len(said)) == (True, 1)


def test_the_first_commit_of_all_is_in_the_history(place: Place) -> None:
    place.git("config", "log.showRoot", "false")
    assert history(place, "a") == [("first", {"a": True})]


def test_blobs_of_the_past_that_are_too_large_are_not_read(place: Place) -> None:
    repository = place.repository()
    ids = []
    for name, size in (("small", 9), ("large", READ_LIMIT + 1)):
        (place.clone / name).write_bytes(b"x" * size)
        ids.append(place.git("hash-object", "-w", name))
    assert repository.read(ids) == {ids[0]: b"x" * 9, ids[1]: b""}
