"""Somebody else pushes between judging and pushing, or at the same moment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from tests.bad_days.endings import check, end, long_enough, reason
from tests.support.gitops import Answer, World, make_world, sample_files, world  # noqa: F401
from tests.support.mlflow_server import (  # noqa: F401
    MlflowStore,
    mlflow_store,
)

PROMOTE = ("promote", "shop", "--to", "dev")


def push_in_between(world: World, commit: str, *, always: bool = False) -> None:  # noqa: F811
    """Lets another clone's commit land after the first judgement, right before the first push."""
    other = world.folder / "other"
    once = f"mkdir '{world.folder}/raced' 2>/dev/null || exit 0\n"
    again = (
        f"git -C '{other}' pull -q --rebase\n"
        f"git -C '{other}' commit -q --allow-empty -m again\n"
        f"git -C '{other}' push -q origin HEAD:main\n"
    )
    hook = world.clone / ".git/hooks/pre-push"
    hook.write_text(
        "#!/bin/sh\nunset $(git rev-parse --local-env-vars)\n"
        + (again if always else f"{once}git -C '{other}' push -q origin '{commit}:main'\n")
    )
    hook.chmod(0o755)


def prepare(world: World, files: Mapping[str, str | bytes | None]) -> str:  # noqa: F811
    """A commit that another clone has, and the remote not yet."""
    head = world.head()
    commit = world.push(files, "theirs")
    world.git("update-ref", "refs/heads/main", head, cwd=world.remote)
    return commit


def prepare_promotion(world: World, *arguments: str) -> str:  # noqa: F811
    """A promotion's commit, likewise."""
    head = world.head()
    assert world.tidegate(*arguments).code == 0
    commit = world.head()
    if not (world.folder / "other").exists():
        world.git("clone", "-q", str(world.remote), str(world.folder / "other"))
    world.git("fetch", "-q", cwd=world.folder / "other")
    world.git("update-ref", "refs/heads/main", head, cwd=world.remote)
    return commit


