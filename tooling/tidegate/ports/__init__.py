"""What the flows need from outside, as protocols. Adapters and tests' doubles implement them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tidegate.ports.applications import Applications as Applications
from tidegate.ports.pull_requests import PullRequests as PullRequests
from tidegate.ports.repository import Progress as Progress
from tidegate.ports.repository import Proposals as Proposals
from tidegate.ports.repository import Repository as Repository
from tidegate.ports.repository import WorkTree as WorkTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tidegate.domain.closure import Closure
    from tidegate.domain.configuration import Configuration, Settings
    from tidegate.domain.context import RuleContext
    from tidegate.domain.control_plane import ControlPlane
    from tidegate.domain.evidence import PolicyEvidence
    from tidegate.domain.finding import Inspection
    from tidegate.domain.image import ImageLocation, ImageRef
    from tidegate.domain.live_mark import LiveMark
    from tidegate.domain.manifest import Broken, Built
    from tidegate.domain.model import ModelVersion, Run, VersionQuery
    from tidegate.domain.rendering import Rendering
    from tidegate.domain.rulebook import Rulebook
    from tidegate.domain.scan import Scan
    from tidegate.domain.snapshot import Snapshot
    from tidegate.domain.sync import ClusterEnding
    from tidegate.domain.unavailable import Unavailable
    from tidegate.errors import Problem, TidegateError


class ModelRegistry(Protocol):
    """Where model versions and their runs are registered."""

    def versions(
        self, queries: Sequence[VersionQuery]
    ) -> Mapping[VersionQuery, ModelVersion | TidegateError]:
        """Each query's version, or the error that it met: NotFound for what isn't there,
        InputError for what can't be promoted (not READY), Unreachable for a dead server."""

    def runs(self, run_ids: Sequence[str]) -> Mapping[str, Run | Unavailable]:
        """Each run with its metrics, or why it can't be had. Never raises for a single run."""


class LiveRecord(Protocol):
    """What the model registry is told of what is live."""

    def aliases(self, models: Sequence[str]) -> Mapping[str, Mapping[str, str] | TidegateError]:
        """Each registered model's aliases with their versions, or the error that it met."""

    def record(self, mark: LiveMark) -> bool:
        """Moves the alias to the version and stamps it; whether there was anything to write.
        Raises NotFound, Unreachable and OutsideError."""


class ImageRegistry(Protocol):
    """Where images lie."""

    def digest(self, image: ImageRef) -> str:
        """The digest that the image's tag points at now. Raises NotFound or Unreachable."""

    def has(self, image: ImageRef) -> bool:
        """Whether the image is there under its digest. Raises Unreachable."""

    def location(self, image: ImageRef) -> ImageLocation:
        """Where a scanner finds it; no I/O."""


class Scanner(Protocol):
    """Looks for vulnerabilities."""

    def scan(self, location: ImageLocation) -> Scan:
        """The findings for the image's digest. Raises OutsideError where there is no answer to
        be trusted: no database, a crash, output that makes no sense."""

    def database(self) -> datetime | None:
        """When the database that is here was built; None where there is none. Changes nothing.
        Raises OutsideError."""


class Renderer(Protocol):
    """Renders overlays as Argo CD will."""

    def render(
        self, snapshot: Snapshot, edits: Mapping[str, bytes], overlays: Sequence[str]
    ) -> Mapping[str, Rendering | Unavailable]:
        """Each overlay folder of the snapshot, rendered as it is and with `edits` (path → new
        contents) laid over. Never raises for a single overlay; ToolMissing where there is no
        renderer."""


class Examiner(Protocol):
    """Holds what overlays render to against schemas and rules, before and after a change."""

    def examine(
        self,
        snapshot: Snapshot,
        configuration: Configuration,
        edits: Mapping[str, bytes],
        overlays: Sequence[str],
    ) -> Mapping[str, PolicyEvidence | Unavailable]:
        """Each overlay folder of the snapshot, as it is and with `edits` (path → new contents)
        laid over; rules and their severities are those of its environment, waivers are not
        looked at. Never raises for a single overlay; ToolMissing where something is not
        installed."""


