"""KEDA's triggers: their types, and what the most common ones are told.

What KEDA doesn't know, it leaves out or refuses; its definition takes any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.schemas.custom_fields import judge_names, severity_of, slip_of
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.rules import CUSTOM_FIELD
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.schedule import explain, judge_zone
from tidegate.policy.schemas.syntax.words import MISSING
from tidegate.policy.schemas.words import shown


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_KINDS = frozenset((("keda.sh", "ScaledObject"), ("keda.sh", "ScaledJob")))
_TYPES = frozenset(
    _words("""
    activemq apache-kafka arangodb artemis-queue aws-cloudwatch aws-dynamodb aws-dynamodb-streams
    aws-kinesis-stream aws-sqs-queue azure-app-insights azure-blob azure-data-explorer
    azure-eventhub azure-log-analytics azure-monitor azure-pipelines azure-queue azure-servicebus
    beanstalkd cassandra clickhouse couchdb cpu cron datadog dynatrace elastic-forecast
    elasticsearch etcd external external-mock external-push forgejo-runner gcp-cloudtasks
    gcp-pubsub gcp-spanner gcp-stackdriver gcp-storage github-runner graphite huawei-cloudeye
    ibmmq influxdb kafka kubernetes-resource kubernetes-workload liiklus loki memory metrics-api
    mongodb mssql mysql nats-jetstream new-relic nsq opensearch openstack-metric openstack-swift
    postgresql predictkube prometheus pulsar rabbitmq redis redis-cluster redis-cluster-streams
    redis-sentinel redis-sentinel-streams redis-streams selenium-grid solace-direct-messaging
    solace-event-queue solarwinds solr splunk splunk-observability stan sumologic temporal
    """)
)
_RESOURCE = ("value", "containerName", "type")
# Of each type what its metadata may have, in this and earlier versions of KEDA 2.
_METADATA: Mapping[str, tuple[str, ...]] = {
    "cpu": _RESOURCE,
    "memory": _RESOURCE,
    "cron": ("timezone", "start", "end", "desiredReplicas"),
    "kafka": _words("""
        bootstrapServers consumerGroup topic partitionLimitation lagThreshold
        activationLagThreshold offsetResetPolicy allowIdleConsumers excludePersistentLag
        scaleToZeroOnInvalidOffset limitToPartitionsWithLag ensureEvenDistributionOfPartitions
        fullMetadata version tls unsafeSsl sasl saslTokenProvider scopes oauthTokenEndpointUri
        oauthExtensions realm kerberosServiceName kerberosDisableFAST awsRegion identityOwner
        """),
    "rabbitmq": _words("""
        activationValue excludeUnacknowledged host mode operation pageSize protocol queueLength
        queueName timeout unsafeSsl useRegex value vhostName
        """),
    "aws-sqs-queue": _words("""
        activationQueueLength awsEndpoint awsRegion identityOwner queueLength queueURL
        scaleOnDelayed scaleOnInFlight
        """),
    "azure-servicebus": _words("""
        activationMessageCount messageCount namespace operation queueName subscriptionName
        topicName useRegex
        """),
    "nats-jetstream": _words("""
        account accountID activationLagThreshold consumer lagThreshold
        natsServerMonitoringEndpoint stream useHttps
        """),
    "postgresql": _words("""
        activationTargetQueryValue dbName host port query sslmode targetQueryValue userName
        """),
    "prometheus": _words("""
        serverAddress query queryParameters threshold activationThreshold namespace customHeaders
        ignoreNullValues unsafeSsl awsRegion timeout identityOwner authMode authModes metricName
        metricType cortexOrgID disableScaleToZero keyParamName customAuthHeader
        """),
}
# What KEDA refuses to be without, and what it reads as a number.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "cron": _METADATA["cron"],
    "prometheus": ("serverAddress", "query", "threshold"),
    **dict.fromkeys(("cpu", "memory"), ("value",)),
}
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "aws-sqs-queue": ("queueLength", "activationQueueLength"),
    "cron": ("desiredReplicas",),
    "kafka": ("lagThreshold", "activationLagThreshold"),
    "prometheus": ("threshold", "activationThreshold"),
    "rabbitmq": ("value", "activationValue", "queueLength"),
}
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_FROM_ENV = "FromEnv"


def judge_triggers(manifest: Manifest) -> Iterator[Flaw]:
    """The triggers of a ScaledObject or ScaledJob whose type or metadata is mistyped."""
    if (manifest.id.group, manifest.id.kind) not in _KINDS:
        return
    triggers = part(manifest.data, "spec").get("triggers")
    for trigger, path in items(triggers, ("spec", "triggers")):
        type_ = text(trigger.get("type"))
        meant = slip_of(type_, _TYPES - {type_}) if type_ not in _TYPES else None
        if meant is not None:
            message = f"is {shown(type_)}, which is no trigger of KEDA; did you mean '{meant}'?"
            severity = severity_of(type_, meant)
            yield Flaw((*path, "type"), message, None, CUSTOM_FIELD, severity)
        metadata = part(trigger, "metadata")
        plain = {key: value for key, value in metadata.items() if not _from_env(key)}
        taken = {key.removesuffix(_FROM_ENV) for key in metadata if _from_env(key)}
        known = [name for name in _METADATA.get(type_, ()) if name not in taken]
        yield from judge_names(plain, known, (*path, "metadata"))
        yield from _judge_needed(type_, metadata, taken, (*path, "metadata"))
        for name in _NUMBERS.get(type_, ()):
            yield from _judge_number(metadata.get(name), (*path, "metadata", name))
        if type_ == "cron":
            yield from _judge_cron(metadata, (*path, "metadata"))


def _judge_cron(metadata: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """What KEDA refuses of a trigger by time: it knows no names such as `@daily`."""
    start, end = (metadata.get(key) for key in ("start", "end"))
    for key, value in (("start", start), ("end", end)):
        if isinstance(value, str) and "$" not in value:
            problem = "expected five fields" if value.startswith("@") else explain(value)
            if problem:
                yield Flaw((*path, key), f"is {shown(value)}; {problem}", None, CUSTOM_FIELD)
    if isinstance(start, str) and start == end:
        yield Flaw((*path, "end"), f"is {shown(end)}, as start is", None, CUSTOM_FIELD)
    zone = metadata.get("timezone")
    if "$" not in text(zone):
        for flaw in judge_zone(zone, (*path, "timezone")):
            yield flaw._replace(rule=CUSTOM_FIELD)


def _judge_needed(
    type_: str, metadata: dict[str, Any], taken: set[str], path: FieldPath
) -> Iterator[Flaw]:
    """What a trigger lacks; a slip of it was told already."""
    needed = _NEEDED.get(type_, ())
    for name in needed:
        there = name in taken or metadata.get(name) is not None
        if not there and not any(slip_of(key, [name]) for key in metadata):
            needs = " and ".join(filter(None, (", ".join(needed[:-1]), needed[-1])))
            message = f"{MISSING}; a {type_} trigger needs {needs}"
            yield Flaw((*path, name), message, None, CUSTOM_FIELD)


def _judge_number(value: Any, path: FieldPath) -> Iterator[Flaw]:
    """A number, which stands as text among a trigger's metadata."""
    later = "$" in text(value) or "{{" in text(value)
    if isinstance(value, str) and not later and not _NUMBER.fullmatch(value):
        yield Flaw(path, f"is {shown(value)}; expected a number", None, CUSTOM_FIELD)


def _from_env(key: object) -> bool:
    return isinstance(key, str) and key.endswith(_FROM_ENV)
