"""What Flux adds to which folders."""

from __future__ import annotations

import pytest
from tests.support.kustomize import make_snapshot

from tidegate.repository.appliers import read_appliers
from tidegate.repository.substitution import Addition, find_substitutions

FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"
REPLACES = "postBuild: {substituteFrom: [{kind: Secret, name: s}]}"


def flux(path: str, more: str = "prune: true") -> str:
    return f"{FLUX}spec:\n  path: {path}\n  {more}\n"


def added(folder: str, *texts: str) -> Addition:
    files = {f"clusters/{number}.yaml": text for number, text in enumerate(texts)}
    snapshot = make_snapshot(files)
    return find_substitutions(snapshot, read_appliers(snapshot, snapshot.entries)).of(folder)


def replaced(folder: str, *texts: str) -> bool:
    return added(folder, *texts).substituted


@pytest.mark.parametrize(
    ("path", "folder", "found"),
    [
        ("./apps/a", "apps/a", True),
        ("apps/a/", "apps/a", True),
        ("/apps/a", "apps/a/deeper", True),
        ("./", "anything/at/all", True),
        (".", "", True),
        ("./apps/a", "components", True),  # which it may include
        ("./apps/../apps/a", "apps/a", True),
        ("${PATH}", "apps", True),
    ],
)
def test_the_folder_that_flux_applies_and_what_is_in_it(
    path: str, folder: str, found: bool
) -> None:
    assert replaced(folder, flux(path, REPLACES)) is found
    assert not replaced(folder, flux(path))


@pytest.mark.parametrize("file", ["a.txt", "a.yaml", "apps/a/flux"])
def test_behind_links_it_is_what_they_lead_to(file: str) -> None:
    files = {file: flux("./prod", REPLACES), "apps/a/x.yaml": "", "b.yaml": flux("./b")}
    snapshot = make_snapshot(files, links={"prod": "apps/a", "link.yaml": file})
    found = find_substitutions(snapshot, read_appliers(snapshot, snapshot.entries))
    assert found.folders == {"apps/a": Addition(substituted=True), "b": Addition()}


def test_the_nearest_folder_decides() -> None:
    texts = (flux("./apps", REPLACES), flux("./apps/a"))
    assert not replaced("apps/a/deeper", *texts)
    assert replaced("apps/b", *texts)
    assert replaced("apps/a", *texts, flux("./apps/a", REPLACES))
    assert not replaced("apps/ab", flux("./apps/a", REPLACES), flux("./apps"))


@pytest.mark.parametrize(
    "text",
    [
        flux(
            "./apps", "patches: [{patch: 'spec: {postBuild: {}}', target: {kind: Kustomization}}]"
        ),
        f"{FLUX}spec: {{{REPLACES}}}\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "patches:\n- patch: |\n    " + f"{FLUX}spec: {{{REPLACES}}}\n".replace("\n", "\n    "),
    ],
)
def test_a_patch_that_names_no_folder_may_mean_any(text: str) -> None:
    assert replaced("any", text)


@pytest.mark.parametrize(
    "text",
    ["", "{{", f"{FLUX}spec: [", f"{FLUX}spec: 3\n", f"{FLUX}spec: {{path: [a], postBuild: 1}}\n"],
)
def test_what_cant_be_read_says_nothing(text: str) -> None:
    assert not replaced("any", text)


@pytest.mark.parametrize(
    ("folder", "texts", "namespaced"),
    [
        ("apps/a", [flux("./apps/a", "targetNamespace: a")], True),
        ("apps/a/deeper", [flux("./apps/a", "targetNamespace: a")], True),
        ("apps/a", [flux("./apps/a", "targetNamespace: a"), flux("./apps/a")], True),
        ("apps/a", [flux("./apps", "targetNamespace: a"), flux("./apps/a", REPLACES)], False),
        ("components", [flux("./apps/a", "targetNamespace: a")], True),
        ("apps/a", [flux("./apps/a")], False),
        ("apps/a", [], False),
    ],
)
def test_folders_that_flux_gives_a_namespace(
    folder: str, texts: list[str], namespaced: bool
) -> None:
    assert added(folder, *texts).namespaced is namespaced
