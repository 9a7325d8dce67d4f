"""Splits what comes on a stream into frames, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.errors import OutsideError

# The biggest object that etcd takes is 1.5 MiB.
FRAME_LIMIT = 8 * 2**20
_DATA = b"data:"


class Splitter:
    """Takes chunks as they come, and gives the frames that end in them: the lines of a stream of
    JSON, or the data of server-sent events without their comments."""

    def __init__(self, limit: int = FRAME_LIMIT) -> None:
        self._limit = limit
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Raises OutsideError for a frame of more than `limit` bytes."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._add(chunk[start:end])
            line, self._rest = bytes(self._rest), bytearray()
            start = end + 1
            frame = line.removeprefix(_DATA).strip()
            if frame and not line.startswith(b":"):
                yield frame
        self._add(chunk[start:])

    def _add(self, part: bytes) -> None:
        if len(self._rest) + len(part) > self._limit:
            raise OutsideError(f"a frame of a stream has more than {self._limit} bytes")
        self._rest += part