class Builder(Protocol):
    """Renders overlays as they are, for those who look at the objects."""

    def build(
        self, snapshot: Snapshot, closures: Iterable[Closure], *, origins: bool = False
    ) -> Iterator[Built | Broken]:
        """The rendering of each overlay that a closure is of, as soon as it is there, in any
        order; Broken for one that can't be rendered. With `origins`, which take longer, each
        object tells the file that it came from. Raises ToolMissing where there is no renderer."""


class Inspector(Protocol):
    """Holds rendered overlays against schemas and rules, several at once, within bounds of time
    and memory."""

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the rules themselves; with any, nothing should be inspected."""

    def inspect(
        self, questions: Iterable[tuple[Built, RuleContext]]
    ) -> Iterator[Inspection | Broken]:
        """Each overlay's Inspection as soon as it is there, in any order; Broken for one that
        took too much time or memory, or can't be read."""


class Cache(Protocol):
    """Bytes by key, shared between processes and safe to lose. Never raises: what can't be read
    is not there, and what can't be written is forgotten."""

    def get(self, key: str) -> bytes | None:
        """What was put under the key, whole and unchanged; None otherwise."""

    def put(self, key: str, data: bytes) -> None:
        """Keeps the bytes under the key (hex digits)."""


class Connections(Protocol):
    """Everything outside, each built when it is first asked for."""

    @property
    def place(self) -> str:
        """The clone's own path."""

    @property
    def cache(self) -> Cache:
        """What earlier commands found."""

    @property
    def repository(self) -> Repository:
        """The Git repository."""

    def branch(self, name: str) -> Repository:
        """Another branch of the same remote, whether it is there already or not."""

    def models(self, settings: Settings) -> ModelRegistry:
        """The model registry that the settings name."""

    def live_record(self, settings: Settings) -> LiveRecord:
        """Where it is written down what is live: in that model registry."""

    def images(self, settings: Settings) -> ImageRegistry:
        """The image registries and mirrors that the settings name."""

    def applications(self, plane: ControlPlane) -> Applications:
        """The Applications of the Argo CD that an environment's files name (see
        `Configuration.control_plane`). Raises InputError where nothing is named, or no token."""

    def pull_requests(self, settings: Settings, *, reserve: float = 0.0) -> PullRequests:
        """Those of the provider that the settings name, or that the Git remote's address tells;
        so many seconds of `reserve` come after the end of the command's time. Raises InputError
        where neither names one, or there is no token."""

    def mirrors(self, settings: Settings) -> Mapping[str, bool]:
        """Each mirror folder that the settings name, and whether it is there."""

    def scanner(self, settings: Settings) -> Scanner:
        """The vulnerability scanner."""

    def renderer(self) -> Renderer:
        """The renderer of overlays."""

    def examiner(self) -> Examiner:
        """What holds overlays against policy."""

    def now(self) -> datetime:
        """The time, in UTC."""

    def wait(self, seconds: float) -> None:
        """Lets that much time pass."""

    def remaining(self) -> float:
        """The seconds that are left for the whole command."""


class Verifying(Connections, Protocol):
    """What a verification needs beside that."""

    @property
    def proposals(self) -> Proposals:
        """What may be merged."""

    def builder(self) -> Builder:
        """The renderer of overlays as they are."""


class Viewing(Protocol):
    """What verbs need that only look."""

    @property
    def work_tree(self) -> WorkTree:
        """The files around `--root`."""

    def builder(self) -> Builder:
        """The renderer of overlays as they are."""

    @property
    def cache(self) -> Cache:
        """What earlier commands found."""


class Checking(Viewing, Protocol):
    """What a check needs beside that."""

    def inspector(self, rulebook: Rulebook, versions: Sequence[str] = ()) -> Inspector:
        """Whoever holds overlays against the rulebook, of Kubernetes' `versions` most of all."""

    def warm(self) -> None:
        """An inspector will be asked for soon: what can begin before, begins."""

    def now(self) -> datetime:
        """The time, in UTC."""

    @property
    def fingerprint(self) -> str:
        """The same so long as Tidegate and what it renders and checks with are the same."""


class Watching(Protocol):
    """Where a flow says how an app is getting on in a cluster."""

    def __call__(self, app: str, cluster: ClusterEnding) -> None:
        """What is known now of one of the app's Applications; told whenever that changes."""
