"""Kubernetes' CEL libraries, as far as the CEL library doesn't have them itself."""

from __future__ import annotations

from tidegate.policy.admission.library import (
    address,
    formats,
    lists,
    maps,
    quantity,
    regex,
    semver,
    strings,
    url,
)

FUNCTIONS = (
    *address.FUNCTIONS,
    *formats.FUNCTIONS,
    *lists.FUNCTIONS,
    *maps.FUNCTIONS,
    *quantity.FUNCTIONS,
    *regex.FUNCTIONS,
    *semver.FUNCTIONS,
    *strings.FUNCTIONS,
    *url.FUNCTIONS,
)
