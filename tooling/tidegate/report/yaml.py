"""Manifests as YAML, the way Kubernetes' own tools write it."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.domain.difference import mask
from tidegate.domain.manifest import Manifest


def manifests(items: Sequence[Manifest], *, secrets: bool = False) -> str:
    """One document an object; Secrets' values only where they are asked for."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Indents lists as kustomize does, and never writes an alias."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 PyYAML's signature
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    shown = [item.data if secrets else mask(item.data) for item in items]
    return yaml.dump_all(shown, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=2**31)
