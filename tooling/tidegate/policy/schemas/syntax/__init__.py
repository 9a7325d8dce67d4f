"""The API server's own rules, where its schemas are silent: pure functions, each module with the
place in Kubernetes' sources that it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tidegate.domain.manifest import Manifest
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax import (
    access,
    admission_policies,
    applications,
    autoscaled,
    budgets,
    classes,
    configuration,
    definitions,
    devices,
    endpoints,
    flow_control,
    ingresses,
    jobs,
    monitors,
    namespaces,
    network_policies,
    persistent_volumes,
    rollouts,
    routes,
    scaling,
    served,
    services,
    serving,
    storage,
    training,
    webhooks,
    workflows,
    workloads,
)
from tidegate.policy.schemas.syntax.metadata import judge_finalizers, judge_metadata
from tidegate.policy.schemas.syntax.names import name_rule
from tidegate.policy.schemas.syntax.pods import judge_template
from tidegate.policy.schemas.syntax.reading import mapping, part
from tidegate.policy.schemas.versions import Minor

Object = dict[str, Any]

# What runs pods: judged by its `spec`, and by the version, for what pods may have has changed.
_RUNNING: Mapping[tuple[str, str], Callable[[Object, Minor], Iterator[Flaw]]] = {
    ("", "ReplicationController"): workloads.judge_replication_controller,
    ("apps", "Deployment"): workloads.judge_deployment,
    ("apps", "StatefulSet"): workloads.judge_stateful_set,
    ("apps", "DaemonSet"): workloads.judge_daemon_set,
    ("apps", "ReplicaSet"): workloads.judge_replica_set,
    ("batch", "CronJob"): jobs.judge_cron_job,
}
# What else is judged by the version.
_CHANGING: Mapping[tuple[str, str], Callable[[Object, Minor], Iterator[Flaw]]] = {
    ("", "Pod"): workloads.judge_bare_pod,
    ("", "Service"): services.judge_service,
    ("autoscaling", "HorizontalPodAutoscaler"): scaling.judge_autoscaler,
    ("", "Endpoints"): endpoints.judge_endpoints,
    ("batch", "Job"): jobs.judge_job,
    ("discovery.k8s.io", "EndpointSlice"): endpoints.judge_endpoint_slice,
    ("networking.k8s.io", "ServiceCIDR"): endpoints.judge_service_cidr,
    ("networking.k8s.io", "NetworkPolicy"): network_policies.judge_network_policy,
    ("node.k8s.io", "RuntimeClass"): classes.judge_runtime_class,
}
_ADMISSION = "admissionregistration.k8s.io"
_FLOWS = "flowcontrol.apiserver.k8s.io"
_RBAC = "rbac.authorization.k8s.io"
_OTHERS: Mapping[tuple[str, str], Callable[[Object], Iterator[Flaw]]] = {
    ("", "ConfigMap"): configuration.judge_config_map,
    ("", "Secret"): configuration.judge_secret,
    ("", "Namespace"): namespaces.judge_namespace,
    ("", "PersistentVolumeClaim"): storage.judge_claim_object,
    ("", "PersistentVolume"): persistent_volumes.judge_volume,
    ("", "ResourceQuota"): budgets.judge_quota,
    ("", "LimitRange"): budgets.judge_limit_range,
    ("apiregistration.k8s.io", "APIService"): served.judge_api_service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definitions.judge_definition,
    ("coordination.k8s.io", "Lease"): endpoints.judge_lease,
    (_FLOWS, "FlowSchema"): flow_control.judge_flow_schema,
    (_FLOWS, "PriorityLevelConfiguration"): flow_control.judge_priority_level,
    ("networking.k8s.io", "Ingress"): ingresses.judge_ingress,
    ("networking.k8s.io", "IngressClass"): classes.judge_ingress_class,
    ("policy", "PodDisruptionBudget"): scaling.judge_budget,
    ("scheduling.k8s.io", "PriorityClass"): scaling.judge_priority,
    ("resource.k8s.io", "DeviceClass"): devices.judge_class,
    ("resource.k8s.io", "ResourceClaim"): devices.judge_claim,
    ("resource.k8s.io", "ResourceClaimTemplate"): devices.judge_template,
    ("storage.k8s.io", "CSIDriver"): served.judge_csi_driver,
    ("storage.k8s.io", "StorageClass"): storage.judge_class,
    ("storage.k8s.io", "VolumeAttributesClass"): served.judge_attributes_class,
    (_ADMISSION, "MutatingWebhookConfiguration"): webhooks.judge_webhooks,
    (_ADMISSION, "ValidatingWebhookConfiguration"): webhooks.judge_webhooks,
    (_ADMISSION, "ValidatingAdmissionPolicy"): admission_policies.judge_policy,
    (_ADMISSION, "MutatingAdmissionPolicy"): admission_policies.judge_mutating_policy,
    **{
        (_ADMISSION, f"{what}AdmissionPolicyBinding"): partial(
            admission_policies.judge_policy_binding, validates=what == "Validating"
        )
        for what in ("Validating", "Mutating")
    },
    (_RBAC, "Role"): partial(access.judge_role, cluster=False),
    (_RBAC, "ClusterRole"): partial(access.judge_role, cluster=True),
    (_RBAC, "RoleBinding"): partial(access.judge_binding, cluster=False),
    (_RBAC, "ClusterRoleBinding"): partial(access.judge_binding, cluster=True),
}
# The groups whose objects have finalizers with domains; others take any name.
_FINALIZED = frozenset(
    {
        *("", "apps", "autoscaling", "batch", "discovery.k8s.io", _FLOWS),
        *("networking.k8s.io", _RBAC, "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io"),
    }
)
_NOT_FINALIZED = ("", "Event")

# Kinds of others: the API server takes them, and their controllers don't.
_CONTROLLED: Mapping[tuple[str, str], Callable[[Object], Iterator[Flaw]]] = {
    ("argoproj.io", "Application"): applications.judge_application,
    ("argoproj.io", "ApplicationSet"): applications.judge_application_set,
    ("argoproj.io", "Rollout"): rollouts.judge_rollout,
    ("kubeflow.org", "PyTorchJob"): partial(training.judge_job, name="pytorch"),
    ("kubeflow.org", "TFJob"): partial(training.judge_job, name="tf"),
    ("kubeflow.org", "XGBoostJob"): partial(training.judge_job, name="xgb"),
    ("ray.io", "RayCluster"): training.judge_ray_cluster,
    ("ray.io", "RayJob"): training.judge_ray_job,
    ("ray.io", "RayService"): training.judge_ray_service,
    ("keda.sh", "ScaledJob"): autoscaled.judge_scaled,
    ("keda.sh", "ScaledObject"): autoscaled.judge_scaled,
    ("machinelearning.seldon.io", "SeldonDeployment"): serving.judge_seldon_deployment,
    **{
        ("gateway.networking.k8s.io", f"{protocol}Route"): routes.judge_route
        for protocol in ("GRPC", "HTTP", "TCP", "TLS", "UDP")
    },
    ("serving.kserve.io", "InferenceService"): serving.judge_inference_service,
    ("serving.knative.dev", "Service"): serving.judge_knative_service,
    ("argoproj.io", "Workflow"): workflows.judge_workflow,
    ("argoproj.io", "WorkflowTemplate"): workflows.judge_workflow,
    ("argoproj.io", "ClusterWorkflowTemplate"): workflows.judge_workflow,
    ("argoproj.io", "CronWorkflow"): workflows.judge_cron_workflow,
    ("monitoring.coreos.com", "ServiceMonitor"): monitors.judge_monitor,
    ("monitoring.coreos.com", "PodMonitor"): monitors.judge_monitor,
    ("monitoring.coreos.com", "PrometheusRule"): monitors.judge_rules,
}


def judge_syntax(manifest: Manifest, minor: Minor, *, known: bool) -> Iterator[Flaw]:
    """What the server would refuse in an object whose schema is kept; of a kind that isn't
    `known`, only what it refuses in every object."""
    group, kind = key = manifest.id.group, manifest.id.kind
    data = mapping(manifest.data)
    rule = name_rule(group, kind, minor, known=known)
    yield from judge_metadata(data.get("metadata"), rule, named=known)
    if group in _FINALIZED and key != _NOT_FINALIZED and "finalizers" in part(data, "metadata"):
        yield from judge_finalizers(part(data, "metadata"), ("metadata",))
    if key in _RUNNING:
        yield from _RUNNING[key](mapping(data.get("spec")), minor)
    elif key in _OTHERS:
        yield from _OTHERS[key](data)
    elif key in _CHANGING:
        yield from _CHANGING[key](data, minor)
    elif key == ("", "PodTemplate"):
        yield from judge_template(data.get("template"), ("template",), minor, ())


def judge_controlled(manifest: Manifest) -> Iterator[Flaw]:
    """What a well-known controller would refuse in an object of its own kind."""
    judge = _CONTROLLED.get((manifest.id.group, manifest.id.kind))
    if judge is not None:
        yield from judge(mapping(manifest.data))
