"""Renders overlays with the real kustomize."""
