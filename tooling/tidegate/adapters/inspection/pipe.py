"""Frames on a pipe: eight bytes that say how long, then the bytes themselves."""

from __future__ import annotations

import os
import select
import struct
import time
from typing import BinaryIO

LIMIT = 1 << 30

_HEAD = struct.Struct(">Q")
_CHUNK = 1 << 20


class Closed(Exception):
    """The other side has gone, or said something that is no frame."""


class Late(Exception):
    """The time is over, and the frame isn't whole."""


def write_frame(pipe: BinaryIO, data: bytes) -> None:
    """Sends a frame. Raises Closed."""
    try:
        pipe.write(_HEAD.pack(len(data)))
        pipe.write(data)
        pipe.flush()
    except (OSError, ValueError) as error:
        raise Closed from error


def read_frame(pipe: BinaryIO, seconds: float | None = None) -> bytes:
    """Waits for a frame, at most so long. Raises Closed and Late."""
    ends = None if seconds is None else time.monotonic() + seconds
    (length,) = _HEAD.unpack(_read(pipe, _HEAD.size, ends))
    if length > LIMIT:
        raise Closed
    return _read(pipe, length, ends)


def _read(pipe: BinaryIO, length: int, ends: float | None) -> bytes:
    # Straight from the descriptor: what a buffer holds back, `select` doesn't see.
    parts: list[bytes] = []
    while length:
        if ends is not None:
            left = ends - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise Late
        try:
            part = os.read(pipe.fileno(), min(length, _CHUNK))
        except OSError as error:
            raise Closed from error
        if not part:
            raise Closed
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
