"""Where custom kinds hold what Kubernetes has a schema of: whole pod templates, lists of
containers, and parts of a container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.schemas.syntax.reading import mapping, text

_Kind = tuple[str, str]
_RAY = ("headGroupSpec.template", "workerGroupSpecs.*.template")
_TRAINING = {
    **{"PyTorchJob": "pytorch", "TFJob": "tf", "MPIJob": "mpi", "XGBoostJob": "xgb"},
    **{"JAXJob": "jax", "PaddleJob": "paddle"},
}
_TEMPLATES: Mapping[_Kind, tuple[str, ...]] = {
    ("argoproj.io", "Rollout"): ("spec.template",),
    ("apps.kruise.io", "CloneSet"): ("spec.template",),
    ("batch.volcano.sh", "Job"): ("spec.tasks.*.template",),
    ("jobset.x-k8s.io", "JobSet"): ("spec.replicatedJobs.*.template.spec.template",),
    ("keda.sh", "ScaledJob"): ("spec.jobTargetRef.template",),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): tuple(
        f"spec.leaderWorkerTemplate.{role}Template" for role in ("leader", "worker")
    ),
    ("ray.io", "RayCluster"): tuple(f"spec.{path}" for path in _RAY),
    ("ray.io", "RayService"): tuple(f"spec.rayClusterConfig.{path}" for path in _RAY),
    ("ray.io", "RayJob"): tuple(f"spec.rayClusterSpec.{path}" for path in _RAY),
    **{
        ("kubeflow.org", kind): (f"spec.{name}ReplicaSpecs.*.template",)
        for kind, name in _TRAINING.items()
    },
}
_KNATIVE, _KSERVE = "serving.knative.dev", "serving.kserve.io"
_PARTS = ("predictor", "transformer", "explainer")
# What holds `containers`, of which nobody asks for all that Kubernetes asks for.
_HOLDERS: Mapping[_Kind, tuple[str, ...]] = {
    (_KNATIVE, "Service"): ("spec.template.spec",),
    (_KNATIVE, "Configuration"): ("spec.template.spec",),
    (_KSERVE, "InferenceService"): tuple(f"spec.{part}" for part in _PARTS),
    (_KSERVE, "ServingRuntime"): ("spec",),
    (_KSERVE, "ClusterServingRuntime"): ("spec",),
    (_KSERVE, "LLMInferenceService"): (
        *("spec.template", "spec.worker", "spec.prefill.template", "spec.prefill.worker"),
        "spec.router.scheduler.template",
    ),
    ("machinelearning.seldon.io", "SeldonDeployment"): ("spec.predictors.*.componentSpecs.*.spec",),
}
# What is written as a container, of which only its resources are sure.
_CONTAINERS: Mapping[_Kind, tuple[str, ...]] = {
    (_KSERVE, "InferenceService"): tuple(f"spec.{part}.*" for part in _PARTS),
    **{
        ("argoproj.io", kind): tuple(
            f"{spec}.templates.*.{part}" for part in ("container", "script")
        )
        for kind, spec in (
            ("Workflow", "spec"),
            ("WorkflowTemplate", "spec"),
            ("CronWorkflow", "spec.workflowSpec"),
        )
    },
}
_METADATA: Mapping[_Kind, tuple[str, ...]] = {
    (_KNATIVE, "Service"): ("spec.template.metadata",),
}
# Claims of which controllers make volumes for the pods, by the names in their metadata.
_CLAIMS: Mapping[_Kind, str] = {
    ("apps.kruise.io", "CloneSet"): "spec.volumeClaimTemplates.*.metadata",
    ("jobset.x-k8s.io", "JobSet"): "spec.volumeClaimPolicies.*.templates.*.metadata",
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): (
        "spec.leaderWorkerTemplate.volumeClaimTemplates.*.metadata"
    ),
}
# Volumes that controllers add to the pods that they make, so that containers may mount them.
_RAY_VOLUMES = frozenset({"gcs-storage", "ray-logs", "ray-tls", "ray-token", "shared-mem"})
_ADDED: Mapping[_Kind, frozenset[str]] = {
    ("kubeflow.org", "MPIJob"): frozenset(
        {"mpi-job-config", "mpi-job-hosts", "mpi-job-kubectl", "ssh-auth"}
    ),
    **{("ray.io", kind): _RAY_VOLUMES for kind in ("RayCluster", "RayJob", "RayService")},
}
# What only the controller can judge in a container that it completes.
_UNSURE = frozenset(
    {
        *("image", "lifecycle", "livenessProbe", "name", "readinessProbe", "resizePolicy"),
        *("restartPolicy", "restartPolicyRules", "securityContext", "startupProbe", "stdin"),
        *("stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty"),
        *("volumeDevices", "volumeMounts", "workingDir"),
    }
)


class Piece(NamedTuple):
    """A pod template, and where its parts are: `root` in place of the first `cut` steps. `added`
    are the volumes that its controller adds."""

    template: dict[str, Any]
    root: FieldPath
    cut: int
    added: frozenset[str] = frozenset()

    def place(self, path: FieldPath) -> FieldPath:
        """Where a part of the template is in its object."""
        return (*self.root, *path[self.cut :])


def pieces(manifest: Manifest) -> Iterator[Piece]:
    """Everything in a custom kind's object that can be held against a pod template's schema."""
    key = manifest.id.group, manifest.id.kind
    for pattern in _TEMPLATES.get(key, ()):
        for path, found in _at(manifest.data, pattern):
            yield Piece(found, path, 0, _added(manifest))
    for pattern in _HOLDERS.get(key, ()):
        for path, found in _at(manifest.data, pattern):
            containers = found.get("containers")
            if isinstance(containers, list):
                whole = [_named(item, number) for number, item in enumerate(containers)]
                yield Piece({"spec": {"containers": whole}}, path, 1)
    for pattern in _CONTAINERS.get(key, ()):
        for path, found in _at(manifest.data, pattern):
            # A workflow's parameters are filled in once it runs.
            if "resources" in found and "{{" not in str(found["resources"]):
                resources = {"resources": found["resources"]}
                yield Piece({"spec": {"containers": [_named(resources, 0)]}}, path, 3)
    for pattern in _METADATA.get(key, ()):
        for path, found in _at(manifest.data, pattern):
            yield Piece({"metadata": found, "spec": {"containers": [_named({}, 0)]}}, path, 1)


def _added(manifest: Manifest) -> frozenset[str]:
    """The volumes that the controller adds to the pods of an object."""
    key = manifest.id.group, manifest.id.kind
    claims = _at(manifest.data, _CLAIMS[key]) if key in _CLAIMS else ()
    names = {text(metadata.get("name")) for _, metadata in claims}
    return _ADDED.get(key, frozenset()) | names


def _named(container: object, number: int) -> object:
    """The container with what the controller adds, and without what only it can judge."""
    if not isinstance(container, dict):
        return container
    sure = {key: value for key, value in container.items() if key not in _UNSURE}
    resources = sure.get("resources")
    if isinstance(resources, dict):  # claims are the pod's, which isn't whole here
        sure["resources"] = {key: resources[key] for key in resources if key != "claims"}
    return {"name": f"container-{number}", "image": "image", **sure}


def _at(data: object, pattern: str) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    """Each mapping at a path of keys, `*` for any key or item."""
    found: list[tuple[FieldPath, Any]] = [((), data)]
    for step in pattern.split("."):
        found = [(path, value) for at in found for path, value in _below(*at, step)]
    for path, value in found:
        if isinstance(value, dict):
            yield path, value


def _below(path: FieldPath, value: object, step: str) -> Iterator[tuple[FieldPath, Any]]:
    if step == "*" and isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index), item
    elif step == "*":
        for key, item in mapping(value).items():
            if isinstance(key, str):
                yield (*path, key), item
    elif step in mapping(value):
        yield (*path, step), mapping(value)[step]
