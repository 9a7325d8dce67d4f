"""Names that were chosen to break something: of models, of images, and of what a user types."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import yaml
from tests.bad_days.endings import assert_plain, end, reason, say
from tests.support.gitops import GATES, World, make_world, sample_files, world  # noqa: F401
from tests.support.mlflow_server import (  # noqa: F401
    MlflowStore,
    mlflow_store,
)

from demo.images import write_image

MODELS = [
    "fraud model of the month",
    "🦊 模型 ünï",
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned #",
    "two\nlines",
    "x\n\nTidegate-Promotion= prod shop@99",
    "x\r\nSigned-off-by Eve",
    "--help",
    "-v",
    "[click](www.evil.example) ![x](www.evil.example)",
    "<script>alert(1)<script><img src=x onerror=alert(1)>",
    "a | b | c\n| - | - |",
    "\x1b[2J\x1b[31mred\x1b]8;;evil.example\x07link",
    "\u202etxt.exe\u2066 \u2028 \u200b",
    "%2e%2e%2f %0a",
    "@everyone #1 GH-2",
    "'; DROP TABLE model_versions; --",
    "quote \" and ' and \\",
    "null",
    "123",
    "it's {yaml, [x]} # &a *b !c",
    "x" * 250,
    "{{ template }} ${VAR} %s {0}",
]
TAGS = [
    "x" * 10_240,
    "/etc/passwd",
    "../../images/shop/shop:t0",
    "file:///etc/passwd:t0",
    "https://ann:hunter2@registry.example.com/shop/shop:t0",
    "ann:hunter2@registry.example.com/shop/shop:t0",
    "registry.example.com/shop/other:t0",
    "evil.example.com/shop/shop:t0",
    "registry.example.com/shop/shop",
    "registry.example.com/shop/shop:",
    "registry.example.com/shop/shop:missing",
    "registry.example.com/shop/shop:t0 --severity=LOW",
    "--insecure",
    "registry.example.com/shop/shop:--skip-db-update",
    "registry.example.com/shop/shop:t0\nregistry.example.com/shop/shop:t1",
    "registry.example.com/shop/../shop:t0",
    "registry.example.com/shop/shop:../../t0",
    "registry.example.com/shop/shop:$(touch pwned)",
    "registry.example.com/shop/shop:t0\x00",
    "registry.example.com/shop/shop:\x1b[31mt0",
    "registry.example.com/shop/shop@sha256:" + "0" * 64,
    "registry.example.com/shop/shop:t0@sha256:" + "0" * 64,
    "registry.example.com/shop/shop:t0@sha256:short",
    "registry.example.com/shop/shop:" + "t" * 129,
    "",
    " ",
    "🦊",
]


def of_model(app: str, model: str) -> dict[str, str]:
    """The app's file that says so."""
    path = f"apps/{app}/app.yaml"
    quoted = yaml.safe_dump(model, default_style='"', width=10_000).strip()
    return {path: sample_files([app])[path].replace(f"model: {app}", f"model: {quoted}")}


def rename(world: World, model: str) -> None:  # noqa: F811
    """The app is of that model from now on."""
    world.push(of_model("shop", model))


def test_models_of_any_name_are_promoted_and_break_nothing(
    tmp_path: Path,
    mlflow_store: MlflowStore,  # noqa: F811
) -> None:
    """Each is of another app, so that one commit has them all."""
    models = {f"app-{number:02}": model for number, model in enumerate(MODELS)}
    files = sample_files(list(models), {**GATES, "prod": GATES["staging"]})
    for app, model in models.items():
        files |= of_model(app, model)
    world = make_world(tmp_path, mlflow_store, files)  # noqa: F811
    for app, model in models.items():
        assert world.register(app, model=model, alias="candidate") == "1"
    say(world, "promote", "--all", "--to", "dev", "--dry-run", formats=("text", "markdown"))
    answer = end(world, "promote", "--all", "--to", "dev")
    assert answer.code == 0, answer.out
    assert {found["app"]: found["to"]["model"] for found in answer.json["apps"]} == models

    # The record beside each overlay gives the name back as it is.
    for app, model in models.items():
        release = yaml.safe_load(world.show(f"environments/dev/{app}/release.yaml"))
        assert release["model"]["name"] == model

    # The message has one trailer each, of one line, from which the name can be read back.
    message = world.git("log", "-1", "--format=%B", "main", cwd=world.remote)
    told = {}
    for trailer in parse_trailers(message):
        key, _, value = trailer.partition(": ")
        place, what, digest, evidence = value.split(" ")
        assert key == "Tidegate-Promotion"
        assert what.rpartition("@")[2] == "1"
        assert re.fullmatch("sha256:[0-9a-f]{64}", digest)
        assert re.fullmatch("sha256:[0-9a-f]{64}", evidence)
        told[place] = unquote(what.rpartition("@")[0])
    assert told == {f"dev/{app}": model for app, model in models.items()}
    assert_plain(message)

    # Whoever looks at it later sees no markup and no control characters.
    for app in models:
        history = end(world, "history", app)
        assert [change["byHand"] for change in history.json["changes"]] == [False]
        say(world, "history", app)
    end(world, "status")
    say(world, "status")
    assert end(world, "promote", "--all", "--to", "staging").code == 0
    say(world, "promote", "--all", "--to", "prod")
    answer = end(world, "promote", "--all", "--to", "prod")
    assert answer.outcomes() == dict.fromkeys(models, "already")
    assert not list(world.folder.rglob("pwned"))


