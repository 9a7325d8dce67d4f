"""blocks.yaml ↔ Blocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from tidegate.domain.block import Block
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository.layout import blocks_file, require_file
from tidegate.repository.moment import MOMENT, format_moment, parse_moment
from tidegate.repository.quoting import quoted
from tidegate.repository.schemas import check
from tidegate.repository.yaml import load

_HEADER = """\
# Written by tidegate: versions that this environment doesn't take back. To lift a block:
# tidegate release APP --env ENV --version N
# yaml-language-server: $schema=../../../policies/schemas/blocks.json
apiVersion: tidegate.dev/v1
kind: Blocks
blocks:
"""


def read_blocks(snapshot: Snapshot, environment: str, app: str) -> tuple[Block, ...]:
    """The blocks on an app's versions in an environment, in the file's order.

    Raises ConfigurationError: a block that can't be read must not let anything pass.
    """
    path = blocks_file(environment, app)
    if path not in snapshot:
        return ()
    require_file(snapshot, path)
    document = load(path, snapshot.read(path))
    problems = list(check("blocks", document))
    if problems:
        raise ConfigurationError(problems)
    blocks = []
    for index, item in enumerate(document.data["blocks"]):
        since = parse_moment(item["since"])
        if since is None:
            key = ("blocks", index, "since")
            problems.append(document.problem(key, "is no time with a zone", MOMENT))
        blocks.append(
            Block(
                item["model"],
                item["version"],
                item.get("digest"),
                item["by"],
                item["reason"],
                since or datetime.min.replace(tzinfo=UTC),
            )
        )
    if problems:
        raise ConfigurationError(problems)
    return tuple(blocks)


def format_blocks(blocks: Iterable[Block]) -> bytes | None:
    """The file's text; None where there is nothing to say, and so no file."""
    lines = [line for block in blocks for line in _lines(block)]
    return (_HEADER + "".join(f"{line}\n" for line in lines)).encode() if lines else None


def _lines(block: Block) -> list[str]:
    fields = {
        "model": block.model,
        "version": block.version,
        "digest": block.digest,
        "by": block.by,
        "reason": block.reason,
        "since": format_moment(block.since),
    }
    written = [f"{key}: {quoted(value)}" for key, value in fields.items() if value is not None]
    return [f"  - {written[0]}", *(f"    {line}" for line in written[1:])]
