"""Takes MLflow's webhooks, and asks GitHub to promote what got the alias.

MLflow → signature, time, delivery id → `repository_dispatch` with app and version → promote.yaml

An example to be copied: one file, the standard library and httpx. It listens on loopback and speaks
no TLS; put it behind what does, for MLflow sends to https alone. See docs/pipelines.md.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import re
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

GITHUB = "https://api.github.com"
EVENT_TYPE = "model-version-registered"
LONGEST_BODY = 64 * 1024  # MLflow's own are below one KiB
TOLERANCE = 300  # seconds that MLflow's clock and ours may differ, with its retries
SECONDS = 10  # for a sender to send something, and for GitHub to answer
LONGEST = 30  # seconds for a sender to send all of it
MOST_REMEMBERED = 10_000
SHORTEST_SECRET = 16
Headers = Mapping[str, str] | Message
_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Settings:
    """`apps` maps registered models to the apps that serve them; `alias` is the one that counts."""

    secret: str
    apps: Mapping[str, str]
    alias: str
    repository: str
    token: str
    api: str = GITHUB


@dataclass(frozen=True, slots=True)
class Candidate:
    """What GitHub is told: nothing else of what was received leaves this program."""

    app: str
    version: str


class Refused(Exception):
    """What isn't MLflow's, or not now; the text may be told to whoever sent it."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


def authenticate(headers: Headers, body: bytes, secret: str, now: float) -> str:
    """The delivery's id, once it is sure that MLflow has sent this very body, and lately. Raises
    Refused."""
    identity = headers.get("X-MLflow-Delivery-Id", "")
    moment = headers.get("X-MLflow-Timestamp", "")
    version, _, text = headers.get("X-MLflow-Signature", "").partition(",")
    if version != "v1" or not _ID.fullmatch(identity) or not _SECONDS.fullmatch(moment):
        raise Refused(HTTPStatus.UNAUTHORIZED, "there is no signature of MLflow's")
    try:
        said = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        said = b""
    signed = f"{identity}.{moment}.".encode() + body
    if not hmac.compare_digest(said, hmac.digest(secret.encode(), signed, hashlib.sha256)):
        raise Refused(HTTPStatus.UNAUTHORIZED, "the signature is wrong")
    if abs(now - int(moment)) > TOLERANCE:
        raise Refused(HTTPStatus.UNAUTHORIZED, "it was sent too long ago, or a clock is wrong")
    return identity


def candidate_of(body: bytes, apps: Mapping[str, str], alias: str) -> Candidate | None:
    """The version that got the alias; None for any other event, alias or model. Raises Refused for
    what makes no sense."""
    try:
        event = json.loads(body)
        kind, data = (event["entity"], event["action"]), event["data"]
        if kind != ("model_version_alias", "created"):
            return None
        model, given, version = data["name"], data["alias"], str(data["version"])
        app = apps.get(model) if given == alias else None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is no event of MLflow's") from None
    if app is None:
        return None
    if not _VERSION.fullmatch(version):
        raise Refused(HTTPStatus.BAD_REQUEST, "the version is no number")
    return Candidate(app, version)


def dispatch(candidate: Candidate, settings: Settings) -> None:
    """Asks GitHub to run promote.yaml. Raises Refused, so that MLflow tries again."""
    try:
        answer = httpx.post(
            f"{settings.api}/repos/{settings.repository}/dispatches",
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {settings.token}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            json={
                "event_type": EVENT_TYPE,
                "client_payload": {"app": candidate.app, "version": candidate.version},
            },
            timeout=SECONDS,
        )
    except httpx.HTTPError as error:
        raise Refused(HTTPStatus.BAD_GATEWAY, f"GitHub: {type(error).__name__}") from None
    if answer.status_code != HTTPStatus.NO_CONTENT:
        raise Refused(HTTPStatus.BAD_GATEWAY, f"GitHub answered {answer.status_code}")


