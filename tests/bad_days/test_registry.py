"""The model registry on a bad day: dead, slow, talking nonsense, or with half of the facts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.bad_days.endings import end, long_enough, reason, say
from tests.support.gitops import World, sample_files, world  # noqa: F401
from tests.support.mlflow_server import client, mlflow_store  # noqa: F401

PASSWORD = "hunter2-is-secret"
SETTINGS = "apiVersion: tidegate.dev/v1\nkind: Settings\n"


@dataclass
class Server:
    """A server on loopback that gives every question the same answer, or none."""

    address: str
    status: int = 200
    body: bytes = b""
    kind: str = "application/json"


@pytest.fixture
def server() -> Iterator[Server]:
    """What it answers can be set while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(settings.status)
            self.send_header("Content-Type", settings.kind)
            self.send_header("Content-Length", str(len(settings.body)))
            self.end_headers()
            self.wfile.write(settings.body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Keeps quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        settings = Server(f"127.0.0.1:{listener.server_port}")
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield settings
        listener.shutdown()
        thread.join()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def use_environment(world: World, timeout: float = 20) -> None:  # noqa: F811
    """The repository names no registry: MLFLOW_TRACKING_URI counts."""
    images = "images: {mirrors: [{registry: registry.example.com, folder: ../images}]}\n"
    more = f"modelRegistry: {{timeout: {timeout}}}\nscanner: {{offline: true}}\n"
    world.push({"tidegate.yaml": SETTINGS + images + more})
    world.git("pull", "-q")


def never_shown(world: World, uri: str) -> str:  # noqa: F811
    """What is said about a registry whose address has a password in it, which is not shown."""
    command = ("promote", "shop", "--to", "dev")
    answer = end(world, *command, MLFLOW_TRACKING_URI=uri)
    assert answer.code == 3, answer.out
    said = say(world, *command, formats=("text", "markdown"), MLFLOW_TRACKING_URI=uri)
    said += say(world, "doctor", MLFLOW_TRACKING_URI=uri)
    assert PASSWORD not in answer.out + answer.err + said
    assert world.commits()[-1] == "first"
    return reason(answer)


def test_a_closed_port(world: World, silent: str) -> None:  # noqa: F811
    use_environment(world, timeout=2)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    uri = f"http://ann:{PASSWORD}@{address}"
    assert address in never_shown(world, uri)
    assert PASSWORD not in say(world, "doctor", formats=["json"], MLFLOW_TRACKING_URI=uri)


def test_a_server_that_never_answers(world: World, silent: str) -> None:  # noqa: F811
    use_environment(world, timeout=0.3)
    words = never_shown(world, f"http://ann:{PASSWORD}@{silent}")
    assert silent in words
    assert "did not answer within 0.3 s" in words


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (500, "text/plain", b"Internal Server Error"),
        (503, "application/json", b'{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "no"}'),
        (401, "text/html", b"<html>Log in \x1b[31m first</html>"),
        (200, "text/html", b"<html><body>Welcome to the VPN portal</body></html>"),
        (200, "application/json", b"[1, 2"),
        (200, "application/json", b"null"),
        (200, "application/json", b"{}"),
        (200, "application/json", b'{"model_version": {"version": {"a": []}}}'),
        (404, "text/html", b"<html>nginx</html>"),
        (302, "text/html", b"moved"),
    ],
)
def test_answers_that_are_none(
    world: World,  # noqa: F811
    server: Server,
    status: int,
    kind: str,
    body: bytes,
) -> None:
    use_environment(world, timeout=3)
    server.status, server.kind, server.body = status, kind, body
    words = never_shown(world, f"http://ann:{PASSWORD}@{server.address}")
    assert server.address in words or "MLflow" in words


def test_no_address_and_addresses_of_no_use(world: World) -> None:  # noqa: F811
    use_environment(world)
    for uri, code in [
        ("", 2),
        ("ftp://ann:" + PASSWORD + "@example.com/x", 2),
        ("file:///nowhere", 2),
        ("sqlite:////nowhere/at/all.db", 3),
        (f"postgresql://ann:{PASSWORD}@127.0.0.1:1/db", None),
        (f"http://ann:{PASSWORD}@[::1", None),
        ("databricks", None),
    ]:
        answer = end(world, "promote", "shop", "--to", "dev", MLFLOW_TRACKING_URI=uri)
        assert answer.code in ((2, 3) if code is None else (code,)), (uri, answer.out)
        said = say(world, "promote", "shop", "--to", "dev", MLFLOW_TRACKING_URI=uri)
        assert PASSWORD not in answer.out + answer.err + said


