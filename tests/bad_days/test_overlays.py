"""Overlays and releases as careless and as hostile people leave them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.bad_days.endings import end, reason, say
from tests.support.gitops import World, sample_files, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401

FOLDER = "environments/dev/shop"
OVERLAY = f"{FOLDER}/kustomization.yaml"
RELEASE = f"{FOLDER}/release.yaml"
TEXT = sample_files(["shop"])[OVERLAY]
PROMOTE = ("promote", "shop", "--to", "dev")
LINK, SUBMODULE = "120000", "160000"

BAD_TEXTS: dict[str, str | bytes] = {
    "empty": "",
    "only a comment": "# nothing here\n",
    "a list": "- one\n- two\n",
    "a word": "hello\n",
    "null": "null\n",
    "two documents": TEXT + "---\n" + TEXT,
    "not YAML": "images: [\n",
    "tabs": "images:\n\t- name: x\n",
    "NUL bytes": b"\0" * 100,
    "latin-1": TEXT.encode() + b"# caf\xe9\n",
    "UTF-16": TEXT.encode("utf-16"),
    "no images": "resources: []\n",
    "images of a wrong kind": "images: 5\n",
    "another image": TEXT.replace("shop/shop", "shop/other"),
    "two entries for one image": TEXT.replace(
        "images:\n", "images:\n  - name: registry.example.com/shop/shop\n    newTag: x\n"
    ),
    "a key twice": TEXT.replace('    newTag: "0"', '    newTag: "1"\n    newTag: "0"'),
    "an alias": TEXT.replace('newTag: "0"', "newTag: *tag") + "x: &tag 5\n",
    "a bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{n}: &{n} [{','.join(['*' + p] * 9)}]\n"
        for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "too deep": "x: " + "[" * 5_000 + "]" * 5_000 + "\n",
    "a Python object": "x: !!python/object/apply:os.system ['touch pwned']\n",
    "remote resources": TEXT.replace("../../../apps/shop/base", "https://127.0.0.1:1/evil"),
    "resources outside": TEXT.replace("../../../apps/shop/base", "../../../../../../etc"),
    "an absolute resource": TEXT.replace("../../../apps/shop/base", "/etc/passwd"),
    "itself as a resource": TEXT.replace("../../../apps/shop/base", "."),
    "a missing resource": TEXT.replace("../../../apps/shop/base", "nope.yaml"),
    "a plugin that runs": TEXT + "generators:\n  - run.yaml\n",
    "helm": TEXT + "helmCharts:\n  - {name: x, repo: 'https://127.0.0.1:1', version: '1'}\n",
}


def commit_entry(world: World, path: str, mode: str, content: str) -> None:  # noqa: F811
    """Puts a link or a submodule at a path of the remote's branch, instead of what is there."""
    other = world.folder / "other"
    if not other.exists():
        world.git("clone", "-q", str(world.remote), str(other))
    world.git("pull", "-q", cwd=other)
    world.git("rm", "-q", "-r", "--ignore-unmatch", path, cwd=other)
    identity = content
    if mode == LINK:
        source = world.folder / "content"
        source.write_text(content)
        identity = world.git("hash-object", "-w", str(source), cwd=other)
    world.git("update-index", "--add", "--cacheinfo", f"{mode},{identity},{path}", cwd=other)
    world.git("commit", "-q", "-m", f"{mode} {path}", cwd=other)
    world.git("push", "-q", "origin", "HEAD:main", cwd=other)
    world.git("reset", "-q", "--hard", cwd=other)


def refused(world: World, *codes: int) -> str:  # noqa: F811
    """It isn't promoted, with these exit codes, and every way of looking at it ends well."""
    words = blocked(world, *codes)
    assert "root:" not in say(world, "history", "shop"), "the contents of /etc/passwd"
    return words


def blocked(world: World, *codes: int) -> str:  # noqa: F811
    """The same, but for the history, which shows all that was there before as well."""
    head = world.head()
    answer = end(world, *PROMOTE)
    assert answer.code in codes, answer.out
    assert world.head() == head
    assert len(reason(answer)) < 20_000
    said = say(world, *PROMOTE)
    assert end(world, "status").code == 0
    assert "root:" not in said, "the contents of /etc/passwd"
    assert not list(world.folder.rglob("pwned"))
    return reason(answer)


