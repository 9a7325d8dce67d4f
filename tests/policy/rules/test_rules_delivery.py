"""The rules on Argo CD's own objects, beyond their examples."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.rules import documents, example, rendered

from tidegate.domain.context import RuleContext
from tidegate.domain.delivery import Delivery
from tidegate.policy.rules import RULES, judge_overlay

DELIVERY = tuple(rule for rule in RULES if RULES[rule].category == "delivery")
URL = "https://git.example.com/ml/models.git"
ON = "syncPolicy: {automated: {prune: true, selfHeal: true}}"


def judge(
    objects: list[Any], *releases: str, branch: str | None = "main", rule: str | None = None
) -> list[tuple[str, str, str]]:
    """What the rules say of these objects: rule, severity and message."""
    context = RuleContext(delivery=Delivery(branch, releases))
    found = judge_overlay(rendered(objects, inside=False), context)
    return [(v.rule, str(v.severity), v.message) for v in found if rule in (None, v.rule)]


def sound(change: Callable[[Any], None] | None = None) -> list[Any]:
    """A project and an ApplicationSet without a mistake, or with one."""
    project, applications = example("application-automated", "passes")
    if change:
        change(applications["spec"])
    return [project, applications]


def generators(found: str) -> list[Any]:
    """The same with other generators, written as YAML."""

    def change(spec: Any) -> None:
        (spec["generators"],) = documents(found)

    return sound(change)


def application(**spec: Any) -> Any:
    """A hand-written Application of prod."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "by-hand", "namespace": "argocd"},
        "spec": {"project": "prod", **documents(ON)[0], **spec},
    }


def test_nothing_is_said_of_objects_that_deliver_nothing_of_ours() -> None:
    for rule in DELIVERY:
        objects = [item for item in example(rule, "fails") if item["kind"] != "Release"]
        found = judge_overlay(rendered(objects, inside=False), RuleContext())
        assert [v.rule for v in found if v.rule in DELIVERY] == []


def git(**paths: list[Any]) -> str:
    """A git generator, as YAML that is JSON too."""
    return json.dumps({"git": {"repoURL": URL, "revision": "main", **paths}})


def path(pattern: str, **more: Any) -> dict[str, Any]:
    """What a git generator looks for."""
    return {"path": pattern, **more}


FILES = git(files=[path("environments/prod/*/release.yaml")])
NOBODY = "no Application applies environments/prod/a"
TWICE = "ApplicationSet prod applies environments/prod/a, and ApplicationSet prod"


@pytest.mark.parametrize(
    ("found", "messages"),
    [
        (f"[{FILES}]", []),
        (f"[matrix: {{generators: [{FILES}, {{clusters: {{}}}}]}}]", []),
        (f"[merge: {{generators: [{{matrix: {{generators: [{FILES}]}}}}]}}]", []),
        ("[list: {elements: [{app: a}]}]", [NOBODY]),
        (f"[{FILES}, {FILES}]", [TWICE]),
        # Of two patterns that find the same file, one generator makes one Application.
        (f"[{git(files=[path('environments/prod/a/*'), path('environme*')])}]", []),
        (
            f"[{git(files=[path('environments/*'), path('*/a/release.yaml', exclude=True)])}]",
            [NOBODY],
        ),
        (f"[{git(directories=[path('environments/prod/*')])}]", []),
        (f"[{git(directories=[path('environments/*')])}]", [NOBODY]),
        (f"[{git(files=[path('environments/{{.environment}}/*/release.yaml')])}]", []),
    ],
)
def test_each_release_has_one_generator(found: str, messages: list[str]) -> None:
    said = judge(generators(found), "environments/prod/a")
    said = [item for item in said if item[0] in ("application-missing", "application-twice")]
    assert len(said) == len(messages)
    for (_, severity, message), wanted in zip(said, messages, strict=True):
        assert severity == "Deny"
        assert message.startswith(wanted)


def test_a_folder_may_have_an_application_of_its_own() -> None:
    source = {"repoURL": URL, "targetRevision": "main", "path": "environments/prod/a/"}
    objects = [*generators("[]"), application(source=source)]
    assert judge(objects, "environments/prod/a") == []
    (missing,) = judge(objects, "environments/prod/a", "environments/prod/b")
    assert missing[2] == "no Application applies environments/prod/b, which has a release"


def test_where_there_is_no_set_of_applications_nobody_knows_who_applies() -> None:
    assert judge(sound()[:1], "environments/prod/a") == []


@pytest.mark.parametrize(
    ("automated", "messages"),
    [
        ({"prune": True, "selfHeal": True, "enabled": True}, []),
        (None, ["isn't synced by Argo CD itself: it has no `automated`"]),
        ({}, ["is synced without prune", "is synced without selfHeal"]),
        ({"prune": True, "selfHeal": "true"}, ["is synced without selfHeal"]),
        (
            {"prune": True, "selfHeal": True, "enabled": False},
            ["has automated sync switched off"],
        ),
    ],
)
def test_automated_means_all_of_it(automated: Any, messages: list[str]) -> None:
    def change(spec: Any) -> None:
        spec["template"]["spec"]["syncPolicy"]["automated"] = automated

    wanted = [f"an Application of ApplicationSet prod {text}" for text in messages]
    assert [message for _, _, message in judge(sound(change))] == wanted


