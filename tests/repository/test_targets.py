"""What there is to check in a Tidegate repository, and by which paths it is meant."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.support.kustomize import make_snapshot

from tidegate.domain.changes import Changes
from tidegate.repository.changes import affected
from tidegate.repository.closure import Closures
from tidegate.repository.discovery import discover, explore
from tidegate.repository.leftovers import find_leftovers
from tidegate.repository.yaml import FILE_SIZE_LIMIT

APPS = {
    f"{folder}/{name}": text
    for app in ("a", "b")
    for folder, name, text in (
        (f"apps/{app}", "app.yaml", "kind: App\n"),
        (f"apps/{app}/base", "kustomization.yaml", "resources: []\n"),
        (
            f"environments/prod/{app}",
            "kustomization.yaml",
            f"resources: [../../../apps/{app}/base]\n",
        ),
    )
}
FILES = {
    **APPS,
    "environments/prod/environment.yaml": "kind: Environment\n",
    "environments/prod/argocd/kustomization.yaml": "resources: [project.yaml]\n",
    "environments/prod/argocd/project.yaml": "apiVersion: v1\nkind: AppProject\n",
    "environments/kustomization.yaml": "resources: [bootstrap.yaml, prod/argocd]\n",
    "environments/bootstrap.yaml": "apiVersion: v1\nkind: Application\n",
}
A, B = "environments/prod/a", "environments/prod/b"
WHOLE, ARGOCD = "environments", "environments/prod/argocd"


def without(*paths: str) -> dict[str, str]:
    return {path: text for path, text in FILES.items() if path not in paths}


def found(files: Mapping[str, str], *paths: str) -> list[str]:
    snapshot = make_snapshot(files)
    return [target.path for target in discover(snapshot, Closures(snapshot), paths)]


def test_argo_cds_own_objects_are_one_target_with_what_they_include() -> None:
    assert found(FILES) == [WHOLE, A, B]


def test_without_a_kustomization_of_all_each_environment_has_its_own() -> None:
    files = without("environments/kustomization.yaml")
    snapshot = make_snapshot(files)
    targets = discover(snapshot, Closures(snapshot))
    assert [(t.path, t.environment, t.app, t.delivery) for t in targets] == [
        (A, "prod", "a", False),
        (ARGOCD, "prod", None, True),
        (B, "prod", "b", False),
    ]


def test_one_that_the_kustomization_of_all_leaves_out_is_not_forgotten() -> None:
    files = {**FILES, "environments/kustomization.yaml": "resources: [bootstrap.yaml]\n"}
    assert found(files) == [WHOLE, A, ARGOCD, B]


def test_plain_files_are_targets_of_their_own() -> None:
    files = without("environments/kustomization.yaml", f"{ARGOCD}/kustomization.yaml")
    files |= {f"{ARGOCD}/README.md": "", f"{ARGOCD}/more/x.yaml": ""}
    snapshot = make_snapshot(files)
    (target,) = [t for t in discover(snapshot, Closures(snapshot)) if t.delivery]
    assert (target.path, target.plain) == (f"{ARGOCD}/project.yaml", True)


def test_an_app_may_be_called_argocd() -> None:
    files = {**without("environments/kustomization.yaml"), "apps/argocd/app.yaml": "kind: App\n"}
    snapshot = make_snapshot(files)
    targets = discover(snapshot, Closures(snapshot))
    assert [(t.path, t.app, t.delivery) for t in targets][1] == (ARGOCD, "argocd", False)


@pytest.mark.parametrize(
    ("files", "more"),
    [
        ({"shop/release.yaml": ""}, ["environments/prod/shop"]),
        ({"shop/kustomization.yaml": ""}, ["environments/prod/shop"]),
        # A star of an ApplicationSet means slashes too.
        ({"team/shop/release.yaml": ""}, ["environments/prod/team/shop"]),
        ({"team/shop/kustomization.yaml": ""}, []),
        ({"argocd/release.yaml": ""}, [ARGOCD]),
        ({"shop/kustomization.yaml": "kind: Component\n"}, []),
        (
            {"shop/kustomization.yaml": "kind: Component\n", "shop/release.yaml": ""},
            [f"{A[:-1]}shop"],
        ),
        ({"shop/deployment.yaml": "", "release.yaml": "", "hold.yaml": ""}, []),
    ],
)
def test_what_no_app_yaml_stands_for(files: dict[str, str], more: list[str]) -> None:
    files = {f"environments/prod/{name}": text for name, text in files.items()}
    assert found({**FILES, **files}) == sorted([WHOLE, A, B, *more])


@pytest.mark.parametrize("user", [A, "environments/prod/unknown"])
def test_a_folder_that_overlays_share_is_none(user: str) -> None:
    shared = "environments/prod/shared/kustomization.yaml"
    files = {shared: "", f"{user}/kustomization.yaml": "resources: [../shared]\n"}
    assert found({**FILES, **files}) == [*dict.fromkeys((WHOLE, A, B, user))]


def test_a_release_in_the_place_of_argo_cds_objects_is_one_target() -> None:
    files = {**without("environments/kustomization.yaml"), f"{ARGOCD}/release.yaml": ""}
    assert found(files) == [A, ARGOCD, B]


def test_a_folder_without_an_environment_is_none() -> None:
    files = {**without("environments/kustomization.yaml"), "environments/x/argocd/a.yaml": ""}
    assert "environments/x/argocd/a.yaml" not in found(files)


@pytest.mark.parametrize(
    ("path", "targets"),
    [
        ("environments", [WHOLE, A, B]),
        ("environments/prod", [WHOLE, A, B]),
        ("environments/bootstrap.yaml", [WHOLE]),
        (ARGOCD, [WHOLE]),
        (f"{ARGOCD}/project.yaml", [WHOLE]),
        (A, [A]),
        (f"{A}/kustomization.yaml", [A]),
        ("apps/a/base", ["apps/a/base"]),
    ],
)
def test_a_path_means_what_is_made_of_it(path: str, targets: list[str]) -> None:
    assert found(FILES, path) == targets


@pytest.mark.parametrize(
    ("changed", "moved", "targets"),
    [
        (f"{A}/release.yaml", True, [WHOLE, A]),
        (f"{A}/release.yaml", False, [A]),  # only what a release says is another
        (f"{A}/kustomization.yaml", False, [A]),
        (f"{A}/patch.yaml", True, []),
        (f"{ARGOCD}/project.yaml", False, [WHOLE]),
        (f"{ARGOCD}/old.yaml", True, []),
        ("environments/prod/gone/release.yaml", True, [WHOLE]),
        ("environments/prod/gone/deeper/release.yaml", True, [WHOLE]),
        ("environments/prod/environment.yaml", False, [A, B]),
        ("environments/prod/environment.yaml", True, [WHOLE, A, B]),
        ("environments/policies.yaml", True, []),
        ("apps/b/base/kustomization.yaml", False, [B]),
        ("README.md", True, []),
    ],
)
def test_what_a_change_concerns(changed: str, moved: bool, targets: list[str]) -> None:
    snapshot = make_snapshot({**FILES, f"{A}/release.yaml": ""})
    closures = Closures(snapshot)
    every = discover(snapshot, closures)
    paths = frozenset([changed])
    changes = Changes(paths, paths if moved else frozenset())
    assert [t.path for t in affected(snapshot, closures, every, changes)] == targets


@pytest.mark.parametrize(("environment", "targets"), [("prod", [ARGOCD, B]), ("dev", [])])
def test_a_release_concerns_an_environment_that_stands_for_itself(
    environment: str, targets: list[str]
) -> None:
    snapshot = make_snapshot(without("environments/kustomization.yaml"))
    closures = Closures(snapshot)
    every = discover(snapshot, closures)
    paths = frozenset([f"environments/{environment}/b/release.yaml"])
    assert [t.path for t in affected(snapshot, closures, every, Changes(paths, paths))] == targets


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_hides_no_objects(encoding: str) -> None:
    data = "apiVersion: v1\nkind: ConfigMap\n".encode(encoding)
    snapshot = make_snapshot({"a.yaml": data, "b.yaml": "a: b\n".encode(encoding)})
    assert [target.path for target in discover(snapshot, Closures(snapshot))] == ["a.yaml"]


def test_a_file_too_large_to_read_is_not_passed_over() -> None:
    large = "apiVersion: v1\nkind: ConfigMap\ndata:\n" + "  # nothing\n" * 400_000
    files = {"a.yaml": large, "values.yaml": "a: b\n" * 1_000_000, "a.json": f'{{"a": "{large}"}}'}
    snapshot = make_snapshot(files)
    assert [target.path for target in discover(snapshot, Closures(snapshot))] == ["a.yaml"]


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: c, %s}]}\n"
ALERT = (
    "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\n"
    "spec: {groups: [{rules: [{annotations: {summary: '{{ $labels.pod }} is down'}}]}]}\n"
)
WORKFLOW = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: a-}\n"
    "spec: {templates: [{container: {image: '{{inputs.parameters.image}}'}}]}\n"
)


def left_out(files: Mapping[str, str], *paths: str) -> tuple[str, ...]:
    snapshot = make_snapshot(files)
    return find_leftovers(snapshot, Closures(snapshot), paths)


def test_objects_that_no_kustomization_lists_are_counted() -> None:
    pod, hold = POD % ("a", "image: x"), "apiVersion: tidegate.dev/v1\nkind: Hold\n"
    files = {
        "a/kustomization.yaml": "resources: [pod.yaml, ../b]\npatches: [{path: patch.yaml}]\n",
        "b/kustomization.yaml": "resources: [pod.yaml]\n",
        "c/kustomization.yaml": "resources: [pod.yaml\n",
        "d/pod.yaml": pod,
        **{f"{folder}/{name}.yaml": pod for folder in "abc" for name in ("pod", "patch", "old")},
        **{f"a/{name}.yaml": hold for name in ("release", "other")},
        "a/values.yaml": "a: b\n",
        "a/x.tmpl.yaml": pod,
        "a/more/deep.yaml": pod,
        "a/more/deeper/x.yaml": pod,
        "b/vendor/x.yaml": pod,
        "b/policies/x.yaml": pod,
    }
    assert left_out(files) == ("a/old.yaml", "b/patch.yaml", "b/old.yaml", "a/more/deep.yaml")
    assert left_out(files, "b") == ("b/patch.yaml", "b/old.yaml")
    assert left_out(files, "b/old.yaml") == ()  # who names it has it read
    assert not set(left_out(files)) & set(found(files))


@pytest.mark.parametrize(
    ("text", "template"),
    [
        (ALERT, False),
        (WORKFLOW, False),
        (POD % ("a", "image: x") + "---\n" + ALERT, False),
        (POD % ("a", "image: x, args: ['--chat-template={{ messages }}']"), False),
        (POD % ("a", "image: x, env: [{name: A, value: '{{ a }}'}]"), False),
        (POD % ("a", "image: '{{ image }}'"), True),
        (POD % ("'{{ name }}'", "image: x"), True),
        (POD % ("{{ name }}", "image: x"), True),
        (POD % ("a", "image: x") + "{{- if .Values.more }}\n", True),
        (WORKFLOW.replace("a-", "'{{ .Release.Name }}-'"), True),
    ],
)
def test_braces_that_are_handed_on_make_no_template(text: str, template: bool) -> None:
    assert found({"a.yaml": text}) == ([] if template else ["a.yaml"])
    assert found({"a.yaml": text}, "a.yaml") == ["a.yaml"]  # who names it means it


@pytest.mark.parametrize("path", ["a.tmpl.yaml", "b/a.tpl.yml", "a.tmpl.json", "a.yaml.tmpl"])
def test_what_is_named_as_a_template_is_one(path: str) -> None:
    text = '{\n"apiVersion": "v1",\n"kind": "Pod"}'
    assert found({path: text, "tmpl.yaml": POD % ("a", "image: x")}) == ["tmpl.yaml"]
    if not path.endswith(".tmpl"):
        assert found({path: text}, path) == [path]


DOCKER = POD % ("a", "image: x")
PART = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {%s}\n"
ONLY = "template: {spec: {containers: [{name: a, %s}]}}"


@pytest.mark.parametrize(
    ("path", "text", "left_out"),
    [
        ("tests/00-assert.yaml", DOCKER, True),
        ("tests/crd-assert.yaml", DOCKER, True),
        ("tests/chainsaw-step-01-assert-1.yaml", DOCKER, True),
        ("tests/01-errors.yaml", DOCKER, True),
        ("tests/00-install.yaml", DOCKER, False),
        ("errors.yaml", DOCKER, False),
        ("asserting.yaml", DOCKER, False),
        (".chainsaw-test/pod.yaml", DOCKER, True),
        (".github/kind.yaml", DOCKER, True),
        ("spark/driver-pod-template.yaml", DOCKER, True),
        ("pod-templates.yaml", DOCKER, False),
        ("2.server-patch.yaml", PART % ONLY % "env: []", True),
        ("patch.json", '{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {}}', True),
        ("patches/x.yaml", PART % ONLY % "env: []", False),
        ("job-patch.yaml", PART % f"selector: {{}}, {ONLY}" % "image: x", False),
        ("job-patch.yaml", DOCKER, False),
        ("dispatch.yaml", PART % ONLY % "env: []", False),
    ],
)
def test_parts_of_objects_are_left_out(path: str, text: str, left_out: bool) -> None:
    assert found({path: text}) == ([] if left_out else [path])
    assert found({path: text}, path) == [path]


@pytest.mark.parametrize(
    ("path", "name", "left_out"),
    [
        ("tf/manifests/a.yaml", "${namespace}", True),
        ("tf/a.yaml", "${var.namespace}", True),
        ("tf/a.yaml", "$${namespace}", False),
        ("tf/a.yaml", "${NAMESPACE}", False),
        ("other/a.yaml", "${namespace}", False),
        ("a.yaml", "${namespace}", False),
        ("cluster-template.yaml", "${NAMESPACE}", True),
        ("cluster-template-dev.yaml", "${NAMESPACE:=a}", True),
        ("templates/volsync/pvc.yaml", "${NAMESPACE}", False),
        ("manifest-templates/a.yaml", "${NAMESPACE}", True),
        ("templates/a.yaml", "a", False),
        ("thread.template.yaml", "thread-{THREAD_ID}", True),
        ("thread.yaml", "thread-{THREAD_ID}", False),
        ("tenant.template.yaml", "<tenant>-quota", True),
        ("rollout-template.yaml", "REPLACEME-canary", True),
        ("claim.template.yaml", "REPLACE_ME", True),
        ("template.yaml", "a-__INDEX__", True),
        ("step-template.yaml", "a-$$name$$", True),
        ("step-template.yaml", "CHANGED", False),
    ],
)
def test_what_a_program_fills_in_is_a_template(path: str, name: str, left_out: bool) -> None:
    files = {path: POD % (f"'{name}'", "image: x"), "tf/main.tf": ""}
    assert found(files) == ([] if left_out else [path])
    # A program's own variables make none.
    command = POD % ("a", f"image: x, command: ['{name}']")
    assert found({path: command, "tf/main.tf": ""}) == [path]


TALOS = "apiVersion: v1alpha1\nkind: WatchdogTimerConfig\ntimeout: 5m\n"


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        (TALOS, True),
        (f"version: v1alpha1\nmachine: {{}}\n---\n{TALOS}", True),
        (TALOS.replace("v1alpha1", "'v1alpha1' # Talos"), True),
        (TALOS + "metadata: {name: a}\n", False),
        ("apiVersion: v1beta1\nkind: AgentConfig\nmetadata: {name: a}\n", True),
        (TALOS.replace("v1alpha1", "v1"), False),
        (TALOS.replace("v1alpha1", "apps/v1"), False),
        (TALOS + "---\n" + POD % ("a", "image: x"), False),
        (TALOS + "---\nkind: Pod\n", False),
        (TALOS + "timeout: 5m\n", False),
    ],
)
def test_the_cluster_has_no_such_version_without_metadata(text: str, foreign: bool) -> None:
    assert found({"a.yaml": text}) == ([] if foreign else ["a.yaml"])
    assert found({"a.yaml": text}, "a.yaml") == ["a.yaml"]


def test_json_may_be_another_programs_too() -> None:
    text = '{\n"apiVersion": "v1alpha1",\n"kind": "X"%s}'
    assert found({"a.json": text % ""}) == []
    assert found({"a.json": text % ', "metadata": {"name": "a"}'}) == ["a.json"]


@pytest.mark.parametrize("path", ["a.json", "a.yaml"])
def test_json_in_one_line_is_an_object_too(path: str) -> None:
    text = '{"metadata":{"name":"a"},"kind":"Pod","apiVersion":"v1"}'
    assert found({path: text}) == found({path: "\ufeff" + text}) == [path]
    assert found({path: f'{{"a": {text}}}', "b.yaml": "{kind: Pod, api: v1}"}) == []


@pytest.mark.parametrize("folder", ["vendor", "a/vendor/b", "node_modules/c"])
def test_other_peoples_files_are_looked_at_where_they_are_named(folder: str) -> None:
    pod = POD % ("a", "image: x")
    files = {
        "vendor.yaml": pod,
        f"{folder}/pod.yaml": pod,
        f"{folder}/k/kustomization.yaml": "resources: [used.yaml]\n",
        f"{folder}/k/used.yaml": pod,
        f"{folder}/k/patch.yaml": pod,
    }
    assert found(files) == found(files, "") == ["vendor.yaml"]
    assert found(files, folder) == [f"{folder}/k", f"{folder}/pod.yaml"]
    assert found(files, f"{folder}/k") == [f"{folder}/k"]
    assert found(files, f"{folder}/k/patch.yaml") == [f"{folder}/k/patch.yaml"]


def test_a_base_among_other_peoples_files_is_no_target_of_its_own() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../vendor/b]\n",
        "vendor/b/kustomization.yaml": "resources: [pod.yaml]\n",
        "vendor/b/pod.yaml": POD % ("a", "image: x"),
    }
    assert found(files) == ["a"]


def test_objects_beside_what_flux_applies_are_looked_at() -> None:
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n---\n"
    assert found({"a.yaml": flux + POD % ("a", "image: x")}) == ["a.yaml"]


@pytest.mark.parametrize("text", ["\n", " ", "{", "{{ ", "a: \n", "\r\n"])
def test_what_repeats_without_end_is_passed_over_at_once(text: str) -> None:
    """Where patterns try a text in many ways, one such file would keep the check for hours."""
    assert found({"a.yaml": text * 500_000, "a.json": text * 500_000}) == []


@pytest.mark.parametrize(
    "text",
    [
        "{apiVersion: v1, kind: Pod, metadata: {name: a}}",
        "'apiVersion': v1\n'kind': Pod\n",
        '# a word\n{"apiVersion": "v1", "kind": "Pod"}',
        '---\n{"apiVersion": "v1", "kind": "Pod"}',
        "%YAML 1.1\n---\napiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\nkind: Pod\n---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: X\n",
    ],
)
def test_an_object_is_one_in_whichever_form(text: str) -> None:
    assert found({"a.yaml": text}) == ["a.yaml"]


@pytest.mark.parametrize(
    ("text", "checked", "left_out"),
    [
        ("apiverison: v1\nkind: Service\nmetadata: {name: x}\n", True, False),
        ("apiVersion: v1\nKind: Service\nmetadata: {name: x}\n", True, False),
        ("apiVersion: v1\nmetadata: {name: x}\nbaseDomain: x\n", False, True),
        ("kind: Service\nversion: 1\nmetadata: {name: x}\n", False, True),
        ("apiVersion: v2\nname: chart\n", False, False),
        ("kind: ingress\nreplicas: 3\n", False, False),
        ("# one\n---\n\n  apiVersion: v1\n  kind: Service\n", True, False),
        ("  a: 1\n  kind: Service\n", False, False),
    ],
)
def test_a_key_that_is_missing_hides_no_object(text: str, checked: bool, left_out: bool) -> None:
    snapshot = make_snapshot({"a.yaml": text})
    explored = explore(snapshot, Closures(snapshot))
    assert [target.path for target in explored.targets] == ["a.yaml"] * checked
    assert explored.passed_over == ("a.yaml",) * left_out


def test_what_kustomize_or_we_do_not_find_is_named() -> None:
    text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    files = {"a/Kustomization.yaml": text, "b/kustomization.yaml": text, "b/old.yaml": text}
    snapshot = make_snapshot(
        {**files, "c/kustomization.yaml": "kind: Component\n"}, submodules=("d", "vendor/e")
    )
    explored = explore(snapshot, Closures(snapshot))
    assert explored.misnamed == ("a/Kustomization.yaml",)
    assert explored.unused == ("c",)
    assert explored.submodules == ("d",)
    assert [target.path for target in explored.targets] == ["b"]


def test_what_is_passed_over_or_leads_nowhere_is_told() -> None:
    part = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
    whole = part + "spec: {selector: {}}\n"
    files = {"a-patch.yaml": part, "b-patch.yaml": f"{whole}---\n{part}", "values.yaml": "a: 1\n"}
    snapshot = make_snapshot(files)
    explored = explore(snapshot, Closures(snapshot))
    assert explored.passed_over == ("a-patch.yaml",)
    assert [target.path for target in explored.targets] == ["b-patch.yaml"]
    named = explore(snapshot, Closures(snapshot), ["a-patch.yaml", "values.yaml"])
    assert (named.passed_over, named.idle) == ((), ("values.yaml",))


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("A.YAML", SERVICE),
        ("a.Yml", SERVICE),
        ("A.JSON", '{"apiVersion": "v1", "kind": "Service"}'),
        ("a.yaml", SERVICE.replace("\n", "\r")),
        ("a.yaml", "? apiVersion\n: v1\n? kind\n: Service\n"),
        ("a.yaml", f"\ufeff? {SERVICE}"),
    ],
)
def test_names_and_texts_as_few_people_write_them(name: str, text: str) -> None:
    assert found({f"plain/{name}": text}) == [f"plain/{name}"]


def test_what_a_link_leads_to_is_looked_at_where_it_lies() -> None:
    files = {
        "all/a.yaml": SERVICE,
        "all/b.txt": SERVICE,
        "k/kustomization.yaml": "resources: [c.yaml, d.yaml]\n",
        "k/c.yaml": SERVICE,
    }
    links = {
        "plain/a.yaml": "../all/a.yaml",
        "plain/again.yaml": "a.yaml",
        "plain/b.yaml": "../all/b.txt",
        "plain/c.yaml": "../k/c.yaml",
        "k/d.yaml": "../all/a.yaml",
        "plain/dir.yaml": "../all",
        "plain/gone.yaml": "nowhere",
        "plain/long.yaml": "x" * 5_000,
        "plain/out.yaml": "../../etc/passwd",
        "plain/self.yaml": "self.yaml",
    }
    snapshot = make_snapshot(files, links=links)
    closures = Closures(snapshot)
    explored = explore(snapshot, closures, ["plain"])
    assert [target.path for target in explored.targets] == ["all/b.txt"]
    loose = tuple(f"plain/{name}.yaml" for name in ("dir", "gone", "long", "out", "self"))
    assert (explored.loose, explored.idle) == (loose, ())
    named = explore(snapshot, closures, ["plain/c.yaml", "plain/again.yaml"]).targets
    assert [target.path for target in named] == ["all/a.yaml", "k/c.yaml"]
    (target,) = explored.targets
    changes = Changes(frozenset(["plain/b.yaml"]))
    assert affected(snapshot, closures, [target], changes) == [target]


def test_submodules_below_the_paths_are_named() -> None:
    snapshot = make_snapshot({"a/x.yaml": SERVICE}, submodules=("a/sub", "b/sub"))
    closures = Closures(snapshot)
    assert explore(snapshot, closures).submodules == ("a/sub", "b/sub")
    assert explore(snapshot, closures, ["a"]).submodules == ("a/sub",)
    named = explore(snapshot, closures, ["b/sub"])
    assert (named.targets, named.submodules, named.idle) == ([], ("b/sub",), ())


def test_large_files_that_no_kustomization_lists_are_counted() -> None:
    filler = " " * FILE_SIZE_LIMIT
    files = {
        "k/kustomization.yaml": "resources: []\n",
        "k/a.yaml": SERVICE + filler,
        "k/a.json": '{"apiVersion": "v1", "kind": "ConfigMap"}' + filler,
        "k/values.yaml": "a: b" + filler,
    }
    assert left_out(files) == ("k/a.yaml", "k/a.json")


def test_large_json_is_named_where_it_may_hold_objects() -> None:
    filler = " " * FILE_SIZE_LIMIT
    files = {
        "a.json": '{"apiVersion": "v1", "kind": "ConfigMap"}' + filler,
        "b.JSON": '{"apiVersion": {}, "kind": {}}' + filler,
        "c.json": "{}" + filler,
    }
    snapshot = make_snapshot(files)
    explored = explore(snapshot, Closures(snapshot))
    assert (explored.targets, explored.large) == ([], ("a.json", "b.JSON"))
    assert found(files, "a.json") == ["a.json"]
