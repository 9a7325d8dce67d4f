"""How often the provider is asked: what nothing has changed costs one look, however many."""

from __future__ import annotations

import re
from collections import Counter

from tests.support.mlflow_server import mlflow_store, mlflow_template  # noqa: F401
from tests.support.reviewed import Reviewed, review  # noqa: F401


def test_what_is_asked_is_bounded_by_what_changes(review: Reviewed) -> None:  # noqa: F811
    def run(*apps: str) -> Counter[str]:
        asked = len(review.github.requests)
        review.promote(*apps)
        return Counter(request.method for request in review.github.requests[asked:])

    assert run("shop", "search")["GET"] <= 3  # the first look, and a comment's place in each
    assert run("shop") == run("shop", "search") == {"GET": 1}
    trace = review.world.folder / "trace"
    review.world.environ["GIT_TRACE"] = str(trace)
    assert run("shop", "search") == {"GET": 1}
    del review.world.environ["GIT_TRACE"]
    # The base, and both branches at once.
    asked = re.findall(r"built-in: git (fetch|ls-remote|push)\b", trace.read_text("utf-8"))
    assert asked == ["fetch", "fetch"]
    review.next_version("shop")
    changed = run("shop", "search")
    assert changed["GET"] <= 2
    assert changed["POST"] + changed["PATCH"] <= 4