class Receiver:
    """Safe for several threads at once. `send` is what is done with a candidate, `now` the time in
    seconds since 1970."""

    def __init__(
        self,
        settings: Settings,
        send: Callable[[Candidate, Settings], None] = dispatch,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._send, self._now = settings, send, now
        self._done: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def receive(self, headers: Headers, body: bytes) -> tuple[HTTPStatus, str]:
        """What to answer. A delivery counts as done only once GitHub has taken it, for MLflow sends
        the same one again after a 502."""
        try:
            settings, now = self._settings, self._now()
            identity = authenticate(headers, body, settings.secret, now)
            candidate = candidate_of(body, settings.apps, settings.alias)
            if candidate is None:
                return HTTPStatus.OK, "nothing to do"
            with self._lock:  # the same one twice at once is sent on once
                self._forget(now)
                if identity in self._done:
                    return HTTPStatus.OK, "done already"
                self._send(candidate, settings)
                self._done[identity] = now
        except Refused as refused:
            return refused.status, str(refused)
        return HTTPStatus.ACCEPTED, f"{candidate.app} {candidate.version}"

    def _forget(self, now: float) -> None:
        """What is older than any delivery that is taken, and the oldest of too many."""
        while self._done:
            identity, when = next(iter(self._done.items()))
            if now - when <= 2 * TOLERANCE and len(self._done) < MOST_REMEMBERED:
                return
            del self._done[identity]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    receiver: Receiver
    timeout, longest = SECONDS, float(LONGEST)
    server_version, sys_version = "tidegate", ""

    def setup(self) -> None:
        """Whoever sends a byte now and then is listened to no longer than others."""
        super().setup()
        self._over = threading.Timer(self.longest, self._hear_no_more)
        self._over.daemon = True
        self._over.start()

    def finish(self) -> None:
        """The end of the connection."""
        self._over.cancel()
        super().finish()

    def do_POST(self) -> None:
        """A delivery."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length):
            self._answer(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing")
        elif int(length) > LONGEST_BODY:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        else:
            body = self.rfile.read(int(length))
            self._answer(*self.receiver.receive(self.headers, body))

    def _hear_no_more(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)

    def _answer(self, status: HTTPStatus, text: str) -> None:
        content = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """What the variables say. Raises ValueError, which names the variable and no secret."""
    wanted = ("MLFLOW_WEBHOOK_SECRET", "TIDEGATE_APPS", "GITHUB_REPOSITORY", "GITHUB_TOKEN")
    missing = [name for name in wanted if not environ.get(name)]
    if missing:
        raise ValueError(f"set {', '.join(missing)}")
    if len(environ["MLFLOW_WEBHOOK_SECRET"]) < SHORTEST_SECRET:
        raise ValueError(f"MLFLOW_WEBHOOK_SECRET has less than {SHORTEST_SECRET} characters")
    try:
        apps = json.loads(environ["TIDEGATE_APPS"])
    except ValueError:
        apps = None
    if not isinstance(apps, dict) or not all(isinstance(app, str) for app in apps.values()):
        raise ValueError('TIDEGATE_APPS must be JSON, such as {"recommender": "recommender"}')
    if not re.fullmatch(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", environ["GITHUB_REPOSITORY"]):
        raise ValueError("GITHUB_REPOSITORY must be OWNER/NAME")
    return Settings(
        secret=environ["MLFLOW_WEBHOOK_SECRET"],
        apps=apps,
        alias=environ.get("TIDEGATE_ALIAS") or "candidate",
        repository=environ["GITHUB_REPOSITORY"],
        token=environ["GITHUB_TOKEN"],
        api=environ.get("GITHUB_API_URL") or GITHUB,
    )


def serve(receiver: Receiver, port: int, longest: float = LONGEST) -> ThreadingHTTPServer:
    """A server on loopback that isn't running yet; `longest` is how many seconds it hears one
    sender."""
    handler = type("Handler", (Handler,), {"receiver": receiver, "longest": longest})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


def main() -> None:
    """Receives until it is ended."""
    try:
        settings, port = read_settings(os.environ), int(os.environ.get("PORT", "8787"))
    except ValueError as error:
        sys.exit(str(error))
    with serve(Receiver(settings), port) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
