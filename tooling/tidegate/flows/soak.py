"""Asks Argo CD how releases are in the environment before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from tidegate.delivery.live import judge
from tidegate.delivery.settling import together
from tidegate.delivery.standing import stand
from tidegate.domain.application import Application
from tidegate.domain.commit import Commit
from tidegate.domain.configuration import Configuration
from tidegate.domain.live import Goal, LiveState, Look, Observation
from tidegate.domain.release import Release
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.soak import Soak
from tidegate.domain.sync import APP_LABEL, ENVIRONMENT_LABEL, Aim
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import TidegateError
from tidegate.flows.lineage import Ancestry, is_halved, was_tried
from tidegate.flows.parallel import each
from tidegate.ports import Applications, Connections
from tidegate.repository.layout import overlay_folder, release_file
from tidegate.repository.sources import read_origin


def soaks(
    snapshot: Snapshot,
    configuration: Configuration,
    releases: Sequence[Release],
    connections: Connections,
) -> Mapping[str, Soak | Unavailable]:
    """How each release is, by app; all are of one environment. Unavailable where that can't be
    told. Raises InputError and OutsideError where Argo CD or Git can't be asked at all."""
    if not releases:
        return {}
    environment = releases[0].environment
    plane = configuration.control_plane(environment)
    applications = connections.applications(plane)
    listed = applications.list(project=plane.project, selector={ENVIRONMENT_LABEL: environment})
    apps = {release.app for release in releases}
    mine = [item for item in listed if item.labels.get(APP_LABEL) in apps]

    def refreshed(item: Application) -> Application | TidegateError:
        if item.skipped:  # it would only block
            return item
        try:
            return applications.get(item.name, refresh=True)
        except TidegateError as error:
            return error

    fresh = list(zip(mine, each(mine, refreshed), strict=True))
    paths = [release_file(environment, release.app) for release in releases]
    commits = connections.repository.history(snapshot.revision, paths)
    ancestry = Ancestry(connections.repository, environment, connections.remaining)
    repository = connections.repository
    origin = read_origin(snapshot, environment, repository.branch, repository.address())
    found: dict[str, Soak | Unavailable] = {}
    for release in releases:
        path = release_file(environment, release.app)
        commit = next((commit for commit in commits if path in commit.blobs), None)
        answers = [answer for item, answer in fresh if item.labels[APP_LABEL] == release.app]
        errors = [answer for answer in answers if isinstance(answer, TidegateError)]
        if errors:
            found[release.app] = Unavailable(errors[0].message)
        elif not answers or commit is None:
            reason = f"Argo CD has no Application of {release.app} in {environment}"
            found[release.app] = Unavailable(reason)
        else:
            goal = Goal(
                commit.revision,
                release.image.name,
                release.image.digest or "",
                overlay_folder(environment, release.app),
                origin,
            )
            aim = Aim(configuration.apps[release.app], release.model, release.version, goal)
            seen = [a for a in answers if isinstance(a, Application)]
            found[release.app] = _soak(aim, commit, seen, applications, ancestry)
    return found


def _soak(
    aim: Aim,
    commit: Commit,
    seen: Sequence[Application],
    applications: Applications,
    ancestry: Ancestry,
) -> Soak | Unavailable:
    try:
        states = [_judge(aim, item, applications, ancestry) for item in seen]
    except TidegateError as error:
        return Unavailable(error.message)
    state, held = together(states), [_held(item) for item in seen]
    known = [time for time in held if time is not None]
    healthy = min(known) if len(known) == len(held) else None
    return Soak(aim.goal.digest, state.kind, state.reason, commit.committed, healthy)


def _judge(
    aim: Aim, item: Application, applications: Applications, ancestry: Ancestry
) -> LiveState:
    lineage = ancestry.of(item.revision, aim)
    tried = was_tried(item, lineage, aim, ancestry)
    halved = is_halved(item, aim, ancestry)
    seen = Observation(item, aim.goal, lineage, item.reconciled, tried=tried, halved=halved)
    state = judge(seen)
    if Look.MANAGED not in state.wants:
        return state
    standing = stand(applications.managed(item.name), aim.goal.digest)
    return judge(replace(seen, standing=standing))


def _held(item: Application) -> timedelta | None:
    """How long its health has stood, by Argo CD's clock: it has just been compared."""
    if item.reconciled is None or item.health.since is None:
        return None
    return max(item.reconciled - item.health.since, timedelta())
