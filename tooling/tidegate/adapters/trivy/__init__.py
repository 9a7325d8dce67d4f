"""Vulnerability scans with Trivy. `Trivy` is the whole of it (`ports.Scanner`)."""

from tidegate.adapters.trivy.scanner import Trivy

__all__ = ["Trivy"]
