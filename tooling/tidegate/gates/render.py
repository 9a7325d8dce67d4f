"""Gate `render`: the overlay renders, and nothing but the image and the version label changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.image import name_of
from tidegate.domain.manifest import Object
from tidegate.domain.rendering import Rendering
from tidegate.domain.text import count
from tidegate.domain.unavailable import Unavailable

VERSION_LABEL = "app.kubernetes.io/version"
_SHOWN = 10

Path = tuple[str | int, ...]
_Id = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Render:
    """Has no settings."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.RENDERING})

    key: str

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> Render:  # noqa: ARG003 the gates' common shape
        """Settings that fit the schema → the gate."""
        return cls(key)

    def judge(self, evidence: Evidence) -> GateResult:
        """Compares the real renderings of the overlay before and after the promotion."""
        rendering = evidence.rendering
        if rendering is None or isinstance(rendering, Unavailable):
            reason = rendering.reason if rendering else "the overlay was not rendered"
            return GateResult(self.key, Status.ERRORED, reason)
        image = str(evidence.candidate.image)
        if image not in rendering.images:
            sentence = f"no container runs {image} after the promotion"
            found = tuple(sorted(rendering.images))[:_SHOWN]
            return GateResult(self.key, Status.FAILED, sentence, details=found)
        foreign = tuple(_foreign(rendering, evidence.candidate.image.name))
        if foreign:
            noun = "place" if len(foreign) == 1 else "places"
            sentence = (
                "more than the image and the version label would change: "
                f"{len(foreign)} other {noun}"
            )
            return GateResult(self.key, Status.FAILED, sentence, details=foreign[:_SHOWN])
        changed, total = len(rendering.after), rendering.objects
        where = f"{changed} of {count(total, 'object')}"
        sentence = f"only the image and the version label change, in {where}"
        return GateResult(self.key, Status.PASSED, sentence, changed)


def _foreign(rendering: Rendering, image: str) -> Iterator[str]:
    """Every change that a promotion has no business making."""
    before, after = _by_id(rendering.before), _by_id(rendering.after)
    for name in sorted(before.keys() | after.keys()):
        title = f"{name[1]} {name[3]}"
        olds, news = before.get(name, []), after.get(name, [])
        for old, new in zip(olds, news, strict=False):
            for path in _differences(old, new, ()):
                if not _is_ours(path, old, new, image):
                    yield f"{title}: {path_text(path)} changes"
        yield from [f"{title} disappears"] * (len(olds) - len(news))
        yield from [f"{title} appears"] * (len(news) - len(olds))


def _by_id(objects: Iterable[Object]) -> dict[_Id, list[Object]]:
    """Objects of one id are compared in their order: none hides behind another."""
    found: dict[_Id, list[Object]] = {}
    for item in objects:
        found.setdefault(_id(item), []).append(item)
    return found


def _id(item: Object) -> _Id:
    found = item.get("metadata")
    metadata = found if isinstance(found, Mapping) else {}
    return (
        str(item.get("apiVersion", "")),
        str(item.get("kind", "")),
        str(metadata.get("namespace", "")),
        str(metadata.get("name", "")),
    )


def _differences(old: Any, new: Any, path: Path) -> Iterator[Path]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(k for k in new if k not in old)]:
            if key in old and key in new:
                yield from _differences(old[key], new[key], (*path, key))
                continue
            there = new[key] if key in new else old[key]
            if isinstance(there, Mapping) and there:  # what is in it, key by key
                yield from _differences(old.get(key, {}), new.get(key, {}), (*path, key))
            else:
                yield (*path, key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from _differences(left, right, (*path, index))
    elif old != new or type(old) is not type(new):
        yield path


def _is_ours(path: Path, old: Object, new: Object, image: str) -> bool:
    """A container's image of this very repository, or the version label where labels live."""
    if path[-3:] == ("metadata", "labels", VERSION_LABEL):
        # The templates of a StatefulSet's volume claims can't be changed: every sync would fail.
        return "volumeClaimTemplates" not in path
    if len(path) < 3 or path[-1] != "image" or path[-3] not in ("containers", "initContainers"):
        return False
    named = (_at(side, path) for side in (old, new))
    return all(isinstance(text, str) and name_of(text) == image for text in named)


def _at(item: Any, path: Path) -> Any:
    for part in path:
        if isinstance(item, Mapping):
            item = item.get(part)
        else:
            item = item[part] if isinstance(part, int) and part < len(item) else None
    return item


def path_text(path: Path) -> str:
    """A field as people write it: `spec.template.spec.containers[0].image`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
