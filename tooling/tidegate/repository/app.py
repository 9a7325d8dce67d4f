"""The one line of app.yaml that going back needs."""

from __future__ import annotations

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.layout import app_file, require_file
from tidegate.repository.yaml import load


def read_image_name(snapshot: Snapshot, app: str) -> str:
    """The `name` of the app's image in its overlays, whatever else is wrong with the file.
    Raises ConfigurationError where that can't be read."""
    path = app_file(app)
    require_file(snapshot, path)
    data = load(path, snapshot.read(path)).data
    image = data.get("image") if isinstance(data, dict) else None
    if not isinstance(image, str) or not image:
        raise ConfigurationError([Problem(path, 0, 0, "image", "is missing, or no text")])
    return image
