"""What belongs to an app's overlay: its own namespace, nothing of the whole cluster, nothing
twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import ObjectId
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.kinds import CLUSTER_SCOPED, NAMESPACED
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule, Setting, Settings
from tidegate.policy.rules.shapes import shown


def _judge_duplicate(inventory: Inventory) -> Iterator[Found]:
    seen: set[tuple[str, str, str, str]] = set()
    for manifest in inventory.manifests:
        key = identity(manifest.id)
        if manifest.id.name and key in seen:
            message = f"{title(manifest)} is there twice"
            yield Found(message, manifest.id, ("metadata", "name"), inventory.is_whole)
        seen.add(key)


def identity(id_: ObjectId) -> tuple[str, str, str, str]:
    """What makes two objects one to the API server: the version of the API doesn't."""
    return (id_.group, id_.kind, id_.namespace, id_.name)


def _judge_namespace(inventory: Inventory, settings: Settings) -> Iterator[Found]:
    if inventory.rendered.app is None or inventory.context.environment is None:
        return
    here = [m for m in inventory.manifests if m.id.kind in NAMESPACED and m.id.name]
    counted = Counter(m.id.namespace for m in here if m.id.namespace)
    # most_common keeps the order of those that are equally frequent.
    own = counted.most_common(1)[0][0] if counted else ""
    for manifest in here:
        place = manifest.id.namespace
        if not place:
            hint = f"; the others are in '{shown(own)}'" if own else ""
            message = f"{title(manifest)} names no namespace{hint}"
            yield Found(message, manifest.id, ("metadata",))
        elif place != own and place not in settings["also"]:
            message = (
                f"{title(manifest)} is in the namespace '{shown(place)}', and the overlay's "
                f"others are in '{shown(own)}'"
            )
            yield Found(message, manifest.id, ("metadata", "namespace"))


def _judge_scope(inventory: Inventory, settings: Settings) -> Iterator[Found]:
    if inventory.rendered.app is None or inventory.context.environment is None:
        return
    for kind in inventory.kinds:
        if kind in CLUSTER_SCOPED and kind not in settings["allow"]:
            for manifest in inventory.of(kind):
                message = f"{title(manifest)} belongs to the whole cluster, not to an app"
                yield Found(message, manifest.id, ("kind",))


DUPLICATE_OBJECT = Rule(
    "duplicate-object",
    Severity.DENY,
    "gitops",
    why="Of two objects with one id only the one that is applied last is there.",
    fix="Remove one of them, or give it a name of its own.",
    link="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
    judge=_judge_duplicate,
)
NAMESPACE_PINNED = Rule(
    "namespace-pinned",
    Severity.DENY,
    "gitops",
    why="An object without a namespace lands wherever it is applied, and may meet others there.",
    fix="Set `namespace:` in the overlay's kustomization.",
    link="https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/namespace/",
    tuned=_judge_namespace,
    settings={"also": Setting("names", (), "other namespaces that an app's objects may be in")},
)
CLUSTER_SCOPED_OBJECT = Rule(
    "cluster-scoped-object",
    Severity.DENY,
    "gitops",
    why="What belongs to the whole cluster can take others down with it; the platform owns it.",
    fix="Move the object to the platform's own repository or environment.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/projects/",
    tuned=_judge_scope,
    settings={"allow": Setting("names", (), "kinds that an app's overlay may have all the same")},
)
