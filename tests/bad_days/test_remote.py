"""The Git remote, and the clone, on a bad day."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml
from tests.bad_days.endings import end, reason, say
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401

PROMOTE = ("promote", "shop", "--to", "dev")
DONE = ["promote(dev): shop → 1", "first"]


def refuse(world: World, hook: Path, words: str) -> None:  # noqa: F811
    """A hook that says no."""
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nprintf '%b\\n' '{words}' >&2\nexit 1\n")
    hook.chmod(0o755)


def test_a_remote_that_is_gone(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    away = world.folder / "away.git"
    world.remote.rename(away)
    for command in (PROMOTE, ("status",), ("history", "shop"), ("evaluate", "shop", "--to", "dev")):
        answer = end(world, *command)
        assert answer.code == 3, answer.out
        assert "origin" in reason(answer)
    say(world, *PROMOTE)
    world.remote.mkdir()  # a folder, and no repository
    assert end(world, *PROMOTE).code == 3
    world.remote.rmdir()
    away.rename(world.remote)
    (world.remote / "refs/heads/main").write_text("f" * 40 + "\n")  # a head that isn't there
    answer = end(world, *PROMOTE)
    assert answer.code in (2, 3), answer.out


def test_names_and_addresses_that_lead_nowhere(world: World) -> None:  # noqa: F811
    answer = end(world, *PROMOTE, "--branch", "nope")
    assert (answer.code, "no branch 'nope'" in reason(answer)) == (2, True)
    answer = end(world, *PROMOTE, "--remote", "upstream")
    assert (answer.code, "no Git remote named 'upstream'" in reason(answer)) == (2, True)
    for url in (
        "http://ann:hunter2-secret@127.0.0.1:1/repo.git",
        "https://ann:hunter2-secret@localhost:1/repo.git",
        "git://127.0.0.1:1/repo.git",
        "nonsense://ann:hunter2-secret@host/repo",
        "ext::sh -c touch% pwned",
        "/nowhere/at/all.git",
    ):
        world.git("remote", "set-url", "origin", url)
        answer = end(world, *PROMOTE)
        assert answer.code == 3, (url, answer.out)
        assert "hunter2" not in answer.out + answer.err + say(world, *PROMOTE)
    assert not list(world.folder.rglob("pwned"))


def test_an_empty_remote(world: World) -> None:  # noqa: F811
    empty = world.folder / "empty.git"
    world.git("init", "-q", "--bare", "-b", "main", str(empty))
    world.git("remote", "add", "empty", str(empty))
    answer = end(world, *PROMOTE, "--remote", "empty")
    assert answer.code == 2, answer.out
    assert "no branch 'main'" in reason(answer)


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
def test_a_protected_branch_says_so_in_its_own_words(world: World, hook: str) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    words = "GH006: Protected branch update failed\\033[31m for refs/heads/main. please fetch first"
    refuse(world, world.remote / "hooks" / hook, words)
    answer = end(world, "-v", *PROMOTE)
    assert answer.code == 3, answer.out
    assert "GH006: Protected branch update failed" in reason(answer)
    assert "GH006: Protected branch update failed" in answer.err
    assert "others were faster" not in answer.err
    assert "graft" not in reason(answer), "Git warns of what we have set, and nobody else"
    # What the gates have said is told all the same.
    assert (answer.json["outcome"], answer.outcomes()) == ("error", {"shop": "passed"})
    assert answer.gates("shop") == {"render": "passed", "champion:auc": "skipped"}
    said = say(world, *PROMOTE, formats=("text", "markdown"))
    assert "shop  dev  → 1  passes every gate" in said
    assert "only the image and the version label change" in said
    assert "❌ origin refused the commit" in said.replace("\\", "")
    assert world.commits() == ["first"]
    (world.remote / "hooks" / hook).unlink()
    assert end(world, *PROMOTE).code == 0
    assert world.commits() == DONE


def test_a_client_hook_that_says_no(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    refuse(world, world.clone / ".git/hooks/pre-push", "not on a Friday")
    answer = end(world, *PROMOTE)
    assert answer.code == 3
    assert "not on a Friday" in reason(answer)
    assert "pre-push" in reason(answer)
    assert answer.gates("shop")["render"] == "passed"
    assert world.commits() == ["first"]


def test_client_commit_hooks_are_not_asked(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    for name in ("pre-commit", "commit-msg", "prepare-commit-msg", "post-commit"):
        refuse(world, world.clone / ".git/hooks" / name, "never")
    assert end(world, *PROMOTE).code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to what is read-only")
def test_a_remote_that_can_only_be_read(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    folders = [path for path in world.remote.rglob("*") if path.is_dir()]
    for folder in (world.remote, *folders):
        folder.chmod(0o555)
    try:
        answer = end(world, *PROMOTE)
    finally:
        for folder in (world.remote, *folders):
            folder.chmod(0o755)
    assert answer.code == 3
    assert "does not let you push" in reason(answer)


def test_a_remote_that_receives_nothing(world: World) -> None:  # noqa: F811
    """What a server does for a key that may only read."""
    world.register("shop", alias="candidate")
    script = world.folder / "receive-pack"
    script.write_text("#!/bin/sh\necho 'ERROR: Permission to it denied to ann.' >&2\nexit 1\n")
    script.chmod(0o755)
    world.git("config", "remote.origin.receivepack", str(script))
    answer = end(world, *PROMOTE)
    assert answer.code == 3
    assert "Permission to it denied to ann" in reason(answer)
    assert "does not let you push" in reason(answer)


def test_an_author_who_is_not_known(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    nobody = world.folder / "nobody"
    nobody.write_text("[user]\n\tuseConfigOnly = true\n")
    answer = end(world, *PROMOTE, GIT_CONFIG_GLOBAL=str(nobody))
    assert answer.code == 3, answer.out
    assert "user.name" in reason(answer)
    assert world.commits() == ["first"]


def test_a_signature_that_can_not_be_made(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    for name, value in (
        ("commit.gpgSign", "true"),
        ("gpg.format", "ssh"),
        ("user.signingKey", "/nowhere/key"),
    ):
        world.git("config", name, value)
    answer = end(world, *PROMOTE)
    assert answer.code == 3, answer.out
    assert "commit.gpgSign" in reason(answer)
    world.git("config", "user.signingKey", "")
    assert end(world, *PROMOTE).code == 3
    world.git("config", "gpg.format", "openpgp")
    world.git("config", "gpg.program", "/nowhere/gpg")
    assert end(world, *PROMOTE).code == 3
    assert world.commits() == ["first"]


def test_a_shallow_clone_promotes_and_tells_the_whole_history(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert end(world, *PROMOTE).code == 0
    world.push({"README.md": "hello"})
    shallow = world.folder / "shallow"
    world.git("clone", "-q", "--depth=1", f"file://{world.remote}", str(shallow))
    assert end(world, "promote", "shop", "--to", "staging", root=shallow).code == 0
    assert world.git("rev-parse", "--is-shallow-repository", cwd=shallow) == "true"
    expected = end(world, "history", "shop").json["changes"]
    since = [standing["since"] for standing in end(world, "status").json["apps"]]
    assert [s["since"] for s in end(world, "status", root=shallow).json["apps"]] == since
    assert end(world, "history", "shop", root=shallow).json["changes"] == expected
    assert len(expected) == 2


def test_a_shallow_clone_of_what_is_shallow_itself_gives_no_false_history(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert end(world, *PROMOTE).code == 0
    world.push({"README.md": "hello"})
    middle, last = world.folder / "middle.git", world.folder / "last"
    world.git("clone", "-q", "--bare", "--depth=1", f"file://{world.remote}", str(middle))
    world.git("clone", "-q", "--depth=1", f"file://{middle}", str(last))
    answer = end(world, "history", "shop", root=last)
    assert answer.code == 3, answer.out
    assert "shallow" in reason(answer)
    assert end(world, "status", root=last).code == 3


def test_wherever_one_stands(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    outside = tmp_path_factory.mktemp("outside")
    answer = end(world, *PROMOTE, root=outside)
    assert (answer.code, "not inside a Git work tree" in reason(answer)) == (2, True)
    assert end(world, *PROMOTE, root=outside / "nowhere").code == 2
    assert end(world, *PROMOTE, root=world.clone / "tidegate.yaml").code == 2
    assert end(world, *PROMOTE, root=world.remote).code == 2, "a bare repository has no work tree"
    assert end(world, *PROMOTE, root=world.clone / "apps/shop").code == 0
    world.git("checkout", "-q", "--detach")
    (world.clone / "tidegate.yaml").write_text("apiVersion: tidegate.dev/v1\nkind: Settings\n")
    shutil.rmtree(world.clone / "environments")
    world.git("rm", "-q", "--cached", "-r", "apps")
    before = world.git("status", "--porcelain=v2", "--branch")
    assert end(world, "promote", "shop", "--to", "staging").code == 0
    assert world.git("status", "--porcelain=v2", "--branch") == before
    assert world.commits()[0] == "promote(staging): shop → 1"


def test_odd_clones(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    # A linked work tree, an address that is rewritten, and settings that change what git prints.
    tree = world.folder / "linked tree 🌊"
    world.git("worktree", "add", "-q", "-b", "linked", str(tree))
    world.git("remote", "set-url", "origin", "short:remote.git")
    for name, value in (
        (f"url.{world.folder}/.insteadOf", "short:"),
        ("core.autocrlf", "true"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("log.showSignature", "true"),
        ("log.date", "relative"),
        ("format.pretty", "fuller"),
        ("diff.renames", "copies"),
        ("diff.orderFile", "/nowhere"),
        ("log.showRoot", "false"),
        ("push.followTags", "true"),
        ("push.default", "nothing"),
        ("fetch.prune", "true"),
        ("i18n.commitEncoding", "ISO-8859-1"),
        ("i18n.logOutputEncoding", "ISO-8859-1"),
        ("core.logAllRefUpdates", "always"),
        ("status.relativePaths", "false"),
        ("commit.template", "/nowhere"),
        ("core.commentChar", ";"),
        ("remote.origin.mirror", "true"),
        ("fetch.fsckObjects", "true"),
    ):
        world.git("config", name, value)
    world.git("tag", "local")
    assert end(world, *PROMOTE, "--reason", "größer ☂", root=tree).code == 0
    assert world.commits() == DONE
    assert world.git("tag", cwd=world.remote) == ""
    message = world.git("log", "-1", "--format=%B", "main", cwd=world.remote)
    assert "Reason: größer ☂" in message
    history = end(world, "history", "shop", root=tree).json["changes"]
    assert [change["reason"] for change in history] == ["größer ☂"]
    assert end(world, "status", root=tree).code == 0


def test_history_is_whole_whatever_paths_mean_to_the_users_shell(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert end(world, *PROMOTE).code == 0
    for name in ("LITERAL", "GLOB", "NOGLOB", "ICASE"):
        answer = end(world, "history", "shop", **{f"GIT_{name}_PATHSPECS": "1"})
        assert len(answer.json["changes"]) == 1, name


def test_what_a_clone_puts_in_place_of_a_gate_counts_for_nothing(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    path = "environments/dev/environment.yaml"
    strict = world.show(path) + "\n  - {gate: threshold, metric: auc, minimum: 0.99}\n"
    world.push({path: strict})
    world.git("pull", "-q")
    (world.folder / "loose").write_text(world.git("show", "HEAD^:" + path) + "\n")
    loose = world.git("hash-object", "-w", str(world.folder / "loose"))
    world.git("replace", world.git("rev-parse", f"HEAD:{path}"), loose)
    assert "threshold" not in world.git("show", f"HEAD:{path}")
    answer = end(world, *PROMOTE)
    assert (answer.code, answer.gates("shop")["threshold:auc"]) == (1, "failed")


def test_history_that_a_clone_has_grafted_away_is_told(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert end(world, *PROMOTE).code == 0
    world.push({"README.md": "x"})
    world.git("pull", "-q")
    told = end(world, "history", "shop").json["changes"]
    (world.clone / ".git/info/grafts").write_text(world.git("rev-parse", "HEAD") + "\n")
    assert end(world, "history", "shop").json["changes"] == told


def test_a_command_run_by_a_git_hook_sees_its_own_clone(world: World) -> None:  # noqa: F811
    """Git tells its hooks where they run in variables, which must not lead to another clone."""
    world.register("shop", alias="candidate")
    other = world.folder / "other"
    world.git("init", "-q", str(other))
    foreign = str(other / ".git")
    answer = end(
        world,
        *PROMOTE,
        GIT_DIR=foreign,
        GIT_WORK_TREE=str(other),
        GIT_INDEX_FILE=f"{foreign}/index",
    )
    assert answer.code == 0, answer.out
    assert world.commits() == DONE


def test_git_that_is_not_installed(world: World) -> None:  # noqa: F811
    answer = end(world, *PROMOTE, PATH="/nowhere")
    assert answer.code == 3
    assert "git is not on PATH" in reason(answer)
    assert "https://" in reason(answer)
    say(world, "doctor", formats=["text", "json"], PATH="/nowhere")


def test_files_that_git_converts_stay_as_they_are(world: World) -> None:  # noqa: F811
    """Line ends and filters of .gitattributes are for work trees; the commit has our bytes."""
    world.register("shop", alias="candidate")
    path = "environments/dev/shop/kustomization.yaml"
    text = world.show(path) + "\n"
    world.push({path: text.replace("\n", "\r\n").encode(), ".gitattributes": "* -text\n"})
    world.push({".gitattributes": "* text=auto eol=crlf\n*.yaml ident filter=none\n"})
    assert end(world, *PROMOTE).code == 0
    data = world.git("cat-file", "blob", f"main:{path}", cwd=world.remote)
    assert yaml.safe_load(data)["images"][0]["newTag"] == "t0"
    raw = world.tidegate("history", "shop", "--format", "json")
    assert raw.code == 0
