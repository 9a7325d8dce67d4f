"""Reports of what Git wants against what a cluster has."""
