"""`check`, as a command over real folders, with the real kustomize and worker processes."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.checks import Checker, places, replace
from tests.support.overlays import BASE, commit, make_repository, write

HPA = """\
apiVersion: autoscaling/v2beta2
kind: HorizontalPodAutoscaler
metadata: {name: a}
spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: a}}
"""


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    make_repository(tmp_path / "repository", 3)
    return Checker(tmp_path / "repository", tmp_path / "cache")


def test_what_is_sound_passes_and_is_counted(checker: Checker) -> None:
    coverage = checker()["coverage"]
    assert (coverage["overlays"], coverage["objects"]) == (3, 12)
    assert (coverage["rendered"], coverage["cached"]) == (3, 0)
    assert coverage["kubernetes"] == ["1.33"]


def test_a_second_check_renders_nothing_and_says_the_same(checker: Checker) -> None:
    replace(checker.root, "apps/app-00001/base/all.yaml", "readinessProbe", "redinessProbe")
    first = checker(code=1)
    second = checker(code=1)
    assert (second["coverage"]["rendered"], second["coverage"]["cached"]) == (0, 3)
    assert second["findings"] == first["findings"]
    assert checker("--no-cache", code=1)["findings"] == first["findings"]
    assert checker("--no-cache", code=1)["coverage"]["cached"] == 0


def test_a_mistake_is_told_on_the_line_of_the_base(checker: Checker) -> None:
    base = "apps/app-00001/base/all.yaml"
    replace(checker.root, base, "readinessProbe", "redinessProbe")
    report = checker(code=1)
    line = (checker.root / base).read_text()[: (checker.root / base).read_text().index("redin")]
    assert places(report) == [(base, line.count("\n") + 1, "schema")]


def test_a_mistake_is_told_on_the_line_of_the_patch(checker: Checker) -> None:
    overlay = "environments/dev/app-00002/kustomization.yaml"
    patch_text = (
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n"
        '    - op: replace\n      path: /spec/replicas\n      value: "3"\n'
    )
    file = checker.root / overlay
    file.write_text(file.read_text() + patch_text)
    report = checker(code=1)
    line = file.read_text().splitlines().index('      value: "3"') + 1
    assert places(report) == [(overlay, line, "schema")]


def test_a_broken_overlay_does_not_hide_the_others(checker: Checker) -> None:
    overlay = "environments/dev/app-00000/kustomization.yaml"
    replace(checker.root, overlay, "/base", "/bse")
    replace(checker.root, "apps/app-00001/base/all.yaml", "replicas: 2", "replicas: two")
    report = checker(code=1)
    assert [(f["file"], f["rule"]) for f in report["findings"]] == [
        ("apps/app-00001/base/all.yaml", "schema"),
        (overlay, "render"),
    ]


def test_only_what_changed_and_all_that_uses_it(checker: Checker) -> None:
    assert checker("--changed-since", "HEAD")["coverage"]["overlays"] == 0
    with (checker.root / "apps/app-00001/base/all.yaml").open("a") as file:
        file.write("# changed\n")
    assert checker("--changed-since", "HEAD")["coverage"]["overlays"] == 1
    commit(checker.root)
    assert checker("--changed-since", "HEAD")["coverage"]["overlays"] == 0
    assert checker("--changed-since", "HEAD~1")["coverage"]["overlays"] == 1
    (checker.root / "apps/app-00002/base/all.yaml").unlink()
    report = checker("--changed-since", "HEAD", code=1)
    assert [f["rule"] for f in report["findings"]] == ["render"]


def test_a_hold_of_a_whole_environment_is_read_with_no_overlay(checker: Checker) -> None:
    hold = "environments/dev/hold.yaml"
    write(checker.root, hold, "kind: Hold\nby: [")
    report = checker("--changed-since", "HEAD", code=1)
    assert places(report) == [(hold, 3, "record")]
    assert report["coverage"]["overlays"] == 0
    assert places(checker("--shard", "1/2", code=1)) == [(hold, 3, "record")]
    assert places(checker("--shard", "2/2")) == []
    commit(checker.root)
    assert places(checker("--changed-since", "HEAD")) == []


def test_filters_and_shards(checker: Checker) -> None:
    assert checker("--app", "app-00001")["coverage"]["overlays"] == 1
    assert checker("--env", "dev")["coverage"]["overlays"] == 3
    parts = [checker("--shard", f"{n}/2")["coverage"]["overlays"] for n in (1, 2)]
    assert sorted(parts) == [1, 2]
    path = str(checker.root / "environments/dev/app-00001")
    assert checker(path)["coverage"]["overlays"] == 1


def test_a_link_to_a_folder_is_that_folder(checker: Checker, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(checker.root)
    (tmp_path / "deep").symlink_to("link/environments/dev/app-00001")
    (checker.root / "inner").symlink_to("environments/dev/app-00001")
    found = [checker(str(tmp_path / name))["coverage"]["checked"] for name in ("link", "deep")]
    assert found[0] == checker()["coverage"]["checked"]
    inner = checker(str(checker.root / "inner"))["coverage"]["checked"]
    assert found[1] == inner == ["environments/dev/app-00001"]


def test_a_link_to_a_file_of_the_repository_is_that_file(checker: Checker) -> None:
    file = checker.root / "plain.yaml"
    file.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n")
    (checker.root / "link.yaml").symlink_to(file)
    found = checker(str(checker.root / "link.yaml"))
    assert found["coverage"]["checked"] == ["plain.yaml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--env", "prod"], "nothing to check for prod"),
        (["--app", "nope"], "nothing to check for nope"),
        (["--changed-since", "nope"], "no commit, branch or tag 'nope'"),
        (["--changed-since", "--output=x"], "expected one argument"),
        (["--shard", "3/2"], "is no part"),
        (["--kubernetes-version", "latest"], "is no Kubernetes version"),
        (["--kubernetes-version", "1.2"], "no schemas for Kubernetes"),
        (["/nowhere/at/all"], "/nowhere/at/all is not there"),
        (["--jobs", "0"], "is no number of processes"),
    ],
)
def test_a_wrong_request_is_told(checker: Checker, words: Sequence[str], said: str) -> None:
    report = checker(*words, code=2)
    assert report["kind"] == "ErrorReport"
    assert said in checker.error


def test_a_folder_that_belongs_to_nobody(tmp_path: Path) -> None:
    root = tmp_path / "manifests"
    base = BASE.format(app="a")
    write(root, "base/kustomization.yaml", "resources: [all.yaml]\n")
    write(root, "base/all.yaml", base)
    write(root, "prod/kustomization.yaml", "resources: [../base]\nnamespace: a\n")
    write(root, "component/kustomization.yaml", "kind: Component\nresources: [all.yaml]\n")
    write(root, "component/all.yaml", base)
    write(root, "plain.yaml", f"# a comment\n---\n{HPA}")
    write(root, "values.yaml", "replicas: 3\n")
    schema = '{"definitions": {"x": {"properties": {"apiVersion": {}, "kind": {}}}}}'
    write(root, "swagger.json", schema.replace("{", "{\n"))
    write(root, "chart/templates/a.yaml", "apiVersion: v1\nkind: X\nmetadata: {name: {{ .n }}}\n")
    checker = Checker(tmp_path, tmp_path / "cache")
    report = checker(str(root), code=1)
    assert places(report) == [("plain.yaml", 3, "api-removed")]
    assert report["coverage"]["overlays"] == 2
    assert checker(str(root), "--kubernetes-version", "1.24.3", code=2)["kind"] == "ErrorReport"
    assert checker(str(root), "--kubernetes-version", "1.25", code=0)["findings"]


def test_what_the_server_says_of_a_field_no_rule_says_again(tmp_path: Path) -> None:
    label = "matchLabels: {app.kubernetes.io/name: "
    write(tmp_path, "plain/a.yaml", BASE.format(app="a").replace(f"{label}a", f"{label}z", 1))
    report = Checker(tmp_path, tmp_path / "cache")(str(tmp_path / "plain"), code=1)
    assert [(f["line"], f["rule"]) for f in report["findings"]] == [(6, "syntax")]


def test_what_flux_replaces_is_a_note_until_it_does_no_more(tmp_path: Path) -> None:
    base = BASE.format(app="a").replace("replicas: 2", "replicas: ${REPLICAS}")
    kustomization = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
    spec = "metadata: {name: a}\nspec: {path: ./apps/a, postBuild: {substitute: {REPLICAS: '2'}}}\n"
    write(tmp_path, "plain/apps/a/a.yaml", base)
    write(tmp_path, "plain/flux.yaml", kustomization + spec)
    check = Checker(tmp_path / "plain", tmp_path / "cache")
    assert [f["severity"] for f in check()["findings"]] == ["Audit"]
    commit(tmp_path / "plain")
    write(tmp_path, "plain/flux.yaml", kustomization + spec.partition(", postBuild")[0] + "}\n")
    assert [f["severity"] for f in check(code=1)["findings"]] == ["Deny"]
    # Nothing of the folder itself has changed.
    changed = check("--changed-since", "HEAD", code=1)
    assert [f["severity"] for f in changed["findings"]] == ["Deny"]


@pytest.mark.parametrize(
    ("prod", "checked"),
    [
        ("resources: [../base, deep/in/x.yaml, y.yaml]\nnamespace: b\n", {"prod"}),
        ("resources: [deep/in/x.yaml]\n", {"prod", "base"}),
        ("resources: [../link]\n", {"prod", "prod/deep/in/x.yaml"}),
        (None, {"base", "prod/deep/in/x.yaml", "prod/y.yaml", "prod/in/z.yaml"}),
    ],
)
def test_what_has_lost_its_last_user_stands_for_itself(
    tmp_path: Path, prod: str | None, checked: set[str]
) -> None:
    plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
    write(tmp_path, "r/base/kustomization.yaml", "resources: [all.yaml]\n")
    for name in ("base/all", "prod/deep/in/x", "prod/y", "prod/in/z", "other"):
        write(tmp_path, f"r/{name}.yaml", plain % name.replace("/", "-"))
    kustomization = "prod/kustomization.yaml"
    write(tmp_path, f"r/{kustomization}", "resources: [../link, deep/in/x.yaml, y.yaml]\n")
    (tmp_path / "r/link").symlink_to("base")
    commit(tmp_path / "r")
    if prod is None:
        (tmp_path / "r" / kustomization).unlink()
    else:
        write(tmp_path, f"r/{kustomization}", prod)
    report = Checker(tmp_path / "r", tmp_path / "cache")("--changed-since", "HEAD")
    assert set(report["coverage"]["checked"]) == checked


def test_what_is_laid_over_or_included_by_nobody_is_named(tmp_path: Path) -> None:
    root = tmp_path / "r"
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"
    spec = "spec: {path: %s, prune: true, interval: 5m, sourceRef: {kind: Bucket, name: a}, %s}\n"
    write(root, "clusters/a.yaml", flux + spec % ("./a", "images: [{name: x, newTag: v1}]"))
    write(root, "clusters/b.yaml", flux.replace("a}", "b}") + spec % ("./b", "namePrefix: x-"))
    for name in "ab":
        write(root, f"{name}/kustomization.yaml", "configMapGenerator: [{name: a}]\n")
    write(root, "c/kustomization.yaml", "kind: Component\nresources: [x.yaml]\n")
    write(root, "d/kustomization.yaml", "kind: Component\nconfigMapGenerator: [{name: d}]\n")
    write(root, "e/kustomization.yaml", "components: [../d]\nresources: [../a]\n")
    check = Checker(root, tmp_path / "cache")
    laid = "what Flux or Argo CD lays over folders when it applies them isn't rendered:"
    first, second = "clusters/a.yaml (images)", "clusters/b.yaml (namePrefix)"
    unused = "1 component left out, which no kustomization includes: c"
    assert check()["coverage"]["notes"] == [unused, f"{laid} {first}, {second}"]
    commit(root)
    assert f"{laid} {second}" in check(str(root / "b"))["coverage"]["notes"]
    write(root, "a/kustomization.yaml", "configMapGenerator: [{name: b}]\n")
    assert f"{laid} {first}" not in check("--changed-since", "HEAD")["coverage"]["notes"]
    write(root, "b/kustomization.yaml", "configMapGenerator: [{name: b}]\n")
    assert f"{laid} {second}" in check("--changed-since", "HEAD")["coverage"]["notes"]
    write(root, "clusters/a.yaml", (root / "clusters/a.yaml").read_text() + "# changed\n")
    assert f"{laid} {first}, {second}" in check("--changed-since", "HEAD")["coverage"]["notes"]


@pytest.mark.parametrize("key", ["off", "7", "0x10", "1.50", "'007'"])
def test_a_key_that_is_no_text_is_told_on_its_line(tmp_path: Path, key: str) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: b\n"
    write(tmp_path, "plain/a.yaml", f"{text}  {key}: 3\n")
    report = Checker(tmp_path, tmp_path / "cache")(str(tmp_path / "plain"), code=1)
    assert places(report) == [("a.yaml", 6, "schema")]


def test_an_overlay_that_renders_to_nothing_is_named(tmp_path: Path) -> None:
    write(tmp_path, "r/a/kustomization.yaml", "resources: [a.yaml]\n")
    write(tmp_path, "r/a/a.yaml", "# a: b\n")
    write(tmp_path, "r/b/kustomization.yaml", "configMapGenerator: [{name: b}]\n")
    coverage = Checker(tmp_path, tmp_path / "cache")(str(tmp_path / "r"))["coverage"]
    assert coverage["notes"] == ["1 overlay rendered to no object: a"]


def test_a_file_that_is_too_large_is_told(tmp_path: Path) -> None:
    # More than is kept of any file; what lies beside it is checked all the same.
    write(tmp_path, "plain/a.yaml", HPA + "# nothing\n" * 1_800_000)
    write(tmp_path, "plain/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n")
    report = Checker(tmp_path, tmp_path / "cache")(str(tmp_path / "plain"), code=1)
    (found,) = report["findings"]
    assert (found["file"], found["rule"]) == ("a.yaml", "render")
    assert "MiB large; Tidegate reads at most 4 MiB" in found["message"]
    assert (report["coverage"]["overlays"], report["coverage"]["objects"]) == (2, 1)


def test_kinds_without_a_schema_are_named_and_may_be_errors(checker: Checker) -> None:
    with (checker.root / "apps/app-00001/base/all.yaml").open("a") as file:
        file.write("---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n")
    assert checker()["coverage"]["unknownKinds"] == [
        {"apiVersion": "example.com/v1", "kind": "Thing", "objects": 1}
    ]
    report = checker("--strict-kinds", code=1)
    assert [f["rule"] for f in report["findings"]] == ["unknown-kind"]


def test_rubbish_in_the_cache_changes_nothing(checker: Checker, tmp_path: Path) -> None:
    replace(checker.root, "apps/app-00001/base/all.yaml", "readinessProbe", "redinessProbe")
    first = checker(code=1)
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(b"rubbish")
    second = checker(code=1)
    assert second["findings"] == first["findings"]
    assert second["coverage"]["cached"] == 0


def test_an_entry_of_images_that_fits_none_is_told_on_its_line(checker: Checker) -> None:
    overlay = "environments/dev/app-00001/kustomization.yaml"
    entries = "images:\n  - {name: registry.example.com/none, newTag: '1'}\n"
    file = checker.root / overlay
    text = file.read_text()
    assert "images:\n" in text
    file.write_text(text.replace("images:\n", entries))
    for _ in range(2):
        report = checker()
        line = file.read_text().splitlines().index(entries.splitlines()[1]) + 1
        assert places(report) == [(overlay, line, "image-entry")]


def test_policies_that_are_not_checked_out_pass_nothing(checker: Checker) -> None:
    folder = "policies/admission/x"
    (checker.root / folder).mkdir(parents=True)
    (checker.root / folder / "policy.yaml").write_text("# none yet\n")
    commit(checker.root)
    git = ["git", "-C", str(checker.root), "sparse-checkout"]
    subprocess.run([*git, "set", "environments", "apps"], check=True)
    told = checker(code=2)["error"]["message"]
    assert told.startswith(f"{folder}/policy.yaml: is not checked out")
    subprocess.run([*git, "add", folder], check=True)
    checker()


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (("--app", "nope"), "apps with overlays: app-00000, app-00001, app-00002"),
        (("--app", "nope", "--env", "dev"), "apps with overlays: app-00000, app-00001, app-00002"),
        (("--env", "nope"), "environments with overlays: dev"),
        (("--app", "app-00000", "--env", "nope"), "environments with overlays: dev"),
    ],
)
def test_what_there_is_none_of_is_told_with_what_there_is(
    checker: Checker, words: Sequence[str], known: str
) -> None:
    assert checker(*words, code=2)["error"]["hint"] == known


def test_nothing_at_all_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    report = Checker(tmp_path / "empty", tmp_path / "cache")()
    assert report["coverage"]["notes"] == ["nothing is to be checked in ."]


def test_what_is_wrong_with_a_whole_overlay_stands_on_its_kustomization(tmp_path: Path) -> None:
    folder, deep = tmp_path / "folder", "{a: " * 200 + "}" * 200
    object_ = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {deep}\n"
    write(folder, "kustomization.yaml", "resources: [deep]\n")
    write(folder, "Kustomization", "resources: [deep]\n")
    write(folder, "deep/kustomization.yml", "resources: [a.yaml]\n")
    write(folder, "deep/a.yaml", object_)
    report = Checker(folder, tmp_path / "cache")(code=1)
    assert places(report) == [
        ("deep/a.yaml", 4, "render"),
        ("deep/kustomization.yml", 1, "render"),
        ("kustomization.yaml", 1, "render"),
    ]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (
            'cluster: {kubernetes: "1.99"}',
            "cluster.kubernetes: is '1.99', which there are no schemas for; expected a version "
            "from 1.25 to 1.37",
        ),
        (
            "cluster: {provides: [a]}",
            'cluster.provides[0]: is "a"; expected Kind/name or Kind/namespace/name, with * for '
            "any part of a name",
        ),
        (
            "rules: [{rule: application-automated, severity: Warn}]",
            "rules.rule: 'application-automated' holds for every environment, and can't be set",
        ),
        ("rules: [{rule: spread, severity: Warn}]", "rules.rule: 'spread' is no rule of Tidegate"),
    ],
)
def test_what_an_environment_may_not_say_is_told_once_on_its_line(
    checker: Checker, said: str, problem: str
) -> None:
    file = checker.root / "environments/dev/environment.yaml"
    lines = [row for row in file.read_text().splitlines() if not row.startswith("cluster")]
    file.write_text("\n".join([*lines, said, ""]))
    (told,) = checker(code=2)["error"]["message"].splitlines()
    assert told.startswith(f"environments/dev/environment.yaml:{len(lines) + 1}:")
    assert problem in told
