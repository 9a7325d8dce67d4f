"""Argo CD's Application, ApplicationSet and AppProject."""

from __future__ import annotations

from tidegate.policy.schemas.known.places import Kinds, Places, below

_SOURCE = (
    "text: chart name path ref repoURL tagPrefix targetRevision "
    "map: directory helm kustomize plugin"
)
_HELM = (
    "list: apiVersions fileParameters parameters valueFiles "
    "bool: ignoreMissingValueFiles passCredentials skipCrds skipSchemaValidation skipTests "
    "text: kubeVersion namespace releaseName values version map: valuesObject"
)
_KUSTOMIZE = (
    "list: apiVersions components images patches replicas map: commonAnnotations commonLabels "
    "bool: commonAnnotationsEnvsubst forceCommonAnnotations forceCommonLabels "
    "ignoreMissingComponents labelIncludeTemplates labelWithoutSelector "
    "text: kubeVersion namePrefix nameSuffix namespace version"
)
_APPLICATION_SPEC: Places = {
    "": "map: destination source sourceHydrator syncPolicy list: ignoreDifferences info sources "
    "text: project int: revisionHistoryLimit",
    ".source": _SOURCE,
    ".sources[]": _SOURCE,
    ".source.helm": _HELM,
    ".sources[].helm": _HELM,
    ".source.directory": "bool: disableExtensionFilter recurse text: exclude include map: jsonnet",
    ".source.helm.parameters[]": "text: name value bool: forceString",
    ".sources[].helm.parameters[]": "text: name value bool: forceString",
    ".source.kustomize": _KUSTOMIZE,
    ".sources[].kustomize": _KUSTOMIZE,
    ".ignoreDifferences[]": "text: group kind name namespace "
    "list: jqPathExpressions jsonPointers managedFieldsManagers",
    ".destination": "text: name namespace server",
    ".syncPolicy": "map: automated managedNamespaceMetadata retry list: syncOptions",
    ".syncPolicy.managedNamespaceMetadata": "map: annotations labels",
    ".syncPolicy.automated": "bool: allowEmpty enabled prune selfHeal",
    ".syncPolicy.retry": "map: backoff int: limit bool: refresh",
    ".syncPolicy.retry.backoff": "text: duration maxDuration int: factor",
}
_GENERATOR = (
    "map: clusterDecisionResource clusters git list matrix merge plugin pullRequest scmProvider "
    "selector"
)
_GENERATORS: Places = {
    "": _GENERATOR,
    ".git": "list: directories files text: pathParamPrefix repoURL revision "
    "int: requeueAfterSeconds map: template values",
    ".git.directories[]": "bool: exclude text: path",
    ".git.files[]": "bool: exclude text: path",
    ".list": "list: elements text: elementsYaml map: template",
    ".clusters": "bool: flatList map: selector template values",
}
_PROJECT: Places = {
    "spec": "list: clusterResourceBlacklist clusterResourceWhitelist destinationServiceAccounts "
    "destinations namespaceResourceBlacklist namespaceResourceWhitelist roles signatureKeys "
    "sourceNamespaces sourceRepos syncWindows text: description "
    "map: orphanedResources sourceIntegrity bool: permitOnlyProjectScopedClusters",
    "spec.destinations[]": "text: name namespace server",
    "spec.roles[]": "text: description name list: groups jwtTokens policies",
    "spec.syncWindows[]": "bool: andOperator manualSync syncOverrun "
    "list: applications clusters namespaces text: description duration kind schedule timeZone",
    "spec.clusterResourceWhitelist[]": "text: group kind name",
    "spec.clusterResourceBlacklist[]": "text: group kind name",
    "spec.namespaceResourceWhitelist[]": "text: group kind",
    "spec.namespaceResourceBlacklist[]": "text: group kind",
}
KINDS: Kinds = {
    ("argoproj.io", "Application"): below("spec", _APPLICATION_SPEC),
    ("argoproj.io", "ApplicationSet"): {
        "spec": "list: generators goTemplateOptions ignoreApplicationDifferences "
        "bool: applyNestedSelectors goTemplate map: preservedFields strategy syncPolicy template "
        "text: templatePatch",
        "spec.syncPolicy": "text: applicationsSync bool: preserveResourcesOnDeletion",
        "spec.template": "map: metadata spec",
        "spec.template.metadata": "map: annotations labels list: finalizers text: name namespace",
        **below("spec.generators[]", _GENERATORS),
        **below("spec.generators[].matrix.generators[]", _GENERATORS),
        **below("spec.generators[].merge.generators[]", _GENERATORS),
        **below("spec.template.spec", _APPLICATION_SPEC),
    },
    ("argoproj.io", "AppProject"): _PROJECT,
}
