"""The names of fields that well-known custom resources have, at the places where people mistype
them most, by who defines them.

At each place all names are there that any served version has, each with its type; what is below a
place that isn't here is nobody's business. They are those of Argo CD 3, Argo Rollouts 1,
cert-manager 1, external-secrets 1 and 2, Flux 2, Gateway API 1 (its experimental channel too),
Istio 1, KEDA 2, Knative 1, KServe 0, KubeRay 1 and the Prometheus operator 0.
"""
