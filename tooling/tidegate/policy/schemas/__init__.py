"""Kubernetes' schemas, those of custom resources, and the API server's own rules: what a cluster
of some version would refuse."""
