"""`render` and `diff`, as commands in a real clone with the real kustomize."""

from __future__ import annotations

import pytest
import yaml
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401

OVERLAY = "environments/dev/shop"


def edit(world: World, path: str, old: str, new: str) -> None:  # noqa: F811
    file = world.clone / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_render_prints_the_work_tree(world: World) -> None:  # noqa: F811
    edit(world, f"{OVERLAY}/kustomization.yaml", 'newTag: "0"', 'newTag: "7"')
    answer = world.tidegate("render", "shop", "--env", "dev")
    assert (answer.code, answer.err) == (0, "")
    (deployment,) = yaml.safe_load_all(answer.out)
    assert deployment["metadata"]["namespace"] == "shop-dev"
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"{world.image('shop')}:7"
    assert "config.kubernetes.io" not in answer.out


def test_render_hides_secrets_unless_asked(world: World) -> None:  # noqa: F811
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: hush}\n"
    (world.clone / OVERLAY / "secret.yaml").write_text(secret)
    edit(world, f"{OVERLAY}/kustomization.yaml", "resources:\n", "resources:\n  - secret.yaml\n")
    hidden = world.tidegate("render", "shop", "--env", "dev")
    assert "hush" not in hidden.out + hidden.err
    assert "key:" in hidden.out
    assert "hush" in world.tidegate("render", "shop", "--env", "dev", "--show-secrets").out
    diff = world.tidegate("diff", "shop", "--env", "dev", "--format", "json")
    assert "hush" not in diff.out


def test_diff_names_objects_and_fields(world: World) -> None:  # noqa: F811
    edit(world, f"{OVERLAY}/kustomization.yaml", 'newTag: "0"', 'newTag: "7"')
    answer = world.tidegate("diff", "shop", "--env", "dev")
    image = world.image("shop")
    assert answer.out == (
        "Deployment shop-dev/shop changes\n"
        f"    spec.template.spec.containers[model].image: {image}:0 → {image}:7\n"
        "1 object differs, 0 the same.\n"
    )
    assert answer.code == 0


def test_diff_of_nothing_and_of_a_new_overlay(world: World) -> None:  # noqa: F811
    same = world.tidegate("diff", "shop", "--env", "dev")
    assert same.out == "Nothing differs: 1 object the same.\n"
    before = world.git("rev-parse", "HEAD").strip()
    world.git("rm", "-rq", OVERLAY)
    world.git("commit", "-qm", "gone")
    gone = world.tidegate("diff", "shop", "--env", "dev", "--against", before, "--format", "json")
    assert [item["change"] for item in gone.json["objects"]] == ["removed"]
    none = world.tidegate("diff", "shop", "--env", "dev")
    assert none.code == 2
    assert "'shop' has no overlay in dev" in none.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("render", "shop", "--env", "dvv"), "there is no environment 'dvv'"),
        (("render", "shp", "--env", "dev"), "did you mean 'shop'?"),
        (("diff", "shop", "--env", "dev", "--against", "nope"), "no commit, branch or tag 'nope'"),
    ],
)
def test_what_is_not_there_is_told(world: World, words: tuple[str, ...], said: str) -> None:  # noqa: F811
    answer = world.tidegate(*words)
    assert answer.code == 2
    assert said in answer.err


def test_only_environments_and_apps_are_known(world: World) -> None:  # noqa: F811
    (world.clone / "environments/kustomization.yaml").write_text("resources: []\n")
    (world.clone / "environments/dev/argocd").mkdir(exist_ok=True)
    (world.clone / "environments/dev/argocd/kustomization.yaml").write_text("resources: []\n")
    environments = world.tidegate("render", "shop", "--env", "qqqqqqqq").err
    apps = world.tidegate("render", "qqqqqqqq", "--env", "dev").err
    assert "known: dev" in environments
    assert "kustomization" not in environments
    assert "known: search, shop\n" in apps


def test_a_broken_overlay_is_told_with_its_line(world: World) -> None:  # noqa: F811
    edit(world, f"{OVERLAY}/kustomization.yaml", "/apps/shop/base", "/apps/shp/base")
    answer = world.tidegate("render", "shop", "--env", "dev")
    assert answer.code == 2
    assert f"{OVERLAY}/kustomization.yaml:" in answer.err
    assert "resources[0]" in answer.err


def test_what_was_broken_at_the_revision_is_told_as_its_file(world: World) -> None:  # noqa: F811
    path = f"{OVERLAY}/kustomization.yaml"
    edit(world, path, "/apps/shop/base", "/apps/shp/base")
    world.git("commit", "-qam", "broken")
    edit(world, path, "/apps/shp/base", "/apps/shop/base")
    answer = world.tidegate("diff", "shop", "--env", "dev")
    assert answer.code == 2
    assert f"HEAD:{path}:" in answer.err
