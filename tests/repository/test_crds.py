from __future__ import annotations

import pytest
from tests.support.kustomize import make_snapshot

from tidegate.errors import ConfigurationError
from tidegate.repository.crds import read_custom_kinds
from tidegate.repository.layout import DEFINITIONS

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
    - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}
    - {name: v1alpha1, served: false, storage: false}
"""


def test_each_served_version_is_a_kind() -> None:
    kinds = read_custom_kinds(make_snapshot({f"{DEFINITIONS}/things.yaml": CRD}))
    assert [(k.api_version, k.kind, k.scope, k.where.file) for k in kinds] == [
        ("example.com/v1", "Thing", "Namespaced", f"{DEFINITIONS}/things.yaml"),
        ("example.com/v1beta1", "Thing", "Namespaced", f"{DEFINITIONS}/things.yaml"),
    ]


def test_no_folder_is_no_kinds() -> None:
    assert read_custom_kinds(make_snapshot({"a": "b"})) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CRD.replace("k8s.io/v1\n", "k8s.io/v1beta1\n"), "holds a CustomResourceDefinition of"),
        ("kind: ConfigMap\napiVersion: v1\n", "holds a ConfigMap of v1"),
        (CRD.replace("group: example.com", "groop: x"), "is not complete"),
        (CRD.replace(", schema: {openAPIV3Schema: {type: object}}", ""), "has no schema"),
        (f"{CRD}---\n{CRD}", "defines Thing of example.com/v1 again"),
        ("kind: [\n", "can't be read"),
        ("[" * 3000, "can't be read"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_file(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_custom_kinds(make_snapshot({f"{DEFINITIONS}/a.yaml": text}))
    assert {problem.file for problem in caught.value.problems} == {f"{DEFINITIONS}/a.yaml"}


def test_a_link_out_of_the_repository_is_refused() -> None:
    snapshot = make_snapshot({"a": ""}, links={f"{DEFINITIONS}/a.yaml": "/etc/passwd"})
    with pytest.raises(ConfigurationError, match="symbolic link"):
        read_custom_kinds(snapshot)
