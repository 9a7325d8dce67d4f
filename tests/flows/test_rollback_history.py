"""Which release a rollback goes back to, in histories of every kind."""

from __future__ import annotations

from pathlib import Path

from tests.bad_days.endings import end, reason
from tests.support.releases import Past, digest, past  # noqa: F401
from tests.support.rollbacks import BACK, BLOCKS, FOLDER, OVERLAY, RECORD, app, back, edit_by_hand


def test_no_release_before(past: Past) -> None:  # noqa: F811
    answer = back(past)
    assert (answer.code, "no release before" in reason(answer)) == (2, True)
    past.ship("shop", "1")
    head = past.head()
    answer = back(past)
    assert (answer.code, "no release before" in reason(answer), past.head()) == (2, True, head)
    answer = back(past, "--to", "2")
    assert (answer.code, "released there: 1" in reason(answer)) == (2, True)


def test_squash_merges_and_commits_by_hand_count_by_what_they_left(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1", message="Merge pull request #1")
    past.git("checkout", "-q", "-b", "side", cwd=past.folder / "other")
    past.write(dict(past.files("shop", "2")), cwd=past.folder / "other")
    past.git("commit", "-qam", "on a side branch", cwd=past.folder / "other")
    past.git("checkout", "-q", "main", cwd=past.folder / "other")
    past.ship("shop", "3", message="squashed (#2)")
    past.git("merge", "-q", "-s", "ours", "side", "-m", "merge", cwd=past.folder / "other")
    past.git("push", "-q", "origin", "HEAD:main", cwd=past.folder / "other")
    past.ship("shop", "4", message="by hand")
    assert back(past).code == 0  # version 2 never was on the first-parent line
    assert past.runs("shop")[0] == "3"
    assert back(past, why="again").code == 0
    assert past.runs("shop")[0] == "1"


def test_an_overlay_that_was_edited_by_hand_goes_back_to_its_record(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    edit_by_hand(past, "7")
    answer = back(past)
    assert answer.code == 0, answer.out
    assert past.runs("shop") == ("2", digest("2"), "2")
    assert "edited by hand" in str(app(answer)["notes"])
    assert [b["version"] for b in past.read(BLOCKS)["blocks"]] == ["7"]
    assert back(past, why="2 as well").code == 0
    assert past.runs("shop")[0] == "1"


def test_an_overlay_that_was_renamed(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    new = f"{FOLDER}/kustomization.yml"
    past.push({OVERLAY: None, new: past.show(OVERLAY) + "\n"}, "renamed")
    past.ship("shop", "2")
    answer = back(past)
    assert answer.code == 0, answer.out
    assert (past.runs("shop")[0], past.has(OVERLAY)) == ("1", False)
    assert new in past.changed()


def test_a_damaged_record_is_passed_over_and_named(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    commit = past.push({RECORD: past.show(RECORD).replace("run-2", "run-x") + "z: 1\n"}, "oops")
    files = past.files("shop", "3")
    past.push(files, "promote(prod): shop → 3")
    answer = back(past, "--dry-run")
    assert app(answer)["to"]["version"] == "2"  # type: ignore[index]
    assert commit[:10] in str(app(answer)["notes"])
    # At the head itself: then what is there is written anew.
    past.push({RECORD: "[\n"}, "oops again")
    answer = back(past)
    assert answer.code == 0, answer.out
    assert "can't be read" in str(app(answer)["notes"])
    assert past.runs("shop")[0] == "2"
    assert [b["version"] for b in past.read(BLOCKS)["blocks"]] == ["3"]


def test_a_record_that_its_overlay_never_agreed_with_was_never_released(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.push({RECORD: past.files("shop", "5")[RECORD]}, "only the record")
    past.ship("shop", "2")
    answer = back(past, "--dry-run")
    assert app(answer)["to"]["version"] == "1"  # type: ignore[index]
    assert "disagreed" in str(app(answer)["notes"])
    answer = back(past, "--to", "5")
    assert (answer.code, "disagreed" in reason(answer)) == (2, True)


def test_another_repository_is_not_written_by_a_rollback(past: Past) -> None:  # noqa: F811
    past.ship("shop", "1")
    past.ship("shop", "2")
    moved = past.show(OVERLAY).replace(
        "- name: registry.example.com/shop/shop\n",
        "- name: registry.example.com/shop/shop\n    newName: mirror.example.com/shop\n",
    )
    past.push({OVERLAY: moved + "\n"})
    head = past.head()
    answer = back(past, "--to", "1")
    assert (answer.code, past.head()) == (2, head)
    assert "mirror.example.com/shop" in reason(answer)


def test_a_shallow_clone_is_deepened(past: Past) -> None:  # noqa: F811
    for version in ("1", "2"):
        past.ship("shop", version)
    url = f"file://{past.remote}"
    shallow = past.folder / "shallow"
    past.git("clone", "-q", "--depth", "1", url, str(shallow), cwd=past.folder)
    answer = end(past, *BACK, root=shallow)
    assert answer.code == 0, answer.out
    assert past.runs("shop")[0] == "1"


def cut_clone(past: Past, depth: int) -> Path:  # noqa: F811
    """A shallow clone of a remote that has only so many commits."""
    cut, url = past.folder / "cut.git", f"file://{past.remote}"
    past.git("clone", "-q", "--bare", "--depth", str(depth), url, str(cut), cwd=past.folder)
    shallow = past.folder / "shallow"
    past.git("clone", "-q", "--depth", "1", f"file://{cut}", str(shallow), cwd=past.folder)
    return shallow


def test_history_that_the_remote_itself_lacks_is_named(past: Past) -> None:  # noqa: F811
    for version in ("1", "2"):
        past.ship("shop", version)
    answer = end(past, *BACK, root=cut_clone(past, 1))
    assert answer.code == 3
    assert "shallow" in reason(answer)
    assert "--depth" in reason(answer)


def test_what_the_remote_still_has_is_enough_to_go_back(past: Past) -> None:  # noqa: F811
    """The oldest commit that it has shows what ran then, though not since when."""
    for version in ("1", "2", "3"):
        past.ship("shop", version)
    shallow = cut_clone(past, 2)
    answer = end(past, *BACK, root=shallow)
    assert answer.code == 0, answer.out
    record = past.git(
        "show", "main:environments/prod/shop/release.yaml", cwd=past.folder / "cut.git"
    )
    assert 'version: "2"' in record or "version: '2'" in record
    answer = end(past, *BACK, "--to", "1", root=shallow)
    assert answer.code == 3
    assert "shallow" in reason(answer)


def merge(past: Past, base: str, side: str) -> None:  # noqa: F811
    """The branch as if `side` had come to it by a merge into `base`."""
    other = past.folder / "other"
    past.git("update-ref", "refs/heads/main", base, cwd=past.remote)
    past.git("fetch", "-q", cwd=other)
    past.git("reset", "-q", "--hard", base, cwd=other)
    past.git("merge", "-q", "--no-ff", side, "-m", "Merge pull request #7", cwd=other)
    past.git("push", "-q", "origin", "HEAD:main", cwd=other)


def test_a_rollback_that_came_by_a_merge_is_known_again(past: Past) -> None:  # noqa: F811
    for version in ("1", "2", "3"):
        past.ship("shop", version)
    base = past.head()
    assert back(past).code == 0
    past.git("fetch", "-q", cwd=past.folder / "other")
    merge(past, base, past.head())
    head = past.head()
    again = back(past)
    assert (again.code, again.json["outcome"], past.head()) == (0, "already", head)
    assert back(past, why="2 as well").code == 0
    assert past.runs("shop")[0] == "1"


def test_a_merge_that_brought_more_than_the_rollback_is_another_state(past: Past) -> None:  # noqa: F811
    for version in ("1", "2"):
        past.ship("shop", version)
    base = past.head()
    assert back(past).code == 0
    past.ship("shop", "3")
    merge(past, base, past.head())
    assert back(past).json["outcome"] == "done"
    assert past.runs("shop")[0] == "1"
