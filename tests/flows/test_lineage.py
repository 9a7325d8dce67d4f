"""Git's word about the commits that Argo CD is at, from a real remote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401

from tidegate.adapters.git.command import GitCommand
from tidegate.adapters.git.repository import GitRepository
from tidegate.domain.live import Relation
from tidegate.domain.source import Origin
from tidegate.domain.sync import Aim
from tidegate.errors import InputError, NotFound, Unreachable
from tidegate.flows.aims import find_commit, read_aims
from tidegate.flows.lineage import Ancestry
from tidegate.flows.target import find_environment
from tidegate.repository.configuration import load_configuration


def repository_of(world: World) -> GitRepository:  # noqa: F811
    git = GitCommand(world.clone, lambda: 60.0)
    return GitRepository(git, "origin", "main", locks=world.folder / "locks")


def aim_of(repository: GitRepository) -> Aim:
    snapshot = repository.fetch()
    configuration = load_configuration(snapshot)
    dev = find_environment(configuration, "dev")
    (aim,) = read_aims(
        snapshot, configuration, dev, ["shop", "shop"], snapshot.revision, Origin("main")
    )
    return aim


def test_each_commit_stands_as_it_does(world: World) -> None:  # noqa: F811
    first = world.head()
    world.register("shop", alias="candidate", metrics={"auc": 0.8})
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    repository = repository_of(world)
    aim = aim_of(repository)
    time = [600.0]
    ancestry = Ancestry(repository, "dev", lambda: time[0])
    assert ancestry.of(first, aim).relation is Relation.BEFORE
    assert ancestry.of(aim.goal.revision, aim).relation is Relation.OURS
    assert ancestry.carries(aim.goal.revision, aim)
    assert not any(ancestry.carries(other, aim) for other in (first, "f" * 40, "main", "--all"))
    # Somebody else's commits, which this clone hasn't fetched.
    unrelated = world.push({"README.md": "hello\n"})
    assert ancestry.of(unrelated, aim).relation is Relation.OURS
    world.register("shop", alias="candidate", metrics={"auc": 0.9})
    assert world.tidegate("promote", "shop", "--to", "dev", "--requested-by", "Bob").code == 0
    overtaken = ancestry.of(world.head(), aim)
    assert (overtaken.relation, overtaken.version) == (Relation.OTHER, "2")
    assert (overtaken.commit, overtaken.author) == (world.head(), "Ann")
    after = world.push({"README.md": "again\n"})
    # It asks the remote only now and then for what it doesn't know.
    assert ancestry.of(after, aim).relation is Relation.UNKNOWN
    time[0] -= 10
    later = ancestry.of(after, aim)
    assert (later.relation, later.commit) == (Relation.OTHER, overtaken.commit)
    assert ancestry.of("f" * 40, aim).relation is Relation.UNKNOWN
    assert ancestry.of("", aim).relation is Relation.UNKNOWN
    assert ancestry.of("--all", aim).relation is Relation.UNKNOWN
    # A branch's name stands where nothing could be rendered: it is never ours.
    time[0] -= 10
    assert ancestry.of("main", aim).relation is Relation.OTHER
    assert ancestry.of("main", aim_of(repository)).relation is Relation.UNKNOWN
    gone = {"environments/dev/shop/kustomization.yaml": None}
    removed = world.push(gone, "take it out of service")
    time[0] -= 10
    assert ancestry.of(removed, aim_at(aim, overtaken.revision)).relation is Relation.OTHER


def aim_at(aim: Aim, revision: str) -> Aim:
    return replace(aim, goal=replace(aim.goal, revision=revision))


def test_a_remote_that_is_gone_leaves_it_unknown(world: World) -> None:  # noqa: F811
    repository = repository_of(world)
    first = world.head()
    world.register("shop", alias="candidate")
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    aim = aim_of(repository)
    world.remote.rename(world.folder / "moved.git")
    ancestry = Ancestry(repository, "dev", lambda: 60.0)
    assert ancestry.of("f" * 40, aim).relation is Relation.UNKNOWN
    assert ancestry.of(first, aim).relation is Relation.BEFORE
    with pytest.raises((Unreachable, NotFound, InputError)):
        repository.fetch()


def test_what_can_be_waited_for(world: World) -> None:  # noqa: F811
    repository = repository_of(world)
    head = repository.fetch().revision
    assert find_commit(repository, head, None) == head
    assert find_commit(repository, head, head[:10]) == head
    for wrong in ("main", "-x", "f" * 40, "HEAD~1", "abc"):
        with pytest.raises(InputError):
            find_commit(repository, head, wrong)
    with pytest.raises(InputError, match="never promoted to dev"):
        aim_of(repository)
    with pytest.raises(NotFound):
        repository.snapshot("f" * 40)
