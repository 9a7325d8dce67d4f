"""What is there now, of one app in one environment: read so that as little as possible can stop
whoever has to go back."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.block import Block
from tidegate.domain.hold import Hold
from tidegate.domain.image import ImageRef
from tidegate.domain.release import OverlayState, Release, disagreements
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository import layout
from tidegate.repository.app import read_image_name
from tidegate.repository.block import read_blocks
from tidegate.repository.hold import read_hold
from tidegate.repository.overlay import read_overlay
from tidegate.repository.release import read_release


@dataclass(frozen=True, slots=True)
class Present:
    """An app's files at the head. `champion` is the release there; `fault` says why it doesn't
    count: it is damaged, or the overlay says something else. `entry` is the name of the app's
    image in the overlay, `text` the overlay's text, `hold` the app's own."""

    app: str
    environment: str
    entry: str
    overlay_file: str
    text: bytes
    overlay: OverlayState
    champion: Release | None
    fault: str | None
    blocks: tuple[Block, ...]
    hold: Hold | None

    @property
    def running(self) -> tuple[str | None, str | None]:
        """The version and digest that the overlay runs."""
        return self.overlay.version, self.overlay.digest

    @property
    def image(self) -> ImageRef:
        """The image that the overlay runs."""
        return ImageRef(self.overlay.repository, self.overlay.tag, self.overlay.digest)


def read_present(snapshot: Snapshot, environment: str, app: str) -> Present:
    """Raises InputError where overlay or blocks can't be read; a record or a hold that can't is
    only a remark, for both are written anew."""
    path = layout.overlay_file(snapshot, environment, app) or ""
    layout.require_file(snapshot, path)
    entry, text = read_image_name(snapshot, app), snapshot.read(path)
    overlay = read_overlay(path, text, entry)
    champion, fault = None, None
    try:
        champion = read_release(snapshot, environment, app)
        if champion and disagreements(champion, overlay):
            fault = "the overlay had been edited by hand"
    except ConfigurationError:
        fault = "the release.yaml that was there can't be read"
    return Present(
        app,
        environment,
        entry,
        path,
        text,
        overlay,
        champion,
        fault,
        read_blocks(snapshot, environment, app),
        _own_hold(snapshot, environment, app),
    )


def _own_hold(snapshot: Snapshot, environment: str, app: str) -> Hold | None:
    _, path = layout.hold_files(environment, app)
    if snapshot.is_directory(path):
        layout.require_file(snapshot, path)
    try:
        return read_hold(snapshot, path, whole=False)
    except ConfigurationError:
        return None
