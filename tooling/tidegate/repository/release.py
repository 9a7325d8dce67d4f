"""The release record's text: what is written beside an overlay, and what is read back."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tidegate.domain.image import ImageRef
from tidegate.domain.release import PreviousRelease, Release
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, InputError, Problem, TidegateError
from tidegate.repository import layout
from tidegate.repository.quoting import quoted
from tidegate.repository.readings import Readings
from tidegate.repository.schemas import check
from tidegate.repository.yaml import Document, KeyPath, load

_HEADER = """\
# Written by tidegate; changes by hand are reported and block promotion.
# yaml-language-server: $schema=../../../policies/schemas/release.json
apiVersion: tidegate.dev/v1
kind: Release
"""
# Words that some YAML readers take for something else than text.
_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_PLAIN_KEY = re.compile(r"[a-z][a-zA-Z0-9_]{0,99}")
_VERSION = re.compile(r"[1-9][0-9]{0,18}")
_SURELY_READABLE = 64 * 1024  # far from every limit that a reader has
_LONGEST_KEY = 1000  # YAML takes 1,024 characters as a key, its quotes included


def read_release(
    snapshot: Snapshot, environment: str, app: str, readings: Readings | None = None
) -> Release | None:
    """The release of an app in an environment; None where it was never promoted.

    Raises ConfigurationError where the file was damaged, or copied from somewhere else.
    """
    path = layout.release_file(environment, app)
    if path not in snapshot:
        return None
    layout.require_file(snapshot, path)
    known = Readings() if readings is None else readings
    release = known.release(
        snapshot.entries[path].id, lambda: parse_release(path, snapshot.read(path))
    )
    return _require_own(environment, app, release)


def parse_own_release(environment: str, app: str, data: bytes) -> Release:
    """A release record's text, which must be about that app there. Raises ConfigurationError."""
    release = parse_release(layout.release_file(environment, app), data)
    return _require_own(environment, app, release)


def _require_own(environment: str, app: str, release: Release) -> Release:
    if (release.app, release.environment) != (app, environment):
        path = layout.release_file(environment, app)
        message = f"is the release of {release.app} in {release.environment}"
        expected = f"the one of {app} in {environment}"
        raise ConfigurationError([Problem(path, 1, 1, "", message, expected=expected)])
    return release


def parse_release(path: str, data: bytes) -> Release:
    """Reads a release record. Raises ConfigurationError with all problems, and where the
    evidence is not what its digest was made of."""
    document = load(path, data)
    problems = list(check("release", document))
    if problems:
        raise ConfigurationError(problems)
    content: dict[str, Any] = document.data
    model = content["model"]
    image = _image(document, ("image",), content["image"], problems)
    evidence = _evidence(document, content["evidence"], problems)
    before = content.get("previous")
    previous = None
    if before is not None:
        older = _image(document, ("previous", "image"), before["image"], problems)
        previous = PreviousRelease(before["model"], before["version"], older)
    if problems:
        raise ConfigurationError(problems)
    return Release(
        app=content["app"],
        environment=content["environment"],
        model=model["name"],
        version=model["version"],
        run_id=model.get("run"),
        image=image,
        evidence=evidence,
        previous=previous,
    )


