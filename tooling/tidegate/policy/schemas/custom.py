"""Custom kinds, by the definitions that the repository keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.custom_kind import CustomKind
from tidegate.domain.manifest import Manifest
from tidegate.policy.schemas.custom_rules import CustomRules
from tidegate.policy.schemas.definitions import Definitions, Schema
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.structural import convert, settle
from tidegate.policy.schemas.validator import Validator
from tidegate.policy.schemas.words import choice


class CustomKinds:
    """Every custom kind, each compiled when the first object of it is seen."""

    def __init__(self, kinds: Sequence[CustomKind], meta: Definitions) -> None:
        self._kinds = {(kind.api_version, kind.kind): kind for kind in kinds}
        self._versions: dict[tuple[str, str], list[CustomKind]] = {}
        for kind in kinds:
            self._versions.setdefault((kind.group, kind.kind), []).append(kind)
        self._meta = meta
        self._compiled: dict[tuple[str, str], tuple[Validator, CustomRules]] = {}

    def knows(self, version: str, kind: str) -> bool:
        """Whether there is a definition of the kind, in whichever version."""
        return (version.rpartition("/")[0], kind) in self._versions

    def flaws(self, manifest: Manifest) -> Iterator[Flaw]:
        """What its definition refuses in an object of a custom kind."""
        key = manifest.id.api_version, manifest.id.kind
        kind = self._kinds.get(key)
        if kind is None:
            others = self._versions[manifest.id.group, manifest.id.kind]
            served = choice([other.api_version for other in others])
            where = others[0].where.file
            message = f"is '{manifest.id.api_version[:100]}', which {where} doesn't serve"
            yield Flaw(("apiVersion",), f"{message}; expected {served}")
            return
        if key not in self._compiled:
            self._compiled[key] = self._compile(kind), CustomRules(kind.schema)
        validator, rules = self._compiled[key]
        found = list(validator.flaws(manifest.data))
        # The server, too, asks the rules only about objects of the right shape.
        yield from found or rules.flaws(manifest.data)

    def _compile(self, kind: CustomKind) -> Validator:
        meta = self._meta.metadata()
        schema: Schema = convert(kind.schema)
        schema["$defs"] = {**meta["$defs"], "ObjectMeta": {"$ref": meta["$ref"]}}

        def prepare(data: Mapping[str, Any]) -> Any:
            return settle(data, kind.schema)

        return Validator(schema, prepare)
