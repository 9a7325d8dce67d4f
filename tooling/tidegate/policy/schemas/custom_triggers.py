"""KEDA's triggers: their types, and what the most common ones are told.

What KEDA doesn't know, it leaves out or refuses; its definition takes any text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tidegate.domain.manifest import Manifest
from tidegate.policy.schemas.custom_fields import judge_names, severity_of, slip_of
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.rules import CUSTOM_FIELD
from tidegate.policy.schemas.syntax.reading import items, part, text
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
    "prometheus": _words("""
        serverAddress query queryParameters threshold activationThreshold namespace customHeaders
        ignoreNullValues unsafeSsl awsRegion timeout identityOwner authMode authModes metricName
        metricType cortexOrgID disableScaleToZero keyParamName customAuthHeader
        """),
}
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


def _from_env(key: object) -> bool:
    return isinstance(key, str) and key.endswith(_FROM_ENV)
