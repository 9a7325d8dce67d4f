"""What there is to check below a folder: overlays, Argo CD's own objects, and plain files of
manifests."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import InputError
from tidegate.repository import layout
from tidegate.repository.closure import Closures
from tidegate.repository.foreign import is_foreign, is_vendored
from tidegate.repository.inclusion import included, is_component
from tidegate.repository.kustomization import NAMES
from tidegate.repository.targets import Target, find_delivery, find_overlays, places
from tidegate.repository.templates import is_template
from tidegate.repository.yaml import FILE_SIZE_LIMIT

_LARGEST_SEARCHED = 256 * 1024 * 1024
_SUFFIXES = (".yaml", ".yml", ".json")
# Keys of the whole document: at a line's start in YAML, in quotes in JSON.
_MARK = rb"^(?:\xef\xbb\xbf)?"  # some editors begin a file with a byte order mark
_API = re.compile(_MARK + rb"(?:apiVersion\s*:|[ \t{,]*\"apiVersion\"\s*:)", re.MULTILINE)
_KIND = re.compile(_MARK + rb"(?:kind\s*:|[ \t{,]*\"kind\"\s*:)", re.MULTILINE)
# Files of these are read by Tidegate itself, by kustomize or by others, and applied by nobody.
_OURS = re.compile(
    _MARK + rb"apiVersion:\s*[\"']?"
    rb"(?:tidegate\.dev/|kustomize\.config\.k8s\.io/)",
    re.MULTILINE,
)
_NOT_APPLIED = re.compile(r"(?:^|/)(?:policies|\.github|\.gitlab|\.venv)/")


def is_tidegate(snapshot: Snapshot) -> bool:
    """Whether the folder is a Tidegate repository."""
    environments = snapshot.children(layout.ENVIRONMENTS)
    return any(layout.environment_file(name) in snapshot for name in environments)


def discover(snapshot: Snapshot, closures: Closures, paths: Sequence[str] = ()) -> list[Target]:
    """Everything to check below the paths (all of it, where there are none), by path.

    In a Tidegate repository the overlays of its environments and what Argo CD applies them with;
    elsewhere each kustomization that no other includes, and each file with objects that takes
    part in none. Raises InputError for a path that isn't there.
    """
    for path in paths:
        if path and path not in snapshot:
            raise InputError(f"{path} is not there, or Git ignores it")
    found = list(find_overlays(snapshot, closures))
    if is_tidegate(snapshot):
        found += find_delivery(snapshot, closures)
    named = {target.path: places(target, closures) for target in found}
    ours = [place for found_at in named.values() for place in found_at]
    if not ours:
        found = list(_roots(snapshot, closures, paths))
        found += _plain(snapshot, closures, paths)
    elif paths:
        extra = [p for p in paths if not any(_below(o, [p]) or _below(p, [o]) for o in ours)]
        if extra:
            more = list(_roots(snapshot, closures, extra))
            found += [t for t in more if t.path not in named]
            found += _plain(snapshot, closures, extra)
    wanted = [
        target
        for target in found
        if not paths or _is_meant(named.get(target.path, (target.path,)), paths)
    ]
    return sorted(wanted, key=lambda target: target.path)


def _kustomizations(snapshot: Snapshot) -> list[str]:
    return [
        path
        for path in snapshot.entries
        if path.rpartition("/")[2] in NAMES and snapshot.is_file(path)
    ]


def _roots(snapshot: Snapshot, closures: Closures, paths: Sequence[str]) -> Iterator[Target]:
    """Kustomizations that no other one includes; a Component never stands alone."""
    wanted = (path for path in _kustomizations(snapshot) if _is_wanted(path, paths))
    own = list(dict.fromkeys(path.rpartition("/")[0] for path in wanted))
    used = included(closures, own)
    for folder in own:
        if folder not in used and not is_component(snapshot, folder):
            yield Target(folder)


def _plain(snapshot: Snapshot, closures: Closures, paths: Sequence[str]) -> list[Target]:
    kustomized = {path.rpartition("/")[0] for path in _kustomizations(snapshot)}
    used = {path for closure in closures.find(kustomized).values() for path in closure.paths}
    named = set(paths)
    files = [
        path
        for path in snapshot.entries
        if path.endswith(_SUFFIXES)
        and snapshot.is_file(path)
        and _is_wanted(path, paths)
        and (path in named or not (path in used or _is_left_over(path, kustomized)))
        and (not _NOT_APPLIED.search(path) or path in named)
    ]
    small = [path for path in files if snapshot.entries[path].size <= FILE_SIZE_LIMIT]
    large = [path for path in files if snapshot.entries[path].size > FILE_SIZE_LIMIT]
    snapshot.prefetch(small)
    found = [
        path
        for path in small
        if _has_objects(path, data := snapshot.read(path))
        and (path in named or not (is_template(path, data) or is_foreign(path, data)))
    ]
    # Nobody reads these any further; as targets they are told, and not passed over.
    found += [path for path in large if not path.endswith(".json") and _may_have(snapshot, path)]
    return [Target(path, plain=True) for path in found]


def _may_have(snapshot: Snapshot, path: str) -> bool:
    size = snapshot.entries[path].size
    return size > _LARGEST_SEARCHED or _has_objects(path, snapshot.read(path))


def _is_left_over(path: str, kustomized: Collection[str]) -> bool:
    """Whether a file lies beside a kustomization, or right below one, and takes part in none: a
    patch that nobody uses any more, most likely, and applied by nobody."""
    folder = path.rpartition("/")[0]
    return folder in kustomized or folder.rpartition("/")[0] in kustomized


def _has_objects(path: str, data: bytes) -> bool:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode()  # to be refused, and not passed over
    if _OURS.search(data):
        return False
    if not (_API.search(data) and _KIND.search(data)):
        return False
    return not path.endswith(".json") or _is_object(data)


def _is_object(data: bytes) -> bool:
    """Whether JSON has these keys at its top, where a schema of objects has them deep inside; what
    can't be parsed may be meant so."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return True
    return isinstance(found, dict) and {"apiVersion", "kind"} <= found.keys()


def _is_meant(places: Sequence[str], paths: Sequence[str]) -> bool:
    """Whether a path leads to one of the places, or is within one."""
    return any(_below(place, paths) for place in places) or any(
        _below(path, places) for path in paths
    )


def _is_wanted(path: str, paths: Sequence[str]) -> bool:
    return (not paths or _below(path, paths)) and not is_vendored(path, paths)


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(not folder or path == folder or path.startswith(f"{folder}/") for folder in folders)
