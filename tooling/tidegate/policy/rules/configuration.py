"""ConfigMaps, Secrets, claims and service accounts that pods name: they are there, with the keys
that are asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.external_secrets import made_keys
from tidegate.policy.rules.inventory import Inventory, Missing
from tidegate.policy.rules.mounts import CLAIM, CONFIG_MAP, SECRET, Need, needs
from tidegate.policy.rules.pods import Container, Pods
from tidegate.policy.rules.references import absent, lacking, title
from tidegate.policy.rules.rule import Found, Judge, Rule
from tidegate.policy.rules.shapes import at, entries, mapping, shown, text
from tidegate.policy.rules.spelling import is_cut, is_slip, nearest_name, suggestion

_ISSUED = (
    *("tls.crt", "tls.key", "ca.crt", "tls-combined.pem", "key.der"),
    *("keystore.jks", "truststore.jks", "keystore.p12", "truststore.p12"),
)
_WORKS_WITHOUT = "pulls images with"  # the kubelet only complains


def _exists(kind: str) -> Judge:
    def judge(inventory: Inventory) -> Iterator[Found]:
        said: set[tuple[int, str]] = set()
        for need in needs(inventory):
            if need.kind != kind or not need.name or need.optional:
                continue
            if (id(need.pods), need.name) in said or _is_claimed(need):
                continue
            found = absent(
                inventory,
                need.pods.owner,
                need.path,
                kind,
                need.name,
                doing=need.doing,
                certain=need.doing != _WORKS_WITHOUT and inventory.is_whole,
            )
            if need.keys and not inventory.is_whole and kind != CLAIM:
                found = _by_keys(inventory, need, found)
            if found:
                said.add((id(need.pods), need.name))
                yield found

    return judge


def _by_keys(inventory: Inventory, need: Need, found: Found | None) -> Found | None:
    """What is said where keys are asked of what isn't here: one that has them all was meant, if
    its name is near; and one that has them not was not, unless its name is surely mistyped."""
    place = need.pods.owner.id.namespace
    names = inventory.names(need.kind, place)
    near = nearest_name(need.name, names)
    if is_slip(need.name, near) or not names or inventory.find(need.kind, place, need.name):
        return found
    known = {
        name: _keys(inventory, need.kind, need.pods, name)
        or (_issued(inventory, name) if need.kind == SECRET else None)
        for name in names
    }
    asked = {key for key, _ in need.keys}
    holders = [name for name, keys in known.items() if keys and asked <= {*keys}]
    if not holders and None not in known.values():
        return None
    may_exist = inventory.may_exist(need.kind, place, need.name)
    if found is None and near in holders and is_cut(need.name, near) and not may_exist:
        missing = Missing(near, certain=False)
        owner = need.pods.owner
        return lacking(owner, need.path, need.kind, need.name, missing, doing=need.doing)
    return found


def _issued(inventory: Inventory, name: str) -> list[str] | None:
    """The keys that there may be in a Secret which a Certificate makes; None for any other."""
    found = inventory.of("Certificate", groups=frozenset({"cert-manager.io"}))
    issued = any(text(at(manifest.data, "spec", "secretName")) == name for manifest in found)
    return [*_ISSUED] if issued else None


def _is_claimed(need: Need) -> bool:
    """Whether a StatefulSet's own claim has the name."""
    templates = entries(need.pods.owner.data, "spec", "volumeClaimTemplates")
    return need.kind == CLAIM and any(
        need.name.startswith(f"{text(at(item, 'metadata', 'name'))}-") for _, item in templates
    )


def _judge_account(inventory: Inventory) -> Iterator[Found]:
    for pods in inventory.pods:
        key = "serviceAccountName" if "serviceAccountName" in pods.spec else "serviceAccount"
        found = absent(
            inventory,
            pods.owner,
            (*pods.spec_path, key),
            "ServiceAccount",
            text(pods.spec.get(key)),
            doing="runs as",
            certain=inventory.is_whole,
        )
        if found:
            yield found


def _judge_keys(inventory: Inventory) -> Iterator[Found]:
    for need in needs(inventory):
        if need.keys and not need.optional:
            known = _keys(inventory, need.kind, need.pods, need.name)
            for key, path in need.keys if known is not None else ():
                yield from _unknown_key(inventory, need, key, path, known or [])
    for pods in inventory.pods:
        for container in pods.containers:
            yield from _sub_paths(inventory, pods, container)


def _unknown_key(
    inventory: Inventory, need: Need, key: str, path: tuple[str | int, ...], known: list[str]
) -> Iterator[Found]:
    if key not in known:
        near = nearest_name(key, known)
        maker = _maker(inventory, need)
        lacks = f"{title(maker)} makes without it" if maker else "does not have it"
        message = (
            f"{title(need.pods.owner)} wants the key '{shown(key)}' of {need.kind} "
            f"{shown(need.name)}, which {lacks}{suggestion(near)}"
        )
        # Outside a Tidegate repository a second ExternalSecret may lie elsewhere.
        certain = maker is None or inventory.is_whole
        yield Found(message, need.pods.owner.id, path, certain)


