"""What a Standing is, in cells and sentences that every form of report shares."""

from __future__ import annotations

from datetime import datetime

from tidegate.domain.application import HEALTHY, SYNCED
from tidegate.domain.standing import Running, Sighting, Standing, StatusReport
from tidegate.domain.text import one_line
from tidegate.report import waivers
from tidegate.report import words as sentences

UNKNOWN, NONE = "?", "–"
_DIGEST_SHOWN = 19
_SHOWN = 60


def git(standing: Standing) -> str:
    """The version that the release names."""
    if standing.release:
        return one_line(standing.release.version, 40)
    return "unreadable" if standing.problem else "never promoted"


def alias(standing: Standing) -> str:
    """The version that the registry's alias names."""
    if standing.release is None:
        return ""
    if standing.alias is None:
        return UNKNOWN
    return one_line(standing.alias.version or NONE, 40)


def live(standing: Standing) -> str:
    """The versions that run; where the clusters differ, each with its own."""
    sightings = standing.sightings
    if standing.release is None:
        return ""
    if sightings is None:
        return UNKNOWN
    cells = [_running(sighting) for sighting in sightings]
    if len(set(cells)) < 2:
        return next(iter(cells), NONE)
    named = zip(cells, sightings, strict=True)
    return "; ".join(f"{cell} on {cluster(sighting)}" for cell, sighting in named)


def argocd(standing: Standing) -> str:
    """Argo CD's own words about the Applications."""
    words = {f"{s.sync or UNKNOWN}, {s.health or UNKNOWN}": s for s in standing.sightings or ()}
    return one_line("; ".join(words), _SHOWN)


def is_well(standing: Standing) -> bool:
    """Whether Argo CD says that everything is synced and healthy."""
    return all((s.sync, s.health) == (SYNCED, HEALTHY) for s in standing.sightings or ())


def runs_it(standing: Standing) -> bool:
    """Whether nothing but what Git names was seen to run."""
    wanted = standing.overlay.digest if standing.overlay else None
    running = [item for sighting in standing.sightings or () for item in sighting.running]
    return all(item.digest == wanted for item in running)


def cluster(sighting: Sighting) -> str:
    """Where an Application runs."""
    return one_line(sighting.destination or sighting.application.name, _SHOWN)


def remarks(standing: Standing, now: datetime) -> list[tuple[str, str]]:
    """Sentences with their styles, the gravest first."""
    found = [(one_line(words), "bold red") for words in standing.disagreements]
    if standing.edited:
        found.append(("edited by hand: " + one_line("; ".join(standing.edited)), "red"))
    if standing.problem:
        found.append((one_line(standing.problem), "red"))
    for hold in standing.holds:
        style = "yellow" if hold.active(now) else "dim"
        found.append((sentences.held(hold, now), style))
    found += [(sentences.blocked(block), "yellow") for block in standing.blocks]
    if standing.waivers:
        found.append((waivers.summary(standing.waivers, now), "yellow"))
    return found


def advice(report: StatusReport) -> list[str]:
    """Which command goes on, of the first app that isn't as Git wants it."""
    for standing in report.standings:
        if standing.sightings is not None and standing.disagreements:
            where = f"{one_line(standing.app)} --env {one_line(standing.environment)}"
            return [f"→ `tidegate wait {where}` follows it until it is live, or says why not"]
    return []


def line(standing: Standing, now: datetime) -> str:
    """All of it in one line, for a log."""
    parts = [f"alias {alias(standing)}", f"Git {git(standing)}", f"live {live(standing)}"]
    words = [*parts, argocd(standing), *(text for text, _ in remarks(standing, now))]
    where = f"{one_line(standing.app)} in {one_line(standing.environment)}"
    return f"{where}: {'; '.join(filter(None, words))}"


def _running(sighting: Sighting) -> str:
    return ", ".join(map(_version, sighting.running)) or NONE


def _version(item: Running) -> str:
    if item.version is not None:
        return one_line(item.version, 40)
    return one_line(item.digest or "an image without a digest")[:_DIGEST_SHOWN]
