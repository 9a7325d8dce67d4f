"""What the doctor says of Argo CD."""

from __future__ import annotations

from typing import Any

from tests.support.argocd import (
    TOKEN,
    FakeArgoCd,
    fake_argocd,  # noqa: F401 - a fixture
)
from tests.support.gitops import World, settings_file, world  # noqa: F401 - fixtures
from tests.support.mlflow_server import mlflow_store  # noqa: F401 - fixtures


def name_argocd(world: World, section: str) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    world.push({"tidegate.yaml": settings_file(world.store) + f"argocd: {section}\n"})


def ask(world: World, **environ: str) -> tuple[int, dict[str, Any], str]:  # noqa: F811
    answer = world.tidegate("doctor", "--format", "json", **environ)
    found = {item["name"]: item for item in answer.json["findings"]}
    return answer.code, found, answer.out + answer.err


def test_where_none_is_named_none_is_needed(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    code, found, _ = ask(world, ARGOCD_SERVER="")
    assert code == 0
    assert found["argo cd of prod"]["health"] == "optional"


def test_it_answers_and_the_token_may_sync(world: World, argocd: FakeArgoCd) -> None:  # noqa: F811
    name_argocd(world, f"{{server: '{argocd.server}', plainText: true}}")
    code, found, _ = ask(world, ARGOCD_AUTH_TOKEN=TOKEN, ARGOCD_SERVER="elsewhere.example.com")
    assert code == 0
    assert found["argo cd of prod"]["found"] == (
        f"v3.5.1+fake, Argo CD at http://{argocd.server}: may get and sync project prod"
    )


def test_a_role_without_rights_is_told_what_it_lacks(
    world: World, argocd: FakeArgoCd  # noqa: F811
) -> None:  # fmt: skip
    argocd.denied = {"sync prod"}
    name_argocd(world, f"{{server: '{argocd.server}', plainText: true}}")
    code, found, _ = ask(world, ARGOCD_AUTH_TOKEN=TOKEN)
    assert code == 3
    assert "may not sync Applications of project prod" in found["argo cd of prod"]["found"]
    assert found["argo cd of dev"]["health"] == "ok"


def test_a_refused_or_absent_token_is_told_and_never_shown(
    world: World, argocd: FakeArgoCd  # noqa: F811
) -> None:  # fmt: skip
    name_argocd(world, f"{{server: '{argocd.server}', plainText: true}}")
    code, found, said = ask(world, ARGOCD_AUTH_TOKEN_PROD="refused-token", ARGOCD_AUTH_TOKEN="")
    assert code == 3
    assert "does not accept the token" in found["argo cd of prod"]["found"]
    assert "no token for Argo CD's project dev" in found["argo cd of dev"]["found"]
    assert "refused-token" not in said


def test_the_environments_own_server_counts_first(
    world: World, argocd: FakeArgoCd  # noqa: F811
) -> None:  # fmt: skip
    argocd.prefix = "/argo"
    name_argocd(world, "{server: 'localhost:1', rootPath: /other, plainText: true}")
    own = f"argocd: {{server: '{argocd.server}', rootPath: argo, plainText: true, project: eu}}\n"
    path = "environments/prod/environment.yaml"
    world.push({path: f"{world.show(path)}\n{own}"})
    code, found, _ = ask(world, ARGOCD_AUTH_TOKEN=TOKEN)
    assert code == 3
    assert found["argo cd of prod"]["found"].endswith("/argo: may get and sync project eu")
    assert "can't be reached" in found["argo cd of dev"]["found"]


def test_mistakes_are_told_with_their_key(world: World) -> None:  # noqa: F811
    name_argocd(world, "{server: 'https://argocd.example.com/', tokenFile: /etc/passwd}")
    answer = world.tidegate("status")
    assert answer.code == 2
    assert "argocd.server" in answer.err
    assert "argocd.tokenFile: is not a known key" in answer.err


def test_a_server_of_the_environment_must_be_a_host(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    for server in ("http://argocd.example.com", "user:pw@host", "host/path", "a b"):
        code, found, said = ask(world, ARGOCD_SERVER=server, ARGOCD_AUTH_TOKEN=TOKEN)
        assert code == 3
        assert "ARGOCD_SERVER is no host" in found["argo cd of prod"]["found"]
        assert "pw@" not in said
