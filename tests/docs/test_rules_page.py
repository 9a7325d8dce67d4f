"""The table of rules says what the policies' files say."""

from __future__ import annotations

import re

from tests.support.catalogue import ENVIRONMENTS, POLICIES, ROOT

from tidegate.adapters.git.worktree import Folder
from tidegate.flows.policies import list_rules

PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
ROW = re.compile(r"^\| \[`(?P<name>[^`]+)`\]\((?P<link>[^)]+)\) \| (?P<cells>.+) \|$", re.MULTILINE)
SECTION = re.compile(r"^## (?P<title>.+?)\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)

CATEGORIES = {
    "Availability": "availability",
    "Resources": "resources",
    "Autoscaling": "autoscaling",
    "Supply chain": "supply-chain",
    "Security": "security",
    "Network": "network",
    "Observability": "observability",
    "Metadata": "metadata",
    "GitOps": "gitops",
}


def test_every_policy_has_one_row_in_its_category() -> None:
    listed = [
        (row["name"], CATEGORIES[section["title"]])
        for section in SECTION.finditer(PAGE)
        for row in ROW.finditer(section["body"])
    ]
    assert sorted(listed) == sorted((p.name, p.category or "") for p in POLICIES.values())


def test_a_row_has_the_severities_and_the_fix_of_the_policy() -> None:
    severities = {e.name: e.severities for e in list_rules(Folder(ROOT).snapshot()).entries}
    for row in ROW.finditer(PAGE):
        asks, *found, fix = row["cells"].split(" | ")
        wanted = [severities[row["name"]].get(environment, "–") for environment in ENVIRONMENTS]
        assert found == wanted, row["name"]
        assert fix == POLICIES[row["name"]].fix
        assert row["link"] == f"../policies/admission/{row['name']}/policy.yaml"
        assert 5 < len(asks) < 100


def test_which_rules_need_a_binding_for_a_new_environment() -> None:
    from tests.support.catalogue import ADMISSION

    labels = {"tidegate.dev/environment": "another"}
    bound = {b.policy for b in ADMISSION.bindings if b.match.namespaces.selects(labels)}
    tuned = {policy.name for policy in POLICIES.values() if policy.parameter}
    assert set(POLICIES) - bound == {"rolling-update", "spread"} | tuned
    staging = {"tidegate.dev/environment": "staging"}
    for binding in ADMISSION.bindings:
        if binding.match.namespaces.selects(labels):
            assert binding.match.namespaces.selects(staging)
