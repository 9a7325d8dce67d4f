"""What takes part in rendering an overlay, and what must not."""

from __future__ import annotations

import pytest
from tests.support.kustomize import make_snapshot

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import Problem
from tidegate.repository.closure import INCLUSION_LIMIT, Closures, closure

OVERLAY = "environments/prod/shop"


def problems(files: dict[str, str], **more: object) -> tuple[Problem, ...]:
    return closure(make_snapshot(files, **more), OVERLAY).problems  # type: ignore[arg-type]


def overlay(text: str, **files: str) -> dict[str, str]:
    return {f"{OVERLAY}/kustomization.yaml": text, **files}


def test_every_kind_of_reference_is_found() -> None:
    names = [
        *("resource.yaml", "strategic.yaml", "json.yaml", "patch.yaml", "replacement.yaml"),
        *("app.properties", "settings.env", "old.env", "token.txt"),
        *("crd.json", "names.yaml", "openapi.json", "transformer.yaml", "validator.yaml"),
    ]
    text = """
namespace: prod
resources: [resource.yaml, ../../../apps/shop/base]
components: [../../../apps/components/gpu]
patchesStrategicMerge:
  - strategic.yaml
  - |
    kind: Deployment
patchesJson6902: [{path: json.yaml, target: {kind: Deployment}}]
patches: [{path: patch.yaml}, {patch: "- {op: remove, path: /a}"}]
replacements: [{path: replacement.yaml}]
configMapGenerator:
  - {name: settings, files: [app.properties], envs: [settings.env], env: old.env}
secretGenerator: [{name: token, files: [key=token.txt]}]
crds: [crd.json]
configurations: [names.yaml]
openapi: {path: openapi.json}
transformers: [transformer.yaml]
validators: [validator.yaml]
"""
    snapshot = make_snapshot(
        {
            **overlay(text),
            **{f"{OVERLAY}/{name}": "a: b\n" for name in names},
            f"{OVERLAY}/release.yaml": "not: read\n",
            "apps/shop/base/kustomization.yml": "resources: [deployment.yaml]\n",
            "apps/shop/base/deployment.yaml": "a: b\n",
            "apps/shop/base/other.yaml": "not: read\n",
            "apps/components/gpu/Kustomization": "kind: Component\nnamePrefix: gpu-\n",
        }
    )
    found = closure(snapshot, OVERLAY)
    assert found.problems == ()
    assert found.paths == tuple(
        sorted(
            [
                f"{OVERLAY}/kustomization.yaml",
                *(f"{OVERLAY}/{name}" for name in names),
                "apps/shop/base/kustomization.yml",
                "apps/shop/base/deployment.yaml",
                "apps/components/gpu/Kustomization",
            ]
        )
    )
    assert found.directories == ("apps/components/gpu", "apps/shop/base", OVERLAY)
    assert found.generated == {"settings", "token"}
    assert found.namespace == "prod"
    assert {"nameprefix", "configurations", "openapi"} <= found.keys


def test_field_names_are_read_in_any_case_as_kustomize_does() -> None:
    found = problems(overlay("HelmCharts: [{name: x}]\nRESOURCES: [../../../../etc]\n"))
    assert [problem.key for problem in found] == ["HelmCharts", "RESOURCES[0]"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("resource\u017f: [URL]", "resource\u017f[0]"),
        ("patches: [{Path: URL}]", "patches[0].Path"),
        ("patches: [{path: a.yaml, pATH: URL}]", "patches[0].pATH"),
        ("patchesJson6902: [{PATH: URL}]", "patchesJson6902[0].PATH"),
        ("replacement\u017f: [{Path: URL}]", "replacement\u017f[0].Path"),
        ("openapi: {Path: URL}", "openapi.Path"),
        ("configMapGenerator: [{name: a, File\u017f: [a=URL]}]", None),
        ("secretGenerator: [{name: a, ENV: URL}]", "secretGenerator[0].ENV"),
    ],
)
def test_what_go_takes_for_a_field_is_read_as_one(text: str, key: str | None) -> None:
    """Its reader of JSON folds letters further than to lower case, and below the top too."""
    files = overlay(text.replace("URL", "https://example.com/x")) | {f"{OVERLAY}/a.yaml": ""}
    (problem,) = problems(files)
    assert problem.key == (key or "configMapGenerator[0].File\u017f[0]")
    assert "is remote" in problem.message


@pytest.mark.parametrize(
    "entry",
    [
        "https://example.com/a.yaml",
        "git@example.com:a/b.git",
        "github.com/a/b",
        "ssh://git@example.com/a",
        "git::https://example.com/a",
        "../x?ref=main",
        "file:///etc/passwd",
    ],
)
def test_remote_entries_are_refused(entry: str) -> None:
    (problem,) = problems(overlay(f"namespace: prod\nresources:\n  - {entry}\n"))
    assert (problem.line, problem.column, problem.key) == (3, 5, "resources[0]")
    assert "is remote" in problem.message