def test_what_a_patch_of_the_template_may_mend_is_a_warning() -> None:
    def change(spec: Any) -> None:
        spec["templatePatch"] = "spec: {syncPolicy: {automated: {prune: true}}}"
        del spec["template"]["spec"]["syncPolicy"]["automated"]["prune"]

    assert [severity for _, severity, _ in judge(sound(change))] == ["Warn"]


@pytest.mark.parametrize(
    ("revision", "branch", "wrong"),
    [
        ("main", "main", False),
        ("refs/heads/main", "main", False),
        ("{{.branch}}", "main", False),
        ("anything", None, False),
        ("refs/tags/main", "main", True),
        ("HEAD", "main", True),
        (None, "main", True),
        ("Main", "main", True),
    ],
)
def test_argo_cd_follows_the_branch_of_releases(
    revision: str | None, branch: str | None, wrong: bool
) -> None:
    def change(spec: Any) -> None:
        spec["generators"][0]["git"]["revision"] = revision

    found = judge(sound(change), branch=branch)
    assert [rule for rule, _, _ in found] == ["application-revision"] * wrong


def test_another_repository_has_branches_of_its_own() -> None:
    other = {"repoURL": "https://git.example.com/platform.git", "targetRevision": "v3"}
    chart = {"repoURL": "https://charts.example.com", "chart": "redis", "targetRevision": "7.0.1"}
    found = judge([*sound(), application(sources=[{**other, "path": "a"}, chart])])
    assert [rule for rule, _, _ in found] == ["project-source", "project-source"]
    assert "comes from https://git.example.com/platform.git, which AppProject prod" in found[0][2]


@pytest.mark.parametrize(
    ("listed", "wrong"),
    [
        ([URL], False),
        ([URL.removesuffix(".git")], False),
        (["https://git.example.com/ml/*"], False),
        ([], True),
        (["https://git.example.com/other/*"], True),
        (["*"], True),
    ],
)
def test_a_project_lists_where_manifests_come_from(listed: list[str], wrong: bool) -> None:
    objects = sound()
    objects[0]["spec"]["sourceRepos"] = listed
    assert [rule for rule, _, _ in judge(objects)] == ["project-source"] * wrong


def test_a_project_that_is_not_here_is_a_warning() -> None:
    objects = [*sound(), application(project="prud", source={"repoURL": URL, "path": "policies"})]
    (found,) = judge(objects, branch=None)
    assert found == (
        "application-project",
        "Warn",
        "Application by-hand is in the project 'prud', which isn't here",
    )


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("p, proj:prod:pipeline, applications, get, prod/*, allow", False),
        ("p, proj:prod:pipeline, applications, delete, prod/*, deny", False),
        ("p, proj:prod:pipeline, logs, get, prod/*, allow", False),
        ("p,proj:prod:pipeline,applications,update,prod/*,allow", True),
        ("p, proj:prod:pipeline, applications, action/*, prod/*, allow", True),
        ("p, proj:prod:pipeline, *, get, prod/*, allow", True),
        ("p, proj:prod:pipeline, exec, create, prod/*, allow", True),
    ],
)
def test_a_role_looks_and_asks_for_a_sync(said: str, wrong: bool) -> None:
    objects = sound()
    objects[0]["spec"]["roles"][0]["policies"] = [said]
    assert [rule for rule, _, _ in judge(objects)] == ["project-role"] * wrong


@pytest.mark.parametrize(
    ("item", "wrong"),
    [
        ({"group": "", "kind": "Namespace", "name": "*-prod"}, False),
        ({"group": "", "kind": "Namespace"}, True),
        ({"group": "", "kind": "Namespace", "name": "*"}, True),
        ({"group": "", "kind": "Namespace", "name": "*-dev"}, True),
        ({"group": "*", "kind": "Namespace", "name": "*-prod"}, True),
        ({"group": "", "kind": "Node", "name": "*-prod"}, True),
    ],
)
def test_a_project_of_apps_has_its_own_namespaces(item: dict[str, str], wrong: bool) -> None:
    objects = sound()
    objects[0]["spec"]["destinations"] = [{"server": "*", "namespace": "*-prod"}]
    objects[0]["spec"]["clusterResourceWhitelist"] = [item]
    assert [rule for rule, _, _ in judge(objects)] == ["project-cluster-kinds"] * wrong
    objects[0]["spec"]["destinations"] = [{"server": "*", "namespace": "*"}]
    assert [rule for rule, _, _ in judge(objects)] == ["project-cluster-kinds"]


def test_the_platform_s_own_project_may_have_what_apps_may_not() -> None:
    objects = sound()
    platform = {**objects[0], "metadata": {"name": "platform", "namespace": "argocd"}}
    platform["spec"] = {
        "sourceRepos": [URL],
        "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
    }
    source = {"repoURL": URL, "targetRevision": "main", "path": "environments"}
    applied = [*objects, platform, application(project="platform", source=source)]
    assert judge(applied) == []
    source["path"] = "environments/prod/a"
    assert [rule for rule, _, _ in judge(applied)] == ["project-cluster-kinds"]
