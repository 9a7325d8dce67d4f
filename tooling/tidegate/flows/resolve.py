"""Request → Candidates: which model version, and which image, pinned to a digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.evidence import Candidate
from tidegate.domain.gate import GateResult, Status, Verdict
from tidegate.domain.image import ImageRef
from tidegate.domain.model import ModelVersion, VersionQuery
from tidegate.domain.promotion import AppReport, Outcome, Request
from tidegate.domain.release import Release, disagreements
from tidegate.errors import InputError, NotFound, TidegateError
from tidegate.flows.parallel import WORKERS, each
from tidegate.flows.target import Target
from tidegate.ports import ImageRegistry, ModelRegistry

Resolution = Candidate | AppReport


@dataclass(frozen=True, slots=True)
class Registries:
    """The two registries, each built only when it is asked."""

    models: Callable[[], ModelRegistry]
    images: Callable[[], ImageRegistry]


def resolve(
    targets: Sequence[Target],
    request: Request,
    pinned: Mapping[str, str],
    registries: Registries,
) -> Mapping[str, Resolution]:
    """Each app's candidate, or the report with which it ends here: nothing to promote, already
    there, or an error. `pinned` has the versions that aliases stood for at the first look."""
    resolved: dict[str, Resolution] = {}
    queries: dict[str, VersionQuery] = {}
    for target in targets:
        query = _query(target, request, pinned.get(target.app.name))
        early = _without_asking(target, request, query)
        if early is not None:
            resolved[target.app.name] = early
        elif query is not None:
            queries[target.app.name] = query
    if not queries:
        return resolved
    versions = registries.models().versions(list(dict.fromkeys(queries.values())))
    asked = [target for target in targets if target.app.name in queries]
    images = registries.images()
    candidates = each(
        asked,
        lambda target: _pin(target, versions[queries[target.app.name]], images),
        # Threads would only get into each other's way where nothing is waited for.
        workers=1 if _all_on_disk(asked, images) else WORKERS,
    )
    for target, candidate in zip(asked, candidates, strict=True):
        resolved[target.app.name] = (
            _failed(target, candidate)
            if isinstance(candidate, TidegateError)
            else _already_there(target, candidate) or candidate
        )
    return resolved


def _all_on_disk(targets: Sequence[Target], images: ImageRegistry) -> bool:
    return all(images.location(ImageRef(t.overlay.repository)).layout for t in targets)


def _query(target: Target, request: Request, pinned: str | None) -> VersionQuery | None:
    """What to ask the model registry for; None where there is nothing to promote."""
    model = target.app.model
    version = request.version_of(target.app.name)
    if version is not None:
        return VersionQuery(model, version=version)
    alias = request.alias or target.environment.alias
    if alias is not None:
        return VersionQuery(model, version=pinned) if pinned else VersionQuery(model, alias=alias)
    upstream = target.upstream
    return VersionQuery(upstream.model, version=upstream.version) if upstream else None


def _without_asking(
    target: Target, request: Request, query: VersionQuery | None
) -> AppReport | None:
    """What Git alone can answer: nothing before this environment, or the same thing here."""
    if query is None:
        return _nothing(target, request)
    upstream, champion = target.upstream, target.champion
    if request.alias is not None or upstream is None or query.version != upstream.version:
        return None
    if upstream.model != target.app.model:
        before = target.environment.previous
        error = InputError(
            f"{before} runs a version of the model {upstream.model!r}, "
            f"but {target.app.name} is now of the model {target.app.model!r}",
            hint=f"promote a version of {target.app.model!r} to {before} first",
        )
        return _failed(target, error)
    if champion is not None and _same(champion, upstream.model, upstream.version, upstream.image):
        return _already(target)
    return None


def _nothing(target: Target, request: Request) -> AppReport:
    before = target.environment.previous
    sentence = f"{before} runs no release of it; promote one there first"
    if not request.named:
        return AppReport(target.app.name, Outcome.NOTHING, champion=target.champion, note=sentence)
    verdict = Verdict((GateResult("order", Status.FAILED, sentence),))
    return AppReport(target.app.name, Outcome.BLOCKED, champion=target.champion, verdict=verdict)


def _pin(
    target: Target, version: ModelVersion | TidegateError, images: ImageRegistry
) -> Candidate | TidegateError:
    if isinstance(version, NotFound):
        # Whoever named it, or the alias's owner, can mend that; trying again can't.
        return InputError(version.message, hint=version.hint)
    if isinstance(version, TidegateError):
        return version
    try:
        upstream = target.upstream
        if upstream and (upstream.model, upstream.version) == (version.model, version.version):
            return _as_upstream(target, version, upstream, images)
        image = _tagged_image(target, version)
        if image.digest is not None:
            return _as_pinned(version, image, images, f"version {version.version}")
        return Candidate(version, image.with_digest(images.digest(image)))
    except TidegateError as error:
        return error


def _as_upstream(
    target: Target, version: ModelVersion, upstream: Release, images: ImageRegistry
) -> Candidate:
    """What the environment before ran is what this one gets, wherever its tag points now."""
    before = f"{target.environment.previous}"
    _refuse_foreign(target, upstream.image, f"{before}'s release")
    return _as_pinned(version, upstream.image, images, before)


def _as_pinned(
    version: ModelVersion, image: ImageRef, images: ImageRegistry, owner: str
) -> Candidate:
    """The image of that digest; where its tag points elsewhere by now, that is a warning."""
    if not images.has(image):
        raise NotFound(
            f"the image {image} of {owner} is gone",
            hint="push the same image again, or promote another version",
        )
    try:
        now = images.digest(replace(image, digest=None))
    except NotFound:
        return Candidate(version, image, (f"the tag {image.tag} of the image is gone by now",))
    if now != image.digest:
        note = f"the tag {image.tag} has moved to {now}; {owner}'s digest is taken"
        return Candidate(version, image, (note,))
    return Candidate(version, image)


def _tagged_image(target: Target, version: ModelVersion) -> ImageRef:
    """The image that the version's own tag names. Raises InputError."""
    app = target.app
    text = version.tags.get(app.image_tag)
    named = f"version {version.version} of {version.model!r}"
    if text is None:
        raise InputError(
            f"{named} has no tag {app.image_tag!r}, so its image is not known",
            hint=f"set the version tag {app.image_tag} to registry/repository:tag",
        )
    try:
        image = ImageRef.parse(text.strip())
    except ValueError as error:
        raise InputError(f"{named}, tag {app.image_tag!r}: {error}") from None
    if image.tag is None:
        raise InputError(
            f"{named}, tag {app.image_tag!r}: {str(image)!r} has no tag",
            hint="write it as registry/repository:tag",
        )
    _refuse_foreign(target, image, named)
    return image


def _refuse_foreign(target: Target, image: ImageRef, named: str) -> None:
    if image.name != target.overlay.repository:
        raise InputError(
            f"{named} has its image in {image.name}, "
            f"but the overlay runs {target.overlay.repository}",
            hint=f"see {target.overlay_file} and the `image` of {target.app.name}",
        )


def _already_there(target: Target, candidate: Candidate) -> AppReport | None:
    champion, version = target.champion, candidate.version
    if champion and _same(champion, version.model, version.version, candidate.image):
        return _already(target)
    return None


def _same(champion: Release, model: str, version: str, image: ImageRef) -> bool:
    return (champion.model, champion.version, champion.image) == (model, version, image)


def _already(target: Target) -> AppReport | None:
    """Already there, unless the overlay was edited by hand since: then the gates say so."""
    champion = target.champion
    if champion is None or disagreements(champion, target.overlay):
        return None
    return AppReport(target.app.name, Outcome.ALREADY, champion=champion)


def _failed(target: Target, error: TidegateError) -> AppReport:
    return AppReport(target.app.name, Outcome.ERROR, champion=target.champion, error=error)