def test_credentials_in_a_remote_entry_are_not_repeated() -> None:
    (problem,) = problems(overlay("resources: ['https://me:hunter2@example.com/a.yaml']\n"))
    assert "hunter2" not in str(problem)
    assert "https://…@example.com" in problem.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resources: [../../../../etc/passwd]", "leads out of the repository"),
        ("resources: [/etc/passwd]", "is an absolute path"),
        ("resources: [gone.yaml]", "does not exist"),
        ("components: [a.yaml]", "'a.yaml' is a file"),
        ("patches: [{path: ../shop}]", "'../shop' is a folder"),
        ("resources: [.]", "includes itself"),
        ("resources: [../../../apps]", "has no kustomization file"),
        ("helmCharts: [{name: x}]", "inflates a Helm chart"),
        ("generators: [function.yaml]", "runs a function"),
        ("generators:\n  - |\n    config.kubernetes.io/function: x", "runs a function"),
        ("resources: [&a x, *a]", "uses the alias"),
        ("[a, list]", "is not a mapping"),
        ("", "is empty"),
        ("resources: [bomb.yaml]", "aliases that stand for more than"),
        ("resources: [large.yaml]", "larger than 4 MiB"),
        ("resources: [link.yaml]", "symbolic link whose target leads out"),
        ("resources: [absolute.yaml]", "symbolic link whose target is an absolute path"),
        ("resources: [circle.yaml]", "leads in a circle"),
        ("resources: [endless.yaml]", "symbolic link whose target is too long"),
        ("resources: [through/x.yaml]", "goes through environments/prod/shop/through"),
        ("resources: [../../../vendor/x]", "is in a submodule"),
        ("x: " + "[" * 3000, "nested more than"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    bomb = "b0: &b0 [a,a,a,a,a,a,a,a,a]\n" + "".join(
        f"b{i}: &b{i} [{','.join([f'*b{i - 1}'] * 9)}]\n" for i in range(1, 9)
    )
    found = problems(
        overlay(
            text,
            **{
                f"{OVERLAY}/a.yaml": "a: b\n",
                f"{OVERLAY}/function.yaml": "a: {config.kubernetes.io/function: x}\n",
                f"{OVERLAY}/bomb.yaml": bomb,
                f"{OVERLAY}/large.yaml": "#" * 5_000_000,
                "apps/shop/x.yaml": "a: b\n",
            },
        ),
        links={
            f"{OVERLAY}/link.yaml": "../../../../secret",
            f"{OVERLAY}/absolute.yaml": "/etc/passwd",
            f"{OVERLAY}/circle.yaml": "circle.yaml",
            f"{OVERLAY}/endless.yaml": "x/" * 3_000,
            f"{OVERLAY}/through": "../../../../elsewhere",
        },
        submodules=("vendor",),
    )
    assert message in "\n".join(map(str, found))


def test_links_inside_the_repository_are_followed_and_belong_to_the_closure() -> None:
    snapshot = make_snapshot(
        {
            **overlay("resources: [linked/deployment.yaml, ../../../current]\n"),
            "apps/shop/deployment.yaml": "a: b\n",
            "apps/shop/v2/kustomization.yaml": "resources: [service.yaml]\n",
            "apps/shop/v2/service.yaml": "a: b\n",
        },
        links={f"{OVERLAY}/linked": "../../../apps/shop", "current": "apps/shop/v2"},
    )
    found = closure(snapshot, OVERLAY)
    assert found.problems == ()
    assert set(found.paths) == {
        f"{OVERLAY}/kustomization.yaml",
        f"{OVERLAY}/linked",
        "current",
        "apps/shop/deployment.yaml",
        "apps/shop/v2/kustomization.yaml",
        "apps/shop/v2/service.yaml",
    }


def test_two_kustomization_files_in_a_folder_are_refused() -> None:
    files = overlay("namespace: a\n") | {f"{OVERLAY}/kustomization.yml": "namespace: b\n"}
    (problem,) = problems(files)
    assert "has kustomization.yaml and kustomization.yml" in problem.message


def test_a_missing_overlay_is_a_problem() -> None:
    (problem,) = closure(make_snapshot({"a": "b"}), OVERLAY).problems
    assert "does not exist" in problem.message


def test_circles_are_found_from_wherever_they_are_entered() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../c]\n",
        "c/kustomization.yaml": "resources: [../b]\n",
    }
    snapshot = make_snapshot(files)
    for start in files:
        assert closure(snapshot, start.partition("/")[0]).problems


def test_inclusions_that_multiply_are_counted_and_not_followed() -> None:
    files = {"l0/kustomization.yaml": "namespace: x\n"}
    for level in range(1, 12):
        entries = "".join(f"  - ../l{level - 1}\n" for _ in range(4))
        files[f"l{level}/kustomization.yaml"] = f"resources:\n{entries}"
    (problem,) = closure(make_snapshot(files), "l11").problems
    assert f"at most {INCLUSION_LIMIT}" in str(problem)


def test_blobs_are_fetched_level_by_level() -> None:
    files: dict[str, str] = {}
    for number in range(50):
        files[f"o/{number}/kustomization.yaml"] = f"resources: [../../b/{number}]\n"
        files[f"b/{number}/kustomization.yaml"] = "resources: [a.yaml, b.yaml]\n"
        files[f"b/{number}/a.yaml"] = f"a: {number}\n"
        files[f"b/{number}/b.yaml"] = f"b: {number}\n"
    snapshot = make_snapshot(files)
    calls = []

    def fetch(ids: object) -> object:
        calls.append(ids)
        return snapshot.fetch_blobs(ids)  # type: ignore[arg-type]

    counting = Snapshot("r", snapshot.entries, fetch)  # type: ignore[arg-type]
    Closures(counting).find([f"o/{number}" for number in range(50)])
    assert len(calls) <= 4
