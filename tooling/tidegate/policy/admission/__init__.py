"""The API server's own policies, offline: ValidatingAdmissionPolicy in CEL."""

from __future__ import annotations

from tidegate.policy.admission.engine import AdmissionEngine

__all__ = ["AdmissionEngine"]
