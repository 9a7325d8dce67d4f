"""`doctor`: is everything there that a promotion needs?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tidegate.domain.configuration import Configuration, Settings
from tidegate.domain.control_plane import ControlPlane, Way
from tidegate.domain.diagnosis import Diagnosis, Finding, Health
from tidegate.domain.model import VersionQuery
from tidegate.domain.provider import Provider
from tidegate.domain.text import count, one_line
from tidegate.errors import ConfigurationError, InputError, NotFound, TidegateError, ToolMissing
from tidegate.gates import GATES
from tidegate.gates.scan import ScanGate, database_fault
from tidegate.ports import Connections
from tidegate.repository.configuration import load_configuration
from tidegate.repository.waivers import read_waivers

_TOKENS = {
    "MLFLOW_TRACKING_TOKEN": "MLflow, by token",
    "MLFLOW_TRACKING_PASSWORD": "MLflow, by user name and password",
    "ARGOCD_AUTH_TOKEN": "Argo CD, for all projects",
    "DOCKER_CONFIG": "image registries, instead of ~/.docker/config.json",
}
_BRING = (
    "scanner.offline is set, so nothing fetches a newer one: bring Trivy's cache folder from a "
    "machine that can, and name it in TRIVY_CACHE_DIR"
)


def diagnose(
    tools: Sequence[Finding], connect: Callable[[], Connections], environ: Mapping[str, str]
) -> Diagnosis:
    """Looks at every part by using it once; nothing is changed anywhere."""
    findings = list(tools)
    try:
        findings.extend(_repository(connect(), environ))
    except TidegateError as error:
        findings.append(_broken("repository", error))
    return Diagnosis((*findings, *_tokens(environ)))


def _repository(connections: Connections, environ: Mapping[str, str]) -> Iterator[Finding]:
    repository = connections.repository
    snapshot = repository.fetch()
    place = f"{repository.branch} of {repository.remote}, at {snapshot.revision[:10]}"
    yield Finding("repository", Health.OK, place)
    try:
        configuration = load_configuration(snapshot)
        waivers = read_waivers(snapshot, configuration, connections.now())
    except TidegateError as error:
        yield _broken("configuration", error)
        return
    apps, environments = len(configuration.apps), len(configuration.environments)
    words = f"{count(apps, 'app')}, {count(environments, 'environment')}"
    words += f", {count(len(waivers), 'waiver')}" if waivers else ""
    yield Finding("configuration", Health.OK, words)
    yield _models(connections, configuration)
    yield from _database(connections, configuration)
    yield _pull_requests(connections, configuration.settings)
    for folder, there in connections.mirrors(configuration.settings).items():
        hint = None if there else "tidegate.yaml names this folder as a mirror: create it"
        yield Finding("mirror", Health.OK if there else Health.MISSING, folder, hint)
    for environment in configuration.in_order():
        plane = configuration.control_plane(environment.name)
        yield _argocd(connections, environment.name, plane, environ)


def _models(connections: Connections, configuration: Configuration) -> Finding:
    """Asks the model registry for something of the first app's: that needs the same rights as a
    promotion, which a health probe does not."""
    app = next(iter(configuration.apps.values()), None)
    if app is None:
        return Finding("model registry", Health.OPTIONAL, "not asked: there is no app yet")
    aliases = [environment.alias for environment in configuration.in_order() if environment.alias]
    query = VersionQuery(app.model, alias=aliases[0] if aliases else "candidate")
    try:
        answer = connections.models(configuration.settings).versions([query])[query]
    except TidegateError as error:
        return _broken("model registry", error)
    if isinstance(answer, TidegateError) and not isinstance(answer, NotFound):
        return _broken("model registry", answer)
    return Finding("model registry", Health.OK, "answers")


def _pull_requests(connections: Connections, settings: Settings) -> Finding:
    """Asks the provider whom the token speaks for, and what it may not do."""
    name = "pull requests"
    try:
        provider = connections.pull_requests(settings)
    except InputError as error:
        nothing_said = settings.provider == Provider()
        health = Health.OPTIONAL if nothing_said else Health.MISSING
        return Finding(name, health, one_line(error.message), error.hint)
    try:
        found = f"{provider.place}, as {provider.account().login}, by {provider.credential}"
        missing = provider.missing_permissions()
    except TidegateError as error:
        return _broken(name, error)
    if not missing:
        return Finding(name, Health.OK, one_line(found))
    lacks = f"{found}: the token lacks {', '.join(missing)}"
    return Finding(name, Health.MISSING, one_line(lacks), "give it these permissions")


def _argocd(
    connections: Connections, name: str, plane: ControlPlane, environ: Mapping[str, str]
) -> Finding:
    """Asks an environment's Argo CD what it is, and what the token may do there."""
    title = f"argo cd of {name}"
    by_api = plane.via is not Way.KUBERNETES
    if by_api and plane.server is None and not environ.get("ARGOCD_SERVER"):
        return Finding(title, Health.OPTIONAL, "not named (argocd.server in tidegate.yaml)")
    project = plane.project or name
    try:
        applications = connections.applications(plane)
        answers = f"{applications.version()}, {applications.place}"
        missing = [what for what in ("get", "sync") if not applications.may(what, project)]
    except TidegateError as error:
        return _broken(title, error)
    if not missing:
        return Finding(title, Health.OK, f"{answers}: may get and sync project {project}")
    found = f"{answers}: may not {' or '.join(missing)} Applications of project {project}"
    hint = f"give the token's role `p, …, applications, {missing[0]}, {project}/*, allow`"
    return Finding(title, Health.MISSING, found, hint)


def _database(connections: Connections, configuration: Configuration) -> Iterator[Finding]:
    """Holds the scanner's database to what the scan gates will hold it to."""
    name = "vulnerability database"
    limits = [
        gate.max_age
        for environment in configuration.environments.values()
        for app in configuration.apps.values()
        for spec in configuration.gates(app, environment)
        if isinstance(gate := GATES[spec.gate].configure(spec.key, spec.settings), ScanGate)
    ]
    if not limits:
        return
    try:
        built = connections.scanner(configuration.settings).database()
    except ToolMissing:
        return  # which was found already
    except TidegateError as error:
        yield _broken(name, error)
        return
    fault = database_fault(built, connections.now(), min(limits)) if built else "there is none"
    if fault is None:
        yield Finding(name, Health.OK, f"of {built:%Y-%m-%d %H:%M}")
    elif configuration.settings.scanner_offline:
        yield Finding(name, Health.MISSING, fault, _BRING)
    else:
        yield Finding(name, Health.OPTIONAL, f"{fault}; the next scan fetches a newer one")


def _tokens(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name, use in _TOKENS.items():
        if environ.get(name):
            yield Finding(name, Health.OK, f"set ({use})")
        else:
            yield Finding(name, Health.OPTIONAL, f"not set ({use})")


def _broken(name: str, error: TidegateError) -> Finding:
    if not isinstance(error, ConfigurationError) or len(error.problems) < 2:
        return Finding(name, Health.MISSING, one_line(error.message), error.hint)
    first, *others = error.problems
    found = f"{one_line(str(first))} (and {count(len(others), 'more problem')})"
    return Finding(name, Health.MISSING, found, "`tidegate status` names all of them")
