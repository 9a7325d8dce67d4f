"""`promote` from end to end, with real parts: what it writes, and when it writes nothing."""

from __future__ import annotations

import subprocess

import pytest
import yaml
from tests.support.gitops import World, make_world, sample_files, world  # noqa: F401
from tests.support.mlflow_server import (  # noqa: F401
    MlflowStore,
    client,
    mlflow_store,
)


def promote(world: World, *arguments: str) -> list[str]:  # noqa: F811
    answer = world.tidegate("promote", *arguments, "--format", "json")
    assert answer.code == 0, answer.out + answer.err
    return [app["outcome"] for app in answer.json["apps"]]


def test_a_version_goes_through_every_environment(world: World) -> None:  # noqa: F811
    version = world.register("shop", alias="candidate")
    for environment in ("dev", "staging", "prod"):
        answer = world.tidegate("promote", "shop", "--to", environment)
        assert answer.code == 0, answer.out + answer.err
        release = yaml.safe_load(world.show(f"environments/{environment}/shop/release.yaml"))
        assert (release["app"], release["model"]["version"]) == ("shop", version)
    assert world.commits() == [
        "promote(prod): shop → 1",
        "promote(staging): shop → 1",
        "promote(dev): shop → 1",
        "first",
    ]


def test_exactly_two_files_change_and_the_overlay_by_its_values_alone(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    promote(world, "shop", "--to", "dev")
    changed = world.git("diff", "--name-only", "main~1", "main", cwd=world.remote)
    assert changed.splitlines() == [
        "environments/dev/shop/kustomization.yaml",
        "environments/dev/shop/release.yaml",
    ]
    overlay = world.show("environments/dev/shop/kustomization.yaml")
    digest = yaml.safe_load(overlay)["images"][0]["digest"]
    before = sample_files(["shop"])["environments/dev/shop/kustomization.yaml"]
    expected = before.replace(
        'newTag: "0"  # the tag', f'newTag: "t0"  # the tag\n    digest: "{digest}"'
    ).replace('version: "0"', 'version: "1"')
    assert overlay == expected.strip()


def test_the_trailer_holds_what_the_release_holds(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    arguments = ("--reason", "better\n\nForged-By: me", "--requested-by", "Ann \x1b[31m Example")
    promote(world, "shop", "--to", "dev", *arguments)
    release = yaml.safe_load(world.show("environments/dev/shop/release.yaml"))
    body = world.git("log", "-1", "--format=%(trailers:unfold,only)", "main", cwd=world.remote)
    assert body.splitlines() == [
        f"Tidegate-Promotion: dev/shop shop@1 {release['image']['digest']} "
        f"{release['evidence']['digest']}",
        "Requested-by: Ann [31m Example",
        "Reason: better Forged-By: me",
    ]


def test_the_same_command_again_does_nothing_and_asks_no_gate(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    promote(world, "shop", "--to", "dev")
    head = world.head()
    answer = world.tidegate("promote", "shop", "--to", "dev", "--format", "json")
    assert answer.code == 0
    assert answer.outcomes() == {"shop": "already"}
    assert answer.gates("shop") == {}
    assert world.head() == head


def test_already_there_needs_no_registry_after_the_first_environment(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    promote(world, "shop", "--to", "dev")
    promote(world, "shop", "--to", "staging")
    world.store.file.unlink()
    assert promote(world, "shop", "--to", "staging") == ["already"]


def test_a_worse_version_is_refused_and_nothing_is_committed(world: World) -> None:  # noqa: F811
    world.register("shop", metrics={"auc": 0.9}, alias="candidate")
    promote(world, "shop", "--to", "dev")
    head = world.head()
    world.register("shop", metrics={"auc": 0.88}, alias="candidate")
    answer = world.tidegate("promote", "shop", "--to", "dev", "--format", "json")
    assert answer.code == 1
    assert answer.gates("shop") == {"render": "passed", "champion:auc": "failed"}
    assert world.head() == head


def test_a_vulnerable_image_is_refused_in_prod(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate", packages={"pillow": "9.5.0"})
    promote(world, "shop", "--to", "dev")
    promote(world, "shop", "--to", "staging")
    answer = world.tidegate("promote", "shop", "--to", "prod", "--format", "json")
    assert answer.code == 1
    assert answer.gates("shop")["scan"] == "failed"


def test_no_way_past_an_environment(world: World) -> None:  # noqa: F811
    version = world.register("shop", alias="candidate")
    for arguments in ((), ("--version", version), ("--alias", "candidate")):
        answer = world.tidegate("promote", "shop", "--to", "prod", *arguments, "--format", "json")
        assert answer.code == 1
        assert answer.gates("shop")["order"] == "failed"
    assert world.commits() == ["first"]


def test_later_environments_get_what_the_earlier_ones_ran(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    promote(world, "shop", "--to", "dev")
    ran = yaml.safe_load(world.show("environments/dev/shop/release.yaml"))["image"]
    # The same tag is pushed again with other contents.
    from demo.images import write_image

    write_image(world.folder / "images" / "shop" / "shop", ran["tag"], {"other": "1.0"}, {})
    answer = world.tidegate("promote", "shop", "--to", "staging", "--format", "json")
    assert answer.code == 0
    assert "has moved" in answer.json["apps"][0]["warnings"][0]
    assert yaml.safe_load(world.show("environments/staging/shop/release.yaml"))["image"] == ran


def test_a_digest_that_is_gone_is_an_error(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    promote(world, "shop", "--to", "dev")
    layout = world.folder / "images" / "shop" / "shop"
    digest = yaml.safe_load(world.show("environments/dev/shop/release.yaml"))["image"]["digest"]
    (layout / "blobs" / "sha256" / digest.removeprefix("sha256:")).unlink()
    answer = world.tidegate("promote", "shop", "--to", "staging")
    assert answer.code == 3
    assert "is gone" in answer.out


def test_several_apps_are_one_commit(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    world.register("search", alias="candidate")
    assert promote(world, "--all", "--to", "dev") == ["promoted", "promoted"]
    assert world.commits() == ["promote(dev): 2 apps", "first"]
    assert promote(world, "--selector", "tier=online", "--to", "dev") == ["already", "already"]


def test_either_all_pass_or_nothing_is_committed(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    world.register("search", metrics={}, alias="candidate")
    answer = world.tidegate("promote", "shop", "search", "--to", "dev", "--format", "json")
    assert answer.code == 1
    assert answer.outcomes() == {"shop": "held_back", "search": "blocked"}
    assert world.commits() == ["first"]


def test_keep_going_commits_those_that_pass(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    arguments = ("promote", "search", "shop", "--to", "dev", "--keep-going", "--format", "json")
    answer = world.tidegate(*arguments)
    assert answer.code == 1
    assert answer.outcomes() == {"search": "error", "shop": "promoted"}
    assert world.commits() == ["promote(dev): shop → 1", "first"]


def test_an_unpromoted_app_does_not_stop_the_chosen_ones(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    promote(world, "shop", "--to", "dev")
    answer = world.tidegate("promote", "--all", "--to", "staging", "--format", "json")
    assert answer.code == 0
    assert answer.outcomes() == {"search": "nothing", "shop": "promoted"}


def test_a_dry_run_prints_the_plan_and_writes_nothing(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    head, status = world.head(), world.git("status", "--porcelain")
    refs = world.git("for-each-ref", "refs/heads", "refs/remotes")
    answer = world.tidegate("promote", "shop", "--to", "dev", "--dry-run", "--format", "json")
    assert (answer.code, answer.json["outcome"]) == (0, "planned")
    assert world.head() == head
    assert world.git("status", "--porcelain") == status
    assert world.git("for-each-ref", "refs/heads", "refs/remotes") == refs
    plan = answer.json["plan"]
    assert plan["message"].startswith("promote(dev): shop → 1\n\nTidegate-Promotion: ")
    # The printed diff is the very change: applied by git, it makes the promotion's tree.
    patch = world.folder / "plan.patch"
    patch.write_text(plan["diff"])
    world.git("apply", "--index", str(patch))
    planned = world.git("write-tree")
    promote(world, "shop", "--to", "dev")
    assert world.git("rev-parse", "main^{tree}", cwd=world.remote) == planned


def test_the_work_tree_is_never_touched_and_never_believed(world: World) -> None:  # noqa: F811
    world.register("shop", metrics={"auc": 0.9}, alias="candidate")
    promote(world, "shop", "--to", "dev")
    world.register("shop", metrics={"auc": 0.1}, alias="candidate")
    world.git("pull", "-q")
    environment = world.clone / "environments/dev/environment.yaml"
    environment.write_text(environment.read_text().replace("absolute: 0.01", "absolute: 1"))
    overlay = world.clone / "environments/dev/shop/kustomization.yaml"
    overlay.write_text("half written")
    before = world.git("diff")
    answer = world.tidegate("promote", "shop", "--to", "dev", "--format", "json")
    assert answer.gates("shop")["champion:auc"] == "failed"
    assert world.git("diff") == before


def test_evaluate_gives_the_verdict_alone(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    answer = world.tidegate("evaluate", "shop", "--to", "dev", "--format", "json")
    assert (answer.code, answer.outcomes()) == (0, {"shop": "passed"})
    assert answer.json["plan"] is None
    assert world.commits() == ["first"]


@pytest.mark.parametrize("name", ["candidate", "champion-2"])
def test_an_alias_names_the_version(world: World, name: str) -> None:  # noqa: F811
    first = world.register("shop", alias=name)
    world.register("shop")
    answer = world.tidegate("promote", "shop", "--to", "dev", "--alias", name, "--format", "json")
    assert answer.json["apps"][0]["to"]["version"] == first


def test_a_hand_edited_overlay_blocks_until_it_is_mended(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    promote(world, "shop", "--to", "dev")
    path = "environments/dev/shop/kustomization.yaml"
    good = world.show(path) + "\n"
    world.push({path: good.replace('"t0"', '"t9"')}, "hotfix by hand")
    world.register("shop", metrics={"auc": 0.95}, alias="candidate")
    answer = world.tidegate("promote", "shop", "--to", "dev", "--format", "json")
    assert (answer.code, answer.gates("shop")["record"]) == (1, "errored")
    status = world.tidegate("status", "shop", "--env", "dev")
    assert "edited by hand: tag: the overlay says t9, the release t0" in status.out
    world.push({path: good}, "undo")
    assert promote(world, "shop", "--to", "dev") == ["promoted"]


def test_a_hold_blocks_and_says_who_and_why(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    hold = "apiVersion: tidegate.dev/v1\nkind: Hold\nby: Ann\nreason: Black Friday\n"
    world.push({"environments/dev/hold.yaml": hold})
    answer = world.tidegate("promote", "shop", "--to", "dev")
    assert answer.code == 1
    assert "dev is held by Ann: Black Friday" in answer.out
    ended = hold + 'until: "2020-01-01T00:00:00Z"\n'
    world.push({"environments/dev/hold.yaml": ended})
    assert promote(world, "shop", "--to", "dev") == ["promoted"]


def test_commits_are_signed_where_git_says_so(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    key = world.folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    signers = world.folder / "signers"
    signers.write_text(f"ann@example.com {key.with_suffix('.pub').read_text()}")
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingKey", str(key)),
        ("commit.gpgSign", "true"),
        ("gpg.ssh.allowedSignersFile", str(signers)),
    ):
        world.git("config", name, value)
    promote(world, "shop", "--to", "dev")
    world.git("fetch", "-q")
    assert world.git("log", "-1", "--format=%G?", "origin/main") == "G"


def test_a_users_words_are_kept_as_they_were_typed(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    # What Python makes of UTF-8 in a locale that knows ASCII alone; and a byte that is no text.
    reason = "größer ☂".encode().decode("ascii", "surrogateescape")
    words = ("--reason", reason, "--requested-by", "Zo\udcff")
    assert world.tidegate("promote", "shop", "--to", "dev", *words).code == 0
    message = world.git("log", "-1", "--format=%B", "main", cwd=world.remote)
    assert message.splitlines()[-2:] == ["Requested-by: Zo\ufffd", "Reason: größer ☂"]


def test_empty_words_leave_no_empty_trailer(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    words = ("--reason", " ", "--requested-by", "\u200b\n")
    assert world.tidegate("promote", "shop", "--to", "dev", *words).code == 0
    message = world.git("log", "-1", "--format=%B", "main", cwd=world.remote)
    assert message.splitlines()[-1].startswith("Tidegate-Promotion: ")
