"""Whether a change that is no promotion leaves alone what runs of a model, and as which version: a
patch, a component or a base can name another one as well as an overlay can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from tidegate.domain.closure import Closure
from tidegate.domain.manifest import Broken, Built
from tidegate.domain.proposal import Proposal
from tidegate.domain.release import Release
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import one_line
from tidegate.domain.verification import Objection
from tidegate.errors import TidegateError
from tidegate.flows.verification.answering import compare_answers
from tidegate.flows.verification.running import Objects, compare_images, compare_versions
from tidegate.flows.verification.writing import first_difference
from tidegate.flows.verification.writing import read as text_of
from tidegate.ports import Builder, Verifying
from tidegate.repository import layout
from tidegate.repository.changes import above
from tidegate.repository.closure import Closures
from tidegate.repository.known import Known
from tidegate.repository.release import read_release
from tidegate.repository.rendered import read

_USE = "only a promotion or a rollback may change what runs of a model, and as which version"


def compare_renderings(proposal: Proposal, connections: Verifying) -> Iterator[Objection]:
    """Each released overlay that the change has a part in, and that would run another image."""
    before, after = proposal.base, _judged_alike(proposal)
    folders = [layout.overlay_folder(*place) for place in _released(before, after)]
    if not folders or not proposal.changed:
        return
    known = Known()  # what both sides have alike is parsed once
    olds = Closures(before, known).find(folders)
    wanted = [folder for folder in folders if _has_part(olds[folder], proposal.changed)]
    if not wanted:
        return
    news = Closures(after, known).find(wanted)
    builder = connections.builder()
    was, will = _build(builder, before, olds, wanted), _build(builder, after, news, wanted)
    for folder in wanted:
        _, environment, app = folder.split("/")
        release = read_release(before, environment, app)
        if release is None:
            continue
        read_there = {*olds[folder].paths, *news[folder].paths}
        parts = [path for path in proposal.changed if path in read_there]
        file = parts[0] if parts else layout.overlay_file(after, environment, app) or folder
        line = first_difference(text_of(before, file), text_of(after, file))
        for text in _differences(was[folder], will[folder], release):
            said = f"{environment}/{app}: {text}"
            yield Objection(said, file, line, environment, app, hint=_USE)


def _has_part(closure: Closure, changed: Sequence[str]) -> bool:
    """Whether a change reaches an overlay: nothing new can take part in a rendering but through a
    file that did before, or in a place where something was missed."""
    paths = frozenset(changed)
    around = frozenset(folder for path in changed for folder in above(path))
    # A second kustomization in a folder isn't read, and breaks it.
    kustomizations = chain.from_iterable(map(layout.kustomization_files, closure.directories))
    read = (closure.paths, closure.missing, kustomizations)
    return not (all(map(paths.isdisjoint, read)) and around.isdisjoint(closure.missing))


def _judged_alike(proposal: Proposal) -> Snapshot:
    """The tree after the change, with the base's word on what a rendering may fetch or run."""
    entries = dict(proposal.after.entries)
    entries.pop(layout.SETTINGS, None)
    if layout.SETTINGS in proposal.base:
        entries[layout.SETTINGS] = proposal.base.entries[layout.SETTINGS]
    return replace(proposal.after, entries=entries)


def _released(before: Snapshot, after: Snapshot) -> Iterator[tuple[str, str]]:
    for environment in before.children(layout.ENVIRONMENTS):
        for app in before.children(f"{layout.ENVIRONMENTS}/{environment}"):
            record = layout.release_file(environment, app)
            if record in before and layout.overlay_folder(environment, app) in after:
                yield environment, app


def _build(
    builder: Builder, side: Snapshot, closures: Mapping[str, Closure], wanted: list[str]
) -> dict[str, Objects | str]:
    """Each overlay's objects, or why it can't be rendered."""
    found: dict[str, Objects | str] = {}
    for built in builder.build(side, [closures[folder] for folder in wanted]):
        found[built.overlay] = _objects(built)
    return found


def _objects(built: Built | Broken) -> Objects | str:
    if isinstance(built, Broken):
        return str(built.problems[0]) if built.problems else "for no known reason"
    try:
        return read(built)
    except TidegateError as error:
        return error.message


def _differences(old: Objects | str, new: Objects | str, release: Release) -> Iterator[str]:
    if isinstance(new, str):
        if not isinstance(old, str):
            yield f"can't be rendered any more: {one_line(new)}"
        return
    # What couldn't be rendered before is held against its record alone.
    known = None if isinstance(old, str) else old
    yield from compare_images(known, new, release)
    if known is not None:
        yield from compare_versions(known, new, release)
        yield from compare_answers(known, new, release.image.name)
