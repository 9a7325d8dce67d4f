"""What one would use instead of `tidegate check`: kustomize and kubeconform, with conftest where it
is there. kubeconform gets Kubernetes' schemas in a folder, for it would fetch them otherwise."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MINOR = "1.33"
# A handful of what Tidegate's rules ask, for whom that would be enough.
_POLICY = """\
package main

import rego.v1

workload if input.kind == "Deployment"

containers contains c if { workload; some c in input.spec.template.spec.containers }

deny contains "an image is latest" if { some c in containers; endswith(c.image, ":latest") }

deny contains "no request of cpu" if { some c in containers; not c.resources.requests.cpu }

deny contains "no limit of memory" if { some c in containers; not c.resources.limits.memory }

deny contains "no readiness probe" if { some c in containers; not c.readinessProbe }

deny contains "no selector" if { workload; not input.spec.selector.matchLabels }

deny contains "too few replicas" if { workload; input.spec.replicas < 2 }

deny contains "a Service of no pods" if { input.kind == "Service"; not input.spec.selector }

deny contains "no namespace" if not input.metadata.namespace
"""
_MARK = "x-kubernetes-group-version-kind"


class Peers:
    """`reason` says why they can't be run; None where they can."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        path = os.pathsep.join([environ.get("TIDEGATE_TEST_BIN", ""), environ["PATH"]])
        self._kustomize = shutil.which("kustomize", path=path)
        self._kubeconform = shutil.which("kubeconform", path=path)
        tools = {"kustomize": self._kustomize, "kubeconform": self._kubeconform}
        absent = [name for name, found in tools.items() if not found]
        names = " and ".join(absent)
        self.reason = f"{names} not in TIDEGATE_TEST_BIN or on PATH" if absent else None
        if not absent:
            write_schemas(folder)
        place = f"{folder}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        self._validate = [str(self._kubeconform), "-strict", "-schema-location", place]
        policies = folder.with_name("policies")
        policies.mkdir()
        (policies / "workloads.rego").write_text(_POLICY)
        conftest = shutil.which("conftest", path=path)
        self._judge = (
            [conftest, "test", "--no-color", "--policy", str(policies)] if conftest else []
        )

    @property
    def words(self) -> str:
        """What is compared."""
        return "with conftest" if self._judge else "without conftest"

    def each(self, root: Path, overlays: Sequence[str]) -> None:
        """`kustomize build | kubeconform | conftest` for each overlay, in turn."""
        for overlay in overlays:
            built = self._build(root / overlay)
            self._check(self._validate, ["-"], built)
            self._check(self._judge, ["--parser", "yaml", "-"], built)

    def together(self, root: Path, overlays: Sequence[str], folder: Path) -> None:
        """One loop of builds, then one kubeconform and one conftest over everything."""
        folder.mkdir()
        for number, overlay in enumerate(overlays):
            (folder / f"{number}.yaml").write_bytes(self._build(root / overlay))
        self._check(self._validate, [str(folder)], b"")
        self._check(self._judge, [str(folder)], b"")

    def _build(self, folder: Path) -> bytes:
        command = [str(self._kustomize), "build", str(folder)]
        return subprocess.run(command, check=True, capture_output=True, env=self._environ).stdout

    def _check(self, command: Sequence[str], what: Sequence[str], text: bytes) -> None:
        if command:
            subprocess.run(
                [*command, *what], input=text, check=True, capture_output=True, env=self._environ
            )


def write_schemas(folder: Path) -> None:
    """Each kind's schema with all that it refers to, under the name that kubeconform looks for."""
    import kubernetes_validate

    package = Path(str(kubernetes_validate.__file__)).parent
    strict = package / "kubernetes-json-schema" / f"v{MINOR}.0-local-strict"
    definitions = json.loads((strict / "_definitions.json").read_bytes())["$defs"]
    folder.mkdir()
    for name, schema in definitions.items():
        for kind in schema.get(_MARK, ()):
            group = kind["group"].partition(".")[0]
            suffix = f"{group}-{kind['version']}" if group else kind["version"]
            found = _bundle(name, definitions)
            (folder / f"{kind['kind'].lower()}-{suffix}.json").write_text(json.dumps(found))


def _bundle(root: str, definitions: Mapping[str, Any]) -> dict[str, Any]:
    needed: dict[str, Any] = {}
    left = [root]
    while left:
        name = left.pop()
        if name in needed:
            continue
        needed[name] = definitions[name]
        text = json.dumps(definitions[name])
        left += [part.partition('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]]
    return {"$ref": f"#/$defs/{root}", "$defs": needed}