def test_versions_that_are_not_there(world: World) -> None:  # noqa: F811
    promote = ("promote", "shop", "--to", "dev")
    answer = end(world, *promote)
    # The name is wrong, or the registry is: it can't be known.
    assert answer.code in (2, 3)
    assert "no model 'shop'" in reason(answer)
    world.register("shop", alias="candidate")
    for more, word in [(("--version", "7"), "7"), (("--alias", "nope"), "nope")]:
        answer = end(world, *promote, *more)
        assert answer.code in (2, 3), answer.out
        assert word in reason(answer)
    for text in ("0", "-1", "1.0", "١", "latest", "9" * 5000):
        answer = end(world, *promote, f"--version={text}")
        assert answer.code in (2, 3), answer.out
    for text in ("", " ", "a/b", "../x", "x" * 5000, "\x1b[31m", "$(id)"):
        answer = end(world, *promote, f"--alias={text}")
        assert answer.code in (2, 3), (text, answer.out)
        say(world, *promote, f"--alias={text}")
    world.store.set_status("shop", "1", "PENDING_REGISTRATION")
    answer = end(world, *promote)
    assert answer.code == 2
    assert "PENDING_REGISTRATION" in reason(answer)
    assert world.commits() == ["first"]


def refused(world: World, word: str) -> None:  # noqa: F811
    """The champion gate has no evidence, which blocks."""
    answer = end(world, "promote", "shop", "--to", "dev")
    assert answer.code == 1, answer.out
    assert answer.gates("shop")["champion:auc"] == "errored"
    assert word in reason(answer), reason(answer)
    assert word in say(world, "promote", "shop", "--to", "dev")


def test_evidence_that_is_missing_or_no_number(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert end(world, "promote", "shop", "--to", "dev").code == 0
    head = world.head()
    world.register("shop", metrics={"loss": 1.0}, alias="candidate")
    refused(world, "auc")
    for value, word in ((float("nan"), "nan"), (float("inf"), "inf"), (float("-inf"), "-inf")):
        world.register("shop", metrics={"auc": value}, alias="candidate")
        refused(world, word)
    mlflow = client(world.store.uri)
    version = world.register("shop", alias="candidate")
    run = mlflow.get_model_version("shop", version).run_id
    mlflow.delete_run(run)
    refused(world, run)
    world.store.execute("DELETE FROM latest_metrics WHERE run_uuid = ?", run)
    world.store.execute("DELETE FROM metrics WHERE run_uuid = ?", run)
    world.store.execute("DELETE FROM runs WHERE run_uuid = ?", run)
    refused(world, run)
    tags = {"tidegate.image": f"{world.image('shop')}:t0"}
    bare = mlflow.create_model_version("shop", "s3://models/artifact", None, tags=tags)
    mlflow.set_registered_model_alias("shop", "candidate", bare.version)
    refused(world, "run")
    assert world.head() == head


def test_a_champion_whose_evidence_is_gone_blocks(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert end(world, "promote", "shop", "--to", "dev").code == 0
    mlflow = client(world.store.uri)
    mlflow.delete_run(mlflow.get_model_version("shop", "1").run_id)
    world.register("shop", metrics={"auc": 0.99}, alias="candidate")
    refused(world, "champion")


def test_a_store_that_is_no_database(world: World) -> None:  # noqa: F811
    for content in (b"", b"hello, I am a text file", b"SQLite format 3\0" + b"\xff" * 4000):
        world.store.file.write_bytes(content)
        answer = end(world, "promote", "shop", "--to", "dev")
        assert answer.code == 3, answer.out
        say(world, "promote", "shop", "--to", "dev")
    world.store.file.unlink()
    answer = end(world, "promote", "shop", "--to", "dev")
    assert answer.code == 3
    assert not world.store.file.exists(), "a promotion must not create a store"


def elsewhere(world: World, host: str) -> None:  # noqa: F811
    """The apps' images lie in a registry of that address, and in no mirror."""
    for app in ("shop", "search"):
        world.register(app, alias="candidate", tags={"tidegate.image": f"{host}/shop/{app}:t0"})
    files = {
        path: text.replace("registry.example.com", host)
        for path, text in sample_files(["shop", "search"]).items()
    }
    settings = f"modelRegistry: {{uri: '{world.store.uri}'}}\nscanner: {{offline: true}}\n"
    world.push({**files, "tidegate.yaml": SETTINGS + settings})


def test_a_silent_image_registry_is_waited_for_as_long_as_the_command_may_take(
    world: World,  # noqa: F811
    silent: str,
) -> None:
    world.register("shop", alias="candidate")
    enough = long_enough(world, "evaluate", "shop", "--to", "dev")
    elsewhere(world, silent)
    started = time.monotonic()
    answer = end(world, "promote", "shop", "search", "--to", "dev", enough)
    assert answer.code == 3, answer.out
    assert f"http://{silent}/v2/shop/shop/manifests/t0 did not answer in time" in reason(answer)
    assert time.monotonic() - started < 80  # three tries of 30 s each would be 90
