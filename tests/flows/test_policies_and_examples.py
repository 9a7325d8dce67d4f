"""`policies list`, `show` and `test`, over a repository with rules of its own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import cast

import pytest
import yaml
from tests.support.rules import ROOT
from tests.support.snapshots import snapshot

from tidegate.adapters.cache import NoCache
from tidegate.adapters.inspection.processes import Processes
from tidegate.domain.catalogue import ExamplesReport
from tidegate.domain.rulebook import Rulebook
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, InputError
from tidegate.flows.examples import check_examples
from tidegate.flows.policies import list_rules, show_rule
from tidegate.policy.rules import RULES
from tidegate.ports import Checking

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: named
  annotations:
    tidegate.dev/category: metadata
    tidegate.dev/why: Names help.
    tidegate.dev/fix: Give it a name.
    tidegate.dev/link: https://kubernetes.io/docs/
spec:
  paramKind:
    apiVersion: v1
    kind: ConfigMap
  matchConstraints:
    resourceRules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods]
  validations:
    - expression: >-
        object.metadata.name
        != params.data.name
      message: that name is taken
"""
BINDING = """\
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: named-{name}
spec:
  policyName: named
  paramRef:
    name: names
    namespace: tidegate-policies
    parameterNotFoundAction: Deny
  validationActions: [{action}]
  matchResources:
    namespaceSelector:
      matchExpressions:
        - key: tidegate.dev/environment
          operator: {operator}
          values: [prod]
"""
PARAMETERS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: names
  namespace: tidegate-policies
data:
  name: bad
"""
POD = """\
apiVersion: v1
kind: Pod
spec:
  containers: [{{name: a, image: a}}]
metadata:
  name: {}
"""
ENVIRONMENT = """\
apiVersion: tidegate.dev/v1
kind: Environment
promotesFrom: {{{source}}}
gates: []
{more}
"""
RULES_IN_DEV = "rules: [{rule: pdb-missing, severity: 'Off'}, {rule: pdb-target, severity: Audit}]"
HERE = "policies/admission/named"
FILES = {
    "environments/dev/environment.yaml": ENVIRONMENT.format(
        source="alias: candidate", more=RULES_IN_DEV
    ),
    "environments/prod/environment.yaml": ENVIRONMENT.format(source="environment: dev", more=""),
    f"{HERE}/policy.yaml": POLICY
    + BINDING.format(name="prod", action="Deny", operator="In")
    + BINDING.format(name="elsewhere", action="Warn", operator="NotIn"),
    "policies/admission/parameters/names.yaml": PARAMETERS,
    f"{HERE}/passes.yaml": POD.format("good"),
    f"{HERE}/fails.yaml": POD.format("bad"),
}


def repository(**changes: str | None) -> Snapshot:
    named = {f"{HERE}/{name}.yaml": text for name, text in changes.items()}
    return snapshot({**FILES, **named})


class Parts:
    """What judging examples needs of a check's parts."""

    fingerprint = "tests"
    cache = NoCache()

    def __init__(self, seconds: float = 60) -> None:
        self._seconds = seconds

    def inspector(self, rulebook: Rulebook, versions: Sequence[str] = ()) -> Processes:
        return Processes(rulebook, versions, jobs=1, seconds=self._seconds)


def examine(files: Snapshot, parts: Parts | None = None) -> ExamplesReport:
    return check_examples(files, cast("Checking", parts or Parts()))


def test_the_list_has_policies_and_our_own_rules_by_category() -> None:
    report = list_rules(repository())
    assert report.environments == ("dev", "prod")
    entries = {entry.name: entry for entry in report.entries}
    assert entries.keys() == {"named", *RULES}
    assert entries["named"].severities == {"dev": "Warn", "prod": "Deny"}
    assert not entries["named"].across
    assert [e.category for e in report.entries] == sorted(e.category for e in report.entries)


def test_an_environment_has_its_say_on_our_own_rules() -> None:
    entries = {entry.name: entry for entry in list_rules(repository()).entries}
    usual = RULES["pdb-missing"].severity.value
    assert entries["pdb-missing"].severities == {"prod": usual}
    assert entries["pdb-target"].severities["dev"] == "Audit"
    assert entries["pdb-target"].across


def test_a_policy_is_shown_as_its_file_has_it() -> None:
    sheet = show_rule(repository(), "named")
    assert (sheet.fix, sheet.link) == ("Give it a name.", "https://kubernetes.io/docs/")
    assert str(sheet.where) == f"{HERE}/policy.yaml:4:3"
    assert sheet.expressions == (
        ("validations[0].expression", "object.metadata.name\n!= params.data.name"),
    )
    assert [(b.name, b.where, b.actions, b.parameters) for b in sheet.bindings] == [
        (
            "named-prod",
            "tidegate.dev/environment In prod",
            ("Deny",),
            "tidegate-policies/names",
        ),
        (
            "named-elsewhere",
            "tidegate.dev/environment NotIn prod",
            ("Warn",),
            "tidegate-policies/names",
        ),
    ]
    assert [(e.expected.value, e.manifest.id.name) for e in sheet.examples] == [
        ("passes", "good"),
        ("fails", "bad"),
    ]


