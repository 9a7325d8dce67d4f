"""Where the fields of rendered objects were written."""

from tidegate.repository.provenance.locator import Locator

__all__ = ["Locator"]
