"""ConfigMaps and Secrets (pkg/apis/core/validation: ValidateConfigMap, ValidateSecret)."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.formats import is_base64
from tidegate.policy.schemas.syntax.grammar import FILE_KEY_RULE, is_file_key
from tidegate.policy.schemas.syntax.reading import mapping, text
from tidegate.policy.schemas.syntax.words import MISSING
from tidegate.policy.schemas.words import shown

_LIMIT = 1024 * 1024
_NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
_KEY = "ssh-privatekey"
_JSON = (".dockercfg", ".dockerconfigjson")
_ACCOUNT = "kubernetes.io/service-account.name"


def judge_config_map(data: dict[str, Any]) -> Iterator[Flaw]:
    """A ConfigMap."""
    plain, binary = mapping(data.get("data")), mapping(data.get("binaryData"))
    size = 0
    for field, values in (("data", plain), ("binaryData", binary)):
        for key, value in values.items():
            yield from _judge_key(field, key)
            if field == "binaryData" and key in plain:
                yield Flaw((field, key), "is in data too; expected it in one of them")
            size += _length(value, encoded=field == "binaryData")
    yield from _judge_size(size)


def judge_secret(data: dict[str, Any]) -> Iterator[Flaw]:
    """A Secret."""
    encoded, plain = mapping(data.get("data")), mapping(data.get("stringData"))
    for field, values in (("data", encoded), ("stringData", plain)):
        for key in values:
            yield from _judge_key(field, key)
    size = sum(_length(value, encoded=False) for value in plain.values())
    size += sum(_length(value, encoded=True) for key, value in encoded.items() if key not in plain)
    yield from _judge_size(size)
    yield from _judge_type(data, encoded, plain)


def _judge_type(
    data: dict[str, Any], encoded: dict[str, Any], plain: dict[str, Any]
) -> Iterator[Flaw]:
    kind = text(data.get("type"))
    for key in _NEEDED.get(kind, ()):
        if key not in encoded and key not in plain:
            yield Flaw(("data", key), f"{MISSING}; expected it in a Secret of the type {kind}")
        elif key == _KEY and not (encoded.get(key) or plain.get(key)):
            yield Flaw(("data", key), f"is empty; expected a key in a Secret of the type {kind}")
        elif key in _JSON and not _is_json(encoded, plain, key):
            field = "stringData" if key in plain else "data"
            yield Flaw((field, key), "holds no JSON; expected what `docker login` writes")
    if kind == "kubernetes.io/basic-auth" and not {"username", "password"} & {*encoded, *plain}:
        yield Flaw(("data", "username"), f"{MISSING}; expected it or password in {kind}")
    if kind == "kubernetes.io/service-account-token":
        annotations = mapping(mapping(data.get("metadata")).get("annotations"))
        if not annotations.get(_ACCOUNT):
            path = ("metadata", "annotations", _ACCOUNT)
            yield Flaw(path, f"{MISSING}; expected the service account's name")


def _is_json(encoded: dict[str, Any], plain: dict[str, Any], key: str) -> bool:
    """Whether it is JSON; what can't be decoded was found by its schema."""
    value = plain.get(key)
    if value is None:
        value = encoded.get(key)
        if not isinstance(value, str) or not is_base64(value):
            return True
        value = b64decode(value).decode("utf-8", "replace")
    if not isinstance(value, str):
        return True
    try:
        return isinstance(json.loads(value), dict | type(None))
    except (ValueError, RecursionError):
        return False


def _judge_key(field: str, key: object) -> Iterator[Flaw]:
    if isinstance(key, str) and not is_file_key(key):
        yield Flaw((field, key), f"has the key {shown(key)}; expected {FILE_KEY_RULE}")


def _judge_size(size: int) -> Iterator[Flaw]:
    if size > _LIMIT:
        yield Flaw(("data",), f"is {size / _LIMIT:.1f} MiB large; expected at most 1 MiB")


def _length(value: object, *, encoded: bool) -> int:
    """The bytes that a value takes once it is stored."""
    if not isinstance(value, str):
        return 0
    if encoded:
        whole = len(value) - value.count("\n") - value.count("\r")
        return whole // 4 * 3 - value.count("=", -4)
    return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