def test_texts_that_are_no_overlay(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    for name, text in BAD_TEXTS.items():
        world.push({OVERLAY: text}, name)
        words = blocked(world, 1, 2)
        assert "kustomiz" in words or "overlay" in words or "resource" in words, (name, words)
    world.push({OVERLAY: TEXT})
    assert "root:" not in say(world, "history", "shop")
    assert end(world, *PROMOTE).code == 0


def test_an_overlay_that_is_not_there(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    world.push({OVERLAY: None})
    assert "has no overlay in dev" in refused(world, 2)
    world.push({f"{OVERLAY}/nested.yaml": "x: 1\n"}, "a folder in its place")
    assert "regular file" in refused(world, 2)


def test_an_overlay_of_5_megabytes(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    world.push({OVERLAY: TEXT + "# padding\n" * 500_000})
    answer = end(world, *PROMOTE)
    assert answer.code in (0, 1, 2), answer.err
    assert (answer.code == 0) == (len(world.commits()) == 3)


@pytest.mark.parametrize(
    "target", ["/etc", "../../../../../../../../etc", "../../staging/shop", ".", "nowhere"]
)
def test_the_overlay_folder_as_a_link(world: World, target: str) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    commit_entry(world, FOLDER, LINK, target)
    refused(world, 2)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../staging/shop/kustomization.yaml", "x"])
def test_files_as_links(world: World, target: str) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    commit_entry(world, OVERLAY, LINK, target)
    assert "regular file" in refused(world, 2)
    world.push({OVERLAY: None})
    world.push({OVERLAY: TEXT})
    commit_entry(world, RELEASE, LINK, target)
    assert "regular file" in refused(world, 2)
    world.push({RELEASE: None})
    commit_entry(world, "apps/shop/base/deployment.yaml", LINK, target)
    refused(world, 1, 2)
    commit_entry(world, "apps/shop/base", LINK, target)
    refused(world, 1, 2)


def test_settings_as_links(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    for path in ("apps/shop/app.yaml", "environments/dev/environment.yaml", "tidegate.yaml"):
        before = world.show(path) + "\n"
        commit_entry(world, path, LINK, "/etc/passwd")
        answer = end(world, *PROMOTE)
        assert answer.code == 2, (path, answer.out)
        assert "root:" not in answer.out
        world.push({path: None})
        world.push({path: before})
    assert end(world, *PROMOTE).code == 0


def test_submodules_in_their_places(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    commit = world.head()
    for path in (FOLDER, "apps/shop/base", "apps/shop", "environments/dev/hold.yaml"):
        commit_entry(world, path, SUBMODULE, commit)
        refused(world, 1, 2) if path != "apps/shop" else end(world, *PROMOTE)
        world.git("reset", "-q", "--hard", commit, cwd=world.folder / "other")
        world.git("push", "-qf", "origin", f"{commit}:main", cwd=world.folder / "other")
    assert end(world, *PROMOTE).code == 0


def test_releases_that_can_not_be_believed(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert end(world, *PROMOTE).code == 0
    good = world.show(RELEASE) + "\n"
    world.push({"environments/staging/shop/release.yaml": good})
    answer = end(world, "promote", "shop", "--to", "staging")
    assert answer.code == 2
    assert "is the release of shop in dev" in reason(answer)
    world.push({"environments/staging/shop/release.yaml": None})
    texts = {
        "empty": "",
        "cut off": good[: len(good) // 2],
        "a list": "[]\n",
        "a conflict's marks": f"<<<<<<< HEAD\n{good}=======\n{good}>>>>>>> other\n",
        "another app's": good.replace('"shop"', '"search"', 1),
        "an unknown key": good + "more: 1\n",
        "a version that is none": good.replace('version: "1"', 'version: "one"'),
        "a short digest": good.replace("sha256:", "sha256:0", 1),
    }
    for name, text in texts.items():
        world.push({RELEASE: text}, name)
        assert "release.yaml" in refused(world, 2), name
        assert end(world, "promote", "shop", "--to", "staging").code == 2, name
    world.push({RELEASE: good.replace("\n", "\r\n").encode()}, "CRLF")
    assert end(world, *PROMOTE).outcomes() == {"shop": "already"}
    world.register("shop", metrics={"auc": 0.95}, alias="candidate")
    world.push({RELEASE: None}, "removed by hand")
    answer = end(world, *PROMOTE)
    assert answer.code in (0, 1), answer.out


def test_line_ends_of_windows_stay(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    text = b"\xef\xbb\xbf" + TEXT.rstrip("\n").replace("\n", "\r\n").encode()
    world.push({OVERLAY: text, ".gitattributes": "* -text\n"})
    assert end(world, *PROMOTE).code == 0
    landed = world.folder / "landed"
    world.git("clone", "-q", str(world.remote), str(landed))
    data = (landed / OVERLAY).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf#")
    assert data.count(b"\n") == data.count(b"\r\n") == text.count(b"\n") + 1
    assert not data.endswith(b"\n")


def test_names_of_files_that_are_no_names(world: World) -> None:  # noqa: F811
    """What else lies in the repository is nobody's business."""
    world.register("shop", alias="candidate")
    other = world.folder / "other"
    world.git("clone", "-q", str(world.remote), str(other))
    for name in (b"\xff\xfe.yaml", b"new\nline.yaml", b"\x1b[31m.yaml", b"-rf", b"$(x)"):
        Path(os.fsdecode(os.fsencode(other / FOLDER) + b"/" + name)).write_text("x: 1\n")
    world.git("add", "-A", cwd=other)
    world.git("commit", "-q", "-m", "odd names", cwd=other)
    world.git("push", "-q", "origin", "HEAD:main", cwd=other)
    assert end(world, *PROMOTE).code == 0
    say(world, "history", "shop")


@pytest.mark.parametrize("kind", ["link", "file"])
def test_an_overlays_folder_that_is_none_is_not_passed_over(world: World, kind: str) -> None:  # noqa: F811
    for app in ("shop", "search"):
        world.register(app, alias="candidate")
    folder = "environments/dev/shop"
    world.push({folder: None})
    other = world.folder / "other"
    if kind == "link":
        (other / folder).symlink_to("search")
    else:
        (other / folder).write_text("x")
    world.push({}, "no folder")
    answer = end(world, "promote", "--all", "--to", "dev")
    assert answer.code == 2, answer.out
    assert answer.outcomes() == {"search": "held_back", "shop": "error"}
    assert f"{folder}: is a file, a symbolic link or a submodule" in reason(answer)
    standings = end(world, "status", "shop", "--env", "dev").json["apps"]
    assert [standing["problem"] is None for standing in standings] == [False]
