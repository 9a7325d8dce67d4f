"""What an app ran in an environment, commit by commit, from Git alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.commit import Commit
from tidegate.domain.release import Release, disagreements
from tidegate.errors import OutsideError, TidegateError
from tidegate.ports import Repository
from tidegate.repository import layout
from tidegate.repository.overlay import read_overlay
from tidegate.repository.release import parse_own_release


@dataclass(frozen=True, slots=True)
class State:
    """What a commit of the first-parent line left there: a `release`, with the `record` that
    says so, byte by byte; or `problem`, why it is not to be trusted; or neither, where there was
    none. `recorded` says that the commit changed the record, not the overlay alone."""

    commit: Commit
    recorded: bool
    release: Release | None = None
    record: bytes = b""
    problem: str | None = None


def read_past(
    repository: Repository, revision: str, environment: str, images: Mapping[str, str]
) -> Mapping[str, Iterator[State]]:
    """For each app, which `images` maps to its entry's name in the overlays, its States up to
    the revision, newest first, each read when it is asked for. Where the remote lacks the older
    past, whoever asks for it meets an OutsideError; what is newer is as true as ever."""
    if not images:
        return {}
    lacking = _lacking(repository)
    paths = [path for app in images for path in _paths(environment, app)]
    commits = repository.history(revision, paths, whole=False)
    ids = {blob for commit in commits for blob in commit.blobs.values() if blob}
    blobs = repository.read(sorted(ids))
    return {
        app: _and_then(_states(environment, app, image, commits, blobs), lacking)
        for app, image in images.items()
    }


def _lacking(repository: Repository) -> OutsideError | None:
    """Why the whole past can't be had; None where it can."""
    try:
        repository.deepen()
    except OutsideError as error:
        return error
    return None


def _and_then(states: Iterator[State], lacking: OutsideError | None) -> Iterator[State]:
    yield from states
    if lacking is not None:
        raise lacking


def _paths(environment: str, app: str) -> list[str]:
    return [layout.release_file(environment, app), *layout.overlay_files(environment, app)]


def _states(
    environment: str,
    app: str,
    image: str,
    commits: Sequence[Commit],
    blobs: Mapping[str, bytes],
) -> Iterator[State]:
    record, *overlays = _paths(environment, app)
    for state, there in reversed(list(_trees(commits, (record, *overlays)))):
        written = there.get(record)
        if written is None:
            yield state
            continue
        overlay = next((path for path in overlays if there.get(path)), None)
        content = blobs[there[overlay] or ""] if overlay else b""
        yield _read(state, environment, app, image, blobs[written], overlay, content)


def _trees(
    commits: Sequence[Commit], paths: Sequence[str]
) -> Iterator[tuple[State, Mapping[str, str | None]]]:
    """From the oldest commit to the newest: each that changed one of the paths, with the blobs
    of all of them after it. The first path is the record's."""
    there: dict[str, str | None] = {}
    for commit in reversed(commits):
        mine = {path: commit.blobs[path] for path in paths if path in commit.blobs}
        if mine:
            there = there | mine
            yield State(commit, paths[0] in mine), there


def _read(
    state: State,
    environment: str,
    app: str,
    image: str,
    record: bytes,
    overlay: str | None,
    content: bytes,
) -> State:
    """The State with its release, where record and overlay can be read, and agree."""
    try:
        release = parse_own_release(environment, app, record)
    except TidegateError:
        return replace(state, problem="its release.yaml was damaged")
    if overlay is None:
        return replace(state, problem="there was no overlay")
    try:
        said = disagreements(release, read_overlay(overlay, content, image))
    except TidegateError:
        return replace(state, problem="its overlay can't be read")
    if said:
        return replace(state, problem="its overlay and its release.yaml disagreed")
    return replace(state, release=release, record=record)
