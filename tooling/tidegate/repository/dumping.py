"""Objects as YAML, the way Kubernetes' own tools write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tidegate.repository.scalars import resolve


def dump(objects: Iterable[Mapping[str, Any]]) -> str:
    """One document an object, without aliases. Text that kubectl would take for something else is
    in quotes, such as `y`, `08` and `1e3`, which PyYAML itself would leave plain."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Ours, so that its representers are too."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 PyYAML's signature
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else "'" if value and resolve(value) != value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return yaml.dump_all(objects, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=2**31)
