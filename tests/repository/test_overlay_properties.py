"""Whatever style an overlay is written in, only the wanted values change."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import ConfigurationError
from tidegate.repository.overlay import edit_overlay, read_overlay

OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
LABEL = "app.kubernetes.io/version"

Draw = Callable[[st.SearchStrategy[Any]], Any]

_comments = st.sampled_from(["", "", " # c", '  # é 🚀 \'newTag: "x"', " #\ttab, digest: x"])
_lines = st.sampled_from(["", "", "# newTag: 9", '   # {digest: "x"}'])
_values = st.sampled_from(["7", "1.3", "v1", "1.4.0", "a_b", "true", "2024-01-01"])
_others = st.dictionaries(
    st.sampled_from(["namespace", "namePrefix", "zeta", "é", "patches"]),
    st.one_of(st.integers(), st.text("ab é🚀", max_size=5), st.lists(st.booleans(), max_size=2)),
)


@st.composite
def _scalar(draw: Draw, text: str) -> str:
    style = draw(st.sampled_from(["plain", "single", "double"]))
    return {"plain": text, "single": f"'{text}'", "double": f'"{text}"'}[style]


@st.composite
def _mapping(draw: Draw, items: list[tuple[str, str]], column: int) -> str:
    """Block lines of `key: value`, the first without its indentation."""
    lines = []
    for key, value in draw(st.permutations(items)):
        written = draw(st.sampled_from([key, f"'{key}'", f'"{key}"']))
        gap = " " * draw(st.integers(1, 3))
        lines.append(f"{written}:{gap}{value}{draw(_comments)}")
    return ("\n" + " " * column).join(lines)


@st.composite
def kustomizations(draw: Draw) -> str:
    """Text of kustomizations that can be edited, in many styles."""
    items = [("name", draw(_scalar("recommender")))]
    if draw(st.booleans()):
        items.append(("newName", draw(_scalar("registry.example.com/shop/recommender"))))
    if draw(st.booleans()):
        items.append(("newTag", draw(st.one_of(_values.flatmap(_scalar), st.just("~")))))
    if draw(st.booleans()):
        items.append(("digest", draw(st.one_of(_scalar(OLD), st.just("null"), st.just("")))))
    version = draw(_values.flatmap(_scalar))
    indent = draw(st.integers(0, 4))
    pad = " " * indent
    flow = draw(st.booleans())
    if flow:
        inner = ", ".join(f"{key}: {value}" for key, value in draw(st.permutations(items)))
        entry = f"{pad}- {{{inner}}}"
    elif draw(st.booleans()):
        column = indent + draw(st.integers(1, 4))
        entry = f"{pad}-\n{' ' * column}{draw(_mapping(items, column))}"
    else:
        entry = f"{pad}- {draw(_mapping(items, indent + 2))}"
    other = f"{pad}- {{name: sidecar, newTag: '9'}}"
    entries = draw(st.permutations([entry, other] if draw(st.booleans()) else [entry]))
    images = "images:" + draw(_comments) + "\n" + "\n".join(entries)
    labels = (
        f"labels:\n{pad}- pairs:{draw(_comments)}\n{pad}    {LABEL}: {version}{draw(_comments)}"
    )
    rest = yaml.safe_dump(draw(_others), allow_unicode=True)
    blocks = [images, labels] + ([rest.rstrip("\n")] if rest != "{}\n" else [])
    text = draw(_lines) + "\n" + f"\n{draw(_lines)}\n".join(draw(st.permutations(blocks)))
    return text + draw(st.sampled_from(["", "\n", "\n\n# end", "\n...\n"]))


def _expected(data: Any, tag: str, version: str) -> Any:
    data = copy.deepcopy(data)
    (entry,) = [image for image in data["images"] if image["name"] == "recommender"]
    entry.update(newTag=tag, digest=NEW)
    data["labels"][0]["pairs"][LABEL] = version
    return data


@given(
    kustomizations(),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff"]),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", fullmatch=True),
    st.integers(1, 10**6).map(str),
)
def test_only_the_wanted_values_change(
    text: str, newline: str, mark: str, tag: str, version: str
) -> None:
    before = (mark + text.replace("\n", newline)).encode()
    after = edit_overlay("k", before, "recommender", tag=tag, digest=NEW, version=version)
    was, now = (yaml.safe_load(data.decode().removeprefix("\ufeff")) for data in (before, after))
    assert now == _expected(was, tag, version)
    state = read_overlay("k", after, "recommender")
    assert (state.tag, state.digest, state.version) == (tag, NEW, version)
    assert edit_overlay("k", after, "recommender", tag=tag, digest=NEW, version=version) == after
    assert _without_values(after) == _without_values(before)


def _without_values(data: bytes) -> str:
    """The text without what an edit may touch: our three keys, their values, space and commas."""
    key = r"""["']?(?:newTag|digest|app\.kubernetes\.io/version)["']?"""
    value = r"""(?:"[^"\r\n]*"|'[^'\r\n]*'|[^\s,}#'"]+|)"""
    return re.sub(r"[\s,]+", "", re.sub(rf"{key}:[ ]*{value}", "", data.decode()))


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_clear_error(data: bytes) -> None:
    with pytest.raises(ConfigurationError):
        read_overlay("k", data, "recommender")


_pieces = st.sampled_from(
    ["images:", "labels:", "pairs:", f"{LABEL}: 3", "- ", "  ", "\n", "\n  ", "name: recommender",
     "newTag: 1", "digest:", "{", "}", "[", "]", ", ", "? ", ": ", "&a ", "*a", "<<: ", "|\n", "'",
     '"', "# c\n", "\t", "---\n", "~", "!!str ", "\r\n", "\ufeff", "é"]
)  # fmt: skip


@given(st.lists(_pieces, max_size=30).map("".join), st.booleans())
def test_any_yaml_is_edited_or_refused_but_never_broken(text: str, prefixed: bool) -> None:
    if prefixed:
        text = f"labels: [{{pairs: {{{LABEL}: 3}}}}]\nimages:\n- name: recommender\n  {text}"
    try:
        after = edit_overlay("k", text.encode(), "recommender", tag="1.4", digest=NEW, version="4")
    except ConfigurationError:
        return
    assert read_overlay("k", after, "recommender").tag == "1.4"