def _maker(inventory: Inventory, need: Need) -> Manifest | None:
    """The ExternalSecret that makes what is asked for."""
    made = made_keys(inventory, need.pods.owner.id.namespace, need.name)
    return made[0] if made and need.kind == SECRET else None


def _keys(inventory: Inventory, kind: str, pods: Pods, name: str) -> list[str] | None:
    """The keys of a ConfigMap or Secret of the overlay, or of a Secret that an ExternalSecret of
    it makes; None where it isn't here, or somebody else fills it."""
    made = made_keys(inventory, pods.owner.id.namespace, name) if kind == SECRET else None
    if made:
        return made[1]
    found = inventory.find(kind, pods.owner.id.namespace, name)
    if len(found) != 1 or found[0].id.group != "":
        return None
    parts = ("data", "binaryData") if kind == CONFIG_MAP else ("data", "stringData")
    keys = [key for part in parts for key in mapping(found[0].data.get(part))]
    filled = _is_filled(found[0]) or inventory.may_exist(kind, pods.owner.id.namespace, name)
    return None if not keys or filled else keys


def _is_filled(manifest: Manifest) -> bool:
    """Whether a controller adds keys: of tokens, and of objects that ask it to in annotations."""
    return text(manifest.data.get("type")) == "kubernetes.io/service-account-token"


def _sub_paths(inventory: Inventory, pods: Pods, container: Container) -> Iterator[Found]:
    """A single file that is mounted from a ConfigMap or Secret without it: a folder appears in
    its place."""
    mounts = [(i, m) for i, m in entries(container.data, "volumeMounts") if text(m.get("subPath"))]
    if not mounts:
        return
    volumes = {text(v.get("name")): v for _, v in entries(pods.spec, "volumes")}
    for index, mount in mounts:
        kind, name, files = _files(inventory, pods, volumes.get(text(mount.get("name")), {}))
        sub = text(mount.get("subPath")).strip("/")
        if files is None or sub in files or any(f.startswith(f"{sub}/") for f in files):
            continue
        message = (
            f"{title(pods.owner)} mounts the file '{shown(sub)}' of {kind} {shown(name)}, "
            f"which does not have it{suggestion(nearest_name(sub, files))}"
        )
        path = (*container.path, "volumeMounts", index, "subPath")
        yield Found(message, pods.owner.id, path)


def _files(
    inventory: Inventory, pods: Pods, volume: Mapping[str, Any]
) -> tuple[str, str, list[str] | None]:
    for key, kind, naming in (
        ("configMap", CONFIG_MAP, "name"),
        ("secret", SECRET, "secretName"),
    ):
        source = volume.get(key)
        if isinstance(source, dict) and source.get("optional") is not True:
            name = text(source.get(naming))
            items = [text(item.get("path")) for _, item in entries(source, "items")]
            return kind, name, items or _keys(inventory, kind, pods, name)
    return "", "", None


def _rule(name: str, judge: Judge, why: str, fix: str, link: str) -> Rule:
    return Rule(name, Severity.DENY, "configuration", why, fix, link, judge)


_DECLARE = "or declare it under cluster.provides in environment.yaml"

CONFIGMAP_EXISTS = _rule(
    "configmap-exists",
    _exists(CONFIG_MAP),
    "A container whose ConfigMap doesn't exist never starts.",
    f"Add the ConfigMap to the overlay, {_DECLARE}.",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#restrictions",
)
SECRET_EXISTS = _rule(
    "secret-exists",
    _exists(SECRET),
    "A container whose Secret doesn't exist never starts.",
    f"Add what makes the Secret (an ExternalSecret, a SealedSecret), {_DECLARE}.",
    "https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret",
)
CLAIM_EXISTS = _rule(
    "pvc-exists",
    _exists(CLAIM),
    "A pod whose claim doesn't exist is never scheduled.",
    f"Add the PersistentVolumeClaim to the overlay, {_DECLARE}.",
    "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes",
)
ACCOUNT_EXISTS = _rule(
    "serviceaccount-exists",
    _judge_account,
    "Pods whose service account doesn't exist are never made.",
    f"Add the ServiceAccount to the overlay, {_DECLARE}.",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
)
KEY_EXISTS = _rule(
    "configuration-key",
    _judge_keys,
    "A key that isn't there keeps the container from starting, or mounts an empty folder.",
    "Name a key that the ConfigMap or Secret has, or mark it optional.",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#define-container-environment-variables-using-configmap-data",
)
