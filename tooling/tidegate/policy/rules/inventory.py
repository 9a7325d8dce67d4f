"""An overlay's objects, indexed once for all rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

from tidegate.domain.context import RuleContext
from tidegate.domain.manifest import HASH, Manifest, Rendered
from tidegate.policy.rules.hearsay import Hearsay, Makers, texts_of
from tidegate.policy.rules.index import Labelled, Places
from tidegate.policy.rules.kinds import SCALABLE, TEMPLATES, is_release, makes_objects
from tidegate.policy.rules.labels import Labels, Selector, labels_of
from tidegate.policy.rules.pods import Pods, find_pods, find_trials
from tidegate.policy.rules.provisions import provided
from tidegate.policy.rules.shapes import at, mapping, text
from tidegate.policy.rules.spelling import is_hashed, is_slip, nearest_name

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that isn't where a reference looks for it. `near` was probably meant; not
    `certain` where it may well be elsewhere."""

    near: str | None
    certain: bool


class Inventory:
    """What one overlay has."""

    def __init__(self, rendered: Rendered, context: RuleContext) -> None:
        self.rendered = rendered
        self.context = context
        self.manifests = rendered.manifests
        self.kinds: dict[str, list[Manifest]] = {}
        self.pods: list[Pods] = []
        self._remembered: dict[str, Any] = {}
        for manifest in rendered.manifests:
            kind = manifest.id.kind
            self.kinds.setdefault(kind, []).append(manifest)
            if kind in TEMPLATES:
                self.pods.extend(find_pods(manifest))

    def once(self, name: str, make: Callable[[Inventory], T]) -> T:
        """What `make` makes of this inventory, made for the first rule that asks."""
        if name not in self._remembered:
            self._remembered[name] = make(self)
        found: T = self._remembered[name]
        return found

    @property
    def is_whole(self) -> bool:
        """Whether everything that belongs here is here or declared: so in a Tidegate repository,
        and nowhere else can anybody know."""
        return self.context.environment is not None

    def of(self, *kinds: str, groups: frozenset[str] | None = None) -> Iterator[Manifest]:
        """The objects of some kinds, of any group or of these."""
        for kind in kinds:
            for manifest in self.kinds.get(kind, ()):
                if groups is None or manifest.id.group in groups:
                    yield manifest

    def find(self, kind: str, namespace: str, name: str) -> list[Manifest]:
        """The objects of that kind and name in the namespace, or in one that nobody wrote."""
        found = self._by_name.get((kind, name))
        return list(found.at(namespace)) if found else []

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Places[Manifest]]:
        index: dict[tuple[str, str], Places[Manifest]] = {}
        for manifest in self.manifests:
            place = index.setdefault((manifest.id.kind, manifest.id.name), Places())
            place.add(manifest.id.namespace, manifest)
        return index

    def names(self, kind: str, namespace: str) -> tuple[str, ...]:
        """The names of that kind in the namespace, and those of what makes such objects."""
        places: Places[str] = self.once(f"names of {kind}", lambda _: self._names(kind))
        return places.at(namespace)

    def _names(self, kind: str) -> Places[str]:
        places: Places[str] = Places()
        for manifest in self.of(kind):
            places.add(manifest.id.namespace, manifest.id.name)
        for maker, told in _MAKERS.items() if kind == "Secret" else ():
            for manifest in self.of(maker):
                name = text(at(manifest.data, *told)) or manifest.id.name
                places.add(manifest.id.namespace, name)
        return places

    def missing(self, kind: str, namespace: str, name: str) -> Missing | None:
        """What to say of a reference to an object: None where it is here, where the environment's
        cluster provides it, where a controller may make it, or where nobody can know."""
        if not name or self.find(kind, namespace, name):
            return None
        if self.may_exist(kind, namespace, name):
            return None
        names = self.names(kind, namespace)
        near = nearest_name(name, names)
        meant = near or nearest_name(name, self._unhashed(kind, namespace))
        if self.is_whole:
            return Missing(meant, certain=True)
        # Outside a Tidegate repository a folder that keeps none of the kind keeps them elsewhere.
        if not names:
            return None
        surely = is_slip(name, meant) or is_hashed(name, near)
        # Who mistypes a name does it once: what two say is made by somebody else.
        alone = self._mentioned[name] < 2 and self._has_orphan(near, names)
        if kind in _OFTEN_ELSEWHERE and not surely and not alone:
            return None
        if kind in SCALABLE and not surely and self.makers:
            return None  # which an operator makes
        return Missing(meant, surely)

    def _unhashed(self, kind: str, namespace: str) -> tuple[str, ...]:
        """The names that a generator was told, before kustomize put a hash behind them."""
        names = self.names(kind, namespace) if kind in ("ConfigMap", "Secret") else ()
        return tuple(found for name in names if (found := HASH.sub("", name)) != name)

    def _has_orphan(self, near: str | None, names: Sequence[str]) -> bool:
        """Whether what was probably meant, or the only one of its kind, is named by nobody else."""
        likely = near or (names[0] if len(names) == 1 else None)
        return likely is not None and likely not in self._mentioned

    @cached_property
    def _mentioned(self) -> Counter[str]:
        """Every text that pods, role bindings and Ingresses say, with how many of them say it."""
        found: Counter[str] = Counter()
        for pods in self.pods:
            found.update(set(texts_of(pods.spec)))
        for manifest in self.of("Ingress"):
            found.update(set(texts_of(at(manifest.data, "spec", "tls"))))
        for manifest in self.of("RoleBinding", "ClusterRoleBinding"):
            said = [manifest.data.get("subjects"), manifest.data.get("roleRef")]
            found.update(set(texts_of(said)))
        return found

    def may_exist(self, kind: str, namespace: str, name: str) -> bool:
        """Whether something that isn't here is declared, or a controller may make it."""
        environment = self.context.environment
        patterns = environment.cluster.provides if environment else ()
        return provided(patterns, kind, namespace, name) or self._may_be_made(name)

    def _may_be_made(self, name: str) -> bool:
        """Whether some controller may make an object of that name: a chart or a folder is here,
        or a custom resource that says the name or lends its own to it, or a program is told it."""
        return bool(self.releases) or self._makers.may_make(name) or self._hearsay.says(name)

    @cached_property
    def releases(self) -> tuple[Manifest, ...]:
        """What stands for objects that are written elsewhere: charts, applications."""
        return tuple(m for m in self.manifests if is_release(m.id.group, m.id.kind))

    @cached_property
    def makers(self) -> tuple[Manifest, ...]:
        """Custom resources whose controllers may make pods, Services and configuration."""
        return tuple(m for m in self.manifests if makes_objects(m.id.group, m.id.kind))

    @cached_property
    def _makers(self) -> Makers:
        return Makers(self.makers)

    @cached_property
    def _hearsay(self) -> Hearsay:
        return Hearsay(self.manifests, self.pods)

    @cached_property
    def has_unknown_pods(self) -> bool:
        """Whether there may be pods here that nobody can see yet."""
        return bool(self.makers or self.releases)

    @cached_property
    def pods_by_owner(self) -> dict[tuple[str, str], Places[Pods]]:
        """Pods by the kind and name of what makes them, and its namespace."""
        index: dict[tuple[str, str], Places[Pods]] = {}
        for pods in self.pods:
            owner = pods.owner.id
            index.setdefault((owner.kind, owner.name), Places()).add(owner.namespace, pods)
        return index

    def select(self, selector: Selector, namespace: str) -> tuple[Pods, ...]:
        """The pods that a selector in a namespace means."""
        return self._labelled.select(selector, namespace)

    @cached_property
    def _labelled(self) -> Labelled[Pods]:
        trials = (pods for rollout in self.of("Rollout") for pods in find_trials(rollout))
        every = chain(self.pods, trials)
        return Labelled((pods.owner.id.namespace, pods.labels, pods) for pods in every)

    def pods_at(self, namespace: str) -> tuple[Pods, ...]:
        """All pods of a namespace, and those of which nobody wrote where they are."""
        return self._pods_by_place.at(namespace)

    @cached_property
    def _pods_by_place(self) -> Places[Pods]:
        places: Places[Pods] = Places()
        for pods in self.pods:
            places.add(pods.owner.id.namespace, pods)
        return places


# What programs, operators and people make beside a folder of manifests.
_OFTEN_ELSEWHERE = frozenset(
    {
        *("ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim", "Role"),
        *("ClusterRole", "TriggerAuthentication", "AnalysisTemplate"),
    }
)
# What makes a Secret, and where its name is; else it is the maker's own.
_MAKERS = {
    "ExternalSecret": ("spec", "target", "name"),
    "SealedSecret": ("spec", "template", "metadata", "name"),
    "Certificate": ("spec", "secretName"),
}


def metadata_labels(manifest: Manifest) -> Labels:
    """The labels of the object itself."""
    return labels_of(at(manifest.data, "metadata", "labels"))


def annotation(manifest: Manifest, key: str) -> str:
    """An annotation of the object; empty where it has none."""
    return text(mapping(at(manifest.data, "metadata", "annotations")).get(key))
