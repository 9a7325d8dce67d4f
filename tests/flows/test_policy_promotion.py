"""The gate `policy`, with the real renderer, CEL and worker processes: before against after."""

from __future__ import annotations

import pytest
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401

ENVIRONMENT = "environments/dev/environment.yaml"
POLICY = "policies/admission/version/policy.yaml"
TEXT = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: version}}
spec:
  matchConstraints:
    resourceRules:
      - apiGroups: [apps]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [deployments]
  validations:
    - expression: {expression}
      message: this version is not wanted
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: version}}
spec: {{policyName: version, validationActions: [{action}]}}
"""
LABEL = "object.spec.template.metadata.labels['app.kubernetes.io/version']"


def ask(world: World, expression: str, action: str = "Deny") -> None:  # noqa: F811
    """The remote's dev environment asks the gate, under one policy."""
    gates = (world.clone / ENVIRONMENT).read_text().partition("gates:\n")[0]
    text = TEXT.format(expression=f'"{expression}"', action=action)
    world.push({ENVIRONMENT: f"{gates}gates:\n  - {{gate: policy}}\n", POLICY: text})
    world.register("shop", alias="candidate")


@pytest.mark.parametrize(
    ("expression", "action", "outcome", "gate"),
    [
        (f"{LABEL} != '1'", "Deny", "blocked", "failed"),  # what the promotion brings
        (f"{LABEL} != '1'", "Warn", "promoted", "passed"),
        ("false", "Deny", "promoted", "passed"),  # what is there already is not its doing
        (f"{LABEL} != '9'", "Deny", "promoted", "passed"),
    ],
)
def test_what_a_promotion_brings_blocks_it(
    world: World,  # noqa: F811
    expression: str,
    action: str,
    outcome: str,
    gate: str,
) -> None:
    ask(world, expression, action)
    head = world.head()
    answer = world.tidegate("promote", "shop", "--to", "dev", "--format", "json")
    assert answer.outcomes() == {"shop": outcome}, answer.out
    assert answer.gates("shop")["policy"] == gate
    assert (world.head() == head) == (outcome == "blocked")


def test_policies_that_make_no_sense_block(world: World) -> None:  # noqa: F811
    ask(world, "object.spec.replicas >")
    head = world.head()
    answer = world.tidegate("promote", "shop", "--to", "dev", "--format", "json")
    assert (answer.code, answer.gates("shop")["policy"]) == (1, "errored")
    assert world.head() == head


def test_a_loosened_policy_in_the_work_tree_counts_for_nothing(world: World) -> None:  # noqa: F811
    ask(world, f"{LABEL} != '1'")
    world.write({POLICY: TEXT.format(expression='"true"', action="Deny")})
    answer = world.tidegate("promote", "shop", "--to", "dev", "--format", "json")
    assert answer.outcomes() == {"shop": "blocked"}


def test_the_release_of_before_is_not_held_against_the_promotion(
    world: World,  # noqa: F811
) -> None:
    ask(world, "true")
    for version in ("1", "2"):
        if version == "2":
            world.register("shop", alias="candidate")
        answer = world.tidegate("promote", "shop", "--to", "dev", "--format", "json")
        assert answer.outcomes() == {"shop": "promoted"}, answer.out
        assert answer.gates("shop")["policy"] == "passed"
