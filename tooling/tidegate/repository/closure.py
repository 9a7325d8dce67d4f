"""Which files of a Snapshot take part in rendering an overlay, found without rendering it.

Only what is found here is ever handed to kustomize. A file that this module overlooks is missing
when kustomize looks for it, which is an error; so a mistake here can stop a rendering, but can't
make it read anything from outside the Snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from tidegate.domain.closure import Closure
from tidegate.domain.image_entry import ImageEntry
from tidegate.domain.patch_target import PatchTarget, deletes
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import Problem
from tidegate.repository.known import Known
from tidegate.repository.kustomization import Parser
from tidegate.repository.kustomization_file import KustomizationFile
from tidegate.repository.layout import KUSTOMIZATIONS
from tidegate.repository.yaml import text_at

INCLUSION_LIMIT = 2_000
DEPTH_LIMIT = 64


def closure(snapshot: Snapshot, overlay: str) -> Closure:
    """The Closure of one overlay folder."""
    return Closures(snapshot).find([overlay])[overlay]


class Closures:
    """The Closures of many overlays, each folder looked at once."""

    def __init__(self, snapshot: Snapshot, known: Known | None = None) -> None:
        """`known` lends what was parsed before, and learns what is parsed now."""
        self._snapshot = snapshot
        self._parser = Parser(snapshot, known if known is not None else Known())
        self._files: dict[str, KustomizationFile] = {}
        self._trees: dict[str, _Tree] = {}

    @cached_property
    def kustomizations(self) -> tuple[str, ...]:
        """Every kustomization's file in the Snapshot, in the tree's order."""
        return tuple(
            path
            for path in self._snapshot.entries
            if path.rpartition("/")[2] in KUSTOMIZATIONS and self._snapshot.is_file(path)
        )

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that has one."""
        return frozenset(path.rpartition("/")[0] for path in self.kustomizations)

    @cached_property
    def listed(self) -> frozenset[str]:
        """Every file that takes part in one of them."""
        self._parse(list(self.folders))
        return frozenset(chain.from_iterable(file.paths for file in self._files.values()))

    @cached_property
    def unreadable(self) -> frozenset[str]:
        """Those of the folders whose own kustomization can't be read."""
        self._parse(list(self.folders))
        own = {folder: self._files[folder] for folder in self.folders}
        return frozenset(name for name, file in own.items() if file.problems and not file.keys)

    def find(self, overlays: Iterable[str]) -> Mapping[str, Closure]:
        """Each overlay's Closure; the blobs are fetched level by level, many at once."""
        wanted = list(dict.fromkeys(overlays))
        self._parse(wanted)
        return {overlay: self._closure(overlay) for overlay in wanted}

    def kustomization(self, folder: str) -> KustomizationFile:
        """The kustomization of a folder that was found, or that one includes."""
        return self._files[folder]

    def needs(self, overlay: str) -> frozenset[str]:
        """What an overlay that was found asks for from outside the Snapshot."""
        return self._tree(overlay, ()).needs

    def images(self, overlay: str) -> tuple[ImageEntry, ...]:
        """The images that the own kustomization of an overlay that was found sets; none for a
        file of plain manifests."""
        file = self._files.get(overlay)
        return file.images if file else ()

    def patches(self, overlay: str) -> tuple[PatchTarget, ...]:
        """The objects that the own kustomization of an overlay that was found means to patch; none
        where one of its patches takes some away."""
        file = self._files.get(overlay)
        if file is None or not file.patches or any(map(self._deletes, file.patch_files)):
            return ()
        return file.patches

    def _deletes(self, path: str) -> bool:
        return deletes(text_at(self._snapshot, path) or "")

    def using(
        self, overlays: Iterable[str], concerned: Callable[[str, KustomizationFile], bool]
    ) -> frozenset[str]:
        """Those of the overlays that are concerned, or include a folder that is, however deep."""
        wanted = list(overlays)
        self._parse(wanted)
        users: dict[str, list[str]] = {}
        for folder, file in self._files.items():
            for entry in file.directories:
                users.setdefault(entry.path, []).append(folder)
        left = [folder for folder, file in self._files.items() if concerned(folder, file)]
        found = set(left)
        while left:
            fresh = set(users.get(left.pop(), ())) - found
            found |= fresh
            left.extend(fresh)
        return frozenset(found.intersection(wanted))

    def _parse(self, overlays: list[str]) -> None:
        level = overlays
        while level:
            fresh = [directory for directory in level if directory not in self._files]
            parsed = self._parser.parse(fresh)
            self._files.update(parsed)
            included = chain.from_iterable(file.directories for file in parsed.values())
            level = list(dict.fromkeys(entry.path for entry in included))

    def _closure(self, overlay: str) -> Closure:
        tree = self._tree(overlay, ())
        problems = tree.problems
        if tree.inclusions > INCLUSION_LIMIT and not problems:
            message = (
                f"includes {tree.inclusions} kustomizations, counted as often as they are included"
            )
            expected = f"at most {INCLUSION_LIMIT}"
            problems = frozenset([Problem.whole(self._files[overlay].file, message, expected)])
        return Closure(
            overlay=overlay,
            paths=tuple(sorted(tree.paths)),
            directories=tuple(sorted(tree.directories)),
            keys=tree.keys,
            generated=tree.generated,
            namespace=self._files[overlay].namespace,
            problems=tuple(sorted(problems, key=str)),
            missing=tuple(sorted(tree.missing)),
            needs=tree.needs,
        )

    def _tree(self, directory: str, above: tuple[str, ...]) -> _Tree:
        """What a folder and everything below it needs; `above` are the folders that led here."""
        known = self._trees.get(directory)
        if known:
            return known
        file = self._files[directory]
        problems = set(file.problems)
        trees = []
        for entry in file.directories:
            if entry.path == directory or entry.path in above:
                circle = "itself" if entry.path == directory else "a folder that includes it"
                problems.add(entry.problem(f"includes {circle}"))
            elif len(above) >= DEPTH_LIMIT:
                problems.add(entry.problem(f"is more than {DEPTH_LIMIT} inclusions deep"))
            else:
                trees.append(self._tree(entry.path, (*above, directory)))
        tree = _Tree(
            paths=file.paths,
            directories=frozenset([directory]),
            keys=file.keys,
            generated=file.generated,
            problems=frozenset(problems),
            missing=file.missing,
            needs=file.needs,
            inclusions=1 + sum(tree.inclusions for tree in trees),
        )
        if trees:  # most folders include nothing
            tree = tree.with_all(trees)
        self._trees[directory] = tree
        return tree


@dataclass(frozen=True, slots=True)
class _Tree:
    paths: frozenset[str]
    directories: frozenset[str]
    keys: frozenset[str]
    generated: frozenset[str]
    problems: frozenset[Problem]
    missing: frozenset[str]
    needs: frozenset[str]
    inclusions: int

    def with_all(self, trees: Sequence[_Tree]) -> _Tree:
        """Together with what it includes, which is counted already."""
        return _Tree(
            paths=self.paths.union(*[tree.paths for tree in trees]),
            directories=self.directories.union(*[tree.directories for tree in trees]),
            keys=self.keys.union(*[tree.keys for tree in trees]),
            generated=self.generated.union(*[tree.generated for tree in trees]),
            problems=self.problems.union(*[tree.problems for tree in trees]),
            missing=self.missing.union(*[tree.missing for tree in trees]),
            needs=self.needs.union(*[tree.needs for tree in trees]),
            inclusions=self.inclusions,
        )
