"""`status` and `history`, from end to end."""

from __future__ import annotations

from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401


def standings(world: World) -> dict[tuple[str, str], dict[str, object]]:  # noqa: F811
    answer = world.tidegate("status", "--format", "json")
    assert answer.code == 0, answer.err
    return {(item["app"], item["environment"]): item for item in answer.json["apps"]}


def test_what_runs_where_and_what_ran(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    arguments = ("--requested-by", "Bob", "--reason", "the sale")
    assert world.tidegate("promote", "shop", "--to", "dev", *arguments).code == 0
    found = standings(world)
    assert len(found) == 6
    shop = found["shop", "dev"]
    assert (shop["author"], shop["requestedBy"], shop["edited"]) == ("Ann", "Bob", [])
    assert shop["release"]["version"] == "1"  # type: ignore[index]
    assert found["shop", "prod"]["release"] is None
    path = "environments/dev/shop/kustomization.yaml"
    forged = "by hand\n\nRequested-by: Carol"
    world.push({path: world.show(path).replace('"t0"', '"t9"') + "\n"}, forged)
    world.push({"environments/dev/search/kustomization.yaml": "[]\n"}, "broken")
    found = standings(world)
    assert "tag: the overlay says t9" in found["shop", "dev"]["edited"][0]  # type: ignore[index]
    assert found["search", "dev"]["problem"]
    changes = world.tidegate("history", "shop", "--format", "json").json["changes"]
    assert [change["byHand"] for change in changes] == [True, False]
    assert (changes[1]["requestedBy"], changes[1]["reason"]) == ("Bob", "the sale")
    assert (changes[0]["author"], changes[0]["requestedBy"]) == ("Ann", None)
    record = "environments/dev/shop/release.yaml"
    world.push({record: world.show(record) + "\n# by hand\n"}, forged)
    assert standings(world)["shop", "dev"]["requestedBy"] is None
    assert world.tidegate("history", "shop", "--env", "prod", "--format", "json").json[
        "changes"
    ] == []  # fmt: skip


def test_every_name_of_a_kustomization_has_a_history(world: World) -> None:  # noqa: F811
    folder = "environments/dev/shop"
    text = world.show(f"{folder}/kustomization.yaml") + "\n"
    old = f"{folder}/kustomization.yaml"
    for name in ("kustomization.yml", "Kustomization"):
        new = f"{folder}/{name}"
        world.push({old: None, new: text}, f"renamed to {name}")
        world.push({new: text.replace('"0"  #', '"9"  #')}, f"edited {name}")
        answer = world.tidegate("history", "shop", "--format", "json")
        (change,) = [c for c in answer.json["changes"][:1] if c["byHand"]]
        assert ":9" in change["note"]
        old = new


def test_names_that_are_not_known(world: World) -> None:  # noqa: F811
    for arguments, near in (
        (("status", "shp"), "shop"),
        (("history", "serach"), "search"),
        (("status", "--env", "prd"), "prod"),
        (("history", "shop", "--env", "devv"), "dev"),
    ):
        answer = world.tidegate(*arguments)
        assert answer.code == 2
        assert f"did you mean '{near}'?" in answer.err


def test_the_doctor(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    answer = world.tidegate("doctor", "--format", "json")
    found = {item["name"]: item for item in answer.json["findings"]}
    assert answer.code == 0, found
    assert found["configuration"]["found"] == "2 apps, 3 environments"
    assert found["model registry"]["found"] == "answers"
    world.push({"apps/shop/app.yaml": "a: 1\nb: 2\n"})
    answer = world.tidegate("doctor", "--format", "json")
    found = {item["name"]: item for item in answer.json["findings"]}
    assert answer.code == 3
    broken = found["configuration"]
    assert broken["found"].startswith("apps/shop/app.yaml:1:1: lacks 'apiVersion'; expected")
    assert broken["found"].endswith(" more problems)")
    assert broken["hint"] == "`tidegate status` names all of them"
    assert world.tidegate("status").err.count("\n") == int(broken["found"].split()[-3]) + 1


def test_the_doctor_takes_no_line_of_gits_for_a_problem(world: World) -> None:  # noqa: F811
    world.git("remote", "set-url", "origin", "/nowhere.git")
    answer = world.tidegate("doctor", "--format", "json")
    (found,) = [item["found"] for item in answer.json["findings"] if item["name"] == "repository"]
    assert answer.code == 3
    assert "correct access rights and the repository exists" in found
    assert "more problem" not in found


def test_what_is_known_of_a_file_is_known_of_its_contents(world: World) -> None:  # noqa: F811
    path = "apps/shop/app.yaml"
    text = world.show(path) + "\n"
    assert world.tidegate("status").code == 0
    world.push({path: text.replace("kind: App", "kind: Ap")}, "a slip")
    refused = world.tidegate("status")
    assert refused.code == 2
    assert f"{path}:2:1: kind" in refused.err
    world.push({path: text}, "as it was")
    assert world.tidegate("status").code == 0
