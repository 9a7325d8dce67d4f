"""`tidegate schemas`, on this repository and on definitions that are right and wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.support import catalogue
from tests.support.definitions import DEFINITION, definition

from tidegate.cli.main import main
from tidegate.repository.layout import DEFINITIONS
from tidegate.repository.schemas import schema

FILE = f"{DEFINITIONS}/gadgets.tests.tidegate.dev.yaml"
GADGET = """\
apiVersion: tests.tidegate.dev/v1
kind: Gadget
metadata: {name: a}
spec: {size: small}
---
apiVersion: unknown.dev/v1
kind: Thing
metadata: {name: a}
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return catalogue.clone(tmp_path / "clone", "apps", "environments", "policies/gates")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "crds.yaml"
    path.write_text(DEFINITION, "utf-8")
    return path


def run(clone: Path, *arguments: object) -> int:
    return main(["schemas", *map(str, arguments), "--root", str(clone)])


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    Draft202012Validator(schema("report")).validate(found)
    return found


def test_a_kind_becomes_known(
    clone: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = clone / "environments" / "dev" / "recommender"
    kustomization = overlay / "kustomization.yaml"
    text = kustomization.read_text("utf-8").replace("resources:", "resources:\n  - gadget.yaml")
    kustomization.write_text(text, "utf-8")
    (overlay / "gadget.yaml").write_text(GADGET, "utf-8")
    assert run(clone, "list", "--format", "json") == 0
    before = report(capsys)
    missing = {(item["apiVersion"], item["kind"]) for item in before["missing"]}
    assert {("tests.tidegate.dev/v1", "Gadget"), ("unknown.dev/v1", "Thing")} <= missing
    assert before["definitions"] == []
    environments = [name for item in before["kubernetes"] for name in item["environments"]]
    assert sorted(environments) == ["dev", "prod", "staging"]
    assert {"apiVersion": "apps/v1", "kind": "Deployment"} in before["kubernetes"][0]["kinds"]

    assert run(clone, "add", source) == 0
    assert "added  policies/schemas/crds/gadgets.tests" in capsys.readouterr().out
    assert (clone / FILE).read_text("utf-8") == DEFINITION
    assert run(clone, "list", "--format", "json") == 0
    after = report(capsys)
    assert [(d["customKind"], d["overlays"], d["file"]) for d in after["definitions"]] == [
        ("Gadget", 1, FILE)
    ]
    assert ("tests.tidegate.dev/v1", "Gadget") not in {
        (item["apiVersion"], item["kind"]) for item in after["missing"]
    }
    assert run(clone, "list", "-v") == 0
    shown = capsys.readouterr().out
    assert "v1 (stored), v1beta1" in shown
    assert "apps/v1: ControllerRevision, DaemonSet, Deployment" in shown
    assert "environments/dev/recommender" in shown


def test_a_dry_run_writes_nothing_and_the_same_again_does_nothing(
    clone: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(clone, "add", "--dry-run", source, "--format", "json") == 0
    assert [d["outcome"] for d in report(capsys)["definitions"]] == ["added"]
    assert not (clone / DEFINITIONS).exists()
    assert run(clone, "add", source, source) == 0
    first = (clone / FILE).stat()
    capsys.readouterr()
    source.write_text("# a comment more\n" + DEFINITION, "utf-8")
    assert run(clone, "add", source, "--format", "json") == 0
    assert [d["outcome"] for d in report(capsys)["definitions"]] == ["unchanged"]
    assert (clone / FILE).stat() == first


def test_something_different_is_written_over_only_when_asked(
    clone: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(clone, "add", source) == 0
    newer = definition()
    newer["spec"]["versions"][1]["name"] = "v1beta2"
    source.write_text(yaml.safe_dump(newer), "utf-8")
    assert run(clone, "add", source) == 2
    assert "already, and it is not the same; expected `--replace`" in capsys.readouterr().err
    assert (clone / FILE).read_text("utf-8") == DEFINITION
    assert run(clone, "add", "--replace", source, "--format", "json") == 0
    (found,) = report(capsys)["definitions"]
    assert found["outcome"] == "replaced"
    assert [v["name"] for v in found["before"]] == ["v1", "v1beta1"]
    assert yaml.safe_load((clone / FILE).read_text("utf-8")) == newer


def test_a_file_with_others_in_it_is_never_written_over(
    clone: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = definition()
    other["metadata"]["name"] = "tools.tests.tidegate.dev"
    other["spec"]["names"] = {"kind": "Tool", "plural": "tools"}
    kept = clone / DEFINITIONS / "all.yaml"
    kept.parent.mkdir(parents=True)
    kept.write_text(f"{DEFINITION}---\n{yaml.safe_dump(other)}", "utf-8")
    assert run(clone, "add", source) == 0
    assert "unchanged  policies/schemas/crds/all.yaml" in capsys.readouterr().out
    source.write_text(DEFINITION.replace("v1beta1", "v1beta2"), "utf-8")
    assert run(clone, "add", "--replace", source) == 2
    assert "that you change it there" in capsys.readouterr().err
    renamed = definition()
    renamed["metadata"]["name"] = "gizmos.tests.tidegate.dev"
    renamed["spec"]["names"]["plural"] = "gizmos"
    source.write_text(yaml.safe_dump(renamed), "utf-8")
    assert run(clone, "add", source) == 2
    assert "is Gadget of tests.tidegate.dev, which" in capsys.readouterr().err


def test_what_the_server_would_refuse_is_not_added_and_told_with_its_line(
    clone: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source.write_text(DEFINITION.replace("storage: true", "storage: false"), "utf-8")
    assert run(clone, "add", source) == 2
    said = capsys.readouterr().err
    assert f"{source}:9:3: spec.versions: none has storage: true; expected exactly one" in said
    source.write_text(DEFINITION.replace("k8s.io/v1\n", "k8s.io/v1beta1\n"), "utf-8")
    assert run(clone, "add", source) == 2
    assert "use apiextensions.k8s.io/v1 CustomResourceDefinition" in capsys.readouterr().err
    source.write_text("kind: ConfigMap\n", "utf-8")
    assert run(clone, "add", source) == 2
    assert "no CustomResourceDefinition is in" in capsys.readouterr().err
    source.write_text(DEFINITION.replace("gadgets", "../../x"), "utf-8")
    assert run(clone, "add", source) == 2
    assert not (clone / DEFINITIONS).exists()


def test_two_that_contradict_each_other_are_refused(
    clone: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = source.with_name("other.yaml")
    other.write_text(DEFINITION.replace("v1beta1", "v1beta2"), "utf-8")
    assert run(clone, "add", source, other) == 2
    assert "is another gadgets.tests.tidegate.dev than that of" in capsys.readouterr().err


def test_nothing_is_written_through_a_link(
    clone: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = clone.with_name("outside")
    outside.mkdir()
    (clone / "policies" / "schemas").symlink_to(outside)
    assert run(clone, "add", source) == 2
    assert "policies/schemas is a symbolic link, or no folder" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


def test_any_folder_can_be_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "all.yaml").write_text(GADGET, "utf-8")
    assert run(tmp_path, "list", "--format", "json") == 0
    found = report(capsys)
    assert [item["kind"] for item in found["missing"]] == ["Gadget", "Thing"]
    assert [item["environments"] for item in found["kubernetes"]] == [[]]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("gone.yaml", "gone.yaml can't be read: No such file"),
        (".", ". can't be read: Is a directory"),
    ],
)
def test_what_cannot_be_read_is_named(
    clone: Path, source: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(clone, "add", source) == 2
    assert says in capsys.readouterr().err
