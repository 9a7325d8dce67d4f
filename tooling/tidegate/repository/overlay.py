"""What an overlay says it runs, and the edit that a promotion makes to it: text to text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, SequenceNode

from tidegate.domain.image import DIGEST_PATTERN
from tidegate.domain.release import OverlayState
from tidegate.errors import ConfigurationError, InputError, Problem, TidegateError
from tidegate.repository.nodes import problem
from tidegate.repository.overlay_places import (
    ImageEntry,
    OverlayPlaces,
    find_places,
    missing_label,
)
from tidegate.repository.quoting import quoted
from tidegate.repository.splice import (
    Pair,
    Splice,
    insertion,
    is_empty,
    is_string,
    replacement,
    scalar_text,
    spliced,
)
from tidegate.repository.yaml import decode, key_text

_BOM = "\ufeff"
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(DIGEST_PATTERN.removeprefix("^").removesuffix("$"))
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


def read_overlay(path: str, data: bytes, image: str) -> OverlayState:
    """What the overlay says about the image whose entry under `images:` is named `image`.

    Raises ConfigurationError where there is no such entry, or it can't be trusted or edited.
    """
    text = decode(path, data).removeprefix(_BOM)
    return _state(path, text, find_places(path, text, image))


def edit_overlay(
    path: str, data: bytes, image: str, *, tag: str, digest: str, version: str
) -> bytes:
    """The overlay with that tag and digest in the image's entry and that version in the version
    label; every other byte is as before, and nothing changes where they are there already.

    Raises ConfigurationError as `read_overlay` does, and where the version label is missing;
    InputError for values that Kubernetes would not take.
    """
    wanted = _Wanted(tag, digest, version)
    wanted.require()
    whole = decode(path, data)
    text = whole.removeprefix(_BOM)
    before = find_places(path, text, image)
    _state(path, text, before)
    edited = spliced(text, _splices(path, text, before, wanted))
    result = (whole[: len(whole) - len(text)] + edited).encode("utf-8")
    decode(path, result)  # which may have grown over the limit of size
    expected = OverlayState(before.image.repository, tag, digest, version)
    _prove(path, edited, before, expected)
    return result


@dataclass(frozen=True, slots=True)
class _Wanted:
    tag: str
    digest: str
    version: str

    def require(self) -> None:
        """Raises InputError for what can't be written, and so for all that needs escapes."""
        for what, value, pattern in (
            ("image tag", self.tag, _TAG),
            ("digest", self.digest, _DIGEST),
            ("label value", self.version, _LABEL),
        ):
            if not pattern.fullmatch(value):
                shown = value if len(value) <= 80 else value[:79] + "…"
                raise InputError(f"{shown!r} is no valid {what}")


def _state(path: str, text: str, places: OverlayPlaces) -> OverlayState:
    problems: list[Problem] = []

    def value(pair: Pair | None) -> str | None:
        return None if pair is None else scalar_text(path, text, pair, problems)

    entry = places.image
    digest = value(entry.digest)
    if digest is not None and entry.digest is not None and not _DIGEST.fullmatch(digest):
        message = "is no digest"
        problems.append(entry.digest.problem(path, message, expected="sha256: and 64 hex digits"))
    state = OverlayState(entry.repository, value(entry.tag), digest, value(places.version))
    if problems:
        raise ConfigurationError(problems)
    return state


def _splices(path: str, text: str, before: OverlayPlaces, wanted: _Wanted) -> list[Splice]:
    entry = before.image
    if before.version is None:
        raise ConfigurationError([missing_label(path, before, wanted.version)])
    values = (
        (entry.tag, wanted.tag),
        (entry.digest, wanted.digest),
        (before.version, wanted.version),
    )
    splices = [
        _replaced(path, text, pair, value)
        for pair, value in values
        if pair is not None and not (is_string(pair) and pair.value.value == value)
    ]
    new = {"newTag": wanted.tag} if entry.tag is None else {}
    if entry.digest is None:
        new["digest"] = wanted.digest
    if new:
        splices.append(_inserted(path, text, entry, new))
    return splices


def _replaced(path: str, text: str, pair: Pair, value: str) -> Splice:
    splice = replacement(text, pair, value)
    if splice is None:
        message = f"has no place for a value; write:\n{pair.key.value}: {quoted(value)}"
        raise ConfigurationError([pair.problem(path, message)])
    return splice


def _inserted(path: str, text: str, entry: ImageEntry, new: Mapping[str, str]) -> Splice:
    siblings = [pair for pair in (entry.tag, entry.new_name) if pair and not is_empty(pair)]
    first = next(iter(new))
    sibling = siblings[0] if siblings else entry.name
    splice = insertion(text, entry.node, sibling, new)
    if splice is None:
        lines = "\n".join(f"{key}: {quoted(value)}" for key, value in new.items())
        message = f"lacks {first}, and its style leaves no safe place for it; add:\n{lines}"
        mark = entry.node.start_mark
        raise ConfigurationError([problem(path, mark, message, key_text(entry.path))])
    return splice


def _prove(path: str, edited: str, before: OverlayPlaces, expected: OverlayState) -> None:
    """The last line of defence: what we made says what was wanted, and is otherwise the same."""
    hint = "This is a bug of Tidegate's; nothing was written. Please report it with the file."
    try:
        after = find_places(path, edited, before.image.name.value.value)
        same = _state(path, edited, after) == expected and _rest(before) == _rest(after)
        strings = all(map(is_string, _edited_pairs(after)))
    except ConfigurationError as error:
        raise TidegateError(f"{path}: the edit broke the file: {error}", hint=hint) from error
    if not (same and strings):
        raise TidegateError(f"{path}: the edit changed more than it should", hint=hint)


def _edited_pairs(places: OverlayPlaces) -> list[Pair]:
    entry = places.image
    return [pair for pair in (entry.tag, entry.digest, places.version) if pair is not None]


def _rest(places: OverlayPlaces) -> object:
    """Everything in the document but the pairs that an edit sets, to be compared."""
    edited = {id(pair.key) for pair in _edited_pairs(places)}

    def shape(node: Node) -> object:
        if isinstance(node, MappingNode):
            kept = ((shape(k), shape(v)) for k, v in node.value if id(k) not in edited)
            return (node.tag, tuple(kept))
        if isinstance(node, SequenceNode):
            return (node.tag, tuple(shape(item) for item in node.value))
        return (node.tag, node.value)

    return shape(places.root)
