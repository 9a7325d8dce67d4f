"""Argo CD's client: a list of 1,000 Applications against bare httpx, and 500 of them watched on one
stream. The small Argo CD of the tests runs in a process of its own."""

from __future__ import annotations

import contextlib
import itertools
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import httpx
from tests.support.argocd import TOKEN, FakeArgoCd
from tests.support.argocd_answers import application

from tidegate.adapters.argocd import ArgoCd, address_of
from tidegate.adapters.argocd.client import LISTED_FIELDS
from tidegate.adapters.token import from_text

_LISTED, _WATCHED = 1000, 500
# Each Application is looked at every three minutes; the rest is what promotions add.
_EVENTS_A_SECOND = 10
_SECONDS = 30.0
_SERVE, _FOLLOW = "--serve", "--follow"


def serve(number: int, rate: float) -> None:
    """A small Argo CD whose Applications change in turn, until its input ends."""
    with FakeArgoCd() as fake:
        for index in range(number):
            fake.put(application(f"app-{index:04}"))
        fake.check = lambda *_: None  # type: ignore[method-assign]
        print(fake.server, flush=True)
        for index in itertools.count():
            if fake.ended.wait(1 / rate if rate else 3600):
                return
            fake.change(f"app-{index % number:04}", lambda _: None)


def follow(server: str) -> None:
    """Watches, and prints what that takes."""
    events = client_of(server).watch()
    known = set()
    while len(known) < _WATCHED:
        event = next(events)
        if event is not None:
            known.add(event.application.name)
    begun, spent = time.monotonic(), time.process_time()
    changes = 0
    while time.monotonic() - begun < _SECONDS:
        changes += next(events) is not None
    share = (time.process_time() - spent) / (time.monotonic() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"argocd: {_WATCHED} Applications on one stream, {changes / _SECONDS:.0f} changes a second:"
        f" {share:.1%} of a core, {peak:.0f} MiB at most (5 %, 100 MB wanted)"
    )


def client_of(server: str) -> ArgoCd:
    """Tidegate's client."""
    return ArgoCd(address_of(server, plain_text=True), from_text(TOKEN, "the benchmark"))


@contextlib.contextmanager
def server_of(number: int, rate: float = 0) -> Iterator[str]:
    """Host and port of a small Argo CD."""
    command = [sys.executable, "-m", "benchmarks.argocd", _SERVE, str(number), str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def listing(runs: int) -> None:
    """`list` against the same request with bare httpx, its JSON read as well."""
    with server_of(_LISTED) as server, httpx.Client(timeout=120) as bare:
        client = client_of(server)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        query = {"projects": "dev", "fields": LISTED_FIELDS}

        def ask() -> int:
            url = f"http://{server}/api/v1/applications"
            return len(json.loads(bare.get(url, params=query, headers=headers).content)["items"])

        def ours() -> int:
            return len(client.list(project="dev"))

        pairs = []
        for _ in range(runs + 1):
            times = []
            for work in (ours, ask):
                begun = time.perf_counter()
                assert work() == _LISTED
                times.append(time.perf_counter() - begun)
            pairs.append(times)
        ratio = statistics.median(mine / theirs for mine, theirs in pairs[1:])
        more = statistics.median(mine - theirs for mine, theirs in pairs[1:])
        print(
            f"argocd: a list of {_LISTED} Applications takes {ratio:.2f} × bare httpx, "
            f"{more * 1000:+.0f} ms, in one request (at most 1.20 wanted)"
        )


def main(arguments: Sequence[str]) -> None:
    """Prints the figures."""
    match list(arguments):
        case [kind, number, rate] if kind == _SERVE:
            serve(int(number), float(rate))
        case [kind, server] if kind == _FOLLOW:
            follow(server)
        case _:
            listing(15)
            with server_of(_WATCHED, _EVENTS_A_SECOND) as server:
                command = [sys.executable, "-m", "benchmarks.argocd", _FOLLOW, server]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
