"""How often the provider is asked: what nothing has changed costs one look, however many."""

from __future__ import annotations

import re
from collections import Counter

from tests.support.mlflow_server import mlflow_store, mlflow_template  # noqa: F401
from tests.support.reviewed import Reviewed, review  # noqa: F401


def test_what_is_asked_is_bounded_by_what_changes(review: Reviewed) -> None:  # noqa: F811
    def run(*apps: str, code: int = 0) -> Counter[str]:
        asked = len(review.github.requests)
        review.promote(*apps, code=code)
        return Counter(request.method for request in review.github.requests[asked:])

    # A first look; each of the two, its reviewers, labels, status and comment.
    assert run("shop", "search") == {"GET": 1, "POST": 2 * 4, "PATCH": 2}
    assert run("shop") == run("shop", "search") == {"GET": 1}
    trace = review.world.folder / "trace"
    review.world.environ["GIT_TRACE"] = str(trace)
    assert run("shop", "search") == {"GET": 1}
    del review.world.environ["GIT_TRACE"]
    # The base, and both branches at once.
    asked = re.findall(r"built-in: git (fetch|ls-remote|push)\b", trace.read_text("utf-8"))
    assert asked == ["fetch", "fetch"]
    review.next_version("shop")
    # Whether it is to merge by itself, a status and the texts; who we are, and what is below it.
    assert run("shop", "search") == {"GET": 1, "POST": 2 + 2, "PATCH": 1}
    # What stands still is told once.
    for app in ("shop", "search"):
        hold = ("hold", app, "--env", "staging", "--direct", "--reason", "an incident")
        assert review.world.tidegate(*hold).code == 0
    run("shop", "search", code=1)
    # Statuses, comments, and who we are.
    assert run("shop", "search", code=1) == {"GET": 1, "POST": 3}