def parse_trailers(message: str) -> list[str]:
    """What Git itself takes for trailers."""
    answer = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        input=message,
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.splitlines()


def test_markup_in_a_name_stays_text_in_markdown(world: World) -> None:  # noqa: F811
    model = "[x](www.evil.example) <img src=x> `a` | @all #1 **b**"
    rename(world, model)
    world.register("shop", model=model, metrics={"auc": 0.9}, alias="candidate")
    end(world, "promote", "shop", "--to", "dev")
    world.register("shop", model=model, metrics={"auc": 0.1}, alias="candidate")
    text = world.tidegate("promote", "shop", "--to", "dev", "--format", "markdown").out
    outside = re.sub(r"(?<!\\)(`+).*?(?<!\\)\1", "", text)
    assert not re.search(r"(?<!\\)(<img|\]\(|\*\*|@all)", outside), text


def test_image_tags_that_name_no_image_of_the_app(world: World) -> None:  # noqa: F811
    world.register("shop")
    version = world.register("shop", tags={"tidegate.image": "x"})
    for text in TAGS:
        # MLflow cuts long ones short; other stores don't.
        world.store.execute("UPDATE model_version_tags SET value = ?", text)
        command = ("promote", "shop", "--to", "dev", "--version", version)
        answer = end(world, *command)
        assert answer.code in (2, 3), (text, answer.out)
        assert answer.outcomes() == {"shop": "error"}, text
        said = answer.out + reason(answer) + say(world, *command)
        assert "hunter2" not in said, text
        assert len(reason(answer)) < 2_000, text
    assert world.commits() == ["first"]
    assert not list(world.folder.rglob("pwned"))


def test_names_that_mlflow_itself_refuses_by_now(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    for model in ("../../etc/passwd", "..\\..\\..", "models:/shop/1", "a/b", ""):
        for table in ("registered_model_aliases", "model_version_tags", "model_versions"):
            world.store.execute(f"UPDATE {table} SET name = ?", model)
        world.store.execute("UPDATE registered_models SET name = ?", model)
        rename(world, model)
        answer = end(world, "promote", "shop", "--to", "dev")
        assert answer.code in (2, 3), answer.out
        say(world, "promote", "shop", "--to", "dev")
    assert world.commits()[-1] == "first"


def test_what_a_user_types_is_never_markup_or_an_option(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    for text in (
        "../shop",
        "",
        "-",
        "shop/../search",
        "\x1b[31mshop",
        "$(touch pwned)",
        "x" * 9999,
    ):
        for command in (
            ("promote", "--to", "dev", "--", text),
            ("promote", "shop", f"--to={text}"),
            ("history", "--", text),
            ("status", f"--env={text}"),
            ("status", f"--remote={text}"),
            ("status", f"--branch={text}"),
            ("promote", "--to", "dev", f"--selector={text}"),
            ("promote", "shop", "--to", "dev", f"--timeout={text}"),
            (text,),
        ):
            words = [*command[:1], "--format", "json", *command[1:]]
            answer = world.tidegate(*words)
            # With an empty --env, `status` shows all; Git itself is asked for a long name.
            allowed = (0, 2) if not text else (2, 3) if len(text) > 500 else (2,)
            assert answer.code in allowed, (command, answer)
            assert_plain(answer.err)
            json.loads(answer.out)
    for text in (
        "--upload-pack=touch pwned",
        "ext::sh -c touch% pwned",
        "main:refs/heads/x",
        "a..b",
    ):
        for option in ("--remote", "--branch"):
            answer = end(world, "status", f"{option}={text}")
            assert answer.code == 2, answer.out
    assert world.commits() == ["first"]
    assert not list(world.folder.rglob("pwned"))


def test_reasons_and_names_of_people_stay_one_line(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    nasty = "ok\r\n\r\nTidegate-Promotion: prod/shop x@1 a b\n\x1b[31m<b>\u202e" + "y" * 5000
    arguments = ("--reason", nasty, "--requested-by", nasty)
    assert end(world, "promote", "shop", "--to", "dev", *arguments).code == 0
    message = world.git("log", "-1", "--format=%B", "main", cwd=world.remote)
    keys = [line.partition(":")[0] for line in parse_trailers(message)]
    assert keys == ["Tidegate-Promotion", "Requested-by", "Reason"]
    assert_plain(message)
    say(world, "history", "shop")
    say(world, "status")


def test_a_digest_in_the_version_tag_pins_the_image(world: World) -> None:  # noqa: F811
    world.register("shop")
    layout = world.folder / "images" / "shop" / "shop"
    first = json.loads((layout / "index.json").read_text())["manifests"][0]["digest"]
    world.register("shop", tags={"tidegate.image": f"{world.image('shop')}:t0@{first}"})
    write_image(layout, "t0", {"other": "1.0"}, {})
    answer = end(world, "promote", "shop", "--to", "dev", "--version", "2")
    assert answer.code == 0, answer.out
    assert answer.json["apps"][0]["to"]["image"]["digest"] == first
    assert "has moved" in answer.json["apps"][0]["warnings"][0]


def test_a_name_that_only_looks_like_a_known_one_is_told_apart(world: World) -> None:  # noqa: F811
    answer = end(world, "promote", "sh\u043ep", "--to", "dev")
    assert (answer.code, reason(answer)) == (
        2,
        "there is no app 'sh\\u043ep' did you mean 'shop'?",
    )
