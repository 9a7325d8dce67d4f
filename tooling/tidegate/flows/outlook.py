"""What is seen beside Git: the registry's aliases, and the Applications of Argo CD.

Whatever doesn't answer in time is told as not known: Git alone is worth looking at, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tidegate.delivery.agreement import disagreements, find_doubts, find_running
from tidegate.domain.application import Application, ApplicationEvent
from tidegate.domain.configuration import Configuration, Settings
from tidegate.domain.live_mark import alias_of
from tidegate.domain.source import Origin
from tidegate.domain.standing import Alias, Running, Sighting, Standing, StatusReport
from tidegate.domain.sync import APP_LABEL, ENVIRONMENT_LABEL
from tidegate.errors import InputError, TidegateError
from tidegate.flows.parallel import within
from tidegate.flows.versions import Versions
from tidegate.ports import Applications, Connections
from tidegate.ports.applications import Labels
from tidegate.repository.layout import overlay_folder

# Somebody looks at a terminal; what takes longer is as good as out of reach.
_PATIENCE_SECONDS = 15.0
_Aliases = Mapping[str, Mapping[str, str] | TidegateError]


@dataclass(frozen=True, slots=True)
class Source:
    """One Argo CD with the environments that it delivers, each with its project."""

    applications: Applications
    projects: Mapping[str, str | None]
    app: str | None

    @property
    def project(self) -> str | None:
        """The project to ask for; None where there are several."""
        projects = set(self.projects.values())
        return projects.pop() if len(projects) == 1 else None

    @property
    def selector(self) -> Labels:
        """The labels to ask for."""
        environment = next(iter(self.projects)) if len(self.projects) == 1 else None
        return {ENVIRONMENT_LABEL: environment, **({APP_LABEL: self.app} if self.app else {})}

    def _holds(self, application: Application) -> bool:
        environment = application.labels.get(ENVIRONMENT_LABEL, "")
        project = self.projects.get(environment)
        return environment in self.projects and project in (None, application.name.project)

    def list(self) -> Sequence[Application]:
        """The Applications of all these environments, in one request. Raises OutsideError."""
        listed = self.applications.list(project=self.project, selector=self.selector)
        return [item for item in listed if self._holds(item)]

    def watch(self) -> Iterator[ApplicationEvent | None]:
        """Their events, on one stream (see `ports.Applications.watch`)."""
        for event in self.applications.watch(project=self.project, selector=self.selector):
            if event is None or self._holds(event.application):
                yield event


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was seen. `aliases` are those of each model, `applications` the Applications by app
    and environment; `seen` are the environments whose Argo CD has answered."""

    aliases: _Aliases = field(default_factory=dict)
    applications: Mapping[tuple[str, str], Sequence[Application]] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    def digests(self, standings: Iterable[Standing], versions: Versions) -> Mapping[str, set[str]]:
        """The digests that run as the apps' images, by app; of an app of which nothing is known
        to run, those of all its pods, for a mirror may have given them another name."""
        found: dict[str, set[str]] = {}
        for standing in standings:
            for item in self.applications.get((standing.app, standing.environment), ()):
                running = _running(item, standing, versions)
                digests = {image.digest for image in running if image.digest}
                if not running:
                    digests = {image.partition("@")[2] for image in item.images if "@" in image}
                found.setdefault(standing.app, set()).update(digests)
        return found

    def over(self, standing: Standing, versions: Versions, origin: Origin | None) -> Standing:
        """The Standing with what was seen of it, and where that and Git disagree; `origin` is
        where its environment's Applications may take their manifests from."""
        release = standing.release
        if release is None:
            return standing
        aliases = self.aliases.get(release.model)
        alias = None
        if aliases is not None and not isinstance(aliases, TidegateError):
            name = alias_of(standing.app, standing.environment)
            alias = Alias(name, aliases.get(name))
        sightings = None
        if standing.environment in self.seen:
            found = self.applications.get((standing.app, standing.environment), ())
            sightings = tuple(_sighting(item, standing, versions, origin) for item in found)
        found_out = replace(standing, alias=alias, sightings=sightings)
        return replace(found_out, disagreements=disagreements(found_out))


