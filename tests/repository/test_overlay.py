"""Overlays are edited at the wanted spans, and nowhere else."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from tidegate.domain.release import OverlayState
from tidegate.errors import ConfigurationError, InputError
from tidegate.repository.overlay import edit_overlay, read_overlay

SAMPLES = Path(__file__).parents[1] / "repos" / "overlays"
DIGEST, OLD_DIGEST = "sha256:" + "2" * 64, "sha256:" + "1" * 64
TAIL = "labels:\n- pairs:\n    app.kubernetes.io/version: '3'\n"


def edit(data: bytes, tag: str = "1.4.0", version: str = "4") -> bytes:
    return edit_overlay(
        "kustomization.yaml", data, "recommender", tag=tag, digest=DIGEST, version=version
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.yaml")))
def test_hostile_samples_change_by_exactly_this_diff(name: str) -> None:
    before = (SAMPLES / f"{name}.yaml").read_bytes()
    after = edit(before)
    lines = [text.decode().splitlines(keepends=True) for text in (before, after)]
    diff = "".join(difflib.unified_diff(*lines, "before", "after", n=0))
    assert diff == (SAMPLES / f"{name}.diff").read_text("utf-8")
    state = read_overlay("kustomization.yaml", after, "recommender")
    assert (state.tag, state.digest, state.version) == ("1.4.0", DIGEST, "4")
    assert edit(after) == after


ENTRY = "images:\n- name: recommender\n  newTag: '1'\n  digest: '{}'\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\ufeff# é 🚀\n---\n", "%YAML 1.1\n---\n"])
@pytest.mark.parametrize("end", ["\n", "", " # last\t# c", "\n...\n", "\n# é 🚀\n\n"])
def test_every_byte_around_the_values_stays(newline: str, start: str, end: str) -> None:
    source = start + ENTRY.format(OLD_DIGEST) + TAIL.rstrip("\n") + end
    expected = start + ENTRY.format(DIGEST).replace("'1'", "'1.4.0'")
    expected += TAIL.rstrip("\n").replace("'3'", "'4'") + end
    before, after = (text.replace("\n", newline).encode() for text in (source, expected))
    assert edit(before) == after
    assert edit(after) == after


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("comment", ["", "  # ours\t# é 🚀"])
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize(
    ("entry", "indent"),
    [("- name: recommender", 2), ("-\n      name: recommender", 6), ("  - name: 'recommender'", 4)],
)
def test_missing_keys_are_inserted_like_their_siblings(
    newline: str, comment: str, final: bool, entry: str, indent: int
) -> None:
    source = TAIL + "images:\n" + entry + comment
    keys = ('newTag: "1.4.0"', f'digest: "{DIGEST}"')
    expected = source.replace("'3'", "'4'") + "".join("\n" + " " * indent + key for key in keys)
    end = "\n" if final else ""
    before, after = ((text + end).replace("\n", newline).encode() for text in (source, expected))
    assert edit(before) == after


def test_line_ends_may_be_mixed() -> None:
    before = b"images:\r\n- name: recommender\n  newTag: 1.4.0\r\n" + TAIL.encode()
    after = edit(before)
    assert after == before.replace(
        b"1.4.0\r\n", b'1.4.0\r\n  digest: "' + DIGEST.encode() + b'"\r\n'
    ).replace(b"'3'", b"'4'")


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("v1", "v1"),
        ("'v1'", "'v1'"),
        ('"v\\x31"', '"v\\x31"'),
        ("~", '"v1"'),
        ("''", "'v1'"),
        ("1.30", '"v1"'),
    ],
)
def test_a_value_that_is_there_already_is_left_alone(written: str, becomes: str) -> None:
    text = f"images:\n- name: recommender\n  newTag: {{}}\n  digest: {DIGEST}\n{TAIL}"
    after = edit(text.format(written).encode(), tag="v1", version="3")
    assert after == text.format(becomes).encode()


@pytest.mark.parametrize(
    "tag", ["1.3", "1", "0x1f", "1e3", "0o17", "y", "null", "true", "2024-01-01"]
)
def test_tags_that_look_like_something_else_are_read_as_text_and_become_quoted(tag: str) -> None:
    text = f"images:\n- name: recommender\n  newTag: {{}}\n  digest: {DIGEST}\n{TAIL}"
    before = text.format(tag).encode()
    assert edit(before, tag=tag, version="3") == text.format(f'"{tag}"').encode()
    expected = None if tag == "null" else tag
    assert read_overlay("k", before, "recommender").tag == expected


def test_an_overlay_is_read_as_it_stands() -> None:
    data = (SAMPLES / "ordinary.yaml").read_bytes()
    repository = "registry.example.com/shop/recommender"
    assert read_overlay("k", data, "recommender") == OverlayState(
        repository, "1.3.9", OLD_DIGEST, "3"
    )
    bare = b"images:\n- name: recommender\n"
    assert read_overlay("k", bare, "recommender") == OverlayState("recommender", None, None, None)


@pytest.mark.parametrize(
    "values",
    [
        {"tag": 'x"\ny: z'},
        {"tag": "a:b"},
        {"tag": ""},
        {"tag": "1\n"},
        {"digest": "sha256:abc"},
        {"digest": DIGEST + "\n"},
        {"version": "4'"},
        {"version": "-"},
        {"version": "4" * 64},
    ],
)
def test_values_that_kubernetes_would_not_take_are_refused(values: dict[str, str]) -> None:
    good = {"tag": "1", "digest": DIGEST, "version": "4"}
    data = (SAMPLES / "ordinary.yaml").read_bytes()
    with pytest.raises(InputError, match="is no valid"):
        edit_overlay("k", data, "recommender", **{**good, **values})


def test_a_file_that_would_grow_over_the_limit_is_refused() -> None:
    start = b"images:\n- name: recommender\n" + TAIL.encode()
    data = start + b"#" * (1024 * 1024 - len(start))
    assert read_overlay("k", data, "recommender").version == "3"
    with pytest.raises(ConfigurationError, match="at most 1 MiB"):
        edit(data)
