"""What is known of kinds: where pods are described, what lies in no namespace, and which custom
resources make other objects when a controller sees them."""

from __future__ import annotations

# Kind → where its pod template is. Kinds of the same name in other groups are looked up with
# their group first.
TEMPLATES: dict[str, tuple[str, ...]] = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
    # Argo Rollouts, OpenShift, OpenKruise, KEDA.
    "Rollout": ("spec", "template"),
    "DeploymentConfig": ("spec", "template"),
    "CloneSet": ("spec", "template"),
    "ScaledJob": ("spec", "jobTargetRef", "template"),
}
TEMPLATE_GROUPS = frozenset(
    {
        *("", "apps", "batch", "extensions", "argoproj.io", "apps.openshift.io"),
        *("apps.kruise.io", "keda.sh"),
    }
)
# What has the subresource `scale`, so that an autoscaler can own its number of pods.
SCALABLE = frozenset(
    {
        *("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout"),
        *("DeploymentConfig", "CloneSet"),
    }
)
NOT_SCALABLE = frozenset({"DaemonSet", "Job", "CronJob", "Pod", "Service", "ConfigMap"})

CLUSTER_SCOPED = frozenset(
    {
        *("Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding"),
        *("CustomResourceDefinition", "APIService", "StorageClass", "CSIDriver", "CSINode"),
        *("VolumeAttachment", "PriorityClass", "RuntimeClass", "IngressClass", "FlowSchema"),
        *("PriorityLevelConfiguration", "ValidatingWebhookConfiguration", "ServiceCIDR"),
        *("MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "IPAddress"),
        *("ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "DeviceClass"),
        *("MutatingAdmissionPolicyBinding", "PodSecurityPolicy", "CertificateSigningRequest"),
        *("VolumeSnapshotClass", "GatewayClass", "ClusterIssuer", "ClusterSecretStore"),
        *("ClusterExternalSecret", "ClusterPolicy", "ClusterTriggerAuthentication"),
        *("ClusterAnalysisTemplate", "ClusterServingRuntime", "ClusterStorageContainer"),
        *("SecurityContextConstraints", "ClusterTrustBundle", "VolumeAttributesClass"),
    }
)
# Namespaced kinds of Kubernetes itself and of the neighbours that serving models brings along.
# Of any other kind nobody here knows, so rules about namespaces leave it alone.
NAMESPACED = frozenset(
    {
        *("Pod", "Service", "ConfigMap", "Secret", "ServiceAccount", "Endpoints", "LimitRange"),
        *("PersistentVolumeClaim", "ReplicationController", "ResourceQuota", "PodTemplate"),
        *("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Lease"),
        *("HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "Ingress"),
        *("Role", "RoleBinding", "EndpointSlice", "ControllerRevision"),
        *("ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "AlertmanagerConfig"),
        *("ScaledObject", "ScaledJob", "TriggerAuthentication", "VerticalPodAutoscaler"),
        *("VirtualService", "DestinationRule", "ServiceEntry", "Sidecar", "EnvoyFilter"),
        *("Gateway", "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"),
        *("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "ReferenceGrant"),
        *("Rollout", "AnalysisTemplate", "InferenceService", "ServingRuntime", "InferenceGraph"),
        *("ExternalSecret", "SecretStore", "SealedSecret", "Certificate", "Issuer", "Route"),
    }
)

_BUILT_IN = frozenset(
    {
        *("", "apps", "batch", "autoscaling", "policy", "extensions"),
        *("admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"),
        *("authentication.k8s.io", "authorization.k8s.io", "certificates.k8s.io"),
        *("coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "networking.k8s.io"),
        *("flowcontrol.apiserver.k8s.io", "internal.apiserver.k8s.io", "node.k8s.io"),
        *("rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io"),
        *("storage.k8s.io", "storagemigration.k8s.io"),
    }
)
# Custom resources whose controllers make neither pods nor Services nor configuration.
_INERT_GROUPS = frozenset(
    {
        *("networking.istio.io", "security.istio.io", "telemetry.istio.io", "kyverno.io"),
        *("extensions.istio.io", "cert-manager.io", "acme.cert-manager.io", "keda.sh"),
        *("autoscaling.k8s.io", "external-secrets.io", "bitnami.com", "kubeseal.bitnami.com"),
        *("traefik.io", "traefik.containo.us", "secrets-store.csi.x-k8s.io", "wgpolicyk8s.io"),
        *("templates.gatekeeper.sh", "constraints.gatekeeper.sh", "cilium.io"),
        *("projectcalico.org", "crd.projectcalico.org", "cloud.google.com", "metallb.io"),
        *("networking.gke.io", "elbv2.k8s.aws", "route.openshift.io", "security.openshift.io"),
        *("image.openshift.io", "console.openshift.io", "linkerd.io", "policy.linkerd.io"),
        *("split.smi-spec.io", "specs.smi-spec.io", "source.toolkit.fluxcd.io"),
        *("notification.toolkit.fluxcd.io", "kustomize.config.k8s.io", "config.kubernetes.io"),
        *("inference.networking.k8s.io", "inference.networking.x-k8s.io"),
        *("secrets.hashicorp.com", "snapshot.storage.k8s.io", "app.k8s.io", "tidegate.dev"),
    }
)
_INERT_KINDS = frozenset(
    {
        *("ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "ScrapeConfig"),
        *("AlertmanagerConfig", "AppProject", "AnalysisTemplate", "ClusterAnalysisTemplate"),
        *("Rollout", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"),
        *("ReferenceGrant", "Gateway", "GatewayClass", "BackendTLSPolicy", "DeploymentConfig"),
        *("CloneSet", "VolumeSnapshot", "VolumeSnapshotClass", "ServingRuntime"),
    }
)
# What stands for a whole folder or chart: anything at all may come out of it.
_RELEASES = frozenset(
    {
        *("HelmRelease", "HelmChart", "HelmChartConfig", "Application", "ApplicationSet"),
        *("Kustomization", "ArgoCD", "Kpt", "App", "PackageInstall", "Bundle", "Subscription"),
    }
)


def group_of(api_version: str) -> str:
    """The API group; empty for the core group."""
    return api_version.rpartition("/")[0]


def is_built_in(group: str) -> bool:
    """Whether the group is one of Kubernetes' own."""
    return group in _BUILT_IN


def makes_objects(group: str, kind: str) -> bool:
    """Whether a controller may make pods, Services or configuration of such an object."""
    return not (
        is_built_in(group) or group in _INERT_GROUPS or kind in _INERT_KINDS or kind in _RELEASES
    )


def is_release(group: str, kind: str) -> bool:
    """Whether the object stands for others that are written elsewhere."""
    return kind in _RELEASES and not is_built_in(group) and group != "app.k8s.io"
