"""Waivers in `promote`, `evaluate` and `status`, from end to end."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401
from tests.support.waivers import FILE, entry, in_days, waivers_file

from tidegate.repository.release import evidence_digest

CVE = "CVE-2023-50447"
PROMOTE = ("promote", "shop", "--to", "dev")


def worse(world: World) -> None:  # noqa: F811
    """Version 1 runs in dev, and the alias names a worse version 2."""
    world.register("shop", metrics={"auc": 0.9}, alias="candidate")
    assert world.tidegate(*PROMOTE).code == 0
    world.register("shop", metrics={"auc": 0.88}, alias="candidate")


def waive(world: World, *entries: dict[str, Any]) -> None:  # noqa: F811
    world.push({FILE: waivers_file(*entries)}, "waivers")


def soon(**fields: Any) -> dict[str, Any]:
    return entry(**({"expires": in_days(10)} | fields))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"gate": "champion"},
        {"apps": None, "environments": ["dev"]},
        {"versions": ["2"]},
        {"apps": None, "versions": ["1", "2"]},
    ],
)
def test_a_waived_gate_lets_it_pass(world: World, fields: dict[str, Any]) -> None:  # noqa: F811
    worse(world)
    waive(world, soon(**fields))
    answer = world.tidegate(*PROMOTE, "--format", "json")
    assert answer.code == 0, answer.out + answer.err
    assert answer.gates("shop")["champion:auc"] == "waived"
    assert world.commits()[0] == "promote(dev): shop 1 → 2"


@pytest.mark.parametrize(
    "fields",
    [
        {"gate": "champion:auc", "apps": ["search"]},
        {"environments": ["prod"]},
        {"versions": ["1"]},
        {"gate": "scan"},
        {"gate": None, "vulnerability": CVE},
        {"gate": None, "rule": "champion"},
    ],
)
def test_a_waiver_for_something_else_lets_nothing_pass(
    world: World,  # noqa: F811
    fields: dict[str, Any],
) -> None:
    worse(world)
    waive(world, {key: value for key, value in soon(**fields).items() if value is not None})
    head = world.head()
    answer = world.tidegate(*PROMOTE, "--format", "json")
    assert (answer.code, answer.gates("shop")["champion:auc"]) == (1, "failed")
    assert world.head() == head


def test_what_is_waived_is_seen_everywhere(world: World) -> None:  # noqa: F811
    worse(world)
    waive(world, soon(reason="summer, see *all* <b>of</b> it", approvedBy="Ann | Bob"))
    shown = world.tidegate("evaluate", "shop", "--to", "dev")
    assert shown.code == 0
    assert "waived" in shown.out
    assert "waived by Ann | Bob until the end of" in shown.out
    assert "waiver w-1 (SHOP-1): summer, see *all* <b>of</b> it" in " ".join(shown.out.split())
    markdown = world.tidegate("evaluate", "shop", "--to", "dev", "--format", "markdown").out
    (row,) = [line for line in markdown.splitlines() if "champion:auc" in line]
    assert row.startswith("| ⚠️ | `champion:auc` | waived: auc is 0\\.88")
    assert "summer, see \\*all\\* \\<b\\>" in row
    answer = world.tidegate(*PROMOTE, "--format", "json")
    gates = answer.json["apps"][0]["gates"]
    (gate,) = [each for each in gates if each["gate"] == "champion:auc"]
    assert (gate["measured"], gate["limit"]) == (0.88, 0.89)
    (told,) = gate["waivers"]
    assert (told["id"], told["approvedBy"], told["file"], told["line"], told["active"]) == (
        "w-1", "Ann | Bob", FILE, 4, True
    )  # fmt: skip


def test_the_release_and_its_digest_hold_the_waiver(world: World) -> None:  # noqa: F811
    worse(world)
    waive(world, soon(), soon(id="w-2", apps=["search"]))
    assert world.tidegate(*PROMOTE).code == 0
    release = yaml.safe_load(world.show("environments/dev/shop/release.yaml"))
    evidence = dict(release["evidence"])
    (gate,) = [each for each in evidence["gates"] if each["gate"] == "champion:auc"]
    assert gate == {
        "gate": "champion:auc", "status": "waived", "measured": 0.88, "limit": 0.89,
        "waivers": ["w-1"],
    }  # fmt: skip
    (kept,) = evidence["waivers"]
    assert {key: kept[key] for key in kept if key != "expires"} == {
        "id": "w-1", "gate": "champion:auc", "reason": "the sale", "approvedBy": "Ann",
        "ticket": "SHOP-1",
    }  # fmt: skip
    digest = evidence.pop("digest")
    assert evidence_digest(evidence) == digest
    body = world.git("log", "-1", "--format=%B", "main", cwd=world.remote)
    assert digest in body
    del evidence["waivers"]
    assert evidence_digest(evidence) != digest
    # And it is read back as what it is.
    assert world.tidegate("status", "shop", "--env", "dev").code == 0


def test_an_expired_waiver_blocks_again(world: World) -> None:  # noqa: F811
    worse(world)
    waive(world, soon(expires="2026-01-31"))
    answer = world.tidegate(*PROMOTE)
    assert answer.code == 1
    assert "the waiver w-1 expired at the end of 2026-01-31 UTC" in " ".join(answer.out.split())


def test_missing_evidence_is_not_waived(world: World) -> None:  # noqa: F811
    world.register("shop", metrics={}, alias="candidate")
    waive(world, soon(gate="champion"))
    answer = world.tidegate(*PROMOTE, "--format", "json")
    assert (answer.code, answer.gates("shop")["champion:auc"]) == (1, "errored")


def test_a_hold_is_not_waived_and_a_waiver_for_it_is_an_error(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    hold = "apiVersion: tidegate.dev/v1\nkind: Hold\nby: Ann\nreason: sale\n"
    world.push({"environments/dev/hold.yaml": hold, FILE: waivers_file(soon(gate="hold"))})
    answer = world.tidegate(*PROMOTE)
    assert answer.code == 2
    assert "names the gate 'hold', which can't be waived" in answer.err


def test_only_the_branch_counts(world: World) -> None:  # noqa: F811
    worse(world)
    world.write({FILE: waivers_file(soon())})
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "not pushed")
    assert world.tidegate(*PROMOTE).code == 1


def test_a_waived_vulnerability_lets_the_image_pass_and_no_other(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate", packages={"pillow": "9.5.0"})
    prod = ("promote", "shop", "--to", "prod")
    for environment in ("dev", "staging"):
        assert world.tidegate("promote", "shop", "--to", environment).code == 0
    fields = {"vulnerability": CVE, "versions": ["1"], "environments": ["prod"]}
    waive(world, soon(**{**fields, "vulnerability": "CVE-2020-1"}))
    assert world.tidegate(*prod, "--format", "json").gates("shop")["scan"] == "failed"
    waive(world, soon(**{**fields, "versions": ["2"]}))
    assert world.tidegate(*prod, "--format", "json").gates("shop")["scan"] == "failed"
    waive(world, soon(**fields))
    answer = world.tidegate(*prod)
    assert answer.code == 0, answer.out
    words = " ".join(answer.out.split())
    assert "the image has 1 critical vulnerability above HIGH, waived" in words
    assert f"{CVE} CRITICAL pillow 9.5.0" in words
    release = yaml.safe_load(world.show("environments/prod/shop/release.yaml"))
    assert release["evidence"]["waivers"][0]["vulnerability"] == CVE
    assert release["evidence"]["scan"]["vulnerabilities"] == {"CRITICAL": 1}


def test_a_waiver_that_is_wrong_lets_nothing_pass(world: World) -> None:  # noqa: F811
    worse(world)
    waive(world, soon(), soon(id="w-2", apps=["serch"], expires=in_days(120)))
    answer = world.tidegate(*PROMOTE)
    assert answer.code == 2
    assert f"{FILE}:5:" in answer.err
    assert "did you mean 'search'?" in answer.err
    assert f"expected {in_days(90)} at the latest" in answer.err
    doctor = world.tidegate("doctor")
    assert "names the app 'serch'" in doctor.out


def test_status_shows_the_waivers_of_each_place(world: World) -> None:  # noqa: F811
    waive(
        world,
        soon(environments=["dev"], versions=["7"]),
        soon(id="w-2", apps=["search"], vulnerability=CVE, expires="2026-01-31"),
    )
    found = world.tidegate("status", "--format", "json").json["apps"]
    told = {
        (each["app"], each["environment"]): [(w["id"], w["active"]) for w in each["waivers"]]
        for each in found
    }
    assert told["shop", "dev"] == [("w-1", True)]
    assert told["shop", "prod"] == []
    assert told["search", "prod"] == [("w-2", False)]
    text = " ".join(world.tidegate("status", "shop").out.split())
    assert "champion:auc of version 7 waived by Ann until the end of" in text
    text = " ".join(world.tidegate("status", "search", "--env", "dev").out.split())
    assert "the waiver w-2 expired at the end of 2026-01-31 UTC" in text
    assert "2 waivers" in world.tidegate("doctor").out
