"""What runs of an app in a rendering, and what a change by hand may not make of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tidegate.domain.image import name_of
from tidegate.domain.manifest import Manifest, ObjectId
from tidegate.domain.release import Release
from tidegate.domain.text import one_line
from tidegate.repository.overlay_places import VERSION_LABEL

Objects = tuple[Manifest, ...]

# Notes, and names of secrets, start nothing.
_SILENT = frozenset({"annotations", "imagePullSecrets"})


class _Key(NamedTuple):
    """An object, whatever its API version and namespace are."""

    group: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in an object. Entries of lists are told apart by their names."""

    id: ObjectId
    path: tuple[str, ...]
    value: str

    @property
    def place(self) -> tuple[_Key, str]:
        """Where it is, with the names of entries."""
        return key_of(self.id), "".join(self.path)

    @property
    def slot(self) -> tuple[_Key, str]:
        """Where it is, without the names of entries, which anybody may change."""
        steps = ("[]" if step.startswith("[") else step for step in self.path)
        return key_of(self.id), "".join(steps)

    @property
    def is_image(self) -> bool:
        """Whether a field around it speaks of an image."""
        return any("image" in step.lower() for step in self.path if step.startswith("."))


def key_of(item: ObjectId) -> _Key:
    """What makes an object the same one for whoever runs it."""
    return _Key(item.group, item.kind, item.name)


def compare_images(old: Objects | None, new: Objects, release: Release) -> Iterator[str]:
    """Each field that named the app's image and would name another, each list of such fields that
    would have fewer of them, and images that are newly mounted into what runs the app's. `old` is
    None where nobody knows: then what runs is held against the record alone."""
    name = release.image.name
    was, will = _texts(old or ()), _texts(new)
    before: dict[tuple[_Key, str], set[str]] = {}
    for text in was:
        if text.is_image or _names(text, name):
            before.setdefault(text.place, set()).add(text.value)
    running = {text.slot[0] for text in will if _names(text, name)}
    told: set[_Key] = set()
    for text in will:
        known = before.get(text.place, set())
        ours = _names(text, name) or any(name_of(value) == name for value in known)
        mounted = text.path[-2:] == (".image", ".reference") and text.slot[0] in running
        if not ours and not (mounted and text.is_image):
            continue
        if text.value not in known and text.value != str(release.image):
            told.add(text.slot[0])
            instead = " or ".join(sorted(one_line(value) for value in known)) or "nothing"
            verb = "run" if ours else "mount"
            where = _shown(text)
            yield f"{text.id} would {verb} {one_line(text.value)} instead of {instead}, in {where}"
    left = Counter(text.slot for text in will if _names(text, name))
    ids = {text.slot: text.id for text in was if _names(text, name)}
    for slot, count in Counter(text.slot for text in was if _names(text, name)).items():
        if left[slot] < count and slot[0] not in told:
            where = one_line(slot[1].removeprefix("."))
            yield f"{ids[slot]} would not run {name} any more, in {where}"
    if old is None and not running:
        yield f"nothing would run {name} any more"


def compare_versions(old: Objects, new: Objects, release: Release) -> Iterator[str]:
    """Each version label of what runs the app's image that would be another, or would be gone."""
    name = release.image.name
    ours = {text.slot[0] for text in (*_texts(old), *_texts(new)) if _names(text, name)}
    was = {text.place: text for text in _texts(old) if _is_version(text, ours)}
    will = {text.place: text for text in _texts(new) if _is_version(text, ours)}
    for place, text in will.items():
        known = was[place].value if place in was else None
        if text.value not in (known, release.version):
            instead = one_line(known or release.version)
            told = f"would say version {one_line(text.value)} instead of {instead}"
            yield f"{text.id} {told}, in {_shown(text)}"
    there = {key_of(item.id) for item in new}
    for place, text in was.items():
        if place not in will and place[0] in there:
            yield f"{text.id} would not say version {one_line(text.value)}, in {_shown(text)}"


def _texts(objects: Objects) -> list[_Text]:
    """Every text of every object that may start something."""
    found: list[_Text] = []
    for item in objects:
        left: list[tuple[tuple[str, ...], Any]] = [((), item.data)]
        while left:
            path, value = left.pop()
            if isinstance(value, str):
                found.append(_Text(item.id, path, value))
            elif isinstance(value, Mapping):
                pairs = ((str(key), inner) for key, inner in value.items())
                left += [((*path, f".{key}"), inner) for key, inner in pairs if key not in _SILENT]
            elif isinstance(value, list):
                left += [((*path, _step(index, one)), one) for index, one in enumerate(value)]
    return found


def _step(index: int, entry: Any) -> str:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return f"[{name if isinstance(name, str) else index}]"


def _names(text: _Text, image: str) -> bool:
    """Whether it names that image: in a field for images, or with a digest anywhere else."""
    return name_of(text.value) == image and (text.is_image or "@" in text.value)


def _is_version(text: _Text, ours: set[_Key]) -> bool:
    return text.path[-2:] == (".labels", f".{VERSION_LABEL}") and text.slot[0] in ours


def _shown(text: _Text) -> str:
    return one_line("".join(text.path).removeprefix("."))