def test_an_unrelated_commit_costs_a_second_push_and_no_second_judgement(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    push_in_between(world, prepare(world, {"README.md": "hello"}))
    answer = end(world, "-v", *PROMOTE)
    assert answer.code == 0
    assert answer.err.count("rendering") == 1
    assert "others were faster" in answer.err
    assert world.commits() == ["promote(dev): shop → 1", "theirs", "first"]
    assert world.show("README.md") == "hello"


def test_another_version_of_the_same_app_is_a_conflict(world: World) -> None:  # noqa: F811
    world.register("shop")
    world.register("shop", alias="candidate")
    push_in_between(world, prepare_promotion(world, *PROMOTE, "--version", "1"))
    answer = end(world, *PROMOTE)
    assert (answer.code, answer.outcomes()) == (4, {"shop": "conflict"})
    assert "version 1 now" in reason(answer)
    assert world.commits() == ["promote(dev): shop → 1", "first"]
    assert end(world, *PROMOTE).code == 0
    assert world.commits()[0] == "promote(dev): shop 1 → 2"


def test_the_same_version_is_already_there(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    push_in_between(world, prepare_promotion(world, *PROMOTE))
    answer = end(world, *PROMOTE)
    assert (answer.code, answer.outcomes()) == (0, {"shop": "already"})
    assert world.commits() == ["promote(dev): shop → 1", "first"]


def test_a_tightened_gate_counts(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    environment = sample_files(["shop"])["environments/dev/environment.yaml"]
    tight = environment + "  - {gate: threshold, metric: auc, minimum: 0.95}\n"
    push_in_between(world, prepare(world, {"environments/dev/environment.yaml": tight}))
    answer = end(world, *PROMOTE)
    assert answer.code == 1, answer.out
    assert answer.gates("shop")["threshold:auc"] == "failed"
    assert world.commits() == ["theirs", "first"]


@pytest.mark.parametrize("path", ["environments/dev/hold.yaml", "environments/dev/shop/hold.yaml"])
def test_a_hold_counts(world: World, path: str) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    hold = "apiVersion: tidegate.dev/v1\nkind: Hold\nby: Ann\nreason: Black Friday\n"
    push_in_between(world, prepare(world, {path: hold}))
    answer = end(world, *PROMOTE)
    assert answer.code == 1
    assert "Black Friday" in reason(answer)
    assert world.commits() == ["theirs", "first"]


def test_what_the_environment_before_runs_by_now_is_what_is_promoted(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert end(world, *PROMOTE).code == 0
    world.register("shop", alias="candidate")
    push_in_between(world, prepare_promotion(world, *PROMOTE))
    answer = end(world, "promote", "shop", "--to", "staging")
    assert answer.code == 0, answer.out
    release = yaml.safe_load(world.show("environments/staging/shop/release.yaml"))
    before = yaml.safe_load(world.show("environments/dev/shop/release.yaml"))
    assert release["model"]["version"] == "2"
    assert release["image"] == before["image"]
    assert world.commits()[:2] == ["promote(staging): shop → 2", "promote(dev): shop 1 → 2"]


def test_an_alias_that_moves_meanwhile_was_looked_up_once(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    overlay = "environments/dev/shop/kustomization.yaml"
    text = sample_files(["shop"])[overlay]
    push_in_between(world, prepare(world, {overlay: f"# note\n{text}"}))
    world.register("shop")
    hook = world.clone / ".git/hooks/pre-push"
    statement = "UPDATE registered_model_aliases SET version = 2"
    script = f"import sqlite3; c = sqlite3.connect('{world.store.file}'); c.execute('{statement}')"
    run = f'python3 -c "{script}; c.commit()"\n'
    hook.write_text(hook.read_text().replace("git -C", f"{run}git -C", 1))
    assert end(world, *PROMOTE).code == 0
    assert world.commits()[0] == "promote(dev): shop → 1"
    assert end(world, *PROMOTE).code == 0
    assert world.commits()[0] == "promote(dev): shop 1 → 2"


def test_an_overlay_that_was_edited_meanwhile_keeps_the_edit(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    overlay = "environments/dev/shop/kustomization.yaml"
    text = sample_files(["shop"])[overlay] + "replicas:\n  - {name: shop, count: 7}\n"
    push_in_between(world, prepare(world, {overlay: text}))
    assert end(world, *PROMOTE).code == 0
    after = yaml.safe_load(world.show(overlay))
    assert after["replicas"] == [{"name": "shop", "count": 7}]
    assert after["images"][0]["newTag"] == "t0"


def test_an_app_that_was_removed_meanwhile_is_a_conflict(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    gone = dict.fromkeys(path for path in sample_files(["shop"]) if "/shop/" in path)
    push_in_between(world, prepare(world, gone))
    answer = end(world, *PROMOTE)
    assert (answer.code, answer.outcomes()) == (4, {"shop": "conflict"})
    assert world.commits() == ["theirs", "first"]


def test_settings_that_were_broken_meanwhile_stop_it(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    push_in_between(world, prepare(world, {"environments/dev/environment.yaml": "gates: 3\n"}))
    answer = end(world, *PROMOTE)
    assert answer.code == 2
    assert world.commits() == ["theirs", "first"]


def test_all_or_nothing_holds_for_a_race_of_one_of_several_apps(world: World) -> None:  # noqa: F811
    world.register("shop")
    world.register("shop", alias="candidate")
    world.register("search", alias="candidate")
    theirs = prepare_promotion(world, *PROMOTE, "--version", "1")
    push_in_between(world, theirs)
    answer = end(world, "promote", "shop", "search", "--to", "dev")
    assert (answer.code, answer.outcomes()) == (4, {"shop": "conflict", "search": "held_back"})
    assert world.head() == theirs
    world.git("update-ref", "refs/heads/main", f"{theirs}~1", cwd=world.remote)
    (world.folder / "raced").rmdir()
    answer = end(world, "promote", "shop", "search", "--to", "dev", "--keep-going")
    assert answer.outcomes() == {"shop": "conflict", "search": "promoted"}
    assert answer.code in (1, 4)
    assert world.commits()[:2] == ["promote(dev): search → 1", "promote(dev): shop → 1"]


def test_a_branch_that_never_stands_still_ends_with_the_time(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    world.push({"README.md": "hello"})
    enough = long_enough(world, *PROMOTE, "--dry-run")
    push_in_between(world, "", always=True)
    answer = end(world, *PROMOTE, enough)
    assert answer.code == 3, answer.out
    assert "promote(dev): shop → 1" not in world.commits()


def test_a_branch_that_is_locked_for_ever_is_no_race(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    lock = world.remote / "refs/heads/main.lock"
    lock.touch()
    answer = end(world, *PROMOTE)
    assert answer.code == 3, answer.out
    assert "stood still" in reason(answer)
    assert ".lock" in reason(answer)
    lock.unlink()
    assert end(world, *PROMOTE).code == 0


def test_a_branch_that_disappears_meanwhile_is_reported(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    push_in_between(world, prepare(world, {"README.md": "hello"}))
    hook = world.clone / ".git/hooks/pre-push"
    remove = f"git -C '{world.remote}' update-ref -d refs/heads/main\n"
    hook.write_text(hook.read_text().partition("git -C")[0] + remove)
    answer = end(world, *PROMOTE)
    assert answer.code == 2, answer.out
    assert "no branch 'main'" in reason(answer)
    assert not world.git("for-each-ref", cwd=world.remote), "nobody makes a branch by promoting"


def finish_all(world: World, commands: Mapping[str, Path]) -> list[Answer]:  # noqa: F811
    """Promotes apps to dev at once, each in its clone, as processes of their own."""
    started = [
        world.spawn("promote", app, "--to", "dev", "--format", "json", cwd=clone)
        for app, clone in commands.items()
    ]
    answers = []
    for process in started:
        out, err = process.communicate(timeout=600)
        answers.append(Answer(process.returncode, out, err))
        check(answers[-1])
    return answers


def test_six_at_once_all_land_and_nothing_is_lost(
    tmp_path: Path,
    mlflow_store: MlflowStore,  # noqa: F811
) -> None:
    """Three share a clone, and three have one each."""
    apps = [f"app-{number}" for number in range(6)]
    world = make_world(tmp_path, mlflow_store, sample_files(apps))  # noqa: F811
    places = dict.fromkeys(apps, world.clone)
    for app in apps:
        world.register(app, alias="candidate")
    for app in apps[3:]:
        places[app] = tmp_path / f"clone-of-{app}"
        world.git("clone", "-q", str(world.remote), str(places[app]))
    answers = finish_all(world, places)
    assert [answer.code for answer in answers] == [0] * 6, [a.err for a in answers]
    assert sorted(world.commits()) == sorted(["first", *(f"promote(dev): {a} → 1" for a in apps)])
    for app in apps:
        assert 'version: "1"' in world.show(f"environments/dev/{app}/kustomization.yaml")
        release = yaml.safe_load(world.show(f"environments/dev/{app}/release.yaml"))
        assert (release["app"], release["model"]["name"]) == (app, app)
    assert "tidegate" not in world.git("for-each-ref", "refs/tidegate/fetch")


def test_two_users_who_promote_the_same_app_at_once(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    other = world.folder / "other"
    world.git("clone", "-q", str(world.remote), str(other))
    started = [
        world.spawn("promote", "shop", "--to", "dev", "--format", "json", cwd=place)
        for place in (world.clone, other)
    ]
    outcomes: list[str] = []
    told: set[str] = set()
    for process in started:
        out, err = process.communicate(timeout=600)
        answer = Answer(process.returncode, out, err)
        check(answer)
        assert answer.code == 0, out
        outcomes.append(answer.outcomes()["shop"])
        told.update({answer.json["commit"]["revision"]} if answer.json["commit"] else ())
    assert "promoted" in outcomes
    # Made in the same second by the same author, both commits are one: then both have promoted.
    assert told == {world.head()}
    assert world.commits() == ["promote(dev): shop → 1", "first"]