def look_out(
    report: StatusReport,
    settings: Settings,
    sources: Sequence[Source],
    connections: Connections,
) -> Outlook:
    """What answers in time. Never raises what is outside's fault."""
    questions: dict[int, Callable[[], _Aliases | Sequence[Application]]] = {
        number: source.list for number, source in enumerate(sources)
    }
    models = list(dict.fromkeys(s.release.model for s in report.standings if s.release))
    if models:
        questions[-1] = lambda: connections.live_record(settings).aliases(models)
    answers = within(_PATIENCE_SECONDS, questions, connections.remaining)
    aliases: _Aliases = {}
    applications: list[Application] = []
    seen: set[str] = set()
    unknown: list[str] = []
    for number, answer in answers.items():
        if isinstance(answer, Mapping):
            aliases = answer
            unknown += _without_aliases(aliases)
        elif not isinstance(answer, TidegateError):
            seen.update(sources[number].projects)
            applications += answer
        elif number in range(len(sources)):
            unknown.append(blind_spot(sources[number].projects, answer))
        else:
            unknown.append(f"the aliases: {_said(answer)}")
    return Outlook(aliases, by_place(applications), frozenset(seen), tuple(unknown))


def by_place(applications: Iterable[Application]) -> Mapping[tuple[str, str], list[Application]]:
    """The Applications of each app and environment."""
    found: dict[tuple[str, str], list[Application]] = {}
    for item in applications:
        place = item.labels.get(APP_LABEL, ""), item.labels.get(ENVIRONMENT_LABEL, "")
        found.setdefault(place, []).append(item)
    return found


def find_sources(
    report: StatusReport, configuration: Configuration, connections: Connections
) -> tuple[list[Source], list[str]]:
    """The Argo CDs of the environments that have releases, and what can't be seen because nobody
    says where it is, or has no token."""
    places = dict.fromkeys(s.environment for s in report.standings if s.release)
    apps = {standing.app for standing in report.standings}
    app = apps.pop() if len(apps) == 1 else None
    found: list[tuple[Applications, dict[str, str | None]]] = []
    unknown: list[tuple[str, TidegateError]] = []
    for environment in places:
        plane = configuration.control_plane(environment)
        try:
            applications = connections.applications(plane)
        except TidegateError as error:
            unknown.append((environment, error))
            continue
        projects = next((p for known, p in found if known is applications), None)
        if projects is None:
            found.append((applications, projects := {}))
        projects[environment] = plane.project
    sources = [Source(applications, projects, app) for applications, projects in found]
    return sources, blind_spots(unknown)


def blind_spot(environments: Iterable[str], error: TidegateError) -> str:
    """What can't be seen, and why."""
    return f"what is live in {', '.join(environments)}: {_said(error)}"


def blind_spots(unseen: Iterable[tuple[str, TidegateError]]) -> list[str]:
    """The same of environments each with its own reason: one for each reason."""
    found: dict[str, list[tuple[str, TidegateError]]] = {}
    for environment, error in unseen:
        found.setdefault(_said(error), []).append((environment, error))
    return [blind_spot((name for name, _ in same), same[0][1]) for same in found.values()]


def _said(error: TidegateError) -> str:
    """With what to do about it, where that is somebody's settings."""
    hint = f" ({error.hint})" if error.hint and isinstance(error, InputError) else ""
    return f"{error.message}{hint}"


def _without_aliases(aliases: _Aliases) -> Iterator[str]:
    failed: dict[str, list[str]] = {}
    for model, answer in aliases.items():
        if isinstance(answer, TidegateError):
            failed.setdefault(answer.message, []).append(model)
    for why, models in failed.items():
        yield f"the aliases of {', '.join(models)}: {why}"


def _sighting(
    item: Application, standing: Standing, versions: Versions, origin: Origin | None
) -> Sighting:
    return Sighting(
        item.name,
        item.destination,
        item.revision,
        item.sync,
        item.health.status or "",
        item.operation.phase if item.operation else "",
        _running(item, standing, versions),
        find_doubts(item, overlay_folder(standing.environment, standing.app), origin),
    )


def _running(item: Application, standing: Standing, versions: Versions) -> tuple[Running, ...]:
    repository = standing.overlay.repository if standing.overlay else ""
    return find_running(item.images, repository, versions.of(standing.app))
