"""policies/waivers/*.yaml → Waivers, each held against the rest of the repository."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from tidegate.domain.configuration import Configuration
from tidegate.domain.location import Location
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.waiver import Subject, Waiver
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository import layout
from tidegate.repository.expiry import Expiry, latest_allowed, parse_expiry
from tidegate.repository.schemas import check
from tidegate.repository.waiver_scope import Entry, Known
from tidegate.repository.yaml import read

_ENTRY = re.compile(r"waivers\[(\d+)\]")


def read_waivers(
    snapshot: Snapshot,
    configuration: Configuration,
    now: datetime,
    rules: Collection[str] | None = None,
) -> tuple[Waiver, ...]:
    """Every waiver, those that have expired included, by file and line. `rules` are the names of
    all rules, where the caller knows them; `now` is aware of its time zone.

    Raises ConfigurationError with all mistakes of all files: a waiver that isn't understood must
    not let anything pass.
    """
    problems: list[Problem] = []
    entries = list(_entries(snapshot, problems))
    problems.extend(_repeated(entries))
    known = Known(configuration, rules)
    waivers: list[Waiver] = []
    for entry in entries:
        subject = next(subject for subject in Subject if subject.value in entry.data)
        problems.extend(known.problems(entry, subject))
        expiry = parse_expiry(entry.data["expires"])
        if expiry is None:
            message = f"is '{entry.data['expires']}', which is no day or time that exists"
            expected = "such as 2026-03-31 or 2026-03-31T18:00:00Z"
            problems.append(entry.problem(("expires",), message, expected))
            continue
        problems.extend(_too_far(entry, expiry, known, now))
        waivers.append(_waiver(entry, subject, expiry.moment))
    if problems:
        raise ConfigurationError(problems)
    return tuple(sorted(waivers, key=lambda waiver: waiver.where))


def _entries(snapshot: Snapshot, problems: list[Problem]) -> Iterator[Entry]:
    """The waivers of all files that can be used, with what is wrong with the others told."""
    paths = [f"{layout.WAIVERS}/{name}" for name in snapshot.children(layout.WAIVERS)]
    paths = [path for path in paths if _is_meant(snapshot, path, problems)]
    snapshot.prefetch(paths)
    for path in paths:
        try:
            document, found = read(path, snapshot.read(path))
        except ConfigurationError as error:
            problems.extend(error.problems)
            continue
        found.extend(check("waivers", document))
        problems.extend(found)
        broken = {int(match[1]) for problem in found if (match := _ENTRY.match(problem.key))}
        listed = document.data.get("waivers") if isinstance(document.data, dict) else None
        for index, data in enumerate(listed if isinstance(listed, list) else ()):
            if index not in broken:
                yield Entry(document, ("waivers", index), data)


def _is_meant(snapshot: Snapshot, path: str, problems: list[Problem]) -> bool:
    """Whether it is a file of waivers. What somebody may take for one, and isn't, is told."""
    name = path.removeprefix(f"{layout.WAIVERS}/")
    if snapshot.is_file(path):
        if not name.endswith((".yaml", ".yml")):
            return False
        if layout.NAME.fullmatch(name.removesuffix(".yaml")):
            return True
        message = "is not a name that can be used"
        expected = f"<name>.yaml, with {layout.NAME_RULE}"
    else:
        message = "is a folder, a symbolic link or a submodule"
        expected = f"files directly in {layout.WAIVERS}"
    problems.append(Problem.whole(path, message, expected=expected))
    return False


def _repeated(entries: Iterable[Entry]) -> Iterator[Problem]:
    firsts: dict[str, Location] = {}
    for entry in entries:
        name, path = entry.data["id"], (*entry.path, "id")
        if name in firsts:
            message = f"says '{name}' again; the first is at {firsts[name]}"
            yield entry.document.problem(path, message, "an id of its own")
        firsts.setdefault(name, entry.document.place(path))


def _too_far(entry: Entry, expiry: Expiry, known: Known, now: datetime) -> Iterator[Problem]:
    """What the strictest environment that it is for has against its end."""
    for environment in known.reached(entry)[:1]:
        days, name = environment.waiver_days, environment.name
        if days == 0:
            path = ("environments",) if "environments" in entry.data else ()
            message = f"is for '{name}' too, which allows no waivers"
            yield entry.problem(path, message, "`environments` without it")
        elif last := latest_allowed(expiry, days, now):
            message = (
                f"is '{entry.data['expires']}', but in {name} a waiver ends at most "
                f"{days} days from now"
            )
            yield entry.problem(("expires",), message, f"{last} at the latest")


def _waiver(entry: Entry, subject: Subject, expires: datetime) -> Waiver:
    data = entry.data
    return Waiver(
        id=data["id"],
        subject=subject,
        name=data[subject.value],
        apps=tuple(data.get("apps", ())),
        environments=tuple(data.get("environments", ())),
        versions=tuple(data.get("versions", ())),
        reason=data["reason"],
        approved_by=data["approvedBy"],
        ticket=data["ticket"],
        expires=expires,
        where=entry.document.place(entry.path),
        objects=tuple(data.get("objects", ())),
    )
