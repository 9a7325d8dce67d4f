"""Whether a file of objects is a template, which a program fills in before anybody applies it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from tidegate.domain.manifest import Manifest
from tidegate.domain.snapshot import Snapshot

_HOLE = re.compile(rb"\{\{[^{}\n]*\}\}")
# Spark fills in its pod templates.
_NAMED = re.compile(r"(?:\.(?:tmpl|tpl)|(?:^|[/_-])pod[_-]?template)\.(?:ya?ml|json)$")
BRACES = re.compile(r"\{\{")
# What Terraform fills in, and what may stand in a file or folder that is called a template: a
# variable, or a placeholder as programs and people write them.
_TERRAFORM = re.compile(r"(?<!\$)\$\{[a-z][a-z0-9_.]*\}")
_FILLED_IN = re.compile(
    r"(?<!\$)\$\{[A-Za-z_][^{}\n]{0,200}\}"
    r"|(?<![${])\{[A-Z][A-Z0-9_]{0,100}\}"
    r"|<[A-Za-z][^<>\n]{0,100}>"
    r"|__[A-Z][A-Z0-9_]{0,100}__|@[A-Z][A-Z0-9_]{0,100}@|\$\$[a-z][a-z0-9_]{0,100}\$\$"
    r"|(?<![A-Za-z0-9])(?:REPLACE|CHANGE)[_-]?(?:ME|[A-Z]{3})"
)
_TEMPLATES = re.compile(r"templates?(?:[._-][^/]*)?(?:/[^/]*)?$", re.IGNORECASE)
# What is handed on as it stands, to programs that have braces of their own: an alert's words,
# a dashboard, a chat template, a workflow's arguments; or to people.
_HANDED_ON = frozenset(
    {"annotations", "data", "stringData", "binaryData", "args", "command", "description"}
)
_NAMING = ("name", "generateName", "namespace", "labels")


def terraform_folders(snapshot: Snapshot) -> frozenset[str]:
    """The folders that have a program of Terraform, which may fill in what lies there and below."""
    return frozenset(path.rpartition("/")[0] for path in snapshot.entries if path.endswith(".tf"))


def variable_of(path: str, terraform: Collection[str]) -> re.Pattern[str] | None:
    """How the variables look that somebody fills in, where the file may be a template for all that
    its name, or what lies around it, tells."""
    if _TEMPLATES.search(path):
        return _FILLED_IN
    folder = path
    while folder and terraform:
        folder = folder.rpartition("/")[0]
        if folder in terraform:
            return _TERRAFORM
    return None


def have_variables(manifests: Iterable[Manifest], variable: re.Pattern[str]) -> bool:
    """Whether such a variable stands where `are_template` looks for braces."""
    return any(_has(manifest, variable) for manifest in manifests)


def is_called_template(path: str) -> bool:
    """Whether a file is named as one."""
    return _NAMED.search(path) is not None


def may_be_template(data: bytes) -> bool:
    """Whether something stands in double braces; `are_template` says what that means."""
    return _HOLE.search(data) is not None


def are_template(manifests: Iterable[Manifest]) -> bool:
    """Whether something stands in double braces that isn't handed on to a program: of Kubernetes'
    own kinds anywhere else, of others, which may know such braces, in names and labels."""
    return have_variables(manifests, BRACES)


def _has(manifest: Manifest, hole: re.Pattern[str]) -> bool:
    group, data = manifest.id.group, manifest.data
    looked: Any = data
    if "." in group and not group.endswith(".k8s.io"):
        metadata = data.get("metadata")
        named = metadata if isinstance(metadata, dict) else {}
        looked = [data.get("apiVersion"), data.get("kind"), *map(named.get, _NAMING)]
    return any(hole.search(text) for text in _texts(looked))


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            left.extend(item)
        elif isinstance(item, dict):
            variable = "name" in item and "value" in item
            for key, inner in item.items():
                yield str(key)
                if key not in _HANDED_ON and not (variable and key == "value"):
                    left.append(inner)
