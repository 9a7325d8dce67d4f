"""Files → Configuration: every file checked alone, then all of them against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from posixpath import normpath
from typing import Any

from tidegate.domain.app import (
    App,
    Delivery,
    Direction,
    Environment,
    GateSpec,
    Metric,
)
from tidegate.domain.cluster import Cluster, RuleSetting
from tidegate.domain.configuration import Configuration, Settings
from tidegate.domain.control_plane import ControlPlane
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import nearest
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository import layout
from tidegate.repository.consistency import (
    chain_problems,
    metric_problems,
    range_problems,
    scope_problems,
    unknown_metrics,
)
from tidegate.repository.delivery import reviewing
from tidegate.repository.known import Known
from tidegate.repository.misnamed import misnamed
from tidegate.repository.salvage import salvage
from tidegate.repository.schemas import check
from tidegate.repository.settings import control_plane, parse_settings
from tidegate.repository.windows import window_problems
from tidegate.repository.yaml import Document, KeyPath, key_text, read


def load_configuration(snapshot: Snapshot, known: Known | None = None) -> Configuration:
    """Everything that decides, from one Snapshot; what is `known` to be sound isn't parsed again.

    Raises ConfigurationError with all mistakes of all files at once.
    """
    known = Known() if known is None else known
    snapshot.prefetch(
        path for kind, path in _paths(snapshot) if not known.has(kind, snapshot.id(path))
    )
    reader = _Reader(snapshot, known)
    settings = reader.settings()
    sets = {name: reader.gate_set(name) for name in reader.names(layout.GATE_SETS, files=True)}
    apps = {
        name: reader.app(name) for name in reader.names(layout.APPS) if name != layout.COMPONENTS
    }
    documents = {name: reader.environment(name) for name in reader.names(layout.ENVIRONMENTS)}
    environments = {
        name: reader.with_gate_sets(name, document, sets)
        for name, document in documents.items()
        if document is not None
    }
    sound = {name: app for name, app in apps.items() if app is not None}
    reader.problems.extend(misnamed(snapshot))
    reader.problems.extend(chain_problems(documents))
    reader.problems.extend(metric_problems(snapshot, sound, environments))
    reader.problems.extend(scope_problems(reader.specs, documents))
    reader.problems.extend(range_problems(reader.specs))
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return Configuration(settings, sound, environments)


def _paths(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Every file that is read, with its kind."""
    yield "settings", layout.SETTINGS
    for name in snapshot.children(layout.GATE_SETS):
        yield "gate-set", f"{layout.GATE_SETS}/{name}"
    yield from (("app", layout.app_file(name)) for name in snapshot.children(layout.APPS))
    for name in snapshot.children(layout.ENVIRONMENTS):
        yield "environment", layout.environment_file(name)


