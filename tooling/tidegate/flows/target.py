"""Where a promotion would go: the app's overlay and release there, and the release before it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.domain.app import App, Delivery, Environment
from tidegate.domain.block import Block
from tidegate.domain.configuration import Configuration
from tidegate.domain.hold import Hold
from tidegate.domain.release import OverlayState, Release
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import nearest
from tidegate.errors import ConfigurationError, InputError, Problem, TidegateError
from tidegate.flows.route import require_direct
from tidegate.repository import layout
from tidegate.repository.block import read_blocks
from tidegate.repository.hold import read_holds
from tidegate.repository.overlay import read_overlay
from tidegate.repository.readings import Readings
from tidegate.repository.release import read_release

if TYPE_CHECKING:
    from tidegate.domain.promotion import Request


@dataclass(frozen=True, slots=True)
class Target:
    """An app in the environment that it is promoted to, as the Snapshot has it. `champion` is
    the release there, `upstream` the one of the environment before."""

    app: App
    environment: Environment
    overlay_file: str
    overlay: OverlayState
    champion: Release | None
    upstream: Release | None
    holds: tuple[Hold, ...] = ()
    blocks: tuple[Block, ...] = ()


def find_environment(configuration: Configuration, name: str) -> Environment:
    """The environment of that name. Raises InputError, with the nearest name."""
    if name not in configuration.environments:
        raise unknown("environment", name, configuration.environments)
    return configuration.environments[name]


def find_app(configuration: Configuration, name: str) -> App:
    """The app of that name. Raises InputError, with the nearest name."""
    if name not in configuration.apps:
        raise unknown("app", name, configuration.apps)
    return configuration.apps[name]


def choose_delivery(environment: Environment, request: Request) -> Delivery:
    """How it is to be delivered. Raises InputError for a way that the environment doesn't allow."""
    usual = environment.delivery
    if is_direct(environment, request):
        require_direct(environment.name, allowed=environment.reviewing.direct)
    chosen = request.delivery or usual
    if request.batch and chosen is Delivery.COMMIT:
        raise InputError(
            f"--batch names a pull request, and {environment.name} is delivered by commit",
            hint="add --pull-request, or leave out --batch: one commit has all apps anyway",
        )
    return chosen


def is_direct(environment: Environment, request: Request) -> bool:
    """Whether it is to go by commit where pull requests are usual: the record says so."""
    usual = environment.delivery
    return request.delivery is Delivery.COMMIT and usual is Delivery.PULL_REQUEST


def choose_apps(
    snapshot: Snapshot, configuration: Configuration, request: Request
) -> tuple[App, ...]:
    """The apps that the request names, in its order, or those that it chooses, by name.

    Raises InputError for an unknown app, and where nothing is chosen.
    """
    if request.named:
        return tuple(find_app(configuration, name) for name in dict.fromkeys(request.apps))
    chosen = [
        app
        for _, app in sorted(configuration.apps.items())
        if layout.overlay_folder(request.target, app.name) in snapshot
        and (request.selector is None or _selected(app, request.selector))
    ]
    if not chosen:
        if request.selector:
            key, value = request.selector
            raise InputError(
                f"no app with an overlay in {request.target} is labelled {key}={value}"
            )
        raise InputError(f"no app has an overlay in {request.target}")
    return tuple(chosen)


def read_targets(
    snapshot: Snapshot,
    apps: Sequence[App],
    environment: Environment,
    readings: Readings | None = None,
) -> Mapping[str, Target | TidegateError]:
    """Each app's Target, or what is wrong with its files. Those whose `readings` are known, which
    only who looks may go by, aren't read again."""
    known = Readings() if readings is None else readings
    snapshot.prefetch(_paths(snapshot, apps, environment, known))
    found: dict[str, Target | TidegateError] = {}
    for app in apps:
        try:
            found[app.name] = read_target(snapshot, app, environment, known)
        except TidegateError as error:
            found[app.name] = error
    return found


def _paths(
    snapshot: Snapshot, apps: Sequence[App], environment: Environment, known: Readings
) -> Iterator[str]:
    """What has to be read."""
    places = [name for name in (environment.name, environment.previous) if name]
    for app in apps:
        overlay = layout.overlay_file(snapshot, environment.name, app.name)
        if overlay and not known.has_overlay(snapshot.entries[overlay].id, app.image):
            yield overlay
        for path in (layout.release_file(name, app.name) for name in places):
            if path in snapshot and not known.has_release(snapshot.entries[path].id):
                yield path
        yield layout.blocks_file(environment.name, app.name)
        yield from layout.hold_files(environment.name, app.name)


def read_target(
    snapshot: Snapshot, app: App, environment: Environment, readings: Readings | None = None
) -> Target:
    """Reads one app's files. Raises InputError, with file, line and key."""
    known = Readings() if readings is None else readings
    path = layout.overlay_file(snapshot, environment.name, app.name)
    folder = layout.overlay_folder(environment.name, app.name)
    if folder in snapshot and not snapshot.is_directory(folder):
        message = "is a file, a symbolic link or a submodule"
        raise ConfigurationError([Problem.whole(folder, message, expected="a folder")])
    if path is None:
        raise InputError(
            f"{app.name} has no overlay in {environment.name}",
            hint=f"create {folder}/kustomization.yaml",
        )
    layout.require_file(snapshot, path)
    overlay = known.overlay(
        snapshot.entries[path].id,
        app.image,
        lambda: read_overlay(path, snapshot.read(path), app.image),
    )
    champion = read_release(snapshot, environment.name, app.name, known)
    previous = environment.previous
    upstream = read_release(snapshot, previous, app.name, known) if previous else None
    holds = read_holds(snapshot, environment.name, app.name)
    blocks = read_blocks(snapshot, environment.name, app.name)
    return Target(app, environment, path, overlay, champion, upstream, holds, blocks)


def _selected(app: App, selector: tuple[str, str]) -> bool:
    key, value = selector
    return app.labels.get(key) == value


def unknown(kind: str, name: str, known: Collection[str]) -> InputError:
    """What is to be said of a name that isn't there, with the nearest that is."""
    near = nearest(name, known)
    hint = f"did you mean '{near}'?" if near else None
    if not near and known:
        hint = "known: " + ", ".join(sorted(known)[:12]) + (" …" if len(known) > 12 else "")
    # Letters that only look like a known name's would be told apart by nobody.
    return InputError(f"there is no {kind} {name!a}", hint=hint)


def require_environment(snapshot: Snapshot, name: str) -> None:
    """Raises InputError where there is no such environment. Nothing else of the configuration is
    looked at: whoever stops or goes back must not be stopped by somebody's slip elsewhere."""
    known = list(snapshot.children(layout.ENVIRONMENTS))
    known = [n for n in known if layout.environment_file(n) in snapshot]
    if name not in known:
        raise unknown("environment", name, known)


def require_app(snapshot: Snapshot, environment: str, name: str) -> None:
    """Raises InputError where there is no such app, or it has no overlay in the environment."""
    known = [n for n in snapshot.children(layout.APPS) if layout.app_file(n) in snapshot]
    if name not in known:
        raise unknown("app", name, known)
    if layout.overlay_file(snapshot, environment, name) is None:
        raise InputError(f"{name} has no overlay in {environment}")
