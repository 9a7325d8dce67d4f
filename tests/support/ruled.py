"""A custom kind whose definition has rules of every form, and objects that break and keep them:
`test_custom_rules` judges them, and `test_schemas_server` sends them to a real server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ruleds.tests.tidegate.dev}
spec:
  group: tests.tidegate.dev
  scope: Namespaced
  names: {kind: Ruled, listKind: RuledList, plural: ruleds, singular: ruled}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          x-kubernetes-validations:
            - {rule: "self.metadata.name != 'bad'", message: no bad name}
            - {rule: "self.kind == 'Ruled' && self.apiVersion.endsWith('/v1')"}
          properties:
            spec:
              type: object
              x-kubernetes-validations:
                - {rule: "self.least <= self.most", message: the wrong way round, fieldPath: .most}
                - rule: "!has(self.size) || self.size in ['s', 'm']"
                  messageExpression: "'no such size: ' + self.size"
                - {rule: "self.most == oldSelf.most", message: never changes}
                - rule: "oldSelf.hasValue() || self.most < 50"
                  optionalOldSelf: true
                  message: begins small
                - {rule: "!has(self.either) || self.either != 0", message: never zero}
                - {rule: "self.?nested.deep.orValue(1) > 0", message: not deep}
                - {rule: "!has(self.__in__) || self.__in__ != 'x'", message: a word of CEL}
                - {rule: "!has(self.a__dash__b) || self.a__dash__b != 'x'", message: a dash}
                - {rule: "!has(self.ratio) || self.ratio >= 0.5", message: too little}
                - {rule: "!has(self.wait) || self.wait >= duration('1s')", message: too short}
                - {rule: "!has(self.until) || has(self.size)", message: until needs size}
                - {rule: "!has(self.free) || !has(self.free.hidden)"}
                - {rule: "self.names.all(n, self.names.exists_one(m, m == n))", message: unlike}
                - {rule: "!has(self.amount) || quantity(self.amount).isLessThan(quantity('1Gi'))"}
                - {rule: "!has(self.empty) || self.empty == 'x'", message: only x}
              properties:
                least: {type: integer, default: 1}
                most: {type: integer, default: 9}
                size: {type: string}
                either: {x-kubernetes-int-or-string: true}
                nested: {type: object, properties: {deep: {type: integer}}}
                in: {type: string}
                a-b: {type: string}
                ratio: {type: number}
                wait: {type: string, format: duration}
                until: {type: string, format: date-time}
                names: {type: array, maxItems: 9, items: {type: string, maxLength: 9}, default: []}
                amount: {type: string, maxLength: 20}
                empty: {type: string, nullable: true}
                address:
                  type: object
                  properties: {kind: {type: string, default: IP}, value: {type: string}}
                  oneOf:
                    - properties: {kind: {enum: [IP]}, value: {anyOf: [{format: ipv4}]}}
                    - properties: {kind: {not: {enum: [IP]}}}
                free:
                  type: object
                  x-kubernetes-preserve-unknown-fields: true
                  properties: {hidden: {type: string}}
                labels:
                  type: object
                  x-kubernetes-validations: [{rule: "self.all(k, k.startsWith('a'))"}]
                  maxProperties: 9
                  additionalProperties:
                    type: string
                    maxLength: 9
                    x-kubernetes-validations: [{rule: "self.size() < 3", message: too long}]
                parts:
                  type: array
                  maxItems: 9
                  items:
                    type: object
                    properties: {name: {type: string}, port: {type: integer}}
                    x-kubernetes-validations:
                      - {rule: "self.port > 0", message: no port, fieldPath: .port}
                object:
                  type: object
                  x-kubernetes-embedded-resource: true
                  x-kubernetes-preserve-unknown-fields: true
                  x-kubernetes-validations: [{rule: "self.metadata.name.size() > 1"}]
"""


class Case(NamedTuple):
    """A specification, and the field and words of what is refused in it; none where nothing is."""

    spec: Mapping[str, Any]
    field: str = ""
    words: str = ""
    name: str = "a"


CASES = (
    Case({}),
    Case({}, "", "no bad name", "bad"),
    Case({"least": 10}, "spec.most", "the wrong way round"),
    Case({"least": 10, "most": 11}),
    Case({"most": 50}, "spec", "begins small"),
    Case({"size": "l"}, "spec", "no such size: l"),
    Case({"size": "m"}),
    Case({"either": 0}, "spec", "never zero"),
    Case({"either": "0"}),
    Case({"nested": {"deep": 0}}, "spec", "not deep"),
    Case({"nested": {}}),
    Case({"in": "x"}, "spec", "a word of CEL"),
    Case({"a-b": "x"}, "spec", "a dash"),
    Case({"in": "y", "a-b": "y"}),
    Case({"ratio": 0}, "spec", "too little"),
    Case({"ratio": 1}),
    Case({"ratio": 0.5}),
    Case({"free": {"other": 1}}),
    Case({"free": {"hidden": "x"}}, "spec", "failed rule: !has(self.free)"),
    Case({"names": ["a", "b", "a"]}, "spec", "unlike"),
    Case({"amount": "2Gi"}, "spec", "failed rule: !has(self.amount)"),
    Case({"amount": "1000Mi"}),
    Case({"empty": None}),
    Case({"empty": "y"}, "spec", "only x"),
    Case({"labels": {"a": "b", "ab": "c"}}),
    Case({"labels": {"b": "b"}}, "spec.labels", "failed rule: self.all"),
    Case({"labels": {"a": "long"}}, "spec.labels.a", "too long"),
    Case({"parts": [{"port": 1}, {"port": 0}]}, "spec.parts.1.port", "no port"),
    Case({"parts": [{"name": "x"}]}, "spec.parts.0.port", "no such key: port"),
    Case({"object": {"apiVersion": "v1", "kind": "A", "metadata": {"name": "ab"}}}),
    Case(
        {"object": {"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}}},
        *("spec.object", "failed rule: self.metadata.name.size() > 1"),
    ),
)
# What the schema says of objects with their defaults, and of texts without a type.
ALTERNATIVES = (
    Case({"address": {"value": "10.0.0.1"}}),
    Case({"address": {"kind": "host", "value": "x"}}),
    Case({"address": {"value": "x"}}, "spec.address", "one"),
)
# What the server sees as a time: its rules are left to it.
UNJUDGED = ({"wait": "0.5s"}, {"until": "2026-01-31T18:00:00Z"})


def definition() -> dict[str, Any]:
    """The definition as data."""
    data: dict[str, Any] = yaml.safe_load(DEFINITION)
    return data


def ruled(spec: Mapping[str, Any], name: str = "a") -> dict[str, Any]:
    """An object of the kind."""
    head = {"apiVersion": "tests.tidegate.dev/v1", "kind": "Ruled", "metadata": {"name": name}}
    return {**head, "spec": dict(spec)}
