"""Objects that SOPS has encrypted: what stands in them is not what will be applied."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, Object, reach
from tidegate.policy.schemas.rules import CUSTOM_RULE, SCHEMA

_SOPS = "sops"
_ENCRYPTED = "ENC["


def is_encrypted(data: Object) -> bool:
    """Whether SOPS has encrypted an object: it leaves a block with an encrypted checksum."""
    block = data.get(_SOPS)
    return isinstance(block, dict) and _is_cipher(block.get("mac"))


def seen(manifests: Iterable[Manifest], found: Iterable[Violation]) -> list[Violation]:
    """The violations but for those of fields whose values nobody sees, in encrypted objects."""
    encrypted = {
        manifest.id: manifest.data for manifest in manifests if is_encrypted(manifest.data)
    }
    return [
        violation
        for violation in found
        if violation.object not in encrypted
        or not _is_hidden(encrypted[violation.object], violation)
    ]


def undecrypted(manifest: Manifest) -> Violation:
    """What is to be said of an encrypted object that is applied as it is."""
    message = "sops says that the object is encrypted, and nothing decrypts it before it is applied"
    fix = (
        "only what decrypts it first can apply it, as Flux, KSOPS and helm-secrets do; or keep the "
        "secret outside Git, with an ExternalSecret or a SealedSecret"
    )
    return Violation(SCHEMA, Severity.DENY, message, manifest.id, (_SOPS,), fix)


def _is_hidden(data: Object, violation: Violation) -> bool:
    """Whether a field is SOPS' own, or its value is encrypted, or may be compared with one that
    is."""
    own = violation.field[:1] == (_SOPS,) or violation.rule == CUSTOM_RULE
    return own or _is_cipher(reach(data, violation.field))


def _is_cipher(value: object) -> bool:
    return isinstance(value, str) and value.startswith(_ENCRYPTED)
