"""Paths that aren't what they look like."""

from __future__ import annotations

import pytest
from tests.support.mlflow_server import mlflow_template  # noqa: F401
from tests.support.proposals import PROMOTE, Proposals

pytestmark = pytest.mark.xdist_group("proposals")

FOLDER = "environments/staging/shop"
OVERLAY, RECORD = f"{FOLDER}/kustomization.yaml", f"{FOLDER}/release.yaml"


@pytest.mark.parametrize(
    "path",
    [
        "environments/pr\u043ed/shop/kustomization.yaml",  # a Cyrillic letter
        "environments/prod/sh\u03bfp/release.yaml",  # a Greek one
        "environments/prod/shop\u200b/release.yaml",  # and one that nobody sees
        "environments/prod\n/shop/release.yaml",
        "environments/prod/shop/release.yaml\x1b[2K",
        "environments/prod/shop/\udcff.yaml",
        "environments/prod/..\u2215shop/x.yaml",
    ],
)
def test_look_alike_letters_in_paths(proposals: Proposals, path: str) -> None:
    proposals.refused(proposals.commit({path: "x: 1\n"}), "has letters that may look like others")


@pytest.mark.parametrize(
    "path", ["environments/Prod/shop/x.yaml", "environments/prod/-shop/x.yaml"]
)
def test_names_that_are_none(proposals: Proposals, path: str) -> None:
    proposals.refused(proposals.commit({path: "x: 1\n"}), "is no name of an environment or app")


@pytest.mark.parametrize(
    ("path", "twin"),
    [
        (f"{FOLDER}/Release.yaml", RECORD),
        ("Environments/staging/shop/hold.yaml", "environments"),
        ("apps/Shop/app.yaml", "apps/shop"),
        ("TIDEGATE.yaml", "tidegate.yaml"),
        ("\uff41pps/x.yaml", "apps"),  # a full-width letter
    ],
)
def test_twins_where_case_is_ignored(proposals: Proposals, path: str, twin: str) -> None:
    proposals.refused(proposals.commit({path: "x: 1\n"}), f"can't be told from {twin}")


@pytest.mark.parametrize("place", ["environments", "environments/staging", FOLDER, OVERLAY, RECORD])
def test_a_symbolic_link_in_the_place_of_a_file_or_folder(proposals: Proposals, place: str) -> None:
    tree = proposals.git("ls-tree", "-r", "--name-only", proposals.base, place).splitlines()
    link = {place: f"120000 {proposals.blob(b'../elsewhere')}"}
    head = proposals.commit(dict.fromkeys(tree), links=link)
    proposals.refused(head, "is a symbolic link", place)


def test_a_submodule_in_the_place_of_an_overlay(proposals: Proposals) -> None:
    tree = proposals.git("ls-tree", "-r", "--name-only", proposals.base, FOLDER).splitlines()
    link = {FOLDER: f"160000 {proposals.base}"}
    head = proposals.commit(dict.fromkeys(tree) | {".gitmodules": "x\n"}, links=link)
    proposals.refused(head, "is a submodule", FOLDER)


@pytest.mark.parametrize("kind", ["file", "folder", "submodule"])
def test_a_base_that_lies_elsewhere(proposals: Proposals, kind: str) -> None:
    """What is there runs another image."""
    base, other = "apps/shop/base", "apps/shop/other"
    names = proposals.git("ls-tree", "-r", "--name-only", proposals.base, base).splitlines()
    files: dict[str, str | None] = {
        name.replace(base, other): proposals.show(name).replace("image: ", "image: evil.example/")
        for name in names
    }
    link = {
        "file": (f"{base}/deployment.yaml", "120000", b"../other/deployment.yaml"),
        "folder": (base, "120000", b"other"),
        "submodule": (base, "160000", b""),
    }
    path, mode, target = link[kind]
    if path == base:
        files |= dict.fromkeys(names)
    identity = proposals.blob(target) if target else proposals.base
    head = proposals.commit(files, links={path: f"{mode} {identity}"})
    runs = "Deployment shop-staging/shop would run evil.example/"
    told = runs if kind == "folder" else "can't be rendered any more"
    proposals.refused(head, f"staging/shop: {told}")


def test_a_file_becomes_executable(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    overlay = {OVERLAY: proposals.show(OVERLAY, head)}
    told = "has the mode 100755; `promote` leaves it 100644"
    proposals.refused(proposals.instead(head, overlay, mode="100755"), told, OVERLAY)


def test_a_second_kustomization_takes_the_firsts_place(proposals: Proposals) -> None:
    shadow = proposals.show(OVERLAY).replace('newTag: "t', 'newTag: "u')
    for name in ("kustomization.yml", "Kustomization"):
        head = proposals.commit({f"{FOLDER}/{name}": shadow})
        answer = proposals.verify(head)
        assert answer.code == 1, answer.out


def test_a_huge_file_in_the_place_of_a_record(proposals: Proposals) -> None:
    head = proposals.made(*PROMOTE)
    for size in (2 * 1024**2, 20 * 1024**2):
        record = proposals.show(RECORD, head).encode() + b"#" * size
        proposals.refused(proposals.instead(head, {RECORD: record}), "", RECORD)


def test_an_overlay_that_is_a_bomb(proposals: Proposals) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for new, old in zip("bcdefghi", "abcdefgh", strict=True):
        bomb += f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
    answer = proposals.verify(proposals.commit({OVERLAY: proposals.show(OVERLAY) + bomb}))
    assert answer.code == 1, answer.out
