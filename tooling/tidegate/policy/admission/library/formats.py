"""Kubernetes' named formats: what a name, a label or a date must look like, and why one doesn't."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from tidegate.policy.admission.library.signature import (
    Function,
    Refused,
    member,
    plain,
    unwrap,
    wrap,
)
from tidegate.policy.admission.library.url import is_url

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_WORD = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_UUID = re.compile(
    r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.ASCII
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:z|([+-])([0-9]{2}):([0-9]{2}))",
    re.IGNORECASE | re.ASCII,
)
_LABEL_SAYS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character",
    ("my-name", "123-abc"),
)
_SUBDOMAIN_SAYS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character",
    ("example.com",),
)
_LABEL_1035_SAYS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character",
    ("my-name", "abc-123"),
)
_WORD_SAYS = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character",
    ("MyName", "my.name", "123-abc"),
)
_VALUE_SAYS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character",
    ("MyValue", "my_value", "12345"),
)
_dotted = re.compile(_SUBDOMAIN, re.ASCII)
_Says = tuple[str, tuple[str, ...]]


def _regular(
    pattern: str, says: _Says, length: int, unit: str = "characters"
) -> Callable[[str], list[str]]:
    # Our own patterns, on texts that are bounded first: they can't take long.
    form = re.compile(pattern, re.ASCII)

    def check(text: str) -> list[str]:
        wrong = [f"must be no more than {length} {unit}"] if len(text) > length else []
        if not form.fullmatch(text[: length + 1]):
            if pattern == _LABEL and _dotted.fullmatch(text[:length]):
                return [*wrong, "must not contain dots"]
            examples = " or ".join(f"'{example}', " for example in says[1])
            wrong.append(f"{says[0]} (e.g. {examples}regex used for validation is '{pattern}')")
        return wrong

    return check


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """Generated names may end in '-': something will follow."""
    return lambda text: check(text[:-2] + "a" if len(text) > 1 and text.endswith("-") else text)


_subdomain = _regular(_SUBDOMAIN, _SUBDOMAIN_SAYS, 253)
_label = _regular(_LABEL, _LABEL_SAYS, 63)
_label_1035 = _regular(_LABEL_1035, _LABEL_1035_SAYS, 63)
_word = _regular(_WORD, _WORD_SAYS, 63)
_value = _regular(rf"({_WORD})?", _VALUE_SAYS, 63, "bytes")


def _qualified(text: str) -> list[str]:
    before, slash, name = text.rpartition("/")
    if "/" in before:
        words = _word("")[0].removeprefix("name part ")
        optional = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {words} {optional}"]
    wrong = []
    if slash:
        wrong = ["prefix part must be non-empty"] if not before else []
        wrong += [f"prefix part {reason}" for reason in _subdomain(before) if before]
    if not name:
        wrong.append("name part must be non-empty")
    elif len(name) > 63:
        wrong.append("name part must be no more than 63 bytes")
    return wrong + _word(name[:63])


def _byte(text: str) -> list[str]:
    if not text:
        return ["invalid base64"]
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ["invalid base64"]
    return []


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if not match:
        return False
    try:
        date(int(match[1]) or 4, int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True


def _datetime(text: str) -> list[str]:
    match = _TIME.fullmatch(text[11:])
    fits = match is not None and (int(match[1]) < 24 and int(match[2]) < 60 and int(match[3]) < 60)
    good = _is_date(text[:10]) and text[10:11] in ("T", "t") and fits
    return [] if good else ["invalid datetime"]


FORMATS: dict[str, Callable[[str], list[str]]] = {
    "dns1123Label": _label,
    "dns1123Subdomain": _subdomain,
    "dns1035Label": _label_1035,
    "qualifiedName": _qualified,
    "dns1123LabelPrefix": _prefix(_label),
    "dns1123SubdomainPrefix": _prefix(_subdomain),
    "dns1035LabelPrefix": _prefix(_label_1035),
    "labelValue": _value,
    "uri": lambda text: [] if is_url(text) else [f'parse "{text}": invalid URI for request'],
    "uuid": lambda text: [] if _UUID.fullmatch(text) else ["does not match the UUID format"],
    "byte": _byte,
    "date": lambda text: [] if _is_date(text) else ["invalid date"],
    "datetime": _datetime,
}


def _maybe(value: Any) -> dict[str, Any]:
    """The library has no way to return an optional: a map stands for it, and only hasValue() and
    value() may be asked of it."""
    return {"tidegate.Optional": [] if value is None else [value]}


def _held(value: Any) -> list[Any]:
    held = value.get("tidegate.Optional") if isinstance(value, dict) else None
    if not isinstance(held, list):
        raise Refused("no such overload")
    return held


def _unpacked(value: Any) -> Any:
    held = _held(value)
    if not held:
        raise Refused("optional.none() dereference")
    return held[0]


def validate(value: Any, text: str) -> dict[str, Any]:
    """Why the text doesn't have the format; nothing where it has."""
    return _maybe(FORMATS[unwrap("Format", value)](text) or None)


def named(name: str) -> dict[str, Any]:
    """The format of that name, where there is one."""
    return _maybe(wrap("Format", name) if name in FORMATS else None)


def _constant(name: str) -> Function:
    return plain(f"format.{name}", "", "Format", lambda: wrap("Format", name))


FUNCTIONS: tuple[Function, ...] = (
    *map(_constant, FORMATS),
    plain("format.named", "string", "optional<Format>", named),
    member("validate", "Format string", "optional<list<string>>", validate),
    # What the results of the two above are asked, while a policy runs.
    member("hasValue", "Optional", "", lambda value: bool(_held(value))),
    member("value", "Optional", "", _unpacked),
)
