"""Variables and placeholders that stand in objects, for nobody has put a value in their place."""

from __future__ import annotations

import re

from tidegate.domain.manifest import Manifest, reach
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.words import shown

# `${DOMAIN}`, `$(DOMAIN)`, `$DOMAIN` and `{{ .domain }}`, which some program would replace.
_VARIABLE = re.compile(
    r"\$\{[^{}\n]{1,100}\}|\$\([A-Za-z_]\w{0,100}\)|\$[A-Z_][A-Z0-9_]{0,100}|\{\{[^{}\n]{1,100}\}\}"
)
# `__DOMAIN__`, `<your domain>` and `@DOMAIN@`, which a reader would.
_PLACEHOLDER = re.compile(
    r"__[A-Z][A-Z0-9_]{0,100}__|<[A-Za-z][^<>\n]{0,100}>|@[A-Z][A-Z0-9_]{0,100}@"
)
_FIXES = {
    "variable": "replace it before this is applied, as Flux's postBuild and envsubst do",
    "placeholder": "put a value in its place",
}


def with_placeholder(manifest: Manifest, flaw: Flaw) -> Flaw:
    """The flaw, which says so where the value that it shows has a variable or a placeholder."""
    value = reach(manifest.data, flaw.path)
    if not isinstance(value, str) or shown(value) not in flaw.message:
        return flaw
    for what, pattern in (("variable", _VARIABLE), ("placeholder", _PLACEHOLDER)):
        found = pattern.search(value)
        if found:
            message = f"{flaw.message}; the {what} {shown(found[0])} was not replaced"
            return flaw._replace(message=message, fix=_FIXES[what])
    return flaw
