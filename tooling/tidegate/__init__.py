"""Tidegate: promotes model versions through Git, and lets nothing pass that fails its gates."""

__version__ = "0.1.0"
