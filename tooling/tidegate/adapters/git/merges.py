"""Which commits a merge brought to the branch: those that weren't behind it before."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tidegate.adapters.git.command import GitCommand


def find_brought(
    git: GitCommand, revision: str, merges: Collection[str]
) -> Mapping[str, tuple[str, ...]]:
    """For each of these merges of the first-parent line, the commits that it brought, newest
    first. One look at the whole history, and none where there is no merge."""
    if not merges:
        return {}
    listing = git.run("rev-list", "--topo-order", "--parents", revision).text
    parents: dict[str, list[str]] = {}
    for line in listing.splitlines():
        commit, *behind = line.split()
        parents[commit] = behind
    line_of_firsts = [revision]
    while behind := parents[line_of_firsts[-1]]:
        line_of_firsts.append(behind[0])
    order = {commit: number for number, commit in enumerate(parents)}
    known = set(line_of_firsts)
    found: dict[str, tuple[str, ...]] = {}
    for commit in reversed(line_of_firsts):
        brought = _unknown(parents[commit][1:], parents, known)
        if commit in merges:
            found[commit] = tuple(sorted(brought, key=order.__getitem__))
    return found


def _unknown(heads: list[str], parents: Mapping[str, list[str]], known: set[str]) -> list[str]:
    """What can be reached from the heads and was not known; it is from now on."""
    found: list[str] = []
    waiting = list(heads)
    while waiting:
        commit = waiting.pop()
        if commit not in known:
            known.add(commit)
            found.append(commit)
            waiting += parents[commit]
    return found
