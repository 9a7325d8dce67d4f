"""What every place that images lie in promises: a mirror, a small registry, and a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support import oci

from demo.images import write_image, write_index, write_manifest
from tidegate.adapters.oci import Images
from tidegate.domain.image import ImageRef
from tidegate.errors import InputError, NotFound

ABSENT = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Content:
    """The images of `ml/digits`, which every provider has."""

    layout: Path
    first: str
    second: str
    multi: str


@dataclass(frozen=True)
class Provided:
    """A provider that was filled with the content, and the host that it answers for."""

    images: Images
    host: str
    content: Content

    def image(self, reference: str) -> ImageRef:
        """An image on that host."""
        return ImageRef.parse(f"{self.host}/{reference}")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    layout = tmp_path_factory.mktemp("mirror") / "ml" / "digits"
    first = write_image(layout, "1.0", {"numpy": "2.0.0"}, {"model/model.bin": b"one"})
    second = write_image(layout, "2.0", {"numpy": "2.0.0"}, {"model/model.bin": b"two"})
    parts = {
        architecture: write_manifest(layout, {}, {}, architecture=architecture)
        for architecture in ("amd64", "arm64")
    }
    return Content(layout, first, second, write_index(layout, "multi", parts))


def _mirror(content: Content, folder: Path, stack: ExitStack) -> Provided:
    host = "registry.example.com"
    mirror = content.layout.parent.parent
    return Provided(Images(mirrors={host: mirror}, env={}), host, content)


def _small(content: Content, folder: Path, stack: ExitStack) -> Provided:
    server = oci.SmallRegistry({"ml/digits": content.layout})
    stack.callback(server.close)
    return Provided(Images(mirrors={}, env={}), server.host, content)


def _real(content: Content, folder: Path, stack: ExitStack) -> Provided:
    host = stack.enter_context(oci.docker_registry(folder))
    oci.push(content.layout, host, "ml/digits")
    return Provided(Images(mirrors={}, env={}), host, content)


def _real_with_password(content: Content, folder: Path, stack: ExitStack) -> Provided:
    host = stack.enter_context(oci.docker_registry(folder, password=True))
    oci.push(content.layout, host, "ml/digits", password=True)
    env = oci.login(folder / "docker", host)
    return Provided(Images(mirrors={}, env=env), host, content)


_PROVIDERS: dict[str, Callable[[Content, Path, ExitStack], Provided]] = {
    "mirror": _mirror,
    "small": _small,
    "docker-registry": _real,
    "docker-registry with a password": _real_with_password,
}


@pytest.fixture(scope="module", params=_PROVIDERS)
def provided(
    request: pytest.FixtureRequest, content: Content, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provided]:
    with ExitStack() as stack:
        yield _PROVIDERS[request.param](content, tmp_path_factory.mktemp("provider"), stack)


def test_a_tag_has_the_digest_of_its_manifest(provided: Provided) -> None:
    assert provided.images.digest(provided.image("ml/digits:1.0")) == provided.content.first
    assert provided.images.digest(provided.image("ml/digits:2.0")) == provided.content.second


def test_an_image_for_several_platforms_has_the_digest_of_its_index(provided: Provided) -> None:
    assert provided.images.digest(provided.image("ml/digits:multi")) == provided.content.multi


@pytest.mark.parametrize("reference", ["ml/digits:9.9", "ml/nothing:1.0", "other:1.0"])
def test_what_is_not_there_is_not_found_and_named(provided: Provided, reference: str) -> None:
    image = provided.image(reference)
    with pytest.raises(NotFound, match=reference.partition(":")[0]):
        provided.images.digest(image)


def test_a_digest_is_there_or_is_not(provided: Provided) -> None:
    has = provided.images.has
    assert has(provided.image(f"ml/digits@{provided.content.first}"))
    assert has(provided.image(f"ml/digits:1.0@{provided.content.multi}"))
    assert not has(provided.image(f"ml/digits:1.0@{ABSENT}"))
    assert not has(provided.image(f"ml/nothing@{provided.content.first}"))


def test_a_tag_or_a_digest_is_needed_for_what_is_asked_of_it(provided: Provided) -> None:
    with pytest.raises(InputError, match="no tag"):
        provided.images.digest(provided.image("ml/digits"))
    with pytest.raises(InputError, match="no digest"):
        provided.images.has(provided.image("ml/digits:1.0"))


def test_several_threads_may_ask_at_once(provided: Provided) -> None:
    images = [provided.image(f"ml/digits:{tag}") for tag in ("1.0", "2.0", "multi")] * 8
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(provided.images.digest, images))
    assert found == {provided.content.first, provided.content.second, provided.content.multi}


def test_the_location_needs_no_question(provided: Provided) -> None:
    image = provided.image(f"ml/digits:1.0@{provided.content.first}")
    location = provided.images.location(image)
    assert location.image == image
    assert (location.layout == provided.content.layout) != location.plain_http
