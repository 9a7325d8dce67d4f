"""cert-manager's Certificate and external-secrets' ExternalSecret."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places, below

_CERTIFICATE: Places = {
    "spec": "text: commonName literalSubject secretName signatureAlgorithm span: duration "
    "renewBefore int: renewBeforePercentage revisionHistoryLimit bool: encodeUsagesInRequest isCA "
    "list: additionalOutputFormats dnsNames emailAddresses ipAddresses otherNames uris usages "
    "map: issuerRef keystores nameConstraints privateKey secretTemplate subject",
    "spec.issuerRef": "text: group kind name",
    "spec.privateKey": "text: algorithm encoding rotationPolicy int: size",
}
_REMOTE = (
    "text: conversionStrategy decodingStrategy key metadataPolicy nullBytePolicy property version "
    "map: decryptingStrategy"
)
_STORE = "SecretStore|ClusterSecretStore: kind text: name"
_SOURCE: Places = {"": "map: generatorRef storeRef", ".storeRef": _STORE}
_EXTERNAL_SECRET: Places = {
    "spec": "list: data dataFrom span: refreshInterval map: secretStoreRef syncWindows target "
    "CreatedOnce|Periodic|OnChange: refreshPolicy",
    "spec.data[]": "text: secretKey map: remoteRef sourceRef",
    "spec.data[].remoteRef": _REMOTE,
    "spec.dataFrom[].extract": _REMOTE,
    "spec.secretStoreRef": _STORE,
    **below("spec.data[].sourceRef", _SOURCE),
    **below("spec.dataFrom[].sourceRef", _SOURCE),
    "spec.target": "text: name bool: immutable map: manifest template "
    "Owner|Orphan|Merge|None|CreateOrMerge: creationPolicy Delete|Merge|Retain: deletionPolicy",
}
KINDS: Kinds = {
    ("cert-manager.io", "Certificate"): _CERTIFICATE,
    ("external-secrets.io", "ExternalSecret"): _EXTERNAL_SECRET,
}
