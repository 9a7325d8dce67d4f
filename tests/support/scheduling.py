"""Which worker runs which test: those of one `xdist_group` share a worker, and so their fixtures.

pytest-xdist marks groups on the tests' ids, which pytest 9.2 no longer takes: without this, each
worker would run the demo, or start a server, of its own.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from xdist.scheduler import LoadScopeScheduling

_ROOT = Path(__file__).parents[2]
_GROUP = re.compile(r'^pytestmark = pytest\.mark\.xdist_group\("([a-z]+)"\)', re.MULTILINE)


class GroupScheduling(LoadScopeScheduling):
    """Tests one by one, but for those whose module names its group in `pytestmark`."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid.partition("::")[0]) or nodeid


@cache
def _group(module: str) -> str | None:
    found = _GROUP.search((_ROOT / module).read_text("utf-8"))
    return found[1] if found else None


def schedule(config: Any, log: Any) -> GroupScheduling | None:
    """For `--dist loadgroup`; None leaves it to pytest-xdist."""
    return GroupScheduling(config, log) if config.getvalue("dist") == "loadgroup" else None
