"""Argo CD's Applications through its own API."""

from __future__ import annotations

from tidegate.adapters.argocd.address import address_of
from tidegate.adapters.argocd.client import ArgoCd
from tidegate.adapters.argocd.token import find as find_token

__all__ = ["ArgoCd", "address_of", "find_token"]