def format_release(release: Release) -> bytes:
    """The record's text: the same bytes for the same release, and read back as what it was.

    Raises InputError for text that is not Unicode (lone surrogates) and for evidence that
    JSON doesn't know.
    """
    if "digest" in release.evidence:
        raise TidegateError("evidence must not have a key 'digest': the record's own goes there")
    digest = evidence_digest(release.evidence)
    model = {"name": release.model, "version": release.version}
    if release.run_id is not None:
        model["run"] = release.run_id
    content: dict[str, Any] = {
        "app": release.app,
        "environment": release.environment,
        "model": model,
        "image": _image_fields(release.image),
        "evidence": {"digest": digest, **release.evidence},
    }
    if release.previous is not None:
        content["previous"] = {
            "model": release.previous.model,
            "version": release.previous.version,
            "image": _image_fields(release.previous.image),
        }
    try:
        data = (_HEADER + "\n".join(_mapping_lines(content, "")) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(
            f"the release of {release.app!r} can't be recorded: "
            "a text in it has half a surrogate pair, which is not Unicode"
        ) from None
    _require_readable(release, data)
    return data


def evidence_digest(evidence: Mapping[str, Any]) -> str:
    """`sha256:…` of the evidence as canonical JSON: sorted keys, no spaces, UTF-8.

    Raises InputError for what JSON doesn't know, such as NaN, and for lone surrogates.
    """
    try:
        text = json.dumps(
            evidence, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"evidence can't be recorded as JSON: {error}") from None


def _require_readable(release: Release, data: bytes) -> None:
    """A record that can't be read back would block every later promotion: better refuse now."""
    older = [release.previous.image] if release.previous else []
    plain = (
        data.isascii()
        and len(data) <= _SURELY_READABLE
        and ""
        not in (
            release.model,
            release.run_id,
        )
    )
    # Of ASCII alone, JSON's texts are YAML's. Beyond it they differ, and so do YAML's readers.
    if plain and _VERSION.fullmatch(release.version) and all(map(_whole, (release.image, *older))):
        return
    if replace(parse_release("release.yaml", data), evidence={}) != replace(release, evidence={}):
        raise TidegateError(f"the release of {release.app!r} is not read back as it was written")


def _whole(image: ImageRef) -> bool:
    try:
        return ImageRef.parse(str(image)) == image
    except ValueError:
        return False


def _image_fields(image: ImageRef) -> dict[str, str]:
    if image.tag is None or image.digest is None:
        raise TidegateError(f"a release needs an image with tag and digest, not {str(image)!r}")
    return {"name": image.name, "tag": image.tag, "digest": image.digest}


def _image(
    document: Document, path: KeyPath, fields: Mapping[str, str], problems: list[Problem]
) -> ImageRef:
    written = ImageRef(fields["name"], fields["tag"], fields["digest"])
    try:
        if ImageRef.parse(str(written)) == written:
            return written
        message = "does not fit together as name, tag and digest"
    except ValueError as error:
        message = str(error)
    problems.append(document.problem(path, message))
    return written


def _evidence(
    document: Document, written: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    evidence = {key: value for key, value in written.items() if key != "digest"}
    endless = _endless(evidence, ("evidence",))
    if endless is not None:
        problems.append(document.problem(endless, "is not a finite number"))
    elif (made := evidence_digest(evidence)) != written["digest"]:
        message = f"was edited by hand: the evidence digest is {made}, not {written['digest']}"
        problems.append(document.problem(("evidence",), message))
    return evidence


def _endless(value: Any, path: KeyPath) -> KeyPath | None:
    if isinstance(value, float) and not math.isfinite(value):
        return path
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return next((found for key, v in items if (found := _endless(v, (*path, key)))), None)


def _mapping_lines(mapping: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in mapping.items():
        plain = _PLAIN_KEY.fullmatch(key) and key not in _NOT_TEXT
        name = key if plain else quoted(key)
        lead = f"{indent}{name}:"
        if len(name) > _LONGEST_KEY:
            lines.append(f"{indent}? {name}")
            lead = f"{indent}:"
        lines += _value_lines(value, lead, indent + "  ")
    return lines


def _value_lines(value: Any, lead: str, indent: str) -> list[str]:
    if isinstance(value, Mapping) and value:
        return [lead, *_mapping_lines(value, indent)]
    if isinstance(value, list | tuple) and value:
        lines = [lead]
        for item in value:
            nested = _value_lines(item, f"{indent}-", indent + "  ")
            if len(nested) > 1:  # the compact form: `- key: value`
                nested[:2] = [nested[0] + nested[1][len(nested[0]) :]]
            lines += nested
        return lines
    return [f"{lead} {_scalar(value)}"]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float):
        mantissa, exponent, power = float.__repr__(value).partition("e")
        # YAML 1.1 takes 1e-05 for text.
        return mantissa + (".0" if exponent and "." not in mantissa else "") + exponent + power
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, list | tuple) else json.dumps(value)