class _Reader:
    """Reads files of a Snapshot, and collects what is wrong with them."""

    def __init__(self, snapshot: Snapshot, known: Known) -> None:
        self.snapshot = snapshot
        self.known = known
        self.problems: list[Problem] = []
        self.specs: list[GateSpec] = []

    def names(self, folder: str, *, files: bool = False) -> Iterator[str]:
        """What a folder holds: the names of its folders, or the stems of its YAML files."""
        for name in self.snapshot.children(folder):
            path = f"{folder}/{name}"
            stem = name.removesuffix(".yaml")
            if files != self.snapshot.is_directory(path) and (not files or stem != name):
                if layout.NAME.fullmatch(stem):
                    yield stem
                else:
                    # Some letters look like others: only their numbers tell them apart.
                    odd = "".join(f" U+{ord(c):04X}" for c in stem[:80] if not c.isascii())
                    message = "is not a name that can be used" + (f" (it has{odd})" if odd else "")
                    self.problems.append(Problem.whole(path, message, expected=layout.NAME_RULE))

    def document(self, kind: str, path: str) -> Document | None:
        """A checked document; None, and its problems kept, where it can't be used."""
        if path not in self.snapshot:
            expected = f"a file of kind {kind.replace('-', ' ')}"
            self.problems.append(Problem.whole(path, "does not exist", expected=expected))
            return None
        if not self.snapshot.is_file(path):
            message = "is a folder, a symbolic link or a submodule"
            self.problems.append(Problem.whole(path, message, expected="a regular file"))
            return None
        identity = self.snapshot.entries[path].id
        known = self.known.document(kind, identity, path)
        if known is not None:
            return known
        try:
            document, found = read(path, self.snapshot.read(path))
        except ConfigurationError as error:
            self.problems.extend(error.problems)
            return None
        found.extend(check(kind, document))
        self.problems.extend(found)
        if not found:
            self.known.learn(kind, identity, document)
        return salvage(kind, document, found) if found else document

    def settings(self) -> Settings:
        """tidegate.yaml, or what holds without one."""
        if layout.SETTINGS not in self.snapshot:
            return Settings()
        document = self.document("settings", layout.SETTINGS)
        if document is None:
            return Settings()
        mirrors = document.data.get("images", {}).get("mirrors", [])
        self._refuse_twice(document, ("images", "mirrors"), [m["registry"] for m in mirrors])
        settings = parse_settings(document)
        return replace(settings, argocd=self._trusting(document, settings.argocd))

    def gate_set(self, name: str) -> tuple[GateSpec, ...]:
        """The gates of policies/gates/<name>.yaml."""
        document = self.document("gate-set", f"{layout.GATE_SETS}/{name}.yaml")
        return () if document is None else self._specs(document)

    def app(self, name: str) -> App | None:
        """apps/<name>/app.yaml."""
        document = self.document("app", layout.app_file(name))
        if document is None:
            return None
        data = document.data
        metrics = tuple(
            Metric(item["name"], Direction(item["direction"]), item.get("unit"))
            for item in data["metrics"]
        )
        self._refuse_twice(document, ("metrics",), [metric.name for metric in metrics])
        app = App(
            name=name,
            model=data["model"],
            image=data["image"],
            metrics=metrics,
            owners=tuple(data["owners"]),
            labels=data.get("labels", {}),
            image_tag=data.get("imageTag", "tidegate.image"),
            gates=self._specs(document),
        )
        self.problems.extend(unknown_metrics(app, app.gates))
        return app

    def environment(self, name: str) -> Document | None:
        """environments/<name>/environment.yaml."""
        return self.document("environment", layout.environment_file(name))

    def with_gate_sets(
        self, name: str, document: Document, sets: Mapping[str, tuple[GateSpec, ...]]
    ) -> Environment:
        """The environment with its shared gate sets filled in."""
        source = document.data["promotesFrom"]
        gates: list[GateSpec] = []
        for index, item in enumerate(document.data["gates"]):
            if item is None:
                continue
            if "use" not in item:
                gates.append(self._own_spec(name, document, index, item))
            elif item["use"] in sets:
                gates.extend(sets[item["use"]])
            else:
                near = nearest(item["use"], sets)
                message = f"names the gate set '{item['use']}', which does not exist"
                expected = f"a file {layout.GATE_SETS}/{item['use']}.yaml"
                path = ("gates", index, "use")
                self.problems.append(document.problem(path, message, expected, near))
        gates = [spec for spec in gates if not spec.environments or name in spec.environments]
        seen: dict[str, GateSpec] = {}
        for spec in gates:
            if spec.key in seen:
                message = (
                    f"sets the gate '{spec.key}' again; the first is at {seen[spec.key].where}"
                )
                self.problems.append(spec.where.problem(spec.path, message))
            seen.setdefault(spec.key, spec)
        return Environment(
            name,
            source.get("alias"),
            source.get("environment"),
            tuple(gates),
            cluster=_cluster(document.data.get("cluster", {})),
            rules=self._rules(document),
            waiver_days=document.data.get("waivers", {}).get("maxDays", 90),
            argocd=self._trusting(document, control_plane(document.data.get("argocd", {}))),
            delivery=Delivery(document.data.get("delivery", "commit")),
            reviewing=reviewing(document.data.get("pullRequests", {})),
        )

    def _trusting(self, document: Document, plane: ControlPlane) -> ControlPlane:
        """The same with the authorities that this very Snapshot has: those of the files around
        could come with the change that is judged."""
        named = plane.authorities
        if named is None or named.outside:
            return plane
        path = normpath(named.file)
        if not self.snapshot.is_file(path):
            message = f"names '{named.file}', which is no file of the repository"
            expected = "certificates in PEM form, committed or outside, as ../argocd-ca.pem"
            self.problems.append(document.problem(("argocd", "caFile"), message, expected))
            return plane
        pem = self.snapshot.read(path).decode("ascii", "ignore")  # comments
        return replace(plane, authorities=replace(named, pem=pem))

    def _rules(self, document: Document) -> tuple[RuleSetting, ...]:
        items = document.data.get("rules", [])
        self._refuse_twice(document, ("rules",), [item["rule"] for item in items])
        return tuple(
            RuleSetting(
                item["rule"],
                item.get("severity"),
                item.get("settings", {}),
                document.place(("rules", index, "rule")),
            )
            for index, item in enumerate(items)
        )

    def _specs(self, document: Document) -> tuple[GateSpec, ...]:
        items = document.data.get("gates", [])
        specs = tuple(
            _spec(document, index, item) for index, item in enumerate(items) if item is not None
        )
        self.specs.extend(specs)
        for index, item in enumerate(items):
            self.problems.extend(window_problems(document, ("gates", index), item or {}))
        for index, spec in enumerate(specs):
            first = next((other for other in specs[:index] if _meet(other, spec)), None)
            if first is not None:
                line = first.where.line
                message = f"sets the gate '{spec.key}' again; the first is on line {line}"
                self.problems.append(spec.where.problem(spec.path, message))
        return specs

    def _own_spec(
        self, name: str, document: Document, index: int, item: Mapping[str, Any]
    ) -> GateSpec:
        """A gate in an environment's own file, where one for others only would be lost."""
        spec = _spec(document, index, item)
        self.specs.append(spec)
        self.problems.extend(window_problems(document, ("gates", index), item))
        if spec.environments and name not in spec.environments:
            message = f"never applies here: this is the file of '{name}'"
            path = ("gates", index, "environments")
            self.problems.append(document.problem(path, message, f"'{name}', or no such key"))
        return spec

    def _refuse_twice(self, document: Document, path: KeyPath, names: list[str]) -> None:
        for index, name in enumerate(names):
            if name in names[:index]:
                first = document.place((*path, names.index(name)))
                message = f"says '{name}' again; the first is on line {first.line}"
                self.problems.append(document.problem((*path, index), message))


def _cluster(data: Mapping[str, Any]) -> Cluster:
    return Cluster(
        data.get("kubernetes"),
        tuple(data.get("provides", ())),
        data.get("components", {}),
        data.get("compatibility", {}),
    )


def _spec(document: Document, index: int, item: Mapping[str, Any]) -> GateSpec:
    settings = {k: v for k, v in item.items() if k not in ("gate", "environments")}
    path: KeyPath = ("gates", index)
    where = document.place((*path, "metric") if "metric" in item else path)
    scope = tuple(item.get("environments", ()))
    return GateSpec(item["gate"], settings, where, scope, key_text(path))


def _meet(first: GateSpec, second: GateSpec) -> bool:
    """Whether two settings of one gate hold for the same environment, neither more so."""
    if first.key != second.key or bool(first.environments) != bool(second.environments):
        return False
    return not first.environments or bool({*first.environments} & {*second.environments})
