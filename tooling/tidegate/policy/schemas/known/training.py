"""Kubeflow's training jobs."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places

_RUN = (
    "int: activeDeadlineSeconds backoffLimit ttlSecondsAfterFinished text: cleanPodPolicy "
    "managedBy map: schedulingPolicy bool: suspend"
)
_REPLICA = "int: replicas Always|OnFailure|Never|ExitCode: restartPolicy map: template"


def _places(name: str, roles: str, more: str) -> Places:
    replicas = f"spec.{name}ReplicaSpecs"
    return {
        "spec": f"map: {name}ReplicaSpecs runPolicy {more}",
        "spec.runPolicy": _RUN,
        replicas: f"map: {roles}",
        **{f"{replicas}.{role}": _REPLICA for role in roles.split()},
    }


KINDS: Kinds = {
    ("kubeflow.org", "PyTorchJob"): _places(
        "pytorch", "Master Worker", "elasticPolicy text: nprocPerNode"
    ),
    ("kubeflow.org", "TFJob"): _places(
        "tf",
        "Chief Master PS Worker Evaluator Eval",
        "bool: enableDynamicWorker text: successPolicy",
    ),
    ("kubeflow.org", "XGBoostJob"): _places("xgb", "Master Worker", ""),
}
