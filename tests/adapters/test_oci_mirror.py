"""Mirror folders that are broken, hostile or not there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from demo.images import write_image
from tidegate.adapters.oci import Images
from tidegate.domain.image import ImageRef
from tidegate.errors import NotFound, OutsideError, Unreachable

HOST = "registry.example.com"
IMAGE = ImageRef.parse(f"{HOST}/ml/digits:1.0")


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror" / "ml" / "digits"
    write_image(folder, "1.0", {}, {"model.bin": b"model"})
    return folder


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(mirrors={HOST.upper(): tmp_path / "mirror"}, env={})


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / "sha256" / digest.removeprefix("sha256:")


def _rewrite_index(layout: Path, document: object) -> None:
    (layout / "index.json").write_text(json.dumps(document), encoding="utf-8")


def test_a_missing_mirror_is_not_a_missing_image(tmp_path: Path) -> None:
    images = Images(mirrors={HOST: tmp_path / "gone"}, env={})
    with pytest.raises(Unreachable, match="is missing"):
        images.digest(IMAGE)
    with pytest.raises(Unreachable, match="is missing"):
        images.has(IMAGE.with_digest("sha256:" + "0" * 64))


def test_the_host_is_compared_without_case(images: Images, layout: Path) -> None:
    assert images.digest(IMAGE).startswith("sha256:")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"manifests": 3}', b"\xff\xfe", b"[" * 100_000, b"<html></html>"],
)
def test_an_index_that_makes_no_sense_is_an_error(
    images: Images, layout: Path, content: bytes
) -> None:
    (layout / "index.json").write_bytes(content)
    with pytest.raises(OutsideError, match=r"index\.json"):
        images.digest(IMAGE)


def test_strange_entries_are_passed_over(images: Images, layout: Path) -> None:
    index = json.loads((layout / "index.json").read_bytes())
    strange = [3, None, {}, {"annotations": 3}, {"annotations": {}, "digest": "x"}]
    _rewrite_index(layout, {"manifests": [*strange, *index["manifests"]]})
    assert images.digest(IMAGE) == index["manifests"][0]["digest"]


@pytest.mark.parametrize(
    "digest", [None, 3, "", "sha256:../../../etc/passwd", "sha512:" + "0" * 128, "sha256:ABC"]
)
def test_a_tag_needs_a_digest_that_is_one(images: Images, layout: Path, digest: object) -> None:
    index = json.loads((layout / "index.json").read_bytes())
    index["manifests"][0]["digest"] = digest
    _rewrite_index(layout, index)
    with pytest.raises(OutsideError, match="without a sha256 digest"):
        images.digest(IMAGE)


def test_a_tag_that_points_two_ways_is_an_error(images: Images, layout: Path) -> None:
    index = json.loads((layout / "index.json").read_bytes())
    first = index["manifests"][0]
    index["manifests"].append({**first, "digest": "sha256:" + "0" * 64})
    _rewrite_index(layout, index)
    with pytest.raises(OutsideError, match="several manifests tagged"):
        images.digest(IMAGE)


def test_a_giant_index_is_refused(images: Images, layout: Path) -> None:
    with (layout / "index.json").open("r+b") as file:
        file.truncate(33 * 2**20)
    with pytest.raises(OutsideError, match="has more than"):
        images.digest(IMAGE)


def test_a_folder_that_is_no_layout_says_so(images: Images, layout: Path) -> None:
    (layout / "index.json").unlink()
    with pytest.raises(OutsideError, match="is not an OCI image layout"):
        images.digest(IMAGE)


def test_a_missing_manifest_is_an_error_of_the_mirror(images: Images, layout: Path) -> None:
    digest = images.digest(IMAGE)
    _blob(layout, digest).unlink()
    with pytest.raises(OutsideError, match="incomplete") as caught:
        images.digest(IMAGE)
    assert not isinstance(caught.value, NotFound)
    assert not images.has(IMAGE.with_digest(digest))


def test_a_damaged_manifest_is_an_error(images: Images, layout: Path) -> None:
    digest = images.digest(IMAGE)
    path = _blob(layout, digest)
    path.write_bytes(path.read_bytes() + b" ")
    for ask in (lambda: images.digest(IMAGE), lambda: images.has(IMAGE.with_digest(digest))):
        with pytest.raises(OutsideError, match="damaged"):
            ask()


def test_a_blob_that_is_no_manifest_is_an_error(images: Images, layout: Path) -> None:
    manifest = json.loads(_blob(layout, images.digest(IMAGE)).read_bytes())
    with pytest.raises(OutsideError, match="neither an image manifest nor"):
        images.has(IMAGE.with_digest(manifest["config"]["digest"]))


def test_a_blob_may_not_be_a_link(images: Images, layout: Path, tmp_path: Path) -> None:
    path = _blob(layout, images.digest(IMAGE))
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutsideError, match="symbolic link"):
        images.digest(IMAGE)


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_a_blob_may_not_be_a_pipe_or_a_folder(images: Images, layout: Path, kind: str) -> None:
    path = _blob(layout, images.digest(IMAGE))
    path.unlink()
    os.mkfifo(path) if kind == "fifo" else path.mkdir()
    with pytest.raises(OutsideError, match=r"not a regular file|directory"):
        images.digest(IMAGE)


@pytest.mark.parametrize("part", ["ml", "ml/digits", "ml/digits/blobs", "ml/digits/blobs/sha256"])
def test_no_link_leads_out_of_the_mirror(
    images: Images, layout: Path, tmp_path: Path, part: str
) -> None:
    path = tmp_path / "mirror" / part
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutsideError, match="leads out of the mirror"):
        images.digest(IMAGE)


def test_a_link_inside_the_mirror_is_fine(images: Images, layout: Path) -> None:
    (layout.parent / "same").symlink_to("digits")
    assert images.digest(ImageRef.parse(f"{HOST}/ml/same:1.0")) == images.digest(IMAGE)


def test_the_same_arguments_give_the_same_image(tmp_path: Path) -> None:
    content = {"b": "2", "a": "1"}, {"model/z": b"z", "model/a": b"a"}
    reverse = {"a": "1", "b": "2"}, {"model/a": b"a", "model/z": b"z"}
    first = write_image(tmp_path / "one", "1.0", *content)
    assert first == write_image(tmp_path / "two", "7", *reverse)
    assert first != write_image(tmp_path / "two", "8", {"a": "2"}, {})
