"""Overlays, looked at by processes of their own. What a worker doesn't need stays out of here:
each of them imports this package."""
