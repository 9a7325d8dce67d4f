"""Flux's Kustomization and HelmRelease."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places

_REFERENCE = "text: apiVersion kind name namespace"
_SOURCE = "text: apiVersion name namespace"
_NEEDED = "text: name namespace readyExpr"
_REMEDIATION = "bool: ignoreTestFailures remediateLastFailure int: retries"
_SWITCHES = (
    "bool: disableHooks disableOpenAPIValidation disableSchemaValidation disableTakeOwnership "
    "disableWait disableWaitForJobs map: remediation strategy text: crds span: timeout"
)
_KUSTOMIZATION: Places = {
    "spec": "list: buildMetadata components dependsOn healthCheckExprs healthChecks ignore images "
    "patches map: commonMetadata decryption kubeConfig postBuild sourceRef text: deletionPolicy "
    "namePrefix nameSuffix path serviceAccountName targetNamespace "
    "span: interval retryInterval timeout bool: force ignoreMissingComponents prune suspend wait",
    "spec.postBuild": "map: substitute list: substituteFrom text: substituteStrategy",
    "spec.postBuild.substituteFrom[]": "text: kind name bool: optional",
    "spec.sourceRef": f"{_SOURCE} Bucket|ExternalArtifact|GitRepository|OCIRepository: kind",
    "spec.decryption": "text: provider serviceAccountName map: secretRef",
    "spec.healthChecks[]": _REFERENCE,
    "spec.dependsOn[]": _NEEDED,
    "spec.images[]": "text: digest name newName newTag",
    "spec.commonMetadata": "map: annotations labels",
}
_HELM_RELEASE: Places = {
    "spec": "map: chart chartRef commonMetadata driftDetection install kubeConfig rollback test "
    "uninstall upgrade waitStrategy list: dependsOn healthCheckExprs postRenderers valuesFrom "
    "text: postRenderStrategy releaseName serviceAccountName storageNamespace "
    "targetNamespace span: interval timeout int: maxHistory bool: persistentClient suspend "
    "free: values",
    "spec.chart": "map: metadata spec",
    "spec.chart.spec": "text: chart reconcileStrategy version span: interval "
    "bool: ignoreMissingValuesFiles map: sourceRef verify list: valuesFiles",
    "spec.chart.spec.sourceRef": f"{_SOURCE} Bucket|GitRepository|HelmRepository: kind",
    "spec.chartRef": f"{_SOURCE} ExternalArtifact|HelmChart|OCIRepository: kind",
    "spec.install": f"{_SWITCHES} bool: createNamespace replace serverSideApply skipCRDs",
    "spec.install.remediation": _REMEDIATION,
    "spec.upgrade": f"{_SWITCHES} bool: cleanupOnFail force preserveValues "
    "text: chartNameChangeStrategy serverSideApply",
    "spec.upgrade.remediation": f"{_REMEDIATION} text: strategy",
    "spec.dependsOn[]": _NEEDED,
    "spec.valuesFrom[]": "text: kind name targetPath valuesKey bool: literal optional",
}
KINDS: Kinds = {
    ("helm.toolkit.fluxcd.io", "HelmRelease"): _HELM_RELEASE,
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): _KUSTOMIZATION,
}