def test_a_rule_across_objects_is_shown_with_its_settings() -> None:
    sheet = show_rule(repository(), "pdb-missing")
    assert sheet.where is None
    assert [setting.name for setting in sheet.settings] == list(RULES["pdb-missing"].settings)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("namd", "did you mean 'named'?"),
        ("pdb-mising", "did you mean 'pdb-missing'?"),
        ("zzz", "`tidegate policies list` has them all"),
        ("", "`tidegate policies list` has them all"),
    ],
)
def test_a_slip_gets_the_nearest_name(name: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        show_rule(repository(), name)
    assert caught.value.hint == hint


def test_examples_that_hold() -> None:
    report = examine(repository())
    assert (report.rules, report.examples, report.mismatches) == (1, 2, ())
    assert report.exit_code == 0


def wrong(**changes: str | None) -> list[str]:
    report = examine(repository(**changes))
    assert report.exit_code == 1
    return [f"{item.where}: {item.rule}: {item.message}" for item in report.mismatches]


def test_an_example_that_should_pass_and_fails() -> None:
    assert wrong(passes=POD.format("bad")) == [
        f"{HERE}/passes.yaml:2:1: named: Pod bad, in prod, should pass, and fails: "
        "that name is taken"
    ]


def test_every_object_that_should_fail_has_to() -> None:
    text = f"{POD.format('bad')}---\n{POD.format('good')}"
    assert wrong(fails=text) == [
        f"{HERE}/fails.yaml:9:1: named: Pod good, in prod, should fail, and passes"
    ]


def test_an_example_that_the_server_would_refuse_shows_nothing() -> None:
    assert wrong(fails=POD.format("bad").replace("image: a", "imag: a")) == [
        f"{HERE}/fails.yaml:2:1: named: Pod bad, in prod, is not valid: "
        "spec.containers[0].imag is not a known field; did you mean 'image'?"
    ]


def test_a_policy_of_exponential_cost_is_ended() -> None:
    """Each variable is four times as long as the one before it."""
    names = [f"v{number}" for number in range(20)]
    variables = [{"name": names[0], "expression": "[object.metadata.name]"}] + [
        {"name": name, "expression": " + ".join([f"variables.{before}"] * 4)}
        for before, name in itertools.pairwise(names)
    ]
    data = yaml.safe_load(POLICY)
    data["spec"]["variables"] = variables
    data["spec"]["validations"] = [{"expression": "variables.v19.size() > 0"}]
    text = yaml.safe_dump(data) + BINDING.format(name="prod", action="Deny", operator="In")
    report = examine(repository(policy=text, passes=None), Parts(seconds=10))
    said = " ".join(item.message for item in report.mismatches)
    # Which of the two bounds is met first depends on the machine.
    assert "takes longer than 10 s" in said or "needs more than 2048 MiB of memory" in said


def test_a_policy_that_is_not_asked_there_fails_nothing() -> None:
    other = "  annotations:\n    example.tidegate.dev/environment: dev\n"
    bound = POLICY + BINDING.format(name="prod", action="Deny", operator="In")
    assert wrong(policy=bound, fails=POD.format("bad") + other) == [
        f"{HERE}/fails.yaml:2:1: named: Pod bad, in dev, should fail, and passes"
    ]


@pytest.mark.parametrize("name", ["passes", "fails"])
@pytest.mark.parametrize("text", [None, "", "# nothing\n"])
def test_a_policy_without_examples_is_named(name: str, text: str | None) -> None:
    assert wrong(**{name: text}) == [
        f"{HERE}/policy.yaml:4:3: named: has no example that {name}: "
        f"there is no {name}.yaml with an object beside it"
    ]


def test_two_policies_of_a_folder_share_its_examples() -> None:
    second = (
        FILES[f"{HERE}/policy.yaml"].replace("named", "other").replace("= params", "= '' + params")
    )
    both = FILES[f"{HERE}/policy.yaml"] + "---\n" + second
    report = examine(repository(policy=both))
    assert (report.rules, report.examples, report.mismatches) == (2, 2, ())


def test_a_policy_that_does_not_compile_is_a_problem_of_its_file() -> None:
    broken = FILES[f"{HERE}/policy.yaml"].replace("params.data.name", "param.data.name")
    with pytest.raises(ConfigurationError) as caught:
        examine(repository(policy=broken))
    assert f"{HERE}/policy.yaml:23" in str(caught.value)


def test_a_repository_without_policies_has_nothing_to_show() -> None:
    bare = snapshot({k: v for k, v in FILES.items() if k.startswith("environments")})
    assert examine(bare).rules == 0
    assert all(entry.across for entry in list_rules(bare).entries)


def test_the_examples_of_rules_across_objects_are_overlays() -> None:
    folder = "policies/rules/service-selector"
    files = {
        f"{folder}/{name}.yaml": (ROOT / folder / f"{name}.yaml").read_text("utf-8")
        for name in ("passes", "fails")
    }
    report = examine(snapshot({**FILES, **files}))
    assert (report.rules, report.examples, report.mismatches) == (2, 4, ())
    broken = {**files, f"{folder}/fails.yaml": files[f"{folder}/passes.yaml"]}
    [mismatch] = examine(snapshot({**FILES, **broken})).mismatches
    assert mismatch.rule == "service-selector"
    assert str(mismatch.where) == folder
    assert mismatch.message == "the example of service-selector that fails doesn't"


def test_a_folder_for_no_rule_of_ours_is_named() -> None:
    files = {"policies/rules/serivce-selector/passes.yaml": POD.format("a")}
    [mismatch] = examine(snapshot({**FILES, **files})).mismatches
    assert mismatch.message == "'serivce-selector' is no rule of Tidegate's"
