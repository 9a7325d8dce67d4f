"""Commits → what each of them touched: an app in an environment, an environment, or the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.domain.commit import Commit
from tidegate.repository import layout
from tidegate.repository.layout import ARGOCD, ENVIRONMENTS, app_file


@dataclass(frozen=True, slots=True)
class Touch:
    """What one commit changed in one place. `app` is None for an environment's own files, both
    for what belongs to no environment. `before` and `after` map the place's paths to their blobs,
    and `changed` lists those that differ. `definition` is the blob of the app's app.yaml, and
    `records` are the blobs of all its releases until then."""

    commit: Commit
    environment: str | None
    app: str | None
    before: Mapping[str, str]
    after: Mapping[str, str]
    changed: tuple[str, ...]
    definition: str | None = None
    records: frozenset[str] = frozenset()

    @property
    def blobs(self) -> Iterator[str]:
        """What has to be read to judge it."""
        if self.app is None or self.environment is None:
            return
        own = _own_files(self.environment, self.app)
        for files in (self.before, self.after):
            yield from (files[path] for path in own if path in files)
        if self.definition:
            yield self.definition


def find_touches(
    commits: Sequence[Commit], before: Mapping[str, str] | None = None
) -> Iterator[Touch]:
    """Every place that each commit touched, oldest first; the commits come newest first. `before`
    maps the paths that were there before all of them to their blobs; by default, none was."""
    places = _places(before or {})
    records: dict[_Place, frozenset[str]] = {}
    for commit in reversed(commits):
        grouped: dict[_Place, list[str]] = {}
        for path in commit.blobs:
            grouped.setdefault(_place(path, places), []).append(path)
        for place in sorted(grouped, key=lambda p: (p[0] or "", p[1] or "")):
            before = places.get(place, {})
            changed = {path: commit.blobs[path] for path in grouped[place]}
            after = {p: b for p, b in (before | changed).items() if b is not None}
            places[place] = after
            environment, app = place
            known = records.get(place, frozenset())
            yield Touch(
                commit=commit,
                environment=environment,
                app=app,
                before=before,
                after=after,
                changed=tuple(sorted(changed)),
                definition=places.get(_REST, {}).get(app_file(app or "")),
                records=known,
            )
            record = after.get(layout.release_file(environment or "", app or ""))
            records[place] = known | ({record} if record else frozenset())


_Place = tuple[str | None, str | None]
_REST: _Place = (None, None)


def _places(blobs: Mapping[str, str]) -> dict[_Place, dict[str, str]]:
    """The places of a whole tree."""
    places: dict[_Place, dict[str, str]] = {}
    for path in sorted(blobs, key=_telling):
        places.setdefault(_place(path, places), {})[path] = blobs[path]
    return places


def _telling(path: str) -> tuple[bool, int, bool, str]:
    """What says whose a folder is comes before what merely lies in it."""
    folder, _, name = path.rpartition("/")
    environment, _, app = folder.removeprefix(f"{ENVIRONMENTS}/").partition("/")
    inside = path.startswith(f"{ENVIRONMENTS}/")
    return (inside, path.count("/"), path not in _own_files(environment, app), name)


def _place(path: str, known: Mapping[_Place, Mapping[str, str]]) -> _Place:
    """An app's folder is one that has, or had, an overlay or a file that only Tidegate writes."""
    first, *rest = path.split("/")
    if first != ENVIRONMENTS or len(rest) < 2:
        return _REST
    environment, name, *inner = rest
    if not inner:
        return (environment, None)
    place = (environment, name)
    if name == ARGOCD and app_file(name) not in known.get(_REST, {}):
        return (environment, None)
    if place in known or path in _own_files(environment, name):
        return place
    return (environment, None)


def _own_files(environment: str, app: str) -> tuple[str, ...]:
    """An overlay's kustomization, and the files beside it that only Tidegate writes."""
    _, hold = layout.hold_files(environment, app)
    record, blocks = layout.release_file(environment, app), layout.blocks_file(environment, app)
    return (record, blocks, hold, *layout.overlay_files(environment, app))
