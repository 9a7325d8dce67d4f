"""What is live: `status` over 1,000 Applications against `status --offline`, and the time from Argo
CD's event to the word of `wait`. Git is a real remote; Argo CD is the small one of the tests, for
`status` in a process of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.argocd import TOKEN, FakeArgoCd
from tests.support.argocd_answers import application
from tests.support.delivery import running
from tests.support.gitops import sample_files
from tests.support.releases import Past, make_past, release

from tidegate.repository.overlay import edit_overlay
from tidegate.repository.release import format_release

_APPS, _RUNS, _SERVE = 1000, 3, "--serve"


def names() -> list[str]:
    """The apps'."""
    return [f"app-{number:04}" for number in range(_APPS)]


def serve() -> None:
    """A small Argo CD with an Application for each app. Says how often it was asked, whenever it is
    given a line."""
    with FakeArgoCd() as fake:
        fake.check = lambda *_: None  # type: ignore[method-assign]
        for app in names():
            labels = {"tidegate.dev/app": app, "tidegate.dev/environment": "dev"}
            fake.put(application(f"{app}-dev", labels=labels, **running(app, "1")))
        print(fake.server, flush=True)
        for _ in sys.stdin:
            print(len(fake.requests), flush=True)


@contextlib.contextmanager
def server() -> Iterator[subprocess.Popen[str]]:
    """That one, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.live", _SERVE]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def ask(process: subprocess.Popen[str], line: str = "") -> str:
    """Its next line, after one of ours."""
    assert process.stdin is not None
    assert process.stdout is not None
    if line:
        process.stdin.write(line)
        process.stdin.flush()
    return process.stdout.readline().strip()


def repository(folder: Path, server: str, apps: list[str]) -> Past:
    """A remote and its clone, with version 1 of every app in dev and prod; no registry."""
    files = sample_files(apps)
    for app in apps:
        for environment in ("dev", "prod"):
            made, place = release(app, environment, "1"), f"environments/{environment}/{app}"
            path = f"{place}/kustomization.yaml"
            image = made.image
            digest, tag = str(image.digest), str(image.tag)
            overlay = files[path].encode()
            edited = edit_overlay(path, overlay, image.name, tag=tag, digest=digest, version="1")
            files[path] = edited.decode()
            files[f"{place}/release.yaml"] = format_release(made).decode()
    past = make_past(folder, files)
    settings = "apiVersion: tidegate.dev/v1\nkind: Settings\n"
    settings += f"argocd: {{server: '{server}', plainText: true}}\n"
    past.push({"tidegate.yaml": settings}, "where Argo CD is")
    past.git("pull", "--quiet")
    past.git("gc", "--quiet")  # what was cloned and not made here is packed
    return past


def spawn(past: Past, *words: str) -> subprocess.Popen[str]:
    """The command line, as a process."""
    environ = os.environ | past.environ | {"ARGOCD_AUTH_TOKEN": TOKEN}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    command, pipe = [sys.executable, "-m", "tidegate", *words], subprocess.PIPE
    return subprocess.Popen(
        command, cwd=past.clone, env=environ, stdout=pipe, stderr=pipe, text=True
    )


def seconds(past: Past, *words: str) -> tuple[float, float]:
    """How long a command takes, and how much of that it and what it starts have a core."""
    begun, before = time.perf_counter(), os.times()
    process = spawn(past, *words)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    after = os.times()
    spent = after.children_user + after.children_system
    spent -= before.children_user + before.children_system
    return time.perf_counter() - begun, spent


def status() -> None:
    """With Argo CD and without, in turn; and once with nothing that earlier commands kept."""
    with server() as process, tempfile.TemporaryDirectory() as folder:
        past = repository(Path(folder), ask(process), names())
        words = ("status", "--env", "dev", "--format", "json")
        seconds(past, *words)
        before = int(ask(process, "\n"))
        pairs = [(seconds(past, *words), seconds(past, *words, "--offline")) for _ in range(_RUNS)]
        requests = (int(ask(process, "\n")) - before) / _RUNS
        shutil.rmtree(past.environ["XDG_CACHE_HOME"])
        cold, cold_spent = seconds(past, *words)
    ratio = statistics.median(live[0] / offline[0] for live, offline in pairs)
    whole, spent = (statistics.median(live[which] for live, _ in pairs) for which in (0, 1))
    print(
        f"live: status over {_APPS} Applications takes {ratio:.2f} × status --offline, {whole:.1f} "
        f"s, of which {spent:.1f} s of a core, in {requests:g} requests (at most 2 s, 2 requests "
        f"wanted); with nothing kept from before {cold:.1f} s, {cold_spent:.1f} s of a core"
    )


def latency() -> None:
    """From the event that makes an app live to the line that says so, and to the command's end."""
    told, ended = [], []
    with FakeArgoCd() as fake, tempfile.TemporaryDirectory() as folder:
        past = repository(Path(folder), fake.server, ["shop"])
        labels = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "prod"}
        for _ in range(_RUNS):
            head = past.head()
            shown = application("shop-prod", project="prod", labels=labels, revision=head)
            fake.put(shown | {"status": shown["status"] | {"health": {"status": "Progressing"}}})
            process = spawn(past, "wait", "shop", "--env", "prod", "--healthy-for", "0")
            lines = iter(process.stderr or ())
            next(line for line in lines if "waiting" in line and "not healthy" not in line)
            fake.wait_for_streams()
            time.sleep(2.0)  # the first questions are over
            event = time.perf_counter()
            fake.change("shop-prod", lambda d: d["status"].update(LIVE))
            next(line for line in lines if "live: live" in line)
            told.append(time.perf_counter() - event)
            process.communicate()
            ended.append(time.perf_counter() - event)
            assert process.returncode == 0
    print(
        f"live: wait says so {statistics.median(told):.2f} s after Argo CD's event, at most "
        f"{max(told):.2f} s (1 s wanted); the command has ended {max(ended):.1f} s after it"
    )


LIVE = {
    "health": {"status": "Healthy", "lastTransitionTime": "2026-11-22T10:34:42Z"},
    **running("shop", "1"),
}


def main() -> None:
    """Prints the figures."""
    status()
    latency()


if __name__ == "__main__":
    serve() if _SERVE in sys.argv else main()
