"""The names of the rules that schemas and the API server's own checks answer to."""

from __future__ import annotations

SCHEMA = "schema"
SYNTAX = "syntax"
API_REMOVED = "api-removed"
API_DEPRECATED = "api-deprecated"
# Never found here: for callers that report what `Schemas.knows` says no to.
UNKNOWN_KIND = "unknown-kind"
# Names and types in well-known custom resources without a definition.
CUSTOM_FIELD = "custom-field"
# What the CEL rules of a custom kind's definition refuse.
CUSTOM_RULE = "custom-rule"
# Every rule that `Schemas` and its callers find by.
SCHEMA_RULES = (
    *(SCHEMA, SYNTAX, API_REMOVED, API_DEPRECATED, UNKNOWN_KIND, CUSTOM_FIELD),
    CUSTOM_RULE,
)
