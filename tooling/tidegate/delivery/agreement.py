"""Where the registry's alias, Git and the cluster say different things of an app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tidegate.delivery.origin import find_stray
from tidegate.delivery.trouble import DELETED, SKIPPED
from tidegate.domain.application import ERROR, FAILED, HEALTHY, SYNCED, Application
from tidegate.domain.image import name_of
from tidegate.domain.source import Origin
from tidegate.domain.standing import Running, Sighting, Standing

_SHOWN = 19


def find_running(
    images: Iterable[str], repository: str, versions: Mapping[str, str]
) -> tuple[Running, ...]:
    """Which of the images are an app's: those from its repository, and those whose digest one of
    its releases had, `versions` by digest, whatever name they run under."""
    found: dict[Running, None] = {}
    for image in images:
        digest = image.partition("@")[2] or None
        version = versions.get(digest) if digest else None
        if version is not None or name_of(image) == repository:
            found[Running(version, digest)] = None
    return tuple(found)


def find_doubts(application: Application, folder: str, origin: Origin | None) -> tuple[str, ...]:
    """Why what an Application shows may tell nothing of the overlay in a folder. Pure."""
    found = (
        DELETED if application.deleting else "",
        find_stray(application, folder, origin),
        SKIPPED if application.skipped else "",
    )
    return tuple(filter(None, found))


def disagreements(standing: Standing) -> tuple[str, ...]:
    """In words for people; none for an app that was never promoted there. Pure."""
    if standing.release is None:
        return ()
    clusters = tuple(_of_clusters(standing))
    return (*_of_alias(standing, live=bool(standing.sightings) and not clusters), *clusters)


def describe(running: Running) -> str:
    """`version 5`, or the image where no release had it."""
    if running.version is not None:
        return f"version {running.version}"
    return f"image {running.digest[:_SHOWN]}" if running.digest else "an image without a digest"


def _of_alias(standing: Standing, *, live: bool) -> Iterator[str]:
    """An alias is written once a version is live: before that, none is missing."""
    alias, release = standing.alias, standing.release
    if alias is None or release is None or alias.version == release.version:
        return
    if alias.version is not None:
        yield f"the alias {alias.name} names version {alias.version}"
    elif live:
        yield f"the registry has no alias {alias.name}"


def _of_clusters(standing: Standing) -> Iterator[str]:
    sightings = standing.sightings
    if sightings is None:
        return
    if not sightings:
        yield "Argo CD has no Application of it"
    for sighting in sightings:
        where = f" on {sighting.destination}" if len(sightings) > 1 else ""
        for doubt in sighting.doubts:  # a sentence of its own, which ends with what to do
            yield f"{where.lstrip()}: {doubt}" if where else doubt
        words = ", ".join(_of_cluster(sighting, standing))
        if words:
            yield f"{words}{where}"


def _of_cluster(sighting: Sighting, standing: Standing) -> Iterator[str]:
    wanted = standing.overlay.digest if standing.overlay else None
    others = [item for item in sighting.running if item.digest != wanted]
    if others:
        alone = len(others) == len(sighting.running)
        yield f"{_list(others)} {'runs' if alone else 'runs beside it'}"
    elif not sighting.running and (sighting.sync, sighting.health) != (SYNCED, HEALTHY):
        yield "no pod runs it"
    if sighting.sync != SYNCED:
        yield sighting.sync or "not compared with Git"
    if sighting.health != HEALTHY:
        yield sighting.health or "health not known"
    if sighting.phase in (FAILED, ERROR):
        yield f"the last sync: {sighting.phase}"


def _list(items: Sequence[Running]) -> str:
    return " and ".join(describe(item) for item in items[:3]) + (" …" if len(items) > 3 else "")
