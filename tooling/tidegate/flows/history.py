"""`history`: what an app was in each environment, from Git alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tidegate.domain.app import App
from tidegate.domain.commit import Commit
from tidegate.domain.history import Change, History
from tidegate.domain.release import OverlayState, Release
from tidegate.errors import TidegateError
from tidegate.flows.claim import asked_for, claim_of_release
from tidegate.flows.message import DIRECT, REASON
from tidegate.flows.target import find_app, find_environment
from tidegate.ports import Connections, Progress
from tidegate.repository.configuration import load_configuration
from tidegate.repository.layout import overlay_files, release_file
from tidegate.repository.overlay import read_overlay
from tidegate.repository.release import parse_release


def history(
    app: str, environment: str | None, connections: Connections, progress: Progress
) -> History:
    """Every change of an app's release or image, in one environment or all, newest first."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    snapshot = repository.fetch()
    configuration = load_configuration(snapshot)
    known = find_app(configuration, app)
    if environment is not None:
        find_environment(configuration, environment)
    commits = repository.history(
        snapshot.revision,
        [release_file(environment or "*", app), *overlay_files(environment or "*", app)],
    )
    ids = {blob for commit in commits for blob in commit.blobs.values() if blob}
    blobs = repository.read(sorted(ids))
    changes = list(_changes(known, commits, blobs))
    return History(app, snapshot.revision, tuple(reversed(changes)))


def _changes(app: App, commits: Sequence[Commit], blobs: Mapping[str, bytes]) -> Iterator[Change]:
    """Walks from the oldest commit to the newest, knowing what was there before each."""
    releases: dict[str, Release | None] = {}
    overlays: dict[str, OverlayState | None] = {}
    for commit in reversed(commits):
        for environment, paths in _by_environment(commit.blobs).items():
            before = releases.get(environment)
            if "release.yaml" in paths:
                release, note = _release(app, environment, paths["release.yaml"], blobs)
                releases[environment] = release
                if len(paths) > 1:
                    overlays[environment] = _overlay(app, *_kustomization(paths), blobs)
                yield _change(app, environment, commit, release, before, note)
                continue
            state = _overlay(app, *_kustomization(paths), blobs)
            old = overlays.get(environment)
            overlays[environment] = state
            if old is not None and state != old:
                note = f"the overlay's image or version was edited: {_shown(old)} → {_shown(state)}"
                yield _change(app, environment, commit, None, before, note)


def _by_environment(paths: Mapping[str, str | None]) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for path, blob in paths.items():
        parts = path.split("/")
        if len(parts) == 4:
            found.setdefault(parts[1], {})[parts[3]] = blob
    return found


def _kustomization(paths: Mapping[str, str | None]) -> tuple[str, str | None]:
    """The overlay's file after a commit that may have given it another of its names."""
    found = [(name, blob) for name, blob in paths.items() if name != "release.yaml"]
    return next((item for item in found if item[1]), found[0])


def _release(
    app: App, environment: str, blob: str | None, blobs: Mapping[str, bytes]
) -> tuple[Release | None, str]:
    if blob is None:
        return None, "the release was removed"
    try:
        release = parse_release(f"{environment}/{app.name}/release.yaml", blobs[blob])
    except TidegateError:
        return None, "release.yaml was left damaged"
    return release, ""


def _overlay(
    app: App, name: str, blob: str | None, blobs: Mapping[str, bytes]
) -> OverlayState | None:
    try:
        return read_overlay(name, blobs[blob], app.image) if blob else None
    except TidegateError:
        return None


def _change(
    app: App,
    environment: str,
    commit: Commit,
    release: Release | None,
    before: Release | None,
    note: str,
) -> Change:
    written = claim_of_release(commit, environment, app.name, release) if release else None
    return Change(
        app=app.name,
        environment=environment,
        revision=commit.revision,
        when=commit.committed,
        author=commit.author,
        requested_by=asked_for(commit, environment, app.name) if written else None,
        reason=next(iter(commit.words(REASON)), None),
        release=release,
        before=before.version if before else None,
        by_hand=written is None,
        note=note or ("" if written else commit.subject),
        rolled_back_from=written.came_from if written else None,
        direct=environment in commit.said(DIRECT),
    )


def _shown(state: OverlayState | None) -> str:
    if state is None:
        return "unreadable"
    return f"{state.repository}:{state.tag or ''}" + (f"@{state.digest}" if state.digest else "")
