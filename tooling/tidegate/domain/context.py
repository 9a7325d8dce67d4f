"""What is around an overlay that rules want to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.domain.app import Environment
    from tidegate.domain.delivery import Delivery
    from tidegate.domain.image_entry import ImageEntry
    from tidegate.domain.patch_target import PatchTarget
    from tidegate.domain.release import Release


@dataclass(frozen=True, slots=True)
class RuleContext:
    """Where an overlay belongs. All is None for manifests outside a Tidegate repository; `release`
    also before the first promotion. `app` is a name, with or without an app.yaml. `kubernetes` is
    a minor version, and wins over what the environment says. `delivery` is there for Argo CD's own
    objects alone. `substituted` says that Flux replaces variables in it, `namespaced` that
    somebody gives its objects their namespace. It may be a part of something that can't be
    rendered: `alone` says that others belong to it, `unfinished` that its objects would have been
    changed. `images` are those that its own kustomization sets, `patches` the objects that it
    means to patch."""

    environment: Environment | None = None
    app: str | None = None
    release: Release | None = None
    kubernetes: str | None = None
    delivery: Delivery | None = None
    substituted: bool = False
    namespaced: bool = False
    alone: bool = False
    unfinished: bool = False
    images: tuple[ImageEntry, ...] = ()
    patches: tuple[PatchTarget, ...] = ()
